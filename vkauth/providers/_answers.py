"""Answers about a person whose errors come in an object of their own, ``error``."""

from __future__ import annotations

from vkauth.oauth.refusals import OAuthRules
from vkauth.wire.http import Response
from vkauth.wire.json import Fields, parse_object

__all__ = ["read_answer"]


def read_answer(response: Response, *, login: OAuthRules, api: OAuthRules, ok: str | None = None) -> Fields:
    """Return the JSON object that an answer is.

    Args:
        response: the answer.
        login: how errors are told whose ``error`` is a name, as OAuth has it.
        api: how those are told whose ``error`` is an object.
        ok: the ``code`` of such an object that is no error.

    Raises:
        AuthError: as :meth:`OAuthRules.read`.
    """
    fields = None if 300 <= response.status < 400 else parse_object(response.text())
    error = None if fields is None else fields.raw("error")
    if isinstance(error, dict) and (ok is None or error.get("code") != ok):
        raise api.refusal(Fields(error), response)
    if fields is not None and isinstance(error, str) and error:
        raise login.refusal(fields, response)
    return api.read(response, wanted="a profile")
