// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// What a person does behind the gateway: opens the service, logs in, sees that it knows her, logs out, must log in again.
import { signIn, withBrowser } from "../browser/browser.mjs";
import { is, ok } from "../tap.mjs";

const origin = process.env.ORIGIN;
const shown = async page => Object.fromEntries(await page.$$eval("dd", all => all.map(one => [one.id, one.textContent])));

await withBrowser(async browser => {
    const context = await browser.newContext();
    const page = await context.newPage();

    await page.goto(`${origin}/orders?id=7`);
    ok(page.url().startsWith(`${origin}/auth/realms/acme/`), "without a session the gateway sends the browser to the login page", page.url());
    await signIn(page, "alice", "wonderland1");
    is(page.url(), `${origin}/orders?id=7`, "the login leads back to the page that was asked for");
    const { roles, ...person } = await shown(page);
    is(person, { user: "cc3d2665-1b70-4c12-aa35-4f78ad826e1a", name: "alice", email: "alice@example.test", groups: "/staff/leads" }, "the service is told who she is");
    ok(roles.split(",").includes("boss"), "the access token has her custom roles", roles);

    await page.click("text=Sign out");
    ok(page.url().startsWith(`${origin}/auth/realms/acme/`), "after the sign-out she must log in again", page.url());
    ok(await page.isVisible("#kc-login"), "with her password");
});
