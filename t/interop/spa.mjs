// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// What a single-page application does with keycloak-js and with oidc-client-ts, each with its own checks of state, nonce and tokens.
import { signIn, withBrowser } from "../browser/browser.mjs";
import { is, ok } from "../tap.mjs";

const { APP, AUTH } = process.env;
const REALM = `${AUTH}/realms/acme`;

async function open(page, path = "/") {
    if (path)
        await page.goto(APP + path);
    await page.waitForFunction("window.Keycloak && window.UserManager");
}

const walks = {
    async "keycloak-js"(page) {
        const start = options => page.evaluate(async ([url, given]) => {
            window.kc = new Keycloak({ url, realm: "acme", clientId: "spa" });
            window.events = [];
            for (const name of ["onAuthSuccess", "onAuthLogout", "onAuthRefreshSuccess", "onAuthError"])
                kc[name] = () => events.push(name);
            return kc.init({ pkceMethod: "S256", checkLoginIframeInterval: 1, ...given });
        }, [AUTH, options]);
        const silent = { onLoad: "check-sso", silentCheckSsoRedirectUri: `${APP}/silent` };

        await open(page);
        is(await start(silent), false, "keycloak-js: nobody is signed in");
        await Promise.all([page.waitForURL(`${REALM}/**`), page.evaluate(() => void kc.login())]);
        await signIn(page, "alice", "wonderland1");
        await open(page, "");
        is(await start(silent), true, "keycloak-js: login by code with PKCE, the answer in the fragment");
        is(await page.evaluate(() => [kc.tokenParsed.preferred_username, kc.idTokenParsed.email, kc.hasRealmRole("offline_access")]),
           ["alice", "alice@example.test", true], "keycloak-js: tokens and roles");
        is(await page.evaluate(async () => (await kc.loadUserInfo()).preferred_username), "alice", "keycloak-js: userinfo, across origins");
        is(await page.evaluate(() => kc.updateToken(9999)), true, "keycloak-js: refresh, across origins");

        await open(page);
        is([await start(silent), page.url()], [true, `${APP}/`], "keycloak-js: a reload finds the session silently");
        const other = await page.context().newPage();
        await other.goto(`${REALM}/protocol/openid-connect/logout`);
        await other.click("#kc-logout");
        await page.waitForFunction(() => events.includes("onAuthLogout"), null, { timeout: 10000 });
        ok(true, "keycloak-js: the session iframe tells of a logout in another tab");

        await Promise.all([page.waitForURL(`${REALM}/**`), page.evaluate(() => void kc.login())]);
        await signIn(page, "alice", "wonderland1");
        await open(page, "");
        await start(silent);
        await Promise.all([page.waitForURL(`${APP}/bye`), page.evaluate(url => void kc.logout({ redirectUri: url }), `${APP}/bye`)]);
        await open(page, "");
        is(await start(silent), false, "keycloak-js: its logout ends the session and comes back");
    },

    async "oidc-client-ts"(page) {
        const manage = () => page.evaluate(([authority, app]) => {
            window.signedOut = false;
            window.users = new UserManager({
                authority, client_id: "spa", redirect_uri: `${app}/callback`, silent_redirect_uri: `${app}/silent-renew`, post_logout_redirect_uri: `${app}/bye`,
                scope: "openid profile", monitorSession: true, checkSessionIntervalInSeconds: 1, automaticSilentRenew: false, loadUserInfo: true,
            });
            users.events.addUserSignedOut(() => { window.signedOut = true; });
        }, [REALM, APP]);

        const login = async () => {
            await open(page);
            await manage();
            await Promise.all([page.waitForURL(`${REALM}/**`), page.evaluate(() => void users.signinRedirect())]);
            await signIn(page, "bob", "canwefixit1");
            await open(page, "");
            await manage();
            return page.evaluate(async () => (await users.signinRedirectCallback()).profile);
        };
        is((await login()).preferred_username, "bob", "oidc-client-ts: login, with userinfo");
        is(await page.evaluate(async () => { const before = (await users.getUser()).access_token; return (await users.signinSilent()).access_token !== before; }), true,
           "oidc-client-ts: refresh");
        await page.evaluate(async () => { const user = await users.getUser(); user.refresh_token = undefined; await users.storeUser(user); });
        is(await page.evaluate(async () => (await users.signinSilent()).profile.preferred_username), "bob", "oidc-client-ts: prompt=none in an iframe");
        const other = await page.context().newPage();
        await other.goto(`${REALM}/protocol/openid-connect/logout`);
        await other.click("#kc-logout");
        await page.waitForFunction(() => signedOut, null, { timeout: 10000 });
        ok(true, "oidc-client-ts: the session monitor tells of a logout in another tab");
        await page.evaluate(() => users.removeUser()); // or else its monitor asks by prompt=none while the next login is under way
        await login();
        await Promise.all([page.waitForURL(`${APP}/bye*`), page.evaluate(() => void users.signoutRedirect())]);
        ok(true, "oidc-client-ts: its logout comes back");
    },
};

await withBrowser(async browser => {
    for (const [what, walk] of Object.entries(walks)) {
        const context = await browser.newContext();
        const page = await context.newPage();
        page.setDefaultTimeout(10000);
        page.on("console", message => message.type() === "error" && console.log(`# ${what}: ${message.text()}`));
        await walk(page).catch(error => ok(false, `${what} goes to its end`, `${error.stack}\n${page.url()}`));
        await context.close();
    }
});
