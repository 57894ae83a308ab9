# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Two realm files side by side: what differs, beyond what has no order and what an import adds by itself."""
import json
import re

# Lists whose order means something; all others are sets.
ORDERED = re.compile(r"^\$\.(users|clients|groups|authenticationFlows|requiredActions|identityProviders|supportedLocales)$|"
                     r"\.(credentials|authenticationExecutions|subGroups)$")
# What Keycloak's import gives a realm that has it not: clients may go back to their redirect URIs, bearer-only ones get a secret, claims are for
# userinfo too, settings that are members are attributes as well.
ADDED = re.compile(r"^\$\.clients\[.*\]\.(secret|attributes\.(post\.logout\.redirect\.uris|client\.secret\.creation\.time))$|"
                   r"\.config\.userinfo\.token\.claim$|^\$\.otpPolicyAlgorithm$|"
                   r"^\$\.attributes\.(client(Offline)?Session(IdleTimeout|MaxLifespan)|scimApiEnabled)$")


def key_of(value):
    if isinstance(value, dict):
        return str(next((value[name] for name in ("id", "internalId", "alias", "clientId", "client", "clientScope", "name") if value.get(name)),
                        json.dumps(value, sort_keys=True)))
    return json.dumps(value, sort_keys=True)


def label_of(value):
    return str(next((value[name] for name in ("clientId", "username", "alias", "name") if value.get(name)), key_of(value))) if isinstance(value, dict) else key_of(value)


def set_of(value):
    """What a policy's configuration keeps as the text of an array has no order either."""
    try:
        return sorted(json.loads(value), key=key_of) if isinstance(value, str) and value.startswith("[") else value
    except ValueError:
        return value


def differences(given, got, path="$", ignored=None):
    """Lines, none where both say the same. `ignored`: a pattern of paths not to look at."""
    if ignored and re.search(ignored, path):
        return []
    if isinstance(given, dict) and isinstance(got, dict):
        lines = [f"{path}.{name}: lost {json.dumps(given[name])[:80]}" for name in given.keys() - got.keys()
                 if not (ignored and re.search(ignored, f"{path}.{name}"))]
        lines += [f"{path}.{name}: new {json.dumps(got[name])[:80]}" for name in got.keys() - given.keys() if not ADDED.search(f"{path}.{name}")]
        for name in given.keys() & got.keys():
            lines += differences(given[name], got[name], f"{path}.{name}", ignored)
        return sorted(lines)
    if isinstance(given, list) and isinstance(got, list):
        left, right = [key_of(value) for value in given], [key_of(value) for value in got]
        lines = [f"{path}: lost {name[:80]}" for name in left if name not in right] + [f"{path}: new {name[:80]}" for name in right if name not in left]
        if not lines and left != right and (len(left) != len(right) or ORDERED.search(path)):
            lines.append(f"{path}: order or number: {left} is {right}"[:300])
        by_key = dict(zip(right, got))
        for name, value in zip(left, given):
            if name in by_key:
                lines += differences(value, by_key[name], f"{path}[{label_of(value)}]", ignored)
        return lines
    if type(given) is not type(got) or (given != got and set_of(given) != set_of(got)):
        return [f"{path}: {json.dumps(given)[:80]} is {json.dumps(got)[:80]}"]
    return []
