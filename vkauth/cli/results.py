"""What a login gave, and what is known of a token, as text for standard output."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from vkauth.cli.told import moment
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.secret import Secret
from vkauth.terminal.happened import Translated
from vkauth.terminal.lines import one_line

if TYPE_CHECKING:
    from vkauth.models import GroupToken, UserToken
    from vkauth.token_info import TokenCheck, TokenInfo
    from vkauth.token_set import TokenSet

__all__ = ["group_tokens_text", "token_check_text", "token_info_text", "token_set_text", "user_token_text"]


def user_token_text(token: UserToken, *, as_json: bool) -> str:
    """The token alone, or an object with all that came.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` for a token that must not be shown.
    """
    shown = _require_printable(token.token)
    if not as_json:
        return shown
    values = {
        "token": shown,
        "user_id": token.user_id,
        "expires_in": token.expires_in,
        "expires_at": _moment(token.expires_at),
        "scope": token.scope,
        "email": token.email,
    }
    return Secret(json.dumps(values, indent=2))


def group_tokens_text(tokens: Iterable[GroupToken], *, as_json: bool) -> str:
    """A line with group id and token for each community, or a list of objects.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` for a token that must not be shown.
    """
    if not as_json:
        return Secret("\n".join(f"{each.group_id} {_require_printable(each.token)}" for each in tokens))
    rows = [
        {
            "group_id": each.group_id,
            "token": _require_printable(each.token),
            "expires_in": each.expires_in,
            "expires_at": _moment(each.expires_at),
        }
        for each in tokens
    ]
    return Secret(json.dumps(rows, indent=2))


def token_set_text(tokens: TokenSet, *, as_json: bool) -> str:
    """The access token alone, or an object with all that came, which ``TokenSet.from_dict`` reads.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` for a token that must not be shown.
    """
    shown = _require_printable(tokens.access_token)
    if not as_json:
        return shown
    values = {name: value for name, value in tokens.to_dict().items() if name != "raw"}  # which says the same again
    return Secret(json.dumps(values, indent=2))


def token_info_text(info: TokenInfo, *, as_json: bool) -> str:
    """A line for each thing that is known of a token, or an object with all of them. The token is not among them."""
    if as_json:
        return json.dumps(_info(info), indent=2)
    rights = None if info.scope is None else ", ".join(sorted(info.scope)) or _("none")
    lines = {
        _("kind"): info.kind,
        _("id"): "-" if info.id is None else one_line(str(info.id)),
        _("name"): one_line(info.name or "") or "-",
        _("rights"): rights or _("VK does not tell"),
        _("ends"): _("never, or VK does not tell") if info.expires_at is None else moment(info.expires_at),
    }
    # Names are what people made of them: none may look like a line of its own.
    return "\n".join(f"{name}: {' '.join(value.split())}" for name, value in lines.items())


def token_check_text(checked: TokenCheck, *, as_json: bool) -> str | None:
    """What is known of a token, or an object with all that was found; ``None``: it is dead, and that is all."""
    if not as_json:
        return None if checked.info is None else token_info_text(checked.info, as_json=False)
    error = checked.error
    values = {
        "alive": checked.alive,
        "info": None if checked.info is None else _info(checked.info),
        "missing": sorted(checked.missing),
        "error": None if error is None else _error(error),
    }
    return json.dumps(values, indent=2)


def _info(info: TokenInfo) -> dict[str, object]:
    return {
        "kind": info.kind,
        "id": info.id,
        "name": info.name,
        "scope": None if info.scope is None else sorted(info.scope),
        "expires_at": _moment(info.expires_at),
    }


def _error(error: AuthError) -> dict[str, object]:
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.details.get("hint"),
        "redirect_uri": error.redirect_uri,
    }


def _require_printable(token: str) -> str:
    """RFC 6749, appendix A.12: a token is visible ASCII. Anything else could steer a terminal or forge a line."""
    if token.isascii() and token.isprintable():
        return token
    raise AuthError(
        AuthErrorCode.UNEXPECTED_RESPONSE,
        Translated(_("the token holds characters that no token has, so it is not shown")),
    )


def _moment(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
