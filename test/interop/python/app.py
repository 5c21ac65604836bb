"""A guarded server based on the Python sample of the vendor's documentation: a Flask decorator over
PyJWT that expects the token in its cookie. Only the configuration comes from the environment."""

import functools
import json
import os

import jwt
import requests
from flask import Flask, request

POLICY_AUD = os.environ["POLICY_AUD"]
TEAM_DOMAIN = os.environ["TEAM_DOMAIN"]
CERTS_URL = f"{TEAM_DOMAIN}/cdn-cgi/access/certs"

app = Flask(__name__)


def public_keys():
    """Every key of the certs endpoint, as PyJWT takes them."""
    key_set = requests.get(CERTS_URL).json()
    return [jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(key)) for key in key_set["keys"]]


def is_genuine(token):
    for key in public_keys():
        try:
            jwt.decode(token, key=key, audience=POLICY_AUD, algorithms=["RS256"])
            return True
        except Exception:
            continue
    return False


def require_token(view):
    @functools.wraps(view)
    def guarded():
        if "CF_Authorization" not in request.cookies:
            return "missing required cf authorization token", 403
        if not is_genuine(request.cookies["CF_Authorization"]):
            return "invalid token", 403
        return view()

    return guarded


@app.route("/")
@require_token
def hello():
    return "Hello, World!"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
