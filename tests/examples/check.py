#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Look into the files of examples/.

    check.py parse FILE            YAML or JSON: every document parses
    check.py lua FILE FOLDER       write each Lua text in a YAML file to FOLDER
    check.py types FILE FOLDER     write each Kubernetes object as TypeScript
    check.py index FOLDER          each folder has a page, and is in README.md
"""

import json
import os
import re
import sys

import yaml

# Which type an object has to be of; None: there is none to be had.
TYPES = {
    "networking.k8s.io/v1 Ingress": ("kubernetes-types/networking/v1",
                                     "Ingress"),
    "traefik.io/v1alpha1 Middleware": (
        "@kubernetes-models/traefik/traefik.io/v1alpha1/Middleware",
        "IMiddleware"),
    "traefik.io/v1alpha1 IngressRoute": (
        "@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRoute",
        "IIngressRoute"),
    "security.istio.io/v1 AuthorizationPolicy": (
        "@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy",
        "IAuthorizationPolicy"),
    "networking.istio.io/v1alpha3 EnvoyFilter": (
        "@kubernetes-models/istio/networking.istio.io/v1alpha3/EnvoyFilter",
        "IEnvoyFilter"),
    "gateway.networking.k8s.io/v1 HTTPRoute": (
        "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute",
        "IHTTPRoute"),
    "gateway.networking.k8s.io/v1beta1 ReferenceGrant": (
        "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1beta1"
        "/ReferenceGrant",
        "IReferenceGrant"),
    "gateway.envoyproxy.io/v1alpha1 SecurityPolicy": None,
}


class Strict(yaml.SafeLoader):
    """Refuses a key that comes twice."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.YAMLError(f"{node.start_mark}: twice: {twice}")
        return super().construct_mapping(node, deep)


def documents(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".json"):
        return [json.loads(text)]
    return list(yaml.load_all(text, Strict))


def texts(value):
    """All strings of several lines in a document."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str) and "\n" in value:
        yield value


def parse(path):
    for document in documents(path):
        if not isinstance(document, dict):
            sys.exit(f"{path}: a document that is no mapping: {document!r}")


def lua(path, folder):
    found = [text for document in documents(path) for text in texts(document)]
    for number, text in enumerate(found):
        if not re.search(r"\b(function|local)\b", text):
            sys.exit(f"{path}: a text that is not Lua: {text[:60]!r}")
        with open(f"{folder}/{number}.lua", "w", encoding="utf-8") as file:
            file.write(text)


def types(path, folder):
    for number, document in enumerate(documents(path)):
        if "kind" not in document:
            continue
        kind = f"{document['apiVersion']} {document['kind']}"
        if kind not in TYPES:
            sys.exit(f"{path}: {kind} is not in the table of check.py")
        if TYPES[kind] is None:
            continue
        module, name = TYPES[kind]
        stem = re.sub(r"\W", "_", os.path.relpath(path, "examples"))
        with open(f"{folder}/{stem}_{number}.ts", "w",
                  encoding="utf-8") as file:
            file.write(f'import type {{ {name} }} from "{module}";\n'
                       f"export const it: {name} = "
                       f"{json.dumps(document, indent=1)};\n")


def index(folder):
    with open(f"{folder}/README.md", encoding="utf-8") as file:
        readme = file.read()
    for name in sorted(os.listdir(folder)):
        page = f"{folder}/{name}/README.md"
        if not os.path.isdir(f"{folder}/{name}"):
            continue
        if not os.path.exists(page):
            sys.exit(f"{page} is missing")
        with open(page, encoding="utf-8") as file:
            lines = len(file.readlines())
        if lines > 66:
            sys.exit(f"{page} has {lines} lines: more than a page")
        if not re.search(rf"\b{re.escape(name)}\b", readme, re.IGNORECASE):
            sys.exit(f"{folder}/README.md does not name {name}")


{"parse": parse, "lua": lua, "types": types, "index": index}[sys.argv[1]](
    *sys.argv[2:])
