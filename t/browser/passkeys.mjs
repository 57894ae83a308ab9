// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// A person with a security key and passkeys. The browser's authenticator is a virtual one, which can be given keys and told to be careless.
import { is, ok } from "../tap.mjs";
import { examine, signIn, withBrowser } from "./browser.mjs";

const { BASE, APP, EVE } = process.env, [SECOND_FACTOR, PASSKEY] = JSON.parse(process.env.KEYS);
const AUTHENTICATOR = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };

const begin = (client, more = "") =>
    `${BASE}/realms/acme/protocol/openid-connect/auth?client_id=${client}&response_type=code&scope=openid&state=s&redirect_uri=${encodeURIComponent(APP + "/")}${more}`;

async function admin(path, method = "GET", body) {
    const form = new URLSearchParams({ grant_type: "password", client_id: "admin-cli", username: "admin", password: "admin" });
    const { access_token } = await (await fetch(`${BASE}/realms/master/protocol/openid-connect/token`, { method: "POST", body: form })).json();
    const answer = await fetch(`${BASE}/admin/realms/acme${path}`, { method, headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" }, body: body && JSON.stringify(body) });
    return method === "GET" ? answer.json() : answer.status;
}

const keysOf = async (name, type) => {
    const [{ id }] = await admin(`/users?username=${name}&exact=true`);
    return (await admin(`/users/${id}/credentials`)).filter(one => one.type === type).map(one => ({ ...one, data: JSON.parse(one.credentialData) }));
};

async function arrives(page, name) {
    await page.waitForURL(url => url.origin === APP, { timeout: 10000 }).catch(() => {});
    const here = new URL(page.url());
    ok(here.origin === APP && here.searchParams.get("code"), name, `${page.url()}\n${await page.textContent("body")}`);
    await page.context().clearCookies();
    return here.searchParams;
}

async function refused(page, message, name) {
    const alert = await page.waitForSelector("[role=alert] .kc-feedback-text", { timeout: 10000 }).catch(() => null);
    is((await alert?.textContent())?.trim(), message, name);
}

async function asSecondFactor(page) {
    await page.goto(begin("both"));
    await signIn(page, "pat", "wonderland1");
    await page.waitForSelector("#registerWebAuthn:enabled");
    await examine(page, "webauthn-register");
    await page.fill("#authenticatorLabel", "blue key");
    await page.click("#registerWebAuthn");
    await arrives(page, "a security key is registered");
    const [key] = await keysOf("pat", "webauthn");
    is([key.userLabel, key.data.aaguid, key.data.attestationStatementFormat, key.data.transports, /^[\w+/]{43}=$/.test(key.data.credentialId), /^[\w-]+$/.test(key.data.credentialPublicKey)],
        ["blue key", "01020304-0506-0708-0102-030405060708", "none", ["internal"], true, true], "and stored as Keycloak stores it");
    await page.goto(begin("both"));
    await signIn(page, "pat", "wonderland1");
    await page.waitForSelector("#authenticateWebAuthnButton:enabled");
    await examine(page, "webauthn-authenticate");
    await page.click("#authenticateWebAuthnButton");
    await arrives(page, "the next login asks for it");
    ok((await keysOf("pat", "webauthn"))[0].data.counter > key.data.counter, "its counter is kept");
}

async function thatWasCopied(page, cdp, authenticatorId) {
    const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
    await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
    for (const { credentialId, isResidentCredential, rpId, privateKey, userHandle } of credentials)
        await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { credentialId, isResidentCredential, rpId, privateKey, userHandle, signCount: 0 } });
    await page.goto(begin("both"));
    await signIn(page, "pat", "wonderland1");
    await page.click("#authenticateWebAuthnButton:enabled");
    await refused(page, "The passkey was not accepted.", "a copy, whose counter lags behind, is refused");
    await page.evaluate(() => { document.forms[0].elements.signature.value = "AAAA"; document.forms[0].submit(); });
    await refused(page, "The passkey was not accepted.", "and so is an answer that was made up");
    is((await page.context().cookies()).filter(cookie => cookie.name === "KEYCLOAK_IDENTITY"), [], "nobody got in");
    await page.context().clearCookies();
}

async function alone(page, cdp, authenticatorId) {
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    await page.goto(begin("both", "&kc_action=webauthn-register-passwordless"));
    await signIn(page, "alice", "wonderland1");
    await page.waitForSelector("#registerWebAuthn:enabled");
    ok(await page.isVisible("#cancelWebAuthnAIA"), "an application asks for a passkey, which may be refused");
    await page.click("#registerWebAuthn");
    is((await arrives(page, "it is registered")).get("kc_action_status"), "success", "and the application is told");
    await page.goto(begin("alone"));
    await page.click("#authenticateWebAuthnButton:enabled");
    await arrives(page, "it alone says who it is and lets in");
    await admin("", "PUT", { webAuthnPolicyPasswordlessAcceptableAaguids: ["00000000-0000-0000-0000-000000000001"] });
    await page.goto(begin("both", "&kc_action=webauthn-register-passwordless"));
    await signIn(page, "bob", "canwefixit1");
    await page.click("#registerWebAuthn:enabled");
    await refused(page, "The passkey could not be registered.", "a model that the realm does not accept");
    await page.context().clearCookies();
    is((await keysOf("bob", "webauthn-passwordless")).length, 0, "is not registered");
}

async function fromKeycloak(page, cdp, authenticatorId) {
    await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
    for (const [credentialId, privateKey] of [SECOND_FACTOR, PASSKEY])
        await cdp.send("WebAuthn.addCredential", {
            authenticatorId,
            credential: { credentialId, privateKey, rpId: "localhost", isResidentCredential: credentialId === PASSKEY[0], userHandle: Buffer.from(EVE).toString("base64"), signCount: 1 },
        });
    await page.goto(begin("both"));
    await signIn(page, "eve", "wonderland1");
    await page.click("#authenticateWebAuthnButton:enabled");
    await arrives(page, "a security key that was registered with Keycloak");
    await page.goto(begin("alone"));
    await page.click("#authenticateWebAuthnButton:enabled");
    await arrives(page, "a passkey that was registered with Keycloak");
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await page.goto(begin("alone"));
    await page.click("#authenticateWebAuthnButton:enabled");
    await refused(page, "Failed to authenticate by the passkey.", "whose owner the authenticator does not verify");
}

// On the pages of user name and password themselves: by the button, and by the browser's own offer in the field.
async function onTheLoginPage(page, cdp, authenticatorId) {
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    await page.goto(begin("both"));
    is(await page.$("#webauth"), null, "passkeys are not offered on the login page where the realm does not say so");
    await admin("", "PUT", { webAuthnPolicyPasswordlessPasskeysEnabled: true, webAuthnPolicyPasswordlessMediation: "none" });
    await page.goto(begin("both"));
    await page.waitForSelector("#authenticateWebAuthnButton:visible");
    await examine(page, "login-passkey");
    is(await page.getAttribute("#username", "autocomplete"), "username", "without the browser's own offer");
    await page.click("#authenticateWebAuthnButton");
    await arrives(page, "the button on the login page takes a passkey, and no second factor is asked for");
    await page.goto(begin("names"));
    await page.click("#authenticateWebAuthnButton:visible");
    await arrives(page, "so does the page of the user name, and no password is asked for");
    await page.goto(begin("names"));
    await page.fill("#username", "eve");
    await page.click("#kc-login");
    await page.waitForSelector("#password");
    await page.click("#authenticateWebAuthnButton:visible");
    await arrives(page, "so does the page of the password");
    await page.goto(begin("names"));
    await page.fill("#username", "pat");
    await page.click("#kc-login");
    await page.waitForSelector("#password");
    is(await page.$("#webauth"), null, "which offers none to whom has none");
    await page.context().clearCookies();
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await page.goto(begin("both"));
    await page.click("#authenticateWebAuthnButton:visible");
    await refused(page, "Failed to authenticate by the passkey.", "one that does not verify its user is refused");
    ok(await page.isVisible("#password"), "on the same page, where the password is still a way");
    await signIn(page, "alice", "wonderland1");
    await arrives(page, "which goes on");
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    await admin("", "PUT", { organizationsEnabled: true, browserFlow: "organized" });
    await admin("/organizations", "POST", { name: "Orchard", alias: "orchard", enabled: true, domains: [{ name: "orchard.test" }] });
    await page.goto(begin("both"));
    await page.click("#authenticateWebAuthnButton:visible");
    await arrives(page, "so does the page that asks for the name first because of organizations");
    await admin("", "PUT", { webAuthnPolicyPasswordlessMediation: "conditional", organizationsEnabled: false, browserFlow: "browser" });
    ok((await (await fetch(begin("both"))).text()).includes('autocomplete="username webauthn"'), "the browser may offer passkeys in the user name's field");
    await page.goto(begin("both"), { waitUntil: "commit" }); // the owner of a virtual authenticator picks at once
    await arrives(page, "and one that is taken there lets in");
}

await withBrowser(async browser => {
    const page = await browser.newPage(), cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
    for (const walk of [asSecondFactor, thatWasCopied, alone, fromKeycloak, onTheLoginPage])
        await walk(page, cdp, authenticatorId);
    const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await plain.goto(begin("alone"));
    ok(await plain.isVisible("#lk-webauthn-unsupported"), "without JavaScript the page says that it needs it");
});
