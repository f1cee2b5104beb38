"""A real identity provider for the tests, Canaille, in a process of its own: `python tests/provider.py PORT CALLBACK`.

It knows two people, jane and mallory, and one client. It prints a line once it can be reached.
"""

from __future__ import annotations

import datetime
import os
import sys
import uuid
from wsgiref.simple_server import WSGIRequestHandler, make_server

CLIENT, SECRET, PASSWORD = "clausewise-in-tests", "a secret of the tests alone", "correct horse battery staple"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def config(port: int) -> dict[str, object]:
    from joserfc.jwk import JWKRegistry

    key = JWKRegistry.generate_key("RSA", 2048)
    key.ensure_kid()
    return {
        "ENV_FILE": None,
        "SECRET_KEY": str(uuid.uuid4()),
        "WTF_CSRF_ENABLED": False,
        "PREFERRED_URL_SCHEME": "http",
        "SERVER_NAME": f"127.0.0.1:{port}",
        "CANAILLE": {
            "DATABASE": "memory",
            "JAVASCRIPT": False,
            "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            "LOGGING": {"version": 1, "disable_existing_loggers": True},
        },
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
    }


def fill(app: object, callback: str) -> None:
    from canaille.app import models
    from canaille.backends import Backend

    with app.app_context():  # type: ignore[attr-defined]
        now = datetime.datetime.now(datetime.UTC)
        for name in ("jane", "mallory"):
            person = models.User(user_name=name, formatted_name=name, family_name=name, emails=[f"{name}@school.example"], password=PASSWORD)
            Backend.instance.save(person)
        client = models.Client(
            client_id=CLIENT,
            client_secret=SECRET,
            client_name="Clausewise",
            client_uri=callback,
            redirect_uris=[callback],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "email"],
            token_endpoint_auth_method="client_secret_basic",
            client_id_issued_at=now,
        )
        Backend.instance.save(client)
        client.audience = [client]  # whom its ID tokens are for
        Backend.instance.save(client)


def main(port: int, callback: str) -> None:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it is reached at 127.0.0.1 alone
    from canaille import create_app

    app = create_app(config=config(port))
    fill(app, callback)
    server = make_server("127.0.0.1", port, app, handler_class=Quiet)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
