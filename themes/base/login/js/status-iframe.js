// Session status for keycloak-js: "<client> <session>" in, "unchanged", "changed" or "error" out.
let allowed;
const digest = async text => btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const cookie = name => document.cookie.split("; ").find(c => c.startsWith(name + "="))?.slice(name.length + 1);
const check = async (client, origin) => {
  const url = new URL(location.href.split("?")[0] + "/init");
  url.searchParams.set("client_id", client);
  url.searchParams.set("origin", origin);
  return (await fetch(url)).status === 204;
};
addEventListener("message", async event => {
  if (event.source !== parent || typeof event.data !== "string") return;
  const [client, session] = event.data.split(" ");
  allowed ??= { client, origin: event.origin, ok: check(client, event.origin) };
  if (allowed.client !== client || allowed.origin !== event.origin || !(await allowed.ok)) return event.source.postMessage("error", event.origin);
  const now = cookie("KEYCLOAK_SESSION");
  event.source.postMessage(now && session && now === (await digest(session)) ? "unchanged" : "changed", event.origin);
});
