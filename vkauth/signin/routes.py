"""The routes: a request in, an answer out, whatever the request is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from vkauth.errors import AuthError
from vkauth.signin.addresses import query_values
from vkauth.signin.flow import begin, finish
from vkauth.signin.hooks import AnsweredError
from vkauth.signin.outcome import CONFIGURATION, report_fault, status_of
from vkauth.signin.provider import SignInProvider
from vkauth.signin.session import delete_session
from vkauth.signin.site import Site
from vkauth.signin.values import Answer, RefusedError, Request
from vkauth.signin.visit import Visit, json_answer, native_answer, page_answer, refusal

__all__ = ["PATHS", "respond"]

_LONGEST_QUERY: Final = 8 * 1024


async def respond(site: Site, request: Request) -> Answer:
    """Answer any request. Raises nothing, but what cancels the task passes through."""
    try:
        visit = Visit(site, request)
        name, of_provider, rest = _below(site.base_path, request.path).partition("/")
        if not of_provider:
            return await _choose(_HANDLERS.get(name), request)(visit)
        provider = site.providers.get(rest)
        if provider is None:
            raise RefusedError(404, "not_found")
        return await _choose(_OF_PROVIDER.get(name), request)(visit, provider)
    except RefusedError as problem:
        return refusal(request, problem, f"{site.base_path}/signin")


_Handler: TypeAlias = Callable[[Visit], Awaitable[Answer]]
_OfProvider: TypeAlias = Callable[[Visit, SignInProvider], Awaitable[Answer]]
_Any = TypeVar("_Any", _Handler, _OfProvider)


def _below(base_path: str, path: str) -> str:
    return path.removeprefix(f"{base_path}/") if path.startswith(f"{base_path}/") else ""


def _choose(handlers: Mapping[str, _Any] | None, request: Request) -> _Any:
    if handlers is None:
        raise RefusedError(404, "not_found")
    if len(request.query) > _LONGEST_QUERY:
        raise RefusedError(414, "too_large")
    handler = handlers.get(request.method)
    if handler is None:
        raise RefusedError(405, "method_not_allowed", allow=", ".join(handlers))
    return handler


async def _sign_in_page(visit: Visit) -> Answer:
    from vkauth.signin.pages import Choice, sign_in_page

    token = visit.csrf()
    page = sign_in_page(
        visit.language,
        host=visit.host,
        choices=[Choice(each.id, each.name, visit.url(f"signin/{each.id}")) for each in visit.site.providers.values()],
        csrf_token=token.text,
        target=visit.target(),
        code=_code(visit),
    )
    return page_answer(200, page, token.cookies)


async def _sign_out_page(visit: Visit) -> Answer:
    from vkauth.signin.pages import sign_out_page

    token, session = visit.csrf(), visit.session()
    page = sign_out_page(
        visit.language,
        host=visit.host,
        action=visit.url("signout"),
        csrf_token=token.text,
        target=visit.target(),
        name=None if session is None else session.identity.name,
    )
    return page_answer(200, page, token.cookies)


async def _error_page(visit: Visit) -> Answer:
    from vkauth.signin.pages import error_page

    code = _code(visit) or ""
    return page_answer(status_of(code), error_page(visit.language, code, sign_in=visit.url("signin")))


def _code(visit: Visit) -> str | None:
    values = query_values(visit.request.query, "error")
    return values[0] if len(values) == 1 else None


async def _sign_out(visit: Visit) -> Answer:
    visit.require_csrf()
    cookies = delete_session(visit.cookies, visit.secure)
    try:
        address = await visit.site.hooks.redirect(visit.request.native, visit.target())
        return visit.redirect(address, cookies)
    except AnsweredError as answered:
        return native_answer(answered.native, cookies)
    except Exception as error:  # noqa: BLE001 - whatever the application's callback raises
        return visit.redirect(visit.url(f"error?error={_code_of(visit, error, 'sign-out')}"), cookies)


def _code_of(visit: Visit, error: Exception, where: str) -> str:
    if isinstance(error, AuthError):
        return error.code.value
    report_fault(where, error, visit.secrets())
    return CONFIGURATION


async def _session(visit: Visit) -> Answer:
    session, cookies = visit.renewed_session()
    if session is None:
        return json_answer(200, None)
    identity = session.identity
    content: dict[str, Any] = {
        "user": {"id": identity.id, "name": identity.name, "email": identity.email, "image": identity.image},
        "provider": identity.provider,
        "expires": session.expires_at.isoformat(),
    }
    try:
        return json_answer(200, {**content, **await visit.site.hooks.tell(visit.request.native, session)}, cookies)
    except AnsweredError as answered:
        return native_answer(answered.native, cookies)
    except Exception as error:  # noqa: BLE001 - whatever the application's callback raises
        code = _code_of(visit, error, "session")
        return json_answer(status_of(code), {"error": code}, cookies)


async def _providers(visit: Visit) -> Answer:
    known = {
        each.id: {
            "id": each.id,
            "name": each.name,
            "type": "oauth",
            "signinUrl": f"{visit.origin}{visit.url(f'signin/{each.id}')}",
            "callbackUrl": visit.callback_url(each.id),
        }
        for each in visit.site.providers.values()
    }
    return json_answer(200, known)


async def _csrf(visit: Visit) -> Answer:
    token = visit.csrf()
    return json_answer(200, {"csrfToken": token.text}, token.cookies)


def _readable(handler: _Handler, **more: _Handler) -> Mapping[str, _Handler]:
    return {"GET": handler, "HEAD": handler, **more}


_HANDLERS: Final[Mapping[str, Mapping[str, _Handler]]] = {
    "signin": _readable(_sign_in_page),
    "signout": _readable(_sign_out_page, POST=_sign_out),
    "error": _readable(_error_page),
    "session": _readable(_session),
    "providers": _readable(_providers),
    "csrf": _readable(_csrf),
}
# A HEAD of a callback would spend the code and show nobody what came of it.
_OF_PROVIDER: Final[Mapping[str, Mapping[str, _OfProvider]]] = {
    "signin": {"POST": begin},
    "callback": {"GET": finish},
}

PATHS: Final = (*(f"/{name}" for name in _HANDLERS), *(f"/{name}/{{provider}}" for name in _OF_PROVIDER))
"""The paths below the base path, as templates, for adapters that have to name them."""
