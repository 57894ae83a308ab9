// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// A real browser for tests, and TAP.
import { chromium } from "playwright-core";

const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"];
let count = 0, failed = 0;

export function ok(condition, name, detail) {
    count += 1;
    failed += condition ? 0 : 1;
    console.log(`${condition ? "ok" : "not ok"} ${count} - ${name}`);
    if (!condition && detail !== undefined)
        console.log("# " + String(detail).replaceAll("\n", "\n# ").slice(0, 3000));
}

export function is(got, expected, name) {
    const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
    ok(a === b, name, `got ${a}, expected ${b}`);
}

// Runs a test with a browser; what it throws is a failure.
export async function withBrowser(test) {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", ...QUIET] });
    try {
        await test(browser);
    } catch (error) {
        ok(false, "the test runs to its end", error.stack);
    } finally {
        await browser.close();
    }
    console.log(`1..${count}`);
    process.exitCode = failed ? 1 : 0;
}

export async function signIn(page, username, password) {
    await page.fill("#username", username);
    await page.fill("#password", password);
    await page.click("#kc-login");
}
