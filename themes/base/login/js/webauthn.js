// Registers a passkey or signs in with one: what the form's data-options ask of the browser, and its answer in the form's fields. On pages that
// ask for something else, too, data-mediation says how the browser offers passkeys before anybody asks for one by the button.
const form = document.getElementById("register") ?? document.getElementById("webauth");
const button = form.querySelector("button[type=button]");
const options = JSON.parse(form.dataset.options);
const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
const text = buffer => (buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") : "");
const credentials = list => list?.map(one => ({ ...one, id: bytes(one.id) }));
const register = async () => {
  const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: credentials(options.excludeCredentials) };
  const { rawId, response, authenticatorAttachment } = await navigator.credentials.create({ publicKey });
  return {
    clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject), publicKeyCredentialId: text(rawId),
    transports: response.getTransports?.().join(",") ?? "", authenticatorAttachment: authenticatorAttachment ?? "",
  };
};
const signIn = async how => {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: credentials(options.allowCredentials) };
  const { rawId, response } = await navigator.credentials.get({ publicKey, ...how });
  return {
    clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData), signature: text(response.signature),
    credentialId: text(rawId), userHandle: text(response.userHandle),
  };
};
const post = answer => {
  for (const [name, value] of Object.entries(answer)) form.elements[name].value = value;
  form.submit();
};
const waiting = new AbortController();
const act = async () => {
  waiting.abort();
  button.disabled = true;
  post(await (form.id === "register" ? register() : signIn()).catch(error => ({ error: `${error.name}: ${error.message}` })));
};
// What comes of it is nobody's wish: where there is no passkey, or none is taken, the page stays as it is.
const offer = async mediation => {
  if (mediation === "conditional" && !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  await signIn({ mediation, signal: waiting.signal }).then(post, () => {});
};
if (window.PublicKeyCredential) {
  document.getElementById("lk-webauthn-unsupported")?.remove();
  button.disabled = button.hidden = false;
  button.addEventListener("click", act);
  if (form.dataset.mediation && form.dataset.mediation !== "none") offer(form.dataset.mediation);
}
