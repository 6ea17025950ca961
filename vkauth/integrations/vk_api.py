"""vk_api with tokens that live: https://github.com/python273/vk_api (read at 11.10, 2026-11)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from vkauth import checks
from vkauth.callbacks import CallbackService
from vkauth.clock import Clock
from vkauth.engine.runner import Limits, Runner
from vkauth.engine.transport import Connection, Transport
from vkauth.flows.steps import AskCode, ChallengeKind, Flow, accepted, ask_code
from vkauth.integrations._calls import ANSWER_FIELDS, Answer, Helper, Network, Verification, pass_captchas
from vkauth.integrations._own_loop import Ask, OwnLoop
from vkauth.protocol.captcha import CAPTCHA_ERROR
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.endpoints import Endpoints
from vkauth.secret import Secret, hide
from vkauth.tokens.source import TokenSource

if TYPE_CHECKING:  # it has no types, and need not be there: this is what is used of it

    class VkApi:
        """What :class:`VkSession` is besides."""

        http: Any
        error_handlers: dict[int, Any]

        def __init__(self, **options: Any) -> None: ...
        def method(
            self,
            method: str,
            values: Mapping[str, Any] | None = None,
            captcha_sid: Any = None,
            captcha_key: Any = None,
            success_token: Any = None,
            raw: bool = False,
            with_cookies: bool = False,
        ) -> Any:
            """Call a method."""

        def __getattr__(self, name: str) -> Any: ...

    class VkApiError(Exception):
        """The root of its errors."""

    class ApiError(VkApiError):
        """What a method refused with."""

        method: str
        values: dict[str, Any]
        raw: bool
        error: dict[str, Any]
        with_cookies: bool

    class Captcha(VkApiError):  # noqa: N818 - so it is called
        """A captcha."""

        def __init__(self, *arguments: Any, redirect_uri: str | None) -> None: ...

else:
    try:
        from vk_api import VkApi
        from vk_api.exceptions import ApiError, Captcha, VkApiError
    except ImportError as missing:
        raise ImportError("vkauth.integrations.vk_api needs vk_api: pip install vk_api") from missing

__all__ = ["VkSession", "auth_handler", "captcha_handler", "vk_session"]

_THREAD: Final = "vkauth-vk_api"
_Run: TypeAlias = Callable[[Callable[[Ask[Any]], Any]], Any]
CaptchaHandler: TypeAlias = Callable[[Any], Any]
"""What ``VkApi(captcha_handler=...)`` takes."""
AuthHandler: TypeAlias = Callable[[], tuple[str, bool]]
"""What ``VkApi(auth_handler=...)`` takes."""


class _Lent(Secret):
    """A token of the source, in a call that vk_api may repeat by itself."""

    __slots__ = ()


class _CaptchaAgainError(Exception):
    """A captcha that VK wants after the answer to another one: it was wrong."""

    def __init__(self, captcha: Any) -> None:
        super().__init__()
        self.captcha = captcha


class _Handlers(dict[int, Any]):
    """vk_api's handlers. It looks for one of captchas only where it can make its own error for it."""

    def __contains__(self, code: object) -> bool:
        return code != CAPTCHA_ERROR and super().__contains__(code)


class VkSession(VkApi):
    """What :func:`vk_session` makes: a ``VkApi`` to be closed at the end (also ``with``).

    It may be used by any number of threads. After :meth:`close` calls raise ``RuntimeError``, and so does one that was
    waiting for a token, a hook or a verification.
    """

    def __init__(
        self,
        source: TokenSource,
        callback_service: CallbackService | None = None,
        verification: Verification | None = None,
        **options: Any,
    ) -> None:
        source = hide(source)
        self._helper = Helper(source, callback_service, verification)
        if "token" in options:
            raise TypeError("vk_session takes no option 'token': tokens come from the source")
        self._source: Any = source
        self._own_loop = OwnLoop(_THREAD)
        if callback_service is not None:  # for what logs in by itself, with a password
            options.setdefault("captcha_handler", _captcha_handler(callback_service, self._own_loop.run))
            options.setdefault("auth_handler", _auth_handler(callback_service, self._own_loop.run))
        self._owns_http = options.get("session") is None
        super().__init__(**options)
        self.error_handlers: dict[int, Any] = _Handlers(self.error_handlers)

    def __repr__(self) -> str:
        # An argument may be wrong: a traceback shows what is half made too.
        return f"<VkSession of {getattr(self, '_source', None)!r}>"

    def __enter__(self) -> Self:
        """Return the session itself, to be closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """End the thread, with all that runs in it, and the connections; a renewal that runs there is cancelled.

        The source is not closed, nor is its store or a ``requests.Session`` that was passed: others may use them.
        """
        self._own_loop.close()
        if self._owns_http:
            self.http.close()

    def method(
        self,
        method: str,
        values: Mapping[str, Any] | None = None,
        captcha_sid: Any = None,
        captcha_key: Any = None,
        success_token: Any = None,
        raw: bool = False,
        with_cookies: bool = False,
    ) -> Any:
        """Call a method of the API, as ``VkApi.method``.

        Raises:
            AuthError: ``MISSING_CAPTCHA_HANDLER``, ``FAILED_PASSED_CAPTCHA``; what the source or the verification says.
            RuntimeError: the session is closed.
            BaseException: what a hook raised to give up.
            vk_api.VkApiError: VK refused; as ``VkApi`` raises it.
        """
        values = dict(values or {})
        given = {"captcha_sid": captcha_sid, "captcha_key": captcha_key, "success_token": success_token}
        values |= {name: value for name, value in given.items() if value}
        token = values.get("access_token")
        is_repeated = isinstance(token, _Lent)
        if "access_token" not in values:
            token = values["access_token"] = _Lent(self._own_loop.run(lambda _: self._source.get()).token)
        answer = self._try(method, values, raw, with_cookies)
        if isinstance(token, _Lent) and self._helper.can_help(answer.number):
            if is_repeated:  # by vk_api, in the middle of a call: this is for whoever made that
                raise answer.outcome
            answer = self._own_loop.run(lambda ask: self._help(ask, answer, str(token), values))
        if answer.error is None:
            return answer.outcome
        if answer.number == CAPTCHA_ERROR:
            return self._leave_captcha(answer.outcome, with_cookies)
        raise answer.outcome

    async def _help(self, ask: Ask[Any], answer: Answer[Any], token: str, values: dict[str, Any]) -> Answer[Any]:
        error = answer.outcome

        async def repeat(token: str, fields: Mapping[str, str]) -> Answer[Any]:
            kept = {name: value for name, value in values.items() if not fields or name not in ANSWER_FIELDS}
            new = kept | dict(fields) | {"access_token": _Lent(token)}
            found: Answer[Any] = await ask(lambda: self._try(error.method, new, error.raw, error.with_cookies))
            return found

        return await self._helper.help(answer, token, repeat, _network(self))

    def _try(self, method: str, values: dict[str, Any], raw: bool, with_cookies: bool) -> Answer[Any]:
        try:
            return Answer(super().method(method, values, raw=raw, with_cookies=with_cookies))
        except ApiError as error:
            error.with_cookies = with_cookies
            return Answer(error, error.error)

    def _leave_captcha(self, error: Any, with_cookies: bool) -> Any:
        """Do as ``VkApi.method`` does, which fails where VK sends no ``captcha_sid``."""
        fields = error.error
        captcha = Captcha(
            self,
            fields.get("captcha_sid"),
            self.method,
            (error.method,),
            {"values": error.values, "raw": error.raw, "with_cookies": with_cookies},
            fields.get("captcha_img"),
            redirect_uri=fields.get("redirect_uri"),
        )
        response = self.error_handlers[CAPTCHA_ERROR](captcha)
        if response is None:
            raise captcha
        return response


def vk_session(
    source: TokenSource,
    callback_service: CallbackService | None = None,
    verification: Verification | None = None,
    **options: Any,
) -> VkSession:
    """Make a ``vk_api.VkApi`` with the tokens of a source, and with help for calls that VK refuses.

    - Error 5 (the token is not valid): ``source.refused`` is told, and the call is repeated once.
    - Error 14 (captcha): the ``on_captcha`` hook gets a :class:`~vkauth.Captcha` of the type ``API_REQUEST``; three
      tries.
    - Error 17 (verification): ``verification`` passes the page, once for all calls that wait for it; ``source.put``
      stores the new token, and the call is repeated once.

    All else, and what these leave, is raised as vk_api raises it. Source, hooks and verification run in an event loop
    of its own, in a thread that begins with the first call and ends with ``close()``: they cannot use what belongs to
    another loop, and a sync hook that waits for somebody holds up all of them.

    Args:
        source: where the tokens are from. Error 5 is left alone if it has no ``refused``.
        callback_service: the hooks. ``None``: captchas are left to vk_api's ``captcha_handler``.
        verification: an :class:`~vkauth.AccountVerification`. ``None``: error 17 is left alone.
        options: those of ``VkApi``, but for ``token``.

    Raises:
        TypeError: an argument is wrong; the message names it.
    """
    source = hide(source)
    return VkSession(source, callback_service, verification, **options)


def captcha_handler(callback_service: CallbackService) -> CaptchaHandler:
    """Make a handler for ``VkApi(captcha_handler=...)`` that asks the ``on_captcha`` hook, three times at most.

    The hook runs in an event loop of its own, for as long as the question takes.

    Returns:
        The handler. It raises :class:`~vkauth.AuthError` with ``MISSING_CAPTCHA_HANDLER`` or
        ``FAILED_PASSED_CAPTCHA``, what the hook raises to give up, and what the repeated call raises.

    Raises:
        TypeError: ``callback_service`` is none.
    """
    return _captcha_handler(checks.instance("callback_service", callback_service, CallbackService), _run_once)


def auth_handler(callback_service: CallbackService) -> AuthHandler:
    """Make a handler for ``VkApi(auth_handler=...)`` that asks the ``on_two_factor`` hook; the device is remembered.

    vk_api tells neither what kind of code it is nor whether it was right: ``challenge.type`` is ``"unknown"``, and
    ``challenge.retry(code)`` comes back when vk_api has the code. After a wrong one it asks again, without an end.

    Returns:
        The handler. It raises :class:`~vkauth.AuthError` with ``MISSING_TWO_FACTOR_HANDLER``, and what the hook raises
        to give up.

    Raises:
        TypeError: ``callback_service`` is none.
    """
    return _auth_handler(checks.instance("callback_service", callback_service, CallbackService), _run_once)


def _run_once(work: Callable[[Ask[Any]], Any]) -> Any:
    loop = OwnLoop(_THREAD)
    try:
        return loop.run(work)
    finally:
        loop.close()


def _captcha_handler(callbacks: CallbackService, run: _Run) -> CaptchaHandler:
    asking = threading.local()

    def handle(captcha: Any) -> Any:
        if getattr(asking, "answer_is_checked", False):
            raise _CaptchaAgainError(captcha)
        answer: Answer[Any] = run(lambda ask: _pass(callbacks, ask, captcha, asking))
        if isinstance(answer.outcome, VkApiError):
            raise answer.outcome
        return answer.outcome

    return handle


async def _pass(callbacks: CallbackService, ask: Ask[Any], captcha: Any, asking: threading.local) -> Answer[Any]:
    newest = captcha

    def try_again(fields: Mapping[str, str]) -> Answer[Any]:
        nonlocal newest
        values = newest.kwargs.get("values")
        if values is not None:  # the answer to an earlier captcha may be among them
            newest.kwargs["values"] = {name: value for name, value in values.items() if name not in ANSWER_FIELDS}
        token = fields.get("success_token")
        answer = {"key": fields.get("captcha_key")} if token is None else {"success_token": token}
        asking.answer_is_checked = True
        try:
            return Answer(newest.try_again(**answer))
        except _CaptchaAgainError as again:
            newest = again.captcha
            return Answer(newest, _describe(newest))
        except VkApiError as error:
            return Answer(error)
        finally:
            asking.answer_is_checked = False

    async def call(fields: Mapping[str, str]) -> Answer[Any]:
        found: Answer[Any] = await ask(lambda: try_again(fields))
        return found

    return await pass_captchas(callbacks, _describe(captcha), call, _network(captcha.vk))


def _describe(captcha: Any) -> dict[str, Any]:
    """A captcha as VK's API has it."""
    picture = captcha.url
    if not picture and captcha.sid and not captcha.redirect_uri:
        picture = captcha.get_url()
    return {
        "error_code": CAPTCHA_ERROR,
        "captcha_sid": captcha.sid,
        "captcha_img": picture,
        "redirect_uri": captcha.redirect_uri,
    }


def _auth_handler(callbacks: CallbackService, run: _Run) -> AuthHandler:
    async def ask_for_code() -> str:
        clock = Clock()
        async with Transport(Connection(), Endpoints(), clock) as transport:
            return await Runner(transport, callbacks, Limits(), clock).run(_code())

    def handle() -> tuple[str, bool]:
        return run(lambda _: ask_for_code()), True

    return handle


def _code() -> Flow[str]:
    code = yield from ask_code(AskCode(CodePrompt(type="unknown"), None))
    yield from accepted(ChallengeKind.TWO_FACTOR)
    return code


def _network(vk: Any) -> Network:
    # The picture is fetched by the way that the call took: a captcha belongs to a network address.
    proxies = vk.http.proxies
    proxy = proxies.get("https") or proxies.get("all")
    usable = isinstance(proxy, str) and proxy.startswith(("http://", "https://"))
    return Network(Endpoints(), Connection(proxy=checks.proxy(proxy) if usable else None))
