// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// Organizations as people meet them: the name first, then what it leads to.
import { examine, withBrowser } from "./browser.mjs";
import { is, ok } from "../tap.mjs";

const { BASE, APP, MAILBOX } = process.env;
const OIDC = `${BASE}/realms/acme/protocol/openid-connect`;
const redirect = `${APP}/cb`;

async function authorize(page, scope, more = {}) {
    await page.goto(`${OIDC}/auth?${new URLSearchParams({ client_id: "app", response_type: "code", redirect_uri: redirect, state: "s", scope, ...more })}`);
}

async function name(page, who) {
    await page.fill("#username", who);
    await page.click("#kc-login");
}

async function password(page) {
    await page.fill("#password", "wonderland1");
    await page.click("#kc-login");
}

const form = (url, fields, headers = {}) => fetch(url, { method: "POST", body: new URLSearchParams(fields), headers });

// The organizations that the token names.
async function organizations(page) {
    await page.waitForURL(`${redirect}?*`);
    const code = new URL(page.url()).searchParams.get("code");
    const answer = await (await form(`${OIDC}/token`, { grant_type: "authorization_code", client_id: "app", redirect_uri: redirect, code })).json();
    return JSON.parse(Buffer.from(answer.access_token.split(".")[1], "base64url")).organization;
}

const walks = {
    async "one of two"(page) {
        await authorize(page, "openid organization");
        ok(!await page.isVisible("#password") && !await page.isVisible("#social-south"), "the name is asked for, and no organization's provider is shown");
        await examine(page, "organization-name");
        await name(page, "ann");
        is(await page.locator("#kc-user-organizations button").allTextContents(), ["North Inc", "South Inc"], "both organizations can be chosen");
        await examine(page, "organization-choice");
        await page.click("#organization-south");
        is(await page.textContent("#kc-attempted-username"), "ann", "the page for the password knows who it is");
        await examine(page, "organization-password");
        await page.click("#switch-organization");
        await page.click("#organization-north");
        await password(page);
        is(await organizations(page), ["north"], "chosen at last");
        await authorize(page, "openid organization");
        await page.click("#organization-south");
        is(await organizations(page), ["south"], "another one, by single sign-on");
    },

    async "nobody we know"(page) {
        await authorize(page, "openid");
        await name(page, "someone@north.test");
        ok((await page.textContent("main")).includes("matches an organization but you don't have an account"), "the domain is an organization's without a provider");
        await examine(page, "organization-no-account");
        await name(page, "someone@nowhere.test");
        ok(await page.isVisible("#password"), "and any other name leads to the password");
        await page.click("#reset-login");
        ok(await page.isVisible("#username") && !await page.isVisible("#password"), "or, not you, to the beginning");
    },

    async "by the address to the provider"(page) {
        await authorize(page, "openid organization");
        await name(page, "sue@south.test");
        ok(page.url().startsWith(`${BASE}/realms/plain/`), "the organization's provider", page.url());
        is(await page.inputValue("#username"), "sue@south.test", "which is told the name");
        await password(page);
        is(await organizations(page), ["south"], "whoever comes back belongs to it");
    },

    async "invited"(page) {
        const login = { grant_type: "password", client_id: "admin-cli", username: "admin", password: "admin" };
        const { access_token: token } = await (await form(`${BASE}/realms/master/protocol/openid-connect/token`, login)).json();
        const head = { Authorization: `Bearer ${token}` }, admin = `${BASE}/admin/realms/acme/organizations`;
        const [{ id }] = await (await fetch(`${admin}?search=north`, { headers: head })).json();
        is((await form(`${admin}/${id}/members/invite-user`, { email: "kim@else.test" }, head)).status, 204, "an administrator invites somebody");
        await page.goto(await (await fetch(`${MAILBOX}/kim@else.test/1`)).text());
        is(await page.textContent("#kc-page-title"), "Create an account to join the North Inc organization", "the mail leads to the registration page");
        is(await page.inputValue("#email"), "kim@else.test", "which knows the address");
        await examine(page, "organization-registration");
        for (const [field, value] of Object.entries({ username: "kim", firstName: "Kim", lastName: "New", password: "kims-password-1", "password-confirm": "kims-password-1" }))
            await page.fill(`#${field}`, value);
        await page.click("#kc-form-buttons button");
        await page.waitForURL(`${APP}/joined?*`);
        const members = await (await fetch(`${admin}/${id}/members`, { headers: head })).json();
        ok(members.some(one => one.username === "kim" && one.membershipType === "MANAGED"), "and from there to the organization's own page, as a member");
    },
};

await withBrowser(async browser => {
    for (const [what, walk] of Object.entries(walks)) {
        const context = await browser.newContext({ locale: "en" }), page = await context.newPage(), problems = [];
        page.setDefaultTimeout(10000);
        page.on("console", message => message.type() === "error" && problems.push(message.text()));
        page.on("pageerror", error => problems.push(error.message));
        console.log(`# ${what}`);
        try {
            await walk(page);
        } catch (error) {
            ok(false, `${what} goes to its end`, `${error.stack}\n${page.url()}\n${await page.textContent("body")}`);
        }
        is(problems, [], `${what}: the browser has nothing to complain about`);
        await context.close();
    }
});
