#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Each page that a person meets, in a real browser (pages.mjs), with and without JavaScript. SHOTS=FOLDER keeps pictures of them."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scene import APP, person, play, provider  # noqa: E402

WALKS = ("js", "plain")


def acme(realm):
    """Everything that has a page is switched on, and there are users of their own for each of the two walks."""
    realm.update(registrationAllowed=True, resetPasswordAllowed=True, displayName="Acme Donaudampfschifffahrtselektrizitätenhauptbetriebswerkgesellschaft",
                 identityProviders=[provider("aad", "Zentralinstitutsverwaltungsidentitätsanbieter (Entra ID)", "openid profile email"), provider("partner", "Partner", "openid profile")])
    app = {"enabled": True, "publicClient": True, "redirectUris": [f"{APP}/*"], "attributes": {"post.logout.redirect.uris": "+"}}
    realm["clients"] += [{"clientId": "app", "name": "Order desk", **app}, {"clientId": "careful", "name": "Travel planner", "consentRequired": True, **app},
                         {"clientId": "tv", "name": "Television", "publicClient": True, "attributes": {"oauth2.device.authorization.grant.enabled": "true"}}]
    for name in ("calendar", "wiki"):
        told = {"frontchannel.logout.url": f"{APP}/out/{name}", **app["attributes"]}
        realm["clients"].append({**app, "clientId": name, "name": name.capitalize(), "frontchannelLogout": True, "attributes": told})
    for walk in WALKS:
        realm["users"] += [person(f"{walk}-password", "UPDATE_PASSWORD"), person(f"{walk}-otp", "CONFIGURE_TOTP"), person(f"{walk}-person"),
                           person(f"{walk}-profile", "UPDATE_PROFILE"), person(f"{walk}-terms", "TERMS_AND_CONDITIONS"), person(f"{walk}-twin"),
                           person(f"{walk}-forgetful"), person(f"{walk}-unproved", "VERIFY_EMAIL", emailVerified=False)]
    next(action for action in realm["requiredActions"] if action["alias"] == "TERMS_AND_CONDITIONS")["enabled"] = True


# One of the provider's people has an address that acme knows.
play("browser/pages.mjs", acme, [person(f"{walk}-{name}") for walk in WALKS for name in ("guest", "twin")])
