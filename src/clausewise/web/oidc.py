"""Signing in with the school's own account, by OpenID Connect: the only room that knows authlib, an extra of the installation.

The authorization code flow with PKCE: a browser is sent to the provider and comes back with a code, which is changed for an ID token
between the provider and us. Whoever comes so must have an account here already.
"""

from __future__ import annotations

import importlib.util
import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from clausewise.accounts import Accounts
from clausewise.errors import ClausewiseError, SignInFault
from clausewise.keys import Clock
from clausewise.settings import SignIn
from clausewise.web import sessions
from clausewise.web.signin import SECRET, Door
from clausewise.web.waits import whom

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

PATIENCE = 10 * 60  # seconds that the provider's own page may take
UNDER_WAY, FROM_ONE = 20_000, 200  # at most, and from one address, which may be a whole school's
WAIT = 10.0  # seconds for an answer of the provider's
LEEWAY = 60  # seconds by which its clock may differ
SETTLED = 60  # seconds in which its keys are not read again
FRESH_FOR = 60 * 60  # seconds that what the provider says of itself is kept
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
FAILED = "The school’s sign-in did not work just now. Try again; the server’s log has the details."
STALE = "This sign-in took too long, or was begun in another browser. Begin anew."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Flow:
    """A browser that has been sent to the provider. `then`: the page that was wanted. `made`: seconds since 1970."""

    verifier: str
    nonce: str
    then: str
    made: float


class Flows:
    """Those under way, by the state that the browser brings back."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._flows: OrderedDict[str, tuple[Flow, str]] = OrderedDict()
        self._lock = Lock()

    def begin(self, then: str, address: str) -> tuple[str, Flow]:
        """Of one address the oldest make room, so that no stranger pushes out another's."""
        state, flow = secrets.token_urlsafe(32), Flow(secrets.token_urlsafe(48), secrets.token_urlsafe(32), then, self.clock())
        with self._lock:
            mine = [held for held, (_, other) in self._flows.items() if other == address]
            for old in mine[: max(0, len(mine) + 1 - FROM_ONE)] or list(self._flows)[: max(0, len(self._flows) + 1 - UNDER_WAY)]:
                del self._flows[old]
            self._flows[state] = flow, address
        return state, flow

    def end(self, state: str) -> Flow | None:
        """The flow, once."""
        with self._lock:
            flow, _ = self._flows.pop(state, (None, ""))
        return flow if flow and self.clock() < flow.made + PATIENCE else None


class Provider:
    """What is asked of the provider. Raises SignInFault where it cannot be reached or does not say what it should."""

    def __init__(self, sign_in: SignIn, clock: Clock) -> None:
        if importlib.util.find_spec("authlib") is None:
            raise SignInFault('CLAUSEWISE_SIGN_IN: found oidc, which needs a package more: pip install "clausewise[oidc]"')
        self.sign_in, self.clock = sign_in, clock
        self.back = f"{sign_in.address}/oidc/callback"
        self._kept: tuple[float, Mapping[str, Any], Mapping[str, Any]] | None = None  # since when, what it says of itself, its keys

    def address(self, state: str, flow: Flow) -> str:
        """Where a browser is sent."""
        metadata, _ = self._described()
        with self._client() as client:
            asked = {"state": state, "nonce": flow.nonce, "code_verifier": flow.verifier}
            return str(client.create_authorization_url(metadata["authorization_endpoint"], **asked)[0])

    def claims(self, code: str, flow: Flow) -> Mapping[str, Any]:
        """What the provider says of whoever came back with `code`, its signature and each condition checked."""
        metadata, keys = self._described()
        try:
            with self._client() as client:
                sent = {"grant_type": "authorization_code", "code": code, "code_verifier": flow.verifier}
                answer = client.fetch_token(metadata["token_endpoint"], **sent)
            return self._checked(answer["id_token"], flow.nonce, keys)
        except Exception as error:  # of half a dozen packages' own kinds
            self._doubted()
            raise SignInFault(f"{self.sign_in.issuer}: refused the sign-in, or sent what is no ID token of its own ({error})") from error

    def _checked(self, token: str, nonce: str, keys: Mapping[str, Any]) -> Mapping[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.jwk import KeySet

        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        wanted = {"iss": {"essential": True, "value": self.sign_in.issuer}, "aud": {"essential": True, "value": self.sign_in.client}}
        said = {"nonce": nonce, "client_id": self.sign_in.client}
        claims = CodeIDToken(found.claims, found.header, options=wanted, params=said)
        claims.validate(now=int(self.clock()), leeway=LEEWAY)
        return found.claims

    def _described(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """What the provider says of itself, and the keys that it signs with."""
        kept = self._kept
        if kept is None or self.clock() > kept[0] + FRESH_FOR:
            metadata = self._read(f"{self.sign_in.issuer.rstrip('/')}/.well-known/openid-configuration")
            if metadata.get("issuer") != self.sign_in.issuer:
                named = metadata.get("issuer")
                raise SignInFault(f"CLAUSEWISE_OIDC_ISSUER: found {self.sign_in.issuer!r}; expected {named!r}, the provider's own name")
            self._kept = kept = self.clock(), metadata, self._read(metadata["jwks_uri"])
        return kept[1], kept[2]

    def _doubted(self) -> None:
        """Its keys may have changed, unless they were read a moment ago: whoever sends wrong codes makes us read no more often."""
        kept = self._kept
        if kept and self.clock() > kept[0] + SETTLED:
            self._kept = None

    def _read(self, address: str) -> Mapping[str, Any]:
        try:
            with self._client() as client:
                answer = client.request("GET", address, withhold_token=True)
                answer.raise_for_status()
                found: Mapping[str, Any] = answer.json()
                return found
        except Exception as error:
            raise SignInFault(f"{address}: cannot be read ({error}); expected an identity provider there") from error

    def _client(self) -> OAuth2Client:
        from authlib.integrations.httpx_client import OAuth2Client

        made = {"scope": "openid email", "redirect_uri": self.back, "code_challenge_method": "S256", "timeout": WAIT}
        return OAuth2Client(self.sign_in.client, self.sign_in.secret, **made)


class School:
    """Who comes in with an account of the school's."""

    def __init__(self, accounts: Accounts, sign_in: SignIn, door: Door) -> None:
        self.accounts, self.sign_in, self.door = accounts, sign_in, door
        self.provider, self.flows = Provider(sign_in, accounts.clock), Flows(accounts.clock)

    def start(self, then: str, address: str) -> Response:
        state, flow = self.flows.begin(sessions.local(then), address)
        response = RedirectResponse(self.provider.address(state, flow), 303, SECRET)
        response.set_cookie(self.cookie, state, PATIENCE, path="/", secure=self.sign_in.secure, httponly=True, samesite="lax")
        return response

    def back(self, asked: Mapping[str, str], kept: str, address: str) -> Response:
        """A browser that comes from the provider, with what its address says and the state that was kept in it."""
        state = asked.get("state", "")
        flow = self.flows.end(state) if state and secrets.compare_digest(state.encode(), kept.encode()) else None
        if flow is None:
            return self.refused(STALE, 400)
        if "code" not in asked:
            self.accounts.audit.add("refused", "", f"the provider said: {asked.get('error', 'nothing')}", address=address)
            return self.refused(FAILED, 403)
        trying = whom("", address)[1:2]  # wrong codes cost the provider's time
        if left := self.door.waits.tried(trying):
            return self.door.held(left, "", flow.then)
        claims = self.provider.claims(asked["code"], flow)
        self.door.waits.passed(trying)
        return self.let_in(claims, flow, address)

    def let_in(self, claims: Mapping[str, Any], flow: Flow, address: str) -> Response:
        email = str(claims.get("email") or "")
        believed = claims.get("email_verified") is True or (self.sign_in.any_email and claims.get("email_verified") is not False)
        try:
            account = self.accounts.linked(self.sign_in.issuer, str(claims["sub"]), email if believed else None)
        except ClausewiseError as error:
            return self.refused(str(error), 403)
        if account is None:
            self.accounts.audit.add("refused", email or str(claims["sub"]), "no account, by the school’s sign-in", address=address)
            return self.refused(_nobody(email, believed), 403)
        return self.door.let_in(account, flow.then, address, "by the school’s sign-in")

    def refused(self, told: str, status: int) -> Response:
        return HTMLResponse(self.door.form("/", fault=told), status, SECRET)

    @property
    def cookie(self) -> str:
        return f"{sessions.HOST if self.sign_in.secure else ''}clausewise-oidc"


def _nobody(email: str, believed: bool) -> str:
    if email and not believed:
        return f"The school’s sign-in does not say that {email} is an address that it has verified, so no account can be found by it."
    return f"There is no account for {email or 'you'}; ask whoever looks after Clausewise at your school to make one."


def add_school(app: FastAPI, school: School) -> None:
    # No coroutines: the provider may take its time.
    @app.get("/oidc/start")
    def start(request: Request, next: str = "/") -> Response:
        return _told(school, lambda: school.start(next, sessions.address(request)))

    @app.get("/oidc/callback")
    def back(request: Request) -> Response:
        kept = request.cookies.get(school.cookie, "")
        return _told(school, lambda: school.back(request.query_params, kept, sessions.address(request)))


def _told(school: School, answer: Any) -> Response:
    try:
        response: Response = answer()
        return response
    except SignInFault as error:
        log.error("%s", error)
        return school.refused(FAILED, 502)
