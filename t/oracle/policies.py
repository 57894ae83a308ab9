# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What the cases of client policies have in common."""


def use(c, executor, configuration=None, condition="any-client", **conditions):
    c.quiet("PUT", "/client-policies/profiles", json={"profiles": [{"name": "p", "executors": [{"executor": executor, "configuration": configuration or {}}]}]})
    c.quiet("PUT", "/client-policies/policies", json={"policies": [{"name": "q", "enabled": True, "conditions": [{"condition": condition, "configuration": conditions}], "profiles": ["p"]}]})


def ask(c, label, **params):
    answer = c.authorize(record=False, **params)
    told = c.params(answer)
    c.note(label, [answer.status_code, told.get("error"), told.get("error_description")])
    c.browser.cookies.clear()
