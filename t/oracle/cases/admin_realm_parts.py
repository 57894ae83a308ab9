# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Texts by language, client policies and profiles."""
from engine import case

PLAIN = {"Content-Type": "text/plain"}


@case("admin-realm-parts/localization")
def _(c):
    c.admin("GET", "/localization")
    c.admin("POST", "/localization/en", json={"hello": "Hello", "bye": "Bye"})
    c.admin("POST", "/localization/en", json={"hello": "Hello again"})
    c.admin("GET", "/localization")
    c.admin("GET", "/localization/en")
    c.admin("GET", "/localization/de")
    c.admin("GET", "/localization/en/hello")
    c.admin("GET", "/localization/en/nothing")
    c.admin("PUT", "/localization/de/hello", data="Hallo", headers=PLAIN)
    c.admin("GET", "/localization/de/hello")
    c.admin("DELETE", "/localization/de/hello")
    c.admin("DELETE", "/localization/de/hello")
    c.admin("DELETE", "/localization/en")
    c.admin("DELETE", "/localization/fr")


@case("admin-realm-parts/client-policies")
def _(c):
    c.admin("GET", "/client-policies/policies")
    c.admin("GET", "/client-policies/profiles")
    c.admin("PUT", "/client-policies/profiles", json={"profiles": [{"name": "mine", "description": "d", "executors": []}]})
    c.admin("GET", "/client-policies/profiles")
