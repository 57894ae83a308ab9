#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Signing in where the realm has organizations, in a real browser (organizations.mjs): by name, by the provider that the address leads to, by an invitation."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scene import APP, person, play, provider  # noqa: E402

BY_DOMAIN = {"loginHint": "true", "kc.org.domain": "south.test", "kc.org.broker.redirect.mode.email-matches": "true"}


def acme(realm):
    """Ann belongs to two organizations; the second has a provider."""
    realm.update(organizationsEnabled=True, identityProviders=[provider("south", "South's own", "openid profile email", **BY_DOMAIN)],
                 organizations=[{"name": "North Inc", "alias": "north", "domains": [{"name": "north.test"}], "redirectUrl": f"{APP}/joined", "members": [{"username": "ann"}]},
                                {"name": "South Inc", "alias": "south", "domains": [{"name": "south.test"}], "members": [{"username": "ann"}], "identityProviders": [{"alias": "south"}]}])
    realm["clients"].append({"clientId": "app", "publicClient": True, "redirectUris": [f"{APP}/*"], "optionalClientScopes": ["organization"], "protocolMappers": []})
    realm["users"].append(person("ann"))


play("browser/organizations.mjs", acme, [person("sue", email="sue@south.test")])
