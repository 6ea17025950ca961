"""VK ID for applications (OAuth 2.1): codes, tokens that take turns, id_tokens, and how VK ID words things."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.answers import json_answer
from vkauth.testing.entropy import Entropy
from vkauth.testing.faults import Fault
from vkauth.testing.oauth.grants import Consents, Grant, Grants
from vkauth.testing.oauth.id_tokens import KeyRing
from vkauth.testing.options import Choice
from vkauth.testing.vk.state.tokens import Tokens

__all__ = ["ACCESS_LIFETIME", "CODE_LIFETIME", "ID_LIFETIME", "REFRESH_LIFETIME", "VKIDOAuth"]

# Seconds: https://id.vk.ru/about/business/go/docs/ru/vkid/latest/vk-id/connection/tokens/access-token (seen 2026-11);
# that of an id_token is from observed ones.
CODE_LIFETIME: Final = 600
ACCESS_LIFETIME: Final = 3600
REFRESH_LIFETIME: Final = 15552000
ID_LIFETIME: Final = 31104000

_ERRORS: Final[Mapping[str, str]] = {
    "access_denied": "User denied your request",
    "interaction_required": "Interaction required",
    "invalid_client": "client_id is incorrect",
    "invalid_grant": "code is invalid or expired",
    "invalid_request": "device_id is invalid",
    "invalid_scope": "scope is invalid",
    "invalid_token": "access_token is missing or invalid",
    "login_required": "Login required",
    "server_error": "Internal server error",
    "slow_down": "Too many requests",
    "temporarily_unavailable": "Service is temporarily unavailable",
}


class VKIDOAuth:
    """How VK ID treats applications. What public sources do not agree on, or do not tell, is a choice.

    Attributes:
        callback: how an application gets its answer: in parameters of their own, or all in one called ``payload``.
        error_status: the HTTP status of errors.
        refresh_error: what is said of a refresh token that is not good.
        strict_state: whether a ``state`` must be 32 or more of ``A-Za-z0-9_-``.
        authorize_errors: whether a request that is not in order comes back to the application, or ends on a page.
        foreign_scope: what becomes of a scope the application may not ask for: it is left out, or is an error.
        no_email: how ``user_info`` says that there is no address.
        token_type: whether answers with tokens say what kind they are.
        secret: what becomes of a ``client_secret`` that was sent: nothing, or the status 404.
    """

    callback: Choice[Literal["flat", "payload"]] = Choice("flat", "payload")
    error_status: Choice[Literal[200, 400, 401]] = Choice(200, 400, 401)
    refresh_error: Choice[Literal["invalid_grant", "invalid_request"]] = Choice("invalid_grant", "invalid_request")
    strict_state: Choice[bool] = Choice(True, False)
    authorize_errors: Choice[Literal["redirect", "page"]] = Choice("redirect", "page")
    foreign_scope: Choice[Literal["left_out", "invalid_scope"]] = Choice("left_out", "invalid_scope")
    no_email: Choice[Literal["absent", "empty"]] = Choice("absent", "empty")
    token_type: Choice[Literal["Bearer"] | None] = Choice("Bearer", None)
    secret: Choice[Literal["ignored", "not_found"]] = Choice("ignored", "not_found")

    def __init__(
        self, clock: Callable[[], float], unix_time: Callable[[], float], entropy: Entropy, tokens: Tokens
    ) -> None:
        self._unix_time = unix_time
        self._entropy = entropy
        self._tokens = tokens
        self._grants: Final = Grants(clock)
        self._consents: Final = Consents()
        self._keys: Final = KeyRing("VK ID", entropy, named=False)

    @property
    def grants(self) -> Grants:
        """The codes and tokens."""
        return self._grants

    @property
    def consents(self) -> Consents:
        """Who agreed to what."""
        return self._consents

    @property
    def public_pem(self) -> str:
        """The public key of the id_tokens.

        Raises:
            ImportError: joserfc is not installed.
        """
        return self._keys.public_pem()

    def device_id(self) -> str:
        """A new one: 86 letters, as 64 bytes in base64url are."""
        return self._entropy.urlsafe(86)

    def code(self, grant: Grant) -> str:
        """A code for a sign-in."""
        return self._grants.keep(f"vk2.a.{self._entropy.urlsafe(200)}", "code", grant, CODE_LIFETIME)

    def access(self, grant: Grant) -> str:
        """An access token; API methods know it as well."""
        text = self._tokens.issue("vkid", account=grant.account, client_id=grant.client_id, expires_in=ACCESS_LIFETIME)
        return self._grants.keep(text, "access", grant, ACCESS_LIFETIME)

    def issue(self, account: Account, client_id: int | str, scopes: Iterable[str]) -> str:
        """The access token of a sign-in that nobody has seen."""
        return self.access(Grant(client_id=str(client_id), account=account, scopes=tuple(scopes)))

    def refresh(self, grant: Grant) -> str:
        """A refresh token; one before it is used up by this."""
        return self._grants.keep(f"vk2.a.{self._entropy.urlsafe(200)}", "refresh", grant, REFRESH_LIFETIME)

    def id_token(self, grant: Grant) -> str | None:
        """An id_token; ``None``: there is nothing to sign with."""
        assert grant.account is not None  # codes are people's
        now = int(self._unix_time())
        # The claims and their order are those observed: "iis" is VK's own spelling, and the numbers are numbers.
        claims = {
            "iis": "VK",
            "sub": grant.account.user_id,
            "app": int(grant.client_id),
            "exp": now + ID_LIFETIME,
            "iat": now,
            "jti": 21,
        }
        token = self._keys.sign(claims)
        return None if token is None else self._grants.keep(token, "id", grant, ID_LIFETIME)

    def end(self, grant: Grant) -> None:
        """None of a sign-in's tokens is good any more."""
        grant.over = True
        self._tokens.refuse(self._grants.texts(grant, "access"), "invalid access_token (4).")

    def disconnect(self, account: Account, client_id: int | str) -> None:
        """A person withdraws what an application was given: its tokens are over, and consent is asked for anew."""
        for each in self._grants.of(account, str(client_id)):
            self.end(each)
        self._consents.withdraw(account, str(client_id))

    def error(self, error: str, description: str = "", *, state: str | None = None) -> web.Response:
        """Answer with an error; the ``state`` of the request comes back."""
        values = {"error": error, "error_description": description or _ERRORS[error]}
        if state is not None:
            values["state"] = state
        return json_answer(values, self.error_status)

    def words(self, error: str) -> str:
        """What goes with an error."""
        return _ERRORS[error]

    def fault(self, error: str) -> Fault:
        """A fault that refuses as VK ID does: ``vk.faults.add(vk.vk_id.oauth.fault("slow_down"), on="id/oauth2")``.

        Raises:
            ValueError: no such error is known.
        """
        if error not in _ERRORS:
            raise ValueError(f"VK ID has no error {error!r}: known are {', '.join(_ERRORS)}")

        async def serve(_request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            return self.error(error)

        return Fault(f"VK ID {error}", serve)
