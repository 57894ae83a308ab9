// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// What somebody with a company account does behind the gateway: signs in at Entra ID, has the role in the token that the service is given,
// loses it with the app role, and signs out of both.
import { withBrowser } from "../browser/browser.mjs";
import { ok } from "../tap.mjs";

const origin = process.env.ORIGIN, entra = process.env.ENTRA;
const shown = async page => Object.fromEntries(await page.$$eval("dd", all => all.map(one => [one.id, one.textContent])));
const control = change => fetch(`${entra}/control`, { method: "PUT", body: JSON.stringify(change) });

async function signInAtEntra(page) {
    await page.fill("#i0116", "alice");
    await page.click("#idSIButton9");
    await page.waitForURL(`${origin}/orders`);
}

/* At Latchkey, which tells the relying party by the back channel and goes on to Entra ID. */
async function signOut(page) {
    await page.goto(`${origin}/auth/realms/acme/protocol/openid-connect/logout?client_id=echo`);
    await page.click("#kc-logout");
    await page.click("button[name=logout]");
    await page.waitForURL(`${origin}/auth/**`);
    await page.goto(`${origin}/orders`);
}

/* At the relying party, which sends the browser on to Latchkey, and Latchkey to Entra ID, and back all the way. */
async function signOutAtTheGateway(page) {
    await page.goto(`${origin}/oauth2/callback?logout=${encodeURIComponent(`${origin}/orders`)}`);
    ok(page.url().startsWith(entra), "signing out at the gateway leads to Entra ID", page.url());
    await page.click("button[name=logout]");
    await page.waitForURL(`${origin}/**`);
}

await withBrowser(async browser => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${origin}/orders`);
    await page.click("#social-entra");
    ok(page.url().startsWith(entra), "the login page's button leads to Entra ID", page.url());
    await signInAtEntra(page);
    let person = await shown(page);
    ok(person.email === "alice.andersson@contoso.test" && person.roles.split(",").includes("boss"), "the service's token has the app role as a role", JSON.stringify(person));

    await signOut(page);
    ok(await page.isVisible("#kc-login"), "signing out goes by Entra ID, and leaves nobody signed in here", page.url());

    await control({ users: { alice: { roles: [] } } });
    await page.goto(`${page.url()}&kc_idp_hint=entra`);
    ok(await page.isVisible("#i0116"), "nor there; kc_idp_hint needs no button", page.url());
    await signInAtEntra(page);
    person = await shown(page);
    ok(person.email === "alice.andersson@contoso.test" && !person.roles.split(",").includes("boss"), "the role is gone when the app role was taken away", JSON.stringify(person));
    await signOutAtTheGateway(page);
    ok(await page.isVisible("#kc-login"), "and to the client again, with nobody signed in", page.url());
    await page.goto(`${page.url()}&kc_idp_hint=entra`);
    ok(await page.isVisible("#i0116"), "nor at Entra ID", page.url());
});
