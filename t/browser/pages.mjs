// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// A walk through the pages, twice: as most browsers do it, and with JavaScript switched off.
import { createHmac } from "node:crypto";
import jsQR from "jsqr";
import { PNG } from "pngjs";
import { examine, signIn, withBrowser } from "./browser.mjs";
import { is, ok } from "../tap.mjs";

const { REALM, APP, MAILBOX } = process.env;
const mailed = async (who, number = 1) => (await fetch(`${MAILBOX}/${who}@example.test/${number}`)).text();
const OIDC = `${REALM}/protocol/openid-connect`;
const authorize = (client, more = "") =>
    `${OIDC}/auth?client_id=${client}&response_type=code&scope=openid&state=s1&redirect_uri=${encodeURIComponent(`${APP}/cb`)}${more}`;
const text = (page, selector) => page.textContent(selector).then(found => found.trim(), () => null);
const atTheApp = page => page.url().startsWith(`${APP}/cb`);
const answer = page => Object.fromEntries(new URL(page.url()).searchParams);

// RFC 6238 with SHA-1, six digits and 30 seconds, of a key in base 32.
function totp(base32, later = 0) {
    const bits = [...base32.replaceAll(" ", "")].map(c => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
    const key = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + later));
    const mac = createHmac("sha1", key).update(counter).digest();
    return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1000000).padStart(6, "0");
}

// What a phone's camera would read.
async function scan(page, selector) {
    const { data, width, height } = PNG.sync.read(await page.locator(selector).screenshot());
    return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}

const walks = {
    async "the login page"(page, name, look) {
        await page.goto(authorize("app"));
        await look("login");
        await signIn(page, `${name}-person`, "nonsense");
        is(await text(page, "#input-error-username"), "Invalid username or password.", "a wrong password is told");
        is(await page.inputValue("#username"), `${name}-person`, "and the name stays");
        await look("login-error");
        await page.check("#rememberMe");
        await signIn(page, `${name}-person`, "wonderland1");
        ok(atTheApp(page) && answer(page).code && answer(page).state === "s1", "the right password leads to the application", page.url());
        const identity = (await page.context().cookies()).find(cookie => cookie.name === "KEYCLOAK_IDENTITY");
        ok(identity.expires > Date.now() / 1000 && identity.httpOnly, "remembered: the cookie outlives the browser", JSON.stringify(identity));
        await page.goto(authorize("app"));
        ok(atTheApp(page), "and the next application asks nothing");
    },

    async "logging out"(page, name, look) {
        await page.goto(authorize("app"));
        await signIn(page, `${name}-person`, "wonderland1");
        await page.goto(`${OIDC}/logout`);
        await look("logout-confirm");
        await page.click("#kc-logout");
        await look("logged-out");
        await page.goto(authorize("app"));
        ok(await page.isVisible("#kc-login"), "after the confirmation a password is needed");
    },

    async "a logout that applications are told of"(page, name, look) {
        const told = async who => (await (await fetch(`${APP}/told`)).json()).filter(path => path.startsWith(`/out/${who}?`));
        const before = (await told("wiki")).length;
        await page.goto(authorize("calendar"));
        await signIn(page, `${name}-person`, "wonderland1");
        await page.goto(authorize("wiki"));
        await page.goto(`${OIDC}/logout`);
        await page.click("#kc-logout");
        await page.waitForLoadState("load");
        is((await page.locator("iframe").evaluateAll(frames => frames.map(frame => frame.title))).sort().join(), "Signing out of Calendar,Signing out of Wiki", "each frame says what it is for");
        await look("frontchannel-logout");
        const calls = await told("wiki");
        is(calls.length - before, 1, "the application's page was called");
        const sid = new URL(calls.at(-1), APP).searchParams;
        ok(sid.get("iss") === REALM && sid.get("sid"), "with the session", calls.at(-1));
        const earlier = (await told("calendar")).length;
        await page.goto(authorize("calendar"));
        await signIn(page, `${name}-person`, "wonderland1");
        const out = `${OIDC}/logout?client_id=calendar&state=out&post_logout_redirect_uri=${encodeURIComponent(`${APP}/cb`)}`;
        await page.goto(out);
        await page.click("#kc-logout");
        if (name === "plain")
            await page.click("#continue");
        await page.waitForURL(`${APP}/cb?state=out`);
        is((await told("calendar")).length - earlier, 1, "and is before the browser goes on");
    },

    async "registration"(page, name, look) {
        await page.goto(authorize("app"));
        await page.click("#kc-registration a");
        await look("register");
        const fill = async fields => { for (const [id, value] of Object.entries(fields)) await page.fill(`#${id}`, value); };
        await fill({ username: `${name}-new`, email: `${name}-new@example.test`, firstName: "New", lastName: "Person", password: "wonderland1", "password-confirm": "other" });
        await page.click("[type=submit]");
        ok(await page.isVisible("#input-error-password-confirm"), "passwords that differ are told at the field");
        const border = id => page.locator(id).evaluate(input => getComputedStyle(input).borderTopColor);
        ok(await border("#password-confirm") !== await border("#email"), "which stands out");
        is(await page.inputValue("#email"), `${name}-new@example.test`, "and the rest stays");
        await look("register-error");
        await fill({ password: "wonderland1", "password-confirm": "wonderland1" });
        await page.click("[type=submit]");
        ok(atTheApp(page), "a new account is signed in", page.url());
    },

    async "a new password"(page, name, look) {
        await page.goto(authorize("app"));
        await signIn(page, `${name}-password`, "wonderland1");
        await look("update-password");
        const set = async password => {
            await page.fill("#password-new", password);
            await page.fill("#password-confirm", password);
            await page.click("[type=submit]");
        };
        await set("short");
        ok(/minimum length 8/.test(await text(page, "main")), "the realm's policy is told", await text(page, "main"));
        await look("update-password-error");
        await set("wonderland2");
        ok(atTheApp(page), "a good one goes on", page.url());
    },

    async "one-time passwords"(page, name, look) {
        await page.goto(authorize("app"));
        await signIn(page, `${name}-otp`, "wonderland1");
        await look("totp");
        const uri = new URL(await scan(page, "#kc-totp-secret-qr-code"));
        const secret = uri.searchParams.get("secret");
        is([uri.host, decodeURIComponent(uri.pathname)], ["totp", `/Acme Donaudampfschifffahrtselektrizitätenhauptbetriebswerkgesellschaft:${name}-otp`], "the code that a phone scans names realm and user");
        await page.click("#mode-manual");
        is((await page.innerText("#kc-totp-secret-key")).replaceAll(" ", ""), secret, "and holds the key that can be typed");
        await look("totp-manual");
        await page.fill("#totp", "000000");
        await page.click("#saveTOTPBtn");
        ok(await page.isVisible("#input-error-otp-code"), "a wrong code is told");
        await page.fill("#totp", totp(secret));
        await page.fill("#userLabel", "Phone");
        await page.click("#saveTOTPBtn");
        ok(atTheApp(page), "the right code sets it up", page.url());
        await page.context().clearCookies();
        await page.goto(authorize("app"));
        await signIn(page, `${name}-otp`, "wonderland1");
        await look("otp");
        await page.fill("#otp", "000000");
        await page.click("#kc-login");
        await look("otp-error");
        await page.fill("#otp", totp(secret, 1)); // the code of now was used for the set-up
        await page.click("#kc-login");
        ok(atTheApp(page), "the next login asks for a code", page.url());
    },

    async "consent"(page, name, look) {
        await page.goto(authorize("careful"));
        await signIn(page, `${name}-person`, "wonderland1");
        await look("consent");
        await page.click("#kc-cancel");
        is(answer(page).error, "access_denied", "a no is told to the application");
        await page.goto(authorize("careful"));
        await signIn(page, `${name}-person`, "wonderland1");
        await page.click("#kc-login");
        ok(answer(page).code, "a yes leads there", page.url());
        await page.goto(authorize("careful"));
        ok(atTheApp(page), "and is remembered");
    },

    async "the profile"(page, name, look) {
        await page.goto(authorize("app"));
        await signIn(page, `${name}-profile`, "wonderland1");
        await look("update-profile");
        await page.fill("#lastName", "Stranger");
        await page.click("[type=submit]");
        ok(atTheApp(page), "a reviewed profile goes on", page.url());
    },

    async "terms and conditions"(page, name, look) {
        await page.goto(authorize("app"));
        await signIn(page, `${name}-terms`, "wonderland1");
        await look("terms");
        await page.click("#kc-decline");
        is([answer(page).error, answer(page).error_description], ["access_denied", "termsAndConditionsDeclined"], "who declines them does not go on");
        await page.goto(authorize("app"));
        await signIn(page, `${name}-terms`, "wonderland1");
        await page.click("#kc-accept");
        ok(atTheApp(page), "who accepts them goes on", page.url());
    },

    async "another provider"(page, name, look) {
        await page.goto(authorize("app"));
        await page.click("#social-partner");
        await signIn(page, `${name}-guest`, "wonderland1");
        await look("review-profile");
        await page.fill("#email", "nonsense");
        await page.click("[type=submit]");
        await look("review-profile-error");
        await page.fill("#email", `${name}-guest@example.test`);
        await page.click("[type=submit]");
        ok(atTheApp(page) && answer(page).code, "what the provider does not say is asked, once", page.url());
    },

    async "an account that is known already"(page, name, look) {
        await page.goto(authorize("app"));
        await page.click("#social-aad");
        await signIn(page, `${name}-twin`, "wonderland1");
        await look("link-confirm");
        await page.click("#linkAccount");
        await look("link-letter");
        await page.goto(await mailed(`${name}-twin`));
        ok(atTheApp(page) && answer(page).code, "is linked when the letter to its address was opened", page.url());
    },

    async "a device without a keyboard"(page, name, look) {
        const asked = await fetch(`${OIDC}/auth/device`, { method: "POST", body: new URLSearchParams({ client_id: "tv", scope: "openid" }) });
        const { user_code, verification_uri } = await asked.json();
        await page.goto(verification_uri);
        await look("device");
        await page.fill("#device_user_code", "WRONG-CODE");
        await page.click("[type=submit]");
        await look("device-error");
        await page.goto(verification_uri);
        await page.fill("#device_user_code", user_code);
        await page.click("[type=submit]");
        await signIn(page, `${name}-person`, "wonderland1");
        await look("device-consent");
        await page.click("#kc-login");
        is(await text(page, "#kc-page-title"), "Device Login Successful", "a device is let in by the code that it shows");
        await look("device-done");
    },

    async "a forgotten password"(page, name, look) {
        await page.goto(authorize("app"));
        await page.click("text=Forgot Password?");
        await look("reset-password");
    },

    async "errors"(page, name, look) {
        await page.goto(authorize("nobody"));
        is(await text(page, "#kc-error-message"), "Client not found.", "an unknown client is a page");
        await look("error");
    },

    async "a new password by mail"(page, name, look) {
        await page.goto(authorize("app"));
        await page.click("a[href*=reset-credentials]");
        await page.fill("#username", `${name}-forgetful@example.test`);
        await page.click("[type=submit]");
        ok(await page.isVisible("#kc-login"), "the login page again, and a mail");
        await page.goto(await mailed(`${name}-forgetful`));
        await look("new-password");
        await page.fill("#password-new", "another-word-1");
        await page.fill("#password-confirm", "another-word-1");
        await page.click("[type=submit]");
        ok(atTheApp(page) && answer(page).code, "the new password leads to the application", page.url());
    },

    async "an address confirmed by mail"(page, name, look) {
        await page.goto(authorize("app"));
        await signIn(page, `${name}-unproved`, "wonderland1");
        await look("verify-email");
        const link = await mailed(`${name}-unproved`);
        const elsewhere = await page.context().browser().newContext();
        const other = await elsewhere.newPage();
        await other.goto(link);
        await look("confirm-email");
        await other.click("a[href*=action-token]");
        is(await text(other, "#kc-page-title"), "Email address verified", "in another browser the link asks first, then confirms");
        await elsewhere.close();
        await page.goto(authorize("app"));
        ok(!atTheApp(page), "the first browser has not been signed in by that", page.url());
        await signIn(page, `${name}-unproved`, "wonderland1");
        ok(atTheApp(page), "now the password is enough", page.url());
    },

    async "languages"(page, name, look) {
        await page.goto(authorize("app"));
        await page.click("nav.lk-locales a[lang=de]");
        is([await page.getAttribute("html", "lang"), await text(page, "#kc-login")], ["de", "Anmelden"], "a click changes the language");
        await look("login-de");
    },

    async "form_post"(page, name) {
        await page.goto(authorize("app", "&response_mode=form_post"));
        await signIn(page, `${name}-person`, "wonderland1");
        if (name === "plain")
            await page.click("[type=submit]");
        await page.waitForURL(`${APP}/cb`);
        is(await text(page, "h1"), "App", "the answer is posted to the application");
    },
};

await withBrowser(async browser => {
    for (const name of ["js", "plain"]) {
        for (const [what, walk] of Object.entries(walks)) {
            const context = await browser.newContext({ javaScriptEnabled: name === "js", locale: "en" });
            console.log(`# ${what}, ${name === "js" ? "with" : "without"} JavaScript`);
            const page = await context.newPage();
            page.setDefaultTimeout(10000);
            const problems = [];
            page.on("console", message => message.type() === "error" && problems.push(message.text()));
            page.on("pageerror", error => problems.push(error.message));
            try {
                await walk(page, name, what => name === "js" ? examine(page, what) : undefined);
            } catch (error) {
                ok(false, `${what} goes to its end`, `${error.stack}\n${page.url()}\n${await text(page, "main")}`);
            }
            is(problems.filter(problem => !/status of 4\d\d/.test(problem)), [], `${what}: the browser has nothing to complain about`);
            await context.close();
        }
    }
});
