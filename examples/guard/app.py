"""An application that checks nothing itself: whatever reaches it has passed the guard."""

from flask import Flask, jsonify, request

application = Flask(__name__)


@application.route("/", defaults={"path": ""}, methods=["GET", "POST"])
@application.route("/<path:path>", methods=["GET", "POST"])
def hello(path):
    names = ("User", "Email", "Name", "Kind")
    return jsonify({name.lower(): request.headers.get(f"X-Auth-Request-{name}") for name in names})
