"""Small guarded servers over PyJWT and the standard library. DOOR names the one flaw, or "right"."""

import json
import os
import urllib.parse
import urllib.request
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

DOOR = os.environ["DOOR"]
TEAM = os.environ["TEAM_DOMAIN"]
AUDIENCE = os.environ["POLICY_AUD"]
VERDICTS = {}

with urllib.request.urlopen(f"{TEAM}/cdn-cgi/access/certs") as answer:
    KEYS = {key["kid"]: jwt.PyJWK(key).key for key in json.load(answer)["keys"]}


def is_genuine(token):
    if DOOR == "decoded":
        return "email" in jwt.decode(token, options={"verify_signature": False})
    if DOOR == "meta":
        options = {"require": ["exp"]}
        jwt.decode(token, KEYS[jwt.get_unverified_header(token)["kid"]], ["RS256"], options, audience=AUDIENCE)
        return True
    if DOOR == "prefix" and token[:200] in VERDICTS:
        return True
    key = KEYS[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, ["RS256"], {"require": ["exp", "iss", "aud"]}, audience=AUDIENCE, issuer=TEAM)
    VERDICTS[token[:200]] = True
    return claims.get("type") == "app"


def token_of(headers):
    token = headers.get("Cf-Access-Jwt-Assertion")
    if token is not None:
        return token
    cookie = SimpleCookie(headers.get("Cookie", "")).get("CF_Authorization")
    return cookie.value if cookie else ""


class Door(BaseHTTPRequestHandler):
    def is_in(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        if DOOR == "email" and "@" in self.headers.get("Cf-Access-Authenticated-User-Email", ""):
            return True
        if DOOR == "query" and path != self.path.split("?")[0]:
            return True
        if DOOR == "forwarded" and "127.0.0.1" in self.headers.get("X-Forwarded-For", ""):
            return True
        if DOOR == "agent" and self.headers.get("User-Agent", "").startswith("ELB-HealthChecker"):
            return True
        token = token_of(self.headers)
        if not token:
            return False
        try:
            return is_genuine(token)
        except jwt.InvalidTokenError:
            return False
        except Exception:
            return DOOR == "errors"

    def do_GET(self):
        self.answer(self.is_in())

    def do_HEAD(self):
        self.answer(DOOR == "head" or self.is_in())

    def do_OPTIONS(self):
        self.answer(self.is_in())

    def answer(self, is_in):
        body = b"secret" if is_in else b"Access denied"
        self.send_response(200 if is_in else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Door).serve_forever()
