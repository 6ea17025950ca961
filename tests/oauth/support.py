"""What the tests of the code flow share: an answer, a request, a signed token."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from yarl import URL

from vkauth.errors import AuthErrorCode
from vkauth.oauth.jwks import KeySet, RsaKey
from vkauth.oauth.refusals import OAuthRules
from vkauth.oauth.request import AuthorizationRequest
from vkauth.wire.http import Response

__all__ = ["NOW", "RULES", "STATE", "TOKEN_URL", "VERIFIER", "answer", "key", "key_set", "request", "signed"]

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
STATE: Final = "CANARY_state_of_43_characters_0123456789abc"
VERIFIER: Final = "CANARY_verifier_of_43_characters_0123456789"
TOKEN_URL: Final = URL("https://sample.example/token")

RULES: Final = OAuthRules(
    provider="sample",
    name="Sample",
    codes={"SAMPLE001": AuthErrorCode.FLOOD_CONTROL, "-5": AuthErrorCode.PAGE_BLOCKED},
    hints={"SAMPLE001": "wait for a day", "invalid_client": "look at the secret"},
    names=("error_code", "error", "code"),
    texts=("error_description", "msg"),
    kept=("log_id", "required_scopes"),
)


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of a token endpoint."""
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Response(TOKEN_URL, status, headers or {"content-type": "application/json"}, content, NOW, "POST")


def request(**changes: Any) -> AuthorizationRequest:
    """A request as it was kept."""
    values: dict[str, Any] = {
        "provider": "sample",
        "url": f"https://sample.example/authorize?state={STATE}",
        "redirect_uri": "https://app.example/cb",
        "state": STATE,
        "code_verifier": VERIFIER,
        "scope": ("email",),
    }
    return AuthorizationRequest(**values | changes)


def key(name: str = "service") -> RSAKey:
    """A pair of keys; the same one each time it is asked for."""
    return _key(name)


@cache
def _key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name})


def key_set(*names: str) -> KeySet:
    """The public halves of some keys."""
    halves = {name: key(name).as_dict(private=False) for name in names}
    return KeySet({name: RsaKey(str(half["n"]), str(half["e"])) for name, half in halves.items()})


def segment(value: object) -> str:
    """A part of a token."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(claims: object, *, by: str = "service", **header: Any) -> str:
    """A token, signed with the key of that name, whatever its header says."""
    head = {"alg": "RS256", "kid": by} | header
    parts = f"{segment({name: value for name, value in head.items() if value is not None})}.{segment(claims)}"
    signature = JWSRegistry(algorithms=["RS256"]).get_alg("RS256").sign(parts.encode(), key(by))
    return f"{parts}.{segment(signature)}"
