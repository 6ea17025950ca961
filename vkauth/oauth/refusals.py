"""What a service's error answers mean: the names that all have in common, and how one's own are laid over them.

The names: RFC 6749, 4.1.2.1 and 5.2; RFC 6750, 3.1; RFC 7009, 2.2.1; RFC 8628, 3.5; OpenID Connect Core 1.0, 3.1.2.6;
and two of no standard that mean the same wherever they come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from vkauth.errors import AuthError, AuthErrorCode, Said
from vkauth.wire.addresses import browser_address, resolve
from vkauth.wire.http import Response
from vkauth.wire.json import LONGEST_JSON, Fields, parse_object
from vkauth.wire.unknown import not_understood
from vkauth.wire.waiting import retry_after

__all__ = ["STANDARD", "OAuthRules", "passes"]

Code = AuthErrorCode

STANDARD: Final[Mapping[str, AuthErrorCode]] = MappingProxyType(
    {
        "access_denied": Code.ACCESS_DENIED,
        "consent_required": Code.ACCESS_DENIED,
        "login_required": Code.VALIDATION_REQUIRED,
        "interaction_required": Code.VALIDATION_REQUIRED,
        "account_selection_required": Code.VALIDATION_REQUIRED,
        "invalid_client": Code.APP_NOT_ALLOWED,
        "unauthorized_client": Code.APP_NOT_ALLOWED,
        "invalid_scope": Code.APP_NOT_ALLOWED,
        "unsupported_grant_type": Code.APP_NOT_ALLOWED,
        "unsupported_response_type": Code.APP_NOT_ALLOWED,
        "unsupported_token_type": Code.APP_NOT_ALLOWED,
        "invalid_grant": Code.INVALID_GRANT,
        "invalid_token": Code.INVALID_GRANT,
        "slow_down": Code.RATE_LIMITED,
        "rate_limit_exceeded": Code.RATE_LIMITED,
        "server_error": Code.SERVER_ERROR,
        "temporarily_unavailable": Code.SERVER_ERROR,
        "internal_error": Code.SERVER_ERROR,
    }
)
"""What the names of errors mean that services have in common."""

# Names that say too little for a code of their own. They are the standard's all the same: nothing that anybody typed.
_OTHER_NAMES: Final = frozenset({"invalid_request", "insufficient_scope"})

_MESSAGES: Final = {
    Code.ACCESS_DENIED: "access was denied",
    Code.VALIDATION_REQUIRED: "the person has to sign in at the browser",
    Code.APP_NOT_ALLOWED: "this application may not do this",
    Code.INVALID_GRANT: "a token or a code is not valid (any more)",
    Code.RATE_LIMITED: "too many requests; wait",
    Code.FLOOD_CONTROL: "too many requests of one kind; wait for hours",
    Code.PAGE_BLOCKED: "the account is blocked or deleted",
    Code.SERVER_ERROR: "the service failed to answer",
}
_ENVELOPE: Final = "error"
_REFUSED: Final = "the service refused"
_PASSING: Final = (Code.RATE_LIMITED, Code.SERVER_ERROR)

_MOST_LISTED: Final = 20

_Details: TypeAlias = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthRules:
    """How one service tells errors.

    Attributes:
        provider: its id, for ``details``.
        name: its name, for messages.
        codes: what its own names and numbers mean; laid over :data:`STANDARD`.
        hints: what to do about some of them, by name.
        names: the fields that may name the error; the first known name of them decides.
        texts: the fields that say it for a person; the first that is there ends the message.
        kept: further fields for ``details``.
        classify: what is looked at before the names: the error and the HTTP status it came with; ``None``, if it cannot
            tell.
        inner: how errors are told that come as an object, ``error``; ``None``: there are none.
        ok: what the first of :attr:`names` is in an object that is no error; ``None``: it always is one.
    """

    provider: str
    name: str
    codes: Mapping[str, AuthErrorCode] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ("error",)
    texts: tuple[str, ...] = ("error_description",)
    kept: tuple[str, ...] = ()
    classify: Callable[[Fields, int | None], AuthErrorCode | None] | None = None
    inner: OAuthRules | None = None
    ok: str | None = None

    def is_error(self, fields: Fields) -> bool:
        """Whether an answer, or what a person came back with, names an error."""
        rules, fields = self._innermost(fields)
        if rules.ok is not None:
            return fields.raw(rules.names[0]) != rules.ok
        return rules is not self or any(fields.raw(name) not in (None, "") for name in self.names)

    def refusal(
        self, fields: Fields, response: Response | None = None, *, redirect_uri: str | None = None
    ) -> AuthError:
        """Return the error that an error object stands for.

        Args:
            fields: the object, or the parameters of a callback.
            response: the answer that it came in.
            redirect_uri: where to send the person, if they have to sign in and the service names no address.
        """
        rules, fields = self._innermost(fields)
        return rules._refusal(fields, response, redirect_uri)  # noqa: SLF001 - its own class

    def _refusal(self, fields: Fields, response: Response | None, redirect_uri: str | None) -> AuthError:
        named = [text for name in self.names if (text := fields.text(name)) is not None]
        status = None if response is None else response.status
        code = (
            (self.classify(fields, status) if self.classify is not None else None)
            or next((known for each in named if (known := self._code(each)) is not None), None)
            or _by_status(status)
            or Code.AUTHORIZATION_FAILED
        )
        message = f"{self.name}: {_MESSAGES.get(code, _REFUSED)}"
        said = next((text for name in self.texts if (text := fields.text(name)) is not None), None)
        if said is None and named:
            known_name = self._is_name(named[0])
            message, said = (f"{message} ({named[0]})", None) if known_name else (message, named[0])
        return AuthError(
            code,
            message,
            said=None if said is None else str(said),
            details=self._details(fields, named, response),
            redirect_uri=browser_address(fields.text("redirect_uri"))
            or (redirect_uri if code is Code.VALIDATION_REQUIRED else None),
            retry_after=_wait(code, response),
        )

    def read(self, response: Response, *, wanted: str, longest: int = LONGEST_JSON) -> Fields:
        """Return the JSON object that an answer is.

        Args:
            response: the answer.
            wanted: what it should be, for the message of an error.
            longest: characters of an answer that is read at all.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` for a redirect to another host; what the error means that the body names,
                whatever the HTTP status; else ``RATE_LIMITED`` for 429, ``SERVER_ERROR`` for 5xx and
                ``UNEXPECTED_RESPONSE`` for any other status that is no success, and for what is no JSON object.
        """
        if 300 <= response.status < 400:
            raise self._redirected(response, wanted)
        fields = parse_object(response.text(), longest=longest)
        if fields is not None and self.is_error(fields):
            raise self.refusal(fields, response)
        if fields is None or response.status >= 400 or fields.is_deep():
            raise self.unexpected(response, wanted=wanted)
        return fields

    def check_success(self, response: Response, *, wanted: str) -> None:
        """Check an answer of which nothing is wanted but that it is none of an error: it may be empty.

        Raises:
            AuthError: as :meth:`read`, but for a body that is no JSON object.
        """
        if response.body.strip() or response.status >= 300:
            self.read(response, wanted=wanted)

    def unexpected(self, response: Response, *, wanted: str) -> AuthError:
        """Return the error of an answer that is neither what was ``wanted`` nor an error that the service names."""
        code = _by_status(response.status)
        if code is None:
            return not_understood(response, wanted=f"{wanted} of {self.name}", details={"provider": self.provider})
        return AuthError(
            code,
            f"{self.name} answered with HTTP {response.status}",
            details={"provider": self.provider, "status": response.status},
            retry_after=_wait(code, response),
        )

    def _innermost(self, fields: Fields) -> tuple[OAuthRules, Fields]:
        """The object that may name an error, with the rules to read it by."""
        inside = fields.child(_ENVELOPE)
        return (self, fields) if self.inner is None or inside is None else (self.inner, inside)

    def _redirected(self, response: Response, wanted: str) -> AuthError:
        location = response.headers.get("location", "")
        try:
            stays = resolve(response.url, location, what="a redirect").origin() == response.url.origin()
        except (AuthError, ValueError):  # it cannot be read in one way only
            stays = False
        if stays:
            return not_understood(response, wanted=f"{wanted} of {self.name}", details={"provider": self.provider})
        return AuthError(
            Code.UNTRUSTED_REDIRECT,
            f"a redirect of {self.name} leads to another host; it was not followed",
            details={"provider": self.provider, "status": response.status},
        )

    def _code(self, name: str) -> AuthErrorCode | None:
        return self.codes.get(name) or STANDARD.get(name)

    def _is_name(self, text: str) -> bool:
        return text in self.codes or text in STANDARD or text in _OTHER_NAMES

    def _details(self, fields: Fields, named: list[str], response: Response | None) -> _Details:
        details: _Details = {}
        for name in (*self.names, *self.texts, *self.kept):
            found = self._detail(fields, name)
            if found is not None:
                details[name] = found
        details["provider"] = self.provider
        if response is not None:
            details["status"] = response.status
        hint = next((self.hints[each] for each in named if each in self.hints), None)
        if hint is not None:
            details["hint"] = hint
        return details

    def _detail(self, fields: Fields, name: str) -> str | int | None:
        value = fields.raw(name)
        if isinstance(value, list):
            listed = ",".join(each for each in value[:_MOST_LISTED] if isinstance(each, str))
            return Said(listed.encode("utf-8", "replace").decode("utf-8"))  # half a letter is JSON all the same
        text = fields.text(name)
        if text is None:
            return None
        if isinstance(value, int):
            return value
        return str(text) if self._is_name(text) else Said(text)


def passes(name: str | None, status: int | None) -> bool:
    """Whether an error passes by itself, as its standard name or its HTTP status says: no reason to give anything up.

    Args:
        name: the error's; ``None``: it has none.
        status: ``None``: it came with none.
    """
    return _by_status(status) is not None or STANDARD.get(name or "") in _PASSING


def _by_status(status: int | None) -> AuthErrorCode | None:
    if status == 429:
        return Code.RATE_LIMITED
    return Code.SERVER_ERROR if status is not None and status >= 500 else None


def _wait(code: AuthErrorCode, response: Response | None) -> float | None:
    return retry_after(response) if response is not None and code in _PASSING else None
