# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""JSON schemas for kubeconform: Kubernetes' own from kubernetes-validate, those of CRDs made of the CRDs in their projects' Go modules."""
import glob
import json
import os
import re
import subprocess

import kubernetes_validate
import yaml

CRDS = {"istio.io/api@v1.32.0": "kubernetes/customresourcedefinitions.gen.yaml",
        "github.com/cert-manager/cert-manager@v1.18.2": "deploy/crds/crd-certificates.yaml",
        "github.com/prometheus-operator/prometheus-operator@v0.85.0": "example/prometheus-operator-crd-full/monitoring.coreos.com_[ps]*.yaml",
        "github.com/bitnami-labs/sealed-secrets@v0.32.1": "helm/sealed-secrets/crds/*.yaml",
        "github.com/argoproj/argo-cd/v3@v3.1.5": "manifests/crds/application-crd.yaml"}
KUBERNETES = "1.34.0"
OWN = os.path.join(os.path.dirname(kubernetes_validate.__file__), "kubernetes-json-schema", f"v{KUBERNETES}-local-strict")


def close(schema):
    """Members that a CRD does not name are mistakes, unless it says that they are kept."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema["additionalProperties"] = False
        if schema.get("x-kubernetes-int-or-string"):
            schema.pop("type", None)
            schema["anyOf"] = [{"type": "integer"}, {"type": "string"}]
        for value in schema.values():
            close(value)
    elif isinstance(schema, list):
        for value in schema:
            close(value)
    return schema


def make(folder):
    """Writes the schemas to `folder`; returns kubeconform's arguments."""
    for path in glob.glob(f"{OWN}/*.json"):  # their names and references are those of a server
        with open(path) as file, open(f"{folder}/{os.path.basename(path)}", "w") as out:
            out.write(re.sub(r',\s*"\$id": "[^"]*"', "", file.read()).replace('"/api/_definitions.json', '"_definitions.json'))
    for module, pattern in CRDS.items():
        place = json.loads(subprocess.run(["go", "mod", "download", "-json", module], capture_output=True, text=True, check=True, cwd="/").stdout)["Dir"]
        paths = glob.glob(f"{place}/{pattern}")
        assert paths, f"{module} has no {pattern}"
        for path in paths:
            with open(path) as file:
                for crd in yaml.safe_load_all(file):
                    for version in crd["spec"]["versions"] if crd else []:
                        schema = version["schema"]["openAPIV3Schema"]
                        schema["properties"].update(apiVersion={"type": "string"}, kind={"type": "string"}, metadata={"type": "object"})
                        with open(f"{folder}/{crd['spec']['names']['kind'].lower()}-{version['name']}.json", "w") as out:
                            json.dump(close(schema), out)
    return ["-strict", "-summary", "-kubernetes-version", KUBERNETES, "-schema-location", folder + "/{{ .ResourceKind }}{{ .KindSuffix }}.json",
            "-schema-location", folder + "/{{ .ResourceKind }}-{{ .ResourceAPIVersion }}.json"]
