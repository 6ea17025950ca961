"""A sign-in: the way to the provider, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.signin.addresses import query_values
from vkauth.signin.cookies import delete_cookie
from vkauth.signin.hooks import AnsweredError, finished
from vkauth.signin.outcome import report_answer, report_failure, report_forgery, report_success
from vkauth.signin.provider import SignInProvider
from vkauth.signin.transaction import Found, Transaction, begin_transaction, find_transaction
from vkauth.signin.values import Answer, RefusedError
from vkauth.signin.visit import Visit, native_answer
from vkauth.wire.json import parse_object

if TYPE_CHECKING:
    from vkauth.token_set import TokenSet

__all__ = ["begin", "finish"]


async def begin(visit: Visit, provider: SignInProvider) -> Answer:
    """Send a person to a provider. The query of the request has no say in it but for where to go afterwards.

    Raises:
        RefusedError: the form is none of this site.
    """
    try:
        browser = visit.require_csrf()
    except RefusedError as problem:
        if problem.problem == "csrf":
            report_forgery(provider.id)
        raise
    target = visit.target()
    try:
        request = provider.authorization_request(visit.callback_url(provider.id))
        cookies = begin_transaction(
            visit.site.sealers.transaction,
            Transaction.of(request, browser=browser, origin=visit.origin, target=target, made_at=visit.now()),
            received=visit.cookies,
            secure=visit.secure,
            path=visit.cookie_path,
            max_age=visit.site.transaction_max_age,
        )
        return visit.redirect(str(request.url), cookies)
    except Exception as error:  # noqa: BLE001 - a provider may be anybody's
        return _failed(visit, report_failure(provider.id, error, visit.secrets(provider)))


async def finish(visit: Visit, provider: SignInProvider) -> Answer:
    """Sign in who comes back from a provider, or nobody: then an existing session stays as it is.

    Whatever comes of it, the transaction is over.
    """
    found = _find(visit)
    spent = [] if found is None else [delete_cookie(found.name, path=visit.cookie_path)]
    tokens: TokenSet | None = None
    asked = ""
    try:
        transaction = _require(visit, provider, found)
        request = transaction.request(visit.url(f"callback/{provider.id}"))
        tokens = await finished(provider.exchange(f"{visit.request.path}?{visit.request.query}", request))
        identity = await finished(provider.identity(tokens))
        asked = "on_sign_in"
        data = await visit.site.hooks.admit(visit.request.native, identity, tokens)
        issued = visit.issue(identity, data, provider=provider.id)
        asked = "on_redirect"
        address = await visit.site.hooks.redirect(visit.request.native, transaction.target)
        signed_in = visit.redirect(address, [*issued.cookies, *spent])
    except AnsweredError as answered:
        report_answer(provider.id, answered.hook)
        return native_answer(answered.native, spent)
    except Exception as error:  # noqa: BLE001 - callbacks, a fetch and a map_profile may raise anything
        secrets = visit.secrets(provider, found, tokens)
        return _failed(visit, report_failure(provider.id, error, secrets, by=asked), spent)
    report_success(provider.id)
    return signed_in


def _find(visit: Visit) -> Found | None:
    state = _state(visit.request.query)
    if state is None:
        return None
    return find_transaction(visit.site.sealers.transaction, visit.cookies, visit.secure, state)


def _state(query: str) -> str | None:
    """The ``state`` of a callback: VK ID may send it inside of a ``payload``. A second one makes no provider happy."""
    for state in query_values(query, "state"):
        return state
    for payload in query_values(query, "payload"):
        fields = parse_object(payload)
        return None if fields is None else fields.text("state")
    return None


def _require(visit: Visit, provider: SignInProvider, found: Found | None) -> Transaction:
    if found is None:
        what = "no sign-in of this browser belongs to the callback"
    elif not visit.is_marked(found.transaction.browser):
        what = "the sign-in was begun in another browser, or its cookies were deleted meanwhile"
    elif found.transaction.provider != provider.id:
        what = "the sign-in was begun with another provider"
    elif visit.now() - found.transaction.made_at >= visit.site.transaction_max_age:
        what = "the sign-in took too long"
    else:
        return found.transaction
    raise AuthError(AuthErrorCode.STATE_MISMATCH, what)


def _failed(visit: Visit, code: str, cookies: Iterable[str] = ()) -> Answer:
    return visit.redirect(visit.url(f"error?error={code}"), cookies)
