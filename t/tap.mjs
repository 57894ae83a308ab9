// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// TAP for the parts of tests that are written for Node.
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

export function done() {
    console.log(`1..${count}`);
    process.exitCode = failed ? 1 : 0;
}
