"""The vendor's Python sample, corrected: issuer and type are checked, beside signature, audience and expiry."""

import functools
import os

import jwt
from flask import Flask, request

AUDIENCE = os.environ["POLICY_AUD"]
TEAM = os.environ["TEAM_DOMAIN"]

app = Flask(__name__)
keys = jwt.PyJWKClient(f"{TEAM}/cdn-cgi/access/certs")


def is_genuine(token):
    try:
        key = keys.get_signing_key_from_jwt(token).key
        options = {"require": ["exp", "iss", "aud"]}
        claims = jwt.decode(token, key, ["RS256"], options, audience=AUDIENCE, issuer=TEAM)
        return claims.get("type") == "app"
    except Exception:
        return False


def require_token(view):
    @functools.wraps(view)
    def guarded(*given, **named):
        token = request.cookies.get("CF_Authorization", "")
        return view(*given, **named) if token and is_genuine(token) else ("invalid token", 403)

    return guarded


@app.route("/")
@app.route("/admin")
@require_token
def hello():
    return "Hello, World!"


app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
