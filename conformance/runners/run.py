"""Compares a guard over PyJWT with vectors.json: prints each name and its verdict.

python3 conformance/runners/run.py conformance/vectors.json
"""

import json
import sys
from datetime import datetime, timezone
from unittest import mock

import jwt
import jwt.api_jwt

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)

OPTIONS = document["options"]
KEYS = {key["kid"]: jwt.PyJWK(key).key for key in document["keys"]["keys"]}


class Clock(datetime):
    """PyJWT reads the clock itself: it is set to the vectors' time."""

    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(document["now"], tz or timezone.utc)


def accepts(token):
    try:
        claims = jwt.decode(
            token,
            KEYS[jwt.get_unverified_header(token)["kid"]],
            algorithms=OPTIONS["algorithms"],
            audience=OPTIONS["audience"],
            issuer=OPTIONS["issuer"],
            leeway=OPTIONS["clockToleranceSeconds"],
            options={"require": ["exp", "iss", "aud"]},
        )
        return claims.get("type") == OPTIONS["type"]
    except Exception:
        return False


with mock.patch.object(jwt.api_jwt, "datetime", Clock):
    for vector in document["vectors"]:
        print(f"{vector['name']}\t{'accept' if accepts(vector['token']) else 'refuse'}")
