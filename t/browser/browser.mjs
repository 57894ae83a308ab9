// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// A real browser for tests.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { done, ok } from "../tap.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };
const SCHEMES = ["light", "dark"];

const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"];
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
    done();
}

export async function signIn(page, username, password) {
    await page.fill("#username", username);
    await page.fill("#password", password);
    await page.click("#kc-login");
}

// Looks at the page that is shown as axe does, in each size and colour scheme; SHOTS=FOLDER keeps a picture of each.
export async function examine(page, name) {
    const found = [];
    for (const [size, viewport] of Object.entries(SIZES)) {
        for (const colorScheme of SCHEMES) {
            await page.setViewportSize(viewport);
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
            if (process.env.SHOTS)
                await page.screenshot({ path: `${process.env.SHOTS}/${name}-${size}-${colorScheme}.png`, fullPage: true });
            await page.evaluate(AXE);
            const { violations } = await page.evaluate(values => axe.run(document, { runOnly: { type: "tag", values } }), RULES);
            found.push(...violations.flatMap(({ id, help, nodes }) => nodes.map(node => `${size} ${colorScheme}: ${id}: ${help}: ${node.html} ${node.failureSummary}`)));
            if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth))
                found.push(`${size}: wider than the window`);
        }
    }
    await page.setViewportSize(SIZES.desktop);
    ok(found.length === 0, `${name}: no rule of accessibility is broken`, found.join("\n"));
}
