# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Envoy's configuration as istiod makes it of the manifests in conf/: routes of VirtualServices, the pair of rbac and ext_authz of an
AuthorizationPolicy CUSTOM and its provider in the mesh configuration, jwt_authn of a RequestAuthentication, rbac of ALLOW policies.
Names, order and matchers are those of istiod's own: t/deploy/filters compares them with what it makes. What is not needed here is not known here, and refused."""
import functools
import pathlib
import re
import subprocess
import sys

import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
CONF = TOP / "conf"
HOST, NAMESPACE, KUBERNETES = "sso.example.com", "sso", "1.34.0"
API = "type.googleapis.com/envoy.extensions.filters."
JWT, RBAC = "envoy.filters.http.jwt_authn", "envoy.filters.http.rbac"
# What istiod does with a route that says nothing of it.
DEFAULT_RETRIES = {"attempts": 2, "retryOn": "connect-failure,refused-stream,unavailable,cancelled"}


def read(path):
    return [document for document in yaml.safe_load_all((CONF / path).read_text()) if document]


@functools.cache
def chart(*values):
    """What `helm install latchkey conf/helm/latchkey -n sso --set VALUE...` would apply."""
    words = [word for value in (f"istio.host={HOST}", "istio.enabled=true", *values) for word in ("--set", value)]
    made = subprocess.run(["helm", "template", "latchkey", str(CONF / "helm/latchkey"), "--namespace", NAMESPACE, "--kube-version", KUBERNETES, *words], capture_output=True, text=True)
    if made.returncode:
        sys.exit("Bail out! helm template: " + made.stderr)
    return [document for document in yaml.safe_load_all(made.stdout) if document]


def pick(documents, kind, **metadata):
    return [document for document in documents if document["kind"] == kind and metadata.items() <= document["metadata"].items()]


def moved(thing, places):
    """The same with other addresses: `places` maps texts to what stands for them here."""
    if isinstance(thing, dict):
        return {key: moved(value, places) for key, value in thing.items()}
    if isinstance(thing, list):
        return [moved(value, places) for value in thing]
    for old, new in places.items() if isinstance(thing, str) else ():
        thing = thing.replace(old, new)
    return thing


# --- matchers ---


def text(pattern, **more):
    if pattern == "*":
        return {"safe_regex": {"regex": ".+"}}
    if pattern.startswith("*"):
        return {"suffix": pattern[1:], **more}
    return {"prefix": pattern[:-1], **more} if pattern.endswith("*") else {"exact": pattern, **more}


def any_of(kind, rules):
    return {f"or_{kind}": {kind: rules}}


def is_path(pattern):
    return {"url_path": {"path": text(pattern)}}


def is_host(pattern):
    if pattern == "*":
        return {"header": {"name": ":authority", "present_match": True}}
    return {"header": {"name": ":authority", "string_match": text(pattern, ignore_case=True)}}


def is_method(pattern):
    return {"header": {"name": ":method", "string_match": text(pattern)}}


def claim(keys, value):
    return {"metadata": {"filter": JWT, "path": [{"key": key} for key in ("payload", *keys)], "value": value}}


def is_requester(pattern):
    """issuer/subject."""
    issuer, _, subject = pattern.rpartition("/")
    return {"and_ids": {"ids": [claim([name], {"string_match": text(value)}) for name, value in (("iss", issuer), ("sub", subject))]}}


def has_claim(key, values):
    """request.auth.claims[a][b]: a text, or a list with it."""
    matchers = [{"string_match": text(value)} for value in values]
    value = matchers[0] if len(matchers) == 1 else {"or_match": {"value_matchers": matchers}}
    return claim(re.findall(r"\[([^]]*)]", key), {"or_match": {"value_matchers": [{"list_match": {"one_of": value}}, value]}})


OPERATIONS = {"hosts": is_host, "methods": is_method, "paths": is_path}


def permission(operation):
    rules = []
    for name, make in OPERATIONS.items():
        if name in operation:
            rules.append(any_of("rules", [make(value) for value in operation[name]]))
        opposite = "not" + name.capitalize()
        if opposite in operation:
            rules.append({"not_rule": any_of("rules", [make(value) for value in operation[opposite]])})
    assert operation.keys() <= {*OPERATIONS, *("not" + name.capitalize() for name in OPERATIONS)}, operation
    return {"and_rules": {"rules": rules or [{"any": True}]}}


def principal(source, conditions):
    assert source.keys() <= {"requestPrincipals"} and all(condition["key"].startswith("request.auth.claims") for condition in conditions)
    requesters = [is_requester(value) for value in source.get("requestPrincipals", ())]
    ids = [requesters[0] if len(requesters) == 1 else any_of("ids", requesters)] if requesters else []
    ids += [has_claim(condition["key"], condition["values"]) for condition in conditions]
    return {"and_ids": {"ids": ids or [{"any": True}]}}


def rules(policies, prefix=""):
    made = {}
    for policy in policies:
        name = f"{prefix}ns[{policy['metadata']['namespace']}]-policy[{policy['metadata']['name']}]"
        for i, rule in enumerate(policy["spec"].get("rules", [])):
            made[f"{name}-rule[{i}]"] = {"permissions": [permission(to["operation"]) for to in rule.get("to", [{"operation": {}}])],
                                         "principals": [principal(each["source"], rule.get("when", [])) for each in rule.get("from", [{"source": {}}])]}
    return made


# --- filters ---


def http_filter(name, kind, **config):
    return {"name": name, "typed_config": {"@type": API + kind, **config}}


def custom(policy, provider, cluster):
    """rbac notes which policy applies, and ext_authz asks where it noted one."""
    http, prefix = provider["envoyExtAuthzHttp"], "istio-ext-authz-" + provider["name"]
    assert policy["spec"]["provider"]["name"] == provider["name"]

    def headers(name):
        return {"patterns": [text(header, ignore_case=True) for header in http[name]]}

    return [http_filter(RBAC, "http.rbac.v3.RBAC", shadow_rules_stat_prefix="istio_ext_authz_", shadow_rules={"action": "DENY", "policies": rules([policy], prefix + "-")}),
            http_filter("envoy.filters.http.ext_authz", "http.ext_authz.v3.ExtAuthz", transport_api_version="V3",
                        allowed_headers=headers("includeRequestHeadersInCheck"),
                        filter_enabled_metadata={"filter": RBAC, "path": [{"key": "istio_ext_authz_shadow_effective_policy_id"}], "value": {"string_match": {"prefix": prefix}}},
                        http_service={"server_uri": {"uri": "http://" + http["service"], "cluster": cluster, "timeout": http["timeout"]},
                                      "authorization_response": {"allowed_upstream_headers": headers("headersToUpstreamOnAllow"),
                                                                 "allowed_client_headers": headers("headersToDownstreamOnDeny"),
                                                                 "allowed_client_headers_on_success": headers("headersToDownstreamOnAllow")}})]


def authentication(request, cluster, cache="300s"):
    """A RequestAuthentication with one rule, where Envoy itself fetches the keys (PILOT_JWT_ENABLE_REMOTE_JWKS)."""
    (rule,) = request["spec"]["jwtRules"]
    provider = {"issuer": rule["issuer"], "forward": rule.get("forwardOriginalToken", False), "payload_in_metadata": "payload",
                "normalize_payload_in_metadata": {"space_delimited_claims": ["permission", "scope"]}}
    if "audiences" in rule:
        provider["audiences"] = rule["audiences"]
    if "fromHeaders" in rule:
        provider["from_headers"] = [{"name": header["name"], **({"value_prefix": header["prefix"]} if "prefix" in header else {})} for header in rule["fromHeaders"]]
    if "jwks" in rule:
        provider["local_jwks"] = {"inline_string": rule["jwks"]}
    else:
        provider["remote_jwks"] = {"http_uri": {"uri": rule["jwksUri"], "cluster": cluster, "timeout": "5s"}, "cache_duration": cache}
    needs = {"requires_any": {"requirements": [{"provider_name": "origins-0"}, {"allow_missing": {}}]}}
    return http_filter(JWT, "http.jwt_authn.v3.JwtAuthentication", providers={"origins-0": provider}, rules=[{"match": {"prefix": "/"}, "requires": needs}], bypass_cors_preflight=True)


def allow(policies):
    return http_filter(RBAC, "http.rbac.v3.RBAC", rules={"action": "ALLOW", "policies": rules(policies)}, shadow_rules_stat_prefix="istio_dry_run_allow_")


# --- routes, and the whole ---


def routes(services):
    """Of all VirtualServices of a host; what matches everything comes last, wherever it was written."""
    made = []
    for service in services:
        for http in service["spec"]["http"]:
            retries = http.get("retries", DEFAULT_RETRIES)
            action = {"cluster": http["route"][0]["destination"]["host"], "timeout": http.get("timeout", "0s"),
                      "retry_policy": {"retry_on": retries["retryOn"], "num_retries": retries["attempts"], "host_selection_retry_max_attempts": 5,
                                       "retry_host_predicate": [{"name": "envoy.retry_host_predicates.previous_hosts", "typed_config": {
                                           "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"}}]}}
            for match in http.get("match", [{"uri": {"prefix": "/"}}]):
                ((how, path),) = match["uri"].items()
                made.append({"match": {"path" if how == "exact" else how: path}, "route": action})
    return sorted(made, key=lambda route: route["match"] == {"prefix": "/"})


def envoy(name, port, filters, routing, clusters, admin, hosts=("*",)):
    """A bootstrap configuration: one listener on loopback, as istiod's listeners are. `clusters` maps names to ports on loopback; one that is
    (port, management port) is left out while its readiness probe fails, as a Service leaves its pods out."""
    def address(number):
        return {"socket_address": {"address": "127.0.0.1", "port_value": number}}

    def endpoint(number):
        if isinstance(number, int):
            return {"endpoint": {"address": address(number)}}
        return {"endpoint": {"address": address(number[0]), "health_check_config": {"port_value": number[1]}}}

    def cluster(name, ports):
        made = {"name": name, "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint(number) for number in ports]}]}}
        if not all(isinstance(number, int) for number in ports):
            made["health_checks"] = [{"timeout": "1s", "interval": "0.2s", "no_traffic_interval": "0.2s", "unhealthy_threshold": 1, "healthy_threshold": 1,
                                      "http_health_check": {"path": "/health/ready"}}]
        return made

    manager = {"@type": API + "network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": name, "use_remote_address": True, "normalize_path": True,
               "path_with_escaped_slashes_action": "KEEP_UNCHANGED", "http_filters": [*filters, http_filter("envoy.filters.http.router", "http.router.v3.Router")],
               "route_config": {"virtual_hosts": [{"name": "all", "domains": list(hosts), "routes": routing}]}}
    return {"admin": {"address": address(admin)}, "static_resources": {
        "listeners": [{"address": address(port), "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}]}],
        "clusters": [cluster(name, ports) for name, ports in clusters.items()]}}


def gateway(port, admin, origin, latchkey, authorizer, echo):
    """The ingress gateway: the chart's routes and policy, and the echo service's route."""
    places = {"https://" + HOST: origin, HOST: "127.0.0.1"}
    documents, (provider,) = moved(chart() + read("istio/echo.yaml"), places), read("istio/mesh-config.yaml")[0]["extensionProviders"]
    (policy,) = pick(documents, "AuthorizationPolicy")
    services = pick(documents, "VirtualService")
    names = [service["spec"]["http"][0]["route"][0]["destination"]["host"] for service in services]
    clusters = {**dict(zip(names, (latchkey, echo), strict=True)), "authorizer": [authorizer]}
    (host,) = {host for service in services for host in service["spec"]["hosts"]}
    return envoy("gateway", port, custom(policy, provider, "authorizer"), routes(services), clusters, admin, (host, host + ":*"))


def sidecar(port, admin, origin, latchkey, service, documents=None, cache="300s"):
    """What stands before a service and has policies on tokens: those of conf/istio, or `documents`."""
    documents = moved(documents or read("istio/request-authentication.yaml"), {"https://" + HOST: origin})
    filters = [authentication(*pick(documents, "RequestAuthentication"), "latchkey", cache), allow(pick(documents, "AuthorizationPolicy"))]
    return envoy("sidecar", port, filters, [{"match": {"prefix": "/"}, "route": {"cluster": "service"}}], {"latchkey": latchkey, "service": [service]}, admin)
