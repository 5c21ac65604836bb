"""An application that checks nothing itself: every request that reaches it has passed the guard."""

import json
from wsgiref.simple_server import make_server

FACTS = ("user", "email", "name", "kind")


def application(environ, start_response):
    told = {fact: environ.get(f"HTTP_X_AUTH_REQUEST_{fact.upper()}") for fact in FACTS}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [f"{json.dumps(told)}\n".encode()]


if __name__ == "__main__":
    with make_server("127.0.0.1", 8000, application) as server:
        server.serve_forever()
