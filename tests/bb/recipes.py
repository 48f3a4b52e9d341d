#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""recipes.py PORT: the backends of examples/backends, one path prefix for each.

A request /NAME/... must be the one that the product documents: method, path and
query, fields, and a body that means the same; else 400 with what differs, which
GET /differs?NAME tells, too.  The answer has the product's form.  GET /expected
has, for each name, the token, its life in seconds (null: the default) and the
fields that /auth must send."""
import base64
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

PORT = int(sys.argv[1])
PW = 'p"\\&%+ü/ w'
J = {"Content-Type": "application/json"}


def basic(user):
    both = base64.b64encode(f"{user}:{PW}".encode()).decode()
    return {"Authorization": "Basic " + both}


# name: method, path?query, fields, body, status, answer's fields and body,
#       token, life, fields of /auth (None: Bearer)
RECIPES = {
    "original": ("GET", "/token", {"backend-APIKey": PW}, None,
                 200, J, {"token": "t0"}, "t0", None, None),
    "docker-registry": ("GET", "/token?service=registry.docker.io&scope="
                        "repository:library/debian:pull", basic("bearerd"), None,
                        200, J, {"token": "t1", "access_token": "t1",
                                 "expires_in": 300}, "t1", 300, None),
    "harbor": ("GET", "/service/token?service=harbor-registry&scope="
               "repository:library/debian:pull", basic("robot$bearerd"), None,
               200, J, {"token": "t2", "expires_in": 1800}, "t2", 1800, None),
    "paypal": ("POST", "/v1/oauth2/token", basic("CLIENT_ID"),
               "grant_type=client_credentials",
               200, J, {"access_token": "A21A", "token_type": "Bearer",
                        "expires_in": 31668}, "A21A", 31668, None),
    "twitch": ("POST", "/oauth2/token", {},
               {"client_id": "CLIENT_ID", "client_secret": PW,
                "grant_type": "client_credentials"},
               200, J, {"access_token": "tw", "expires_in": 5011271,
                        "token_type": "bearer"}, "tw", 86400, None),
    "zoom": ("POST", "/oauth/token?grant_type=account_credentials"
             "&account_id=ACCOUNT_ID", basic("CLIENT_ID"), None,
             200, J, {"access_token": "zo", "token_type": "bearer",
                      "expires_in": 3599}, "zo", 3599, None),
    "salesforce-password": (
        "POST", "/services/oauth2/token", {},
        {"grant_type": "password", "client_id": PW, "client_secret": PW,
         "username": "bearerd@example.com", "password": PW},
        200, J, {"access_token": "00D!AQ", "instance_url": "https://x",
                 "token_type": "Bearer", "issued_at": "1278448384422"},
        "00D!AQ", 5400, None),
    "veeam": ("POST", "/api/oauth2/token", {"x-api-version": "1.1-rev0"},
              {"grant_type": "password", "username": "bearerd", "password": PW},
              201, J, {"access_token": "ve", "token_type": "bearer",
                       "expires_in": 900}, "ve", 900, None),
    "magento": ("POST", "/rest/V1/integration/admin/token", J,
                {"username": "bearerd", "password": PW},
                200, J, "mag3nto", "mag3nto", 14400, None),
    "directus": ("POST", "/auth/login", J,
                 {"email": "bearerd@example.com", "password": PW,
                  "mode": "json"},
                 200, J, {"data": {"access_token": "di", "expires": 900000,
                                   "refresh_token": "r"}}, "di", 900, None),
    "jamf": ("POST", "/api/v1/auth/token", basic("bearerd"), None,
             200, J, {"token": "ja", "expires": "IN 1800"}, "ja", 1800, None),
    "vault-approle": ("POST", "/v1/auth/approle/login", J,
                      {"role_id": "ROLE_ID", "secret_id": PW},
                      200, J, {"request_id": "x", "lease_duration": 0,
                               "auth": {"client_token": "hvs.a",
                                        "token_type": "service",
                                        "lease_duration": 3600}},
                      "hvs.a", 3600, {"X-Vault-Token": "hvs.a"}),
    "keystone": ("POST", "/v3/auth/tokens", J,
                 {"auth": {"identity": {"methods": ["password"], "password": {
                     "user": {"name": "bearerd", "domain": {"name": "Default"},
                              "password": PW}}},
                     "scope": {"project": {"name": "PROJECT", "domain": {
                         "name": "Default"}}}}},
                 201, {**J, "X-Subject-Token": "gAAA"},
                 {"token": {"methods": ["password"], "expires_at": "IN 3600"}},
                 "gAAA", 3600, {"X-Auth-Token": "gAAA"}),
    "redfish": ("POST", "/redfish/v1/SessionService/Sessions", J,
                {"UserName": "bearerd", "Password": PW},
                201, {**J, "X-Auth-Token": "rf",
                      "Location": "/redfish/v1/SessionService/Sessions/7"},
                {"Id": "7", "UserName": "bearerd"}, "rf", 1200,
                {"X-Auth-Token": "rf"}),
    "cisco-fmc": ("POST", "/api/fmc_platform/v1/auth/generatetoken",
                  basic("bearerd"), None,
                  204, {"X-auth-access-token": "fmc",
                        "X-auth-refresh-token": "r"}, None, "fmc", 1800,
                  {"X-auth-access-token": "fmc"}),
    "vcenter": ("POST", "/api/session", basic("bearerd@vsphere.local"), None,
                201, J, "vc", "vc", 1800, {"vmware-api-session-id": "vc"}),
    "catalyst-center": ("POST", "/dna/system/api/v1/auth/token",
                        basic("bearerd"), None,
                        200, J, {"Token": "cc"}, "cc", 3600,
                        {"X-Auth-Token": "cc"}),
    "apic": ("POST", "/api/aaaLogin.json", J,
             {"aaaUser": {"attributes": {"name": "bearerd", "pwd": PW}}},
             200, J, {"totalCount": "1", "imdata": [{"aaaLogin": {
                 "attributes": {"token": "ap", "refreshTimeoutSeconds": "600"}}}]},
             "ap", 600, {"Cookie": "APIC-cookie=ap"}),
    "f5": ("POST", "/mgmt/shared/authn/login", J,
           {"username": "bearerd", "password": PW, "loginProviderName": "tmos"},
           200, J, {"username": "bearerd", "token": {
               "token": "F5T", "name": "F5T", "timeout": 1200,
               "expirationMicros": 9}}, "F5T", 1200,
           {"X-F5-Auth-Token": "F5T"}),
    "checkpoint": ("POST", "/web_api/login", J,
                   {"user": "bearerd", "password": PW, "read-only": True},
                   200, J, {"sid": "cp", "url": "https://x",
                            "session-timeout": 600}, "cp", 600,
                   {"X-chkp-sid": "cp"}),
    "zabbix": ("POST", "/api_jsonrpc.php",
               {"Content-Type": "application/json-rpc"},
               {"jsonrpc": "2.0", "method": "user.login", "id": 1,
                "params": {"username": "bearerd", "password": PW}},
               200, J, {"jsonrpc": "2.0", "result": "zx", "id": 1}, "zx", 900,
               None),
    "omada": ("POST", "/openapi/authorize/token?grant_type=client_credentials",
              J, {"omadacId": "OMADAC_ID", "client_id": "CLIENT_ID",
                  "client_secret": PW},
              200, J, {"errorCode": 0, "msg": "Success.", "result": {
                  "accessToken": "AT-o", "tokenType": "bearer",
                  "expiresIn": 7200}}, "AT-o", 7200,
              {"Authorization": "AccessToken=AT-o"}),
    "splunk": ("POST", "/services/auth/login", {},
               {"username": "bearerd", "password": PW},
               200, {"Content-Type": "text/xml"},
               "<response>\n  <sessionKey>sp^_</sessionKey>\n</response>",
               "sp^_", 3000, {"Authorization": "Splunk sp^_"}),
    "synology": ("GET", "/webapi/entry.cgi", {}, None,
                 200, J, {"success": True, "data": {"sid": "sy"}}, "sy", 600,
                 {"Cookie": "id=sy"}),
    "sap-b1": ("POST", "/b1s/v1/Login", J,
               {"CompanyDB": "COMPANY", "UserName": "bearerd", "Password": PW},
               200, {**J, "Set-Cookie": "ROUTEID=.node2; path=/"},
               {"odata.metadata": "x", "SessionId": "b1", "SessionTimeout": 30},
               "b1", 1800, {"Cookie": "B1SESSION=b1; ROUTEID=.node2"}),
    "proxmox": ("POST", "/api2/json/access/ticket", {},
                {"username": "bearerd@pve", "password": PW},
                200, J, {"data": {"ticket": "PVE:x::a", "username": "x",
                                  "CSRFPreventionToken": "4EEC:k"}},
                "PVE:x::a", 7200, {"Cookie": "PVEAuthCookie=PVE:x::a",
                                   "CSRFPreventionToken": "4EEC:k"}),
    "unifi": ("POST", "/api/auth/login", J,
              {"username": "bearerd", "password": PW},
              200, {**J, "Set-Cookie": "TOKEN=un; path=/; secure; httponly",
                    "X-CSRF-Token": "cs"}, {"username": "bearerd"}, "un", 3600,
              {"Cookie": "TOKEN=un", "X-CSRF-Token": "cs"}),
    "odoo": ("POST", "/web/session/authenticate", J,
             {"jsonrpc": "2.0", "method": "call", "params": {
                 "db": "DATABASE", "login": "bearerd", "password": PW}},
             200, {**J, "Set-Cookie": "session_id=od; Path=/; HttpOnly"},
             {"jsonrpc": "2.0", "id": None, "result": {"uid": 2}}, "od", 43200,
             {"Cookie": "session_id=od"}),
    "sap-gateway": ("GET", "/sap/opu/odata/SAP/SERVICE_SRV/",
                    {**basic("bearerd"), "X-CSRF-Token": "Fetch"}, None,
                    200, {**J, "X-CSRF-Token": "gw==",
                          "Set-Cookie": "SAP_SESSIONID_SID_100=s1; path=/"},
                    {"d": {"EntitySets": []}}, "gw==", 1200,
                    {"X-CSRF-Token": "gw==",
                     "Cookie": "SAP_SESSIONID_SID_100=s1"}),
    "pan-os": ("POST", "/api/", {},
               {"type": "keygen", "user": "bearerd", "password": PW},
               200, {"Content-Type": "application/xml"},
               "<response status='success'><result><key>LUFR==</key></result>"
               "</response>", "LUFR==", 43200, {"X-PAN-KEY": "LUFR=="}),
}
SYNOLOGY = {"api": "SYNO.API.Auth", "version": "6", "method": "login",
            "account": "bearerd", "passwd": PW, "session": "bearerd",
            "format": "sid"}
differs = {}


def meaning(body, kind):
    """A body as its language means it."""
    text = body.decode()
    if "json" in kind:
        return json.loads(text)
    return dict(parse_qsl(text, True, True))


def difference(name, method, path, fields, body):
    """Empty, or in what a request is not the documented one."""
    want = RECIPES[name]
    wanted, _, query = want[1].partition("?")
    got, _, given = path.partition("?")
    wanted_query = SYNOLOGY if name == "synology" else dict(parse_qsl(query))
    if method != want[0]:
        return f"method {method}"
    if got != wanted:
        return f"path {got}"
    if dict(parse_qsl(given, True, True)) != wanted_query:
        return f"query {given}"
    for field, value in want[2].items():
        sent = fields.get(field, "").encode("latin-1").decode()
        if sent != value:
            return f"{field}: {sent}"
    if want[3] is None:
        return "" if not body else f"body {body}"
    expected = want[3]
    if isinstance(expected, str):
        expected = dict(parse_qsl(expected))
    kind = want[2].get("Content-Type", "form")
    if kind == "form" and fields.get("Content-Type") != \
            "application/x-www-form-urlencoded":
        return f"Content-Type: {fields.get('Content-Type')}"
    return "" if meaning(body, kind) == expected else f"body {body}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, status, fields, body):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self):
        name, _, path = self.path[1:].partition("/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if name not in RECIPES:
            return self.send(404, {}, b"")
        try:
            wrong = difference(name, self.command, "/" + path, self.headers,
                               body)
        except ValueError as error:
            wrong = f"{error}: {body}"
        differs[name] = wrong
        if wrong:
            return self.send(400, {}, wrong.encode())
        status, fields, answer = RECIPES[name][4:7]
        if "xml" in fields.get("Content-Type", ""):
            text = answer
        else:
            text = "" if answer is None else json.dumps(answer)
        for seconds in ("1800", "3600"):
            text = text.replace(f"IN {seconds}", self.later(int(seconds)))
        return self.send(status, fields, text.encode())

    def later(self, seconds):
        import datetime
        now = datetime.datetime.now(datetime.timezone.utc)
        at = now + datetime.timedelta(seconds=seconds)
        return at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/differs":
            return self.send(200, {}, differs.get(query, "no call").encode())
        if path == "/expected":
            lines = (
                "\t".join([name, recipe[7], str(recipe[8] or 1800)]
                          + [f"{key}: {value}" for key, value in
                             (recipe[9] or {"Authorization": "Bearer "
                                            + recipe[7]}).items()])
                for name, recipe in RECIPES.items()
            )
            return self.send(200, {}, ("\n".join(lines) + "\n").encode())
        return self.handle_any()

    do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        pass


print("ready", flush=True)
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
