"""The code flow, step by step, as whichever service it is with speaks it (RFC 6749, 4.1 and 6; RFC 7636)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

from yarl import URL

from vkauth.checks import instance
from vkauth.oauth.answer import read_tokens, require_refresh_token
from vkauth.oauth.callback import Callback, is_callback, read_callback
from vkauth.oauth.pkce import Pkce, code_challenge
from vkauth.oauth.refusals import OAuthRules
from vkauth.oauth.request import AuthorizationRequest, authorization_url
from vkauth.token_set import TokenSet
from vkauth.wire.http import Request, Response, post
from vkauth.wire.json import Fields

__all__ = ["Dialect"]

# The fields of a form that say what is asked for, not who asks.
_PUBLIC: Final = frozenset({"client_id", "client_key", "grant_type", "redirect_uri", "v"})
_DEVICE: Final = "device_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one service speaks the code flow.

    Attributes:
        rules: how it tells errors; they have its id and its name, too.
        grant_rules: how it tells those of codes and refresh tokens, if otherwise.
        client_id: what it calls the application's id.
        separator: what is between the names of rights.
        needs: what a callback must have; it is sent with the code.
        envelope: the parameter of a callback that may hold the others, as JSON.
        requires_pkce: whether it gives no tokens for a request without a code_verifier.
        echoes_state: whether a request for tokens has a state of its own, which the answer must not change.
        user_id: what it calls the person's id in an answer with tokens.
        refresh_expires_in: what it calls there the seconds that the refresh token lives.
    """

    rules: OAuthRules
    grant_rules: OAuthRules | None = None
    client_id: str = "client_id"
    separator: str = ","
    needs: tuple[str, ...] = ("code",)
    envelope: str | None = None
    requires_pkce: bool = False
    echoes_state: bool = False
    user_id: str = "user_id"
    refresh_expires_in: str = "refresh_expires_in"

    def under(self, provider: str, name: str) -> Self:
        """The same for a service with an id and a name of its own."""
        if (self.rules.provider, self.rules.name) == (provider, name):
            return self
        grants = None if self.grant_rules is None else replace(self.grant_rules, provider=provider, name=name)
        return replace(self, rules=replace(self.rules, provider=provider, name=name), grant_rules=grants)

    def join(self, names: tuple[str, ...]) -> str | None:
        """The names of rights as one parameter; ``None``: there are none, and it is left out."""
        return self.separator.join(names) or None

    def page_query(
        self,
        params: Mapping[str, str | None],
        *,
        client_id: str,
        redirect_uri: str,
        state: str | None,
        response_type: str = "code",
    ) -> dict[str, str | None]:
        """What every authorization page is asked; ``None``: it is left out.

        Args:
            params: further parameters; ``None``: it is left out.
            client_id: the application's.
            redirect_uri: where the person comes back to.
            state: comes back with them; ``None``: nothing does.
            response_type: ``"code"``, or ``"token"`` for the implicit flow (RFC 6749, 4.2).
        """
        who = {self.client_id: client_id, "response_type": response_type, "redirect_uri": redirect_uri}
        return {**who, **params, "state": state}

    def begin(
        self,
        page: URL,
        params: Mapping[str, str | None],
        *,
        client_id: str,
        redirect_uri: str,
        state: str,
        scope: tuple[str, ...],
        nonce: str | None = None,
        code_verifier: str | None = None,
        way: Pkce = Pkce.S256,
        provider: str | None = None,
    ) -> AuthorizationRequest:
        """Make what a person is sent to the service with.

        Args:
            page: the authorization page; what its query has stays.
            params: further parameters, the rights among them; ``None``: it is left out.
            client_id: the application's.
            redirect_uri: where the person comes back to.
            state: comes back with them.
            scope: the names of the rights, for who keeps the request.
            nonce: comes back in the id_token; ``None``: none is wanted.
            code_verifier: proves later who asked for the code; ``None``: nothing does.
            way: how the challenge is made of it. All say ``S256`` of all ways; VK's own clients write it small as well.
            provider: the id that the request has. Default: the service's.
        """
        query = self.page_query(params, client_id=client_id, redirect_uri=redirect_uri, state=state)
        if nonce is not None:
            query["nonce"] = nonce
        if code_verifier is not None:
            query |= {"code_challenge": code_challenge(code_verifier, way), "code_challenge_method": "S256"}
        return AuthorizationRequest(
            provider=provider or self.rules.provider,
            url=str(authorization_url(page, query)),
            redirect_uri=redirect_uri,
            state=state,
            nonce=nonce,
            code_verifier=code_verifier,
            scope=scope,
        )

    def read_callback(
        self,
        callback: Callback,
        request: AuthorizationRequest,
        *,
        same_address: bool = False,
        provider: str | None = None,
    ) -> Mapping[str, str]:
        """Check what a person came back with; see :func:`~vkauth.oauth.callback.read_callback`.

        Args:
            callback: what they came back with.
            request: what they were sent away with.
            same_address: whether it must be on the address that was asked for.
            provider: the id that the request must have. Default: the service's.

        Raises:
            ValueError: the request is another service's, or has no ``code_verifier`` where one is needed.
            TypeError: it is none at all.
        """
        made_for, wanted = instance("request", request, AuthorizationRequest).provider, provider or self.rules.provider
        if made_for != wanted:
            raise ValueError(f"request was made for {made_for!r}, not for {wanted!r}")
        if self.requires_pkce and request.code_verifier is None:
            raise ValueError(f"request has no code_verifier: it is none of {self.rules.name}")
        return read_callback(
            callback,
            request,
            needs=self.needs,
            same_address=same_address,
            envelope=self.envelope,
            refusal=lambda found: self.rules.refusal(Fields(found), redirect_uri=request.url),
        )

    def is_callback(self, address: str, request: AuthorizationRequest) -> bool:
        """Whether a browser that comes to an address brings the answer to a request, good or bad."""
        return is_callback(address, request.redirect_uri, self.envelope)

    def exchange(
        self,
        url: URL,
        request: AuthorizationRequest,
        params: Mapping[str, str],
        *,
        login: Mapping[str, str],
        state: str,
    ) -> Request:
        """The request that exchanges a code for tokens. All is in its body: a query ends up in access logs.

        Args:
            url: the token address.
            request: what was answered.
            params: what came back.
            login: says who the application is.
            state: comes back with the answer, where the service has that.
        """
        form = {"redirect_uri": request.redirect_uri, **{name: params[name] for name in self.needs}}
        if request.code_verifier is not None:
            form["code_verifier"] = request.code_verifier
        return self.ask(url, "authorization_code", form, login=login, state=state)

    def refresh(self, url: URL, tokens: TokenSet, *, login: Mapping[str, str], state: str) -> Request:
        """The request that gets new tokens for old ones; see :meth:`exchange`.

        Raises:
            AuthError: ``INVALID_GRANT`` if there is no refresh token.
            TypeError: these are no tokens.
        """
        form = {"refresh_token": require_refresh_token(tokens)}
        if _DEVICE in self.needs and tokens.device_id is not None:
            form[_DEVICE] = tokens.device_id
        return self.ask(url, "refresh_token", form, login=login, state=state)

    def ask(
        self, url: URL, grant_type: str, form: Mapping[str, str], *, login: Mapping[str, str], state: str | None = None
    ) -> Request:
        """A request for tokens of any kind; see :meth:`exchange`."""
        whole = {"grant_type": grant_type, **login, **form}
        if self.echoes_state and state is not None:
            whole["state"] = state
        return post(url, whole, public=_PUBLIC)

    def read_tokens(self, response: Response, sent: Request) -> TokenSet:
        """Read the answer to a request for tokens.

        Raises:
            AuthError: see :func:`~vkauth.oauth.answer.read_tokens`.
        """
        return read_tokens(
            response,
            rules=self.grant_rules or self.rules,
            refresh_expires_in=self.refresh_expires_in,
            user_id=self.user_id,
            device_id=sent.form.get(_DEVICE),
            state=sent.form.get("state"),
        )
