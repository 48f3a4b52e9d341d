#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""glewlwyd.py URL KEY PUBLIC LIFE: set a new glewlwyd up, by its own interface:
OpenID Connect with this RSA key, tokens that live for LIFE seconds, the scope api
and the client gateway with the secret "s3cr/t+1"."""
import http.cookiejar
import json
import sys
import urllib.request

URL, KEY, PUBLIC, LIFE = sys.argv[1:5]
JAR = http.cookiejar.CookieJar()
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(JAR)
)


def post(path, value):
    opener.open(
        urllib.request.Request(
            URL + "/api" + path,
            json.dumps(value).encode(),
            {"Content-Type": "application/json"},
        )
    ).close()


def text(path):
    with open(path) as file:
        return file.read()


post("/auth/", {"username": "admin", "password": "password"})
post(
    "/mod/plugin/",
    {
        "module": "oidc",
        "name": "oidc",
        "display_name": "oidc",
        "parameters": {
            "iss": URL,
            "jwt-type": "rsa",
            "jwt-key-size": "256",
            "key": text(KEY),
            "cert": text(PUBLIC),
            "access-token-duration": int(LIFE),
            "refresh-token-duration": 1209600,
            "code-duration": 600,
            "refresh-token-rolling": True,
            "allow-non-oidc": True,
            "auth-type-code-enabled": True,
            "auth-type-token-enabled": False,
            "auth-type-id-token-enabled": True,
            "auth-type-none-enabled": False,
            "auth-type-password-enabled": True,
            "auth-type-client-enabled": True,
            "auth-type-refresh-enabled": True,
            "scope": [],
            "secret-type": "pairwise",
            "address-claim": {"type": "no"},
            "name-claim": "no",
            "email-claim": "no",
        },
    },
)
post(
    "/scope/",
    {
        "name": "api",
        "display_name": "api",
        "password_required": False,
        "scheme": {},
    },
)
post(
    "/client/?source=database",
    {
        "client_id": "gateway",
        "name": "gateway",
        "password": "s3cr/t+1",
        "confidential": True,
        "enabled": True,
        "authorization_type": ["code", "client_credentials"],
        "scope": ["api"],
        "redirect_uri": ["http://localhost/none"],
        "token_endpoint_auth_method": ["client_secret_basic"],
    },
)
