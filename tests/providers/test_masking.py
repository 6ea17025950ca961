"""S1: what is given to a provider in the wrong place, or of the wrong kind, is not in a traceback either."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from multidict import MultiDict
from test_secrets_in_tracebacks import shown

from vkauth.errors import AuthError
from vkauth.providers import Request, Response

from .service import HERE, SAMPLES, answer, callback, tokens_of

RAW = "CANARY_raw"


async def refuse(_: Request) -> Response:
    """What VK ID answers to a text that is none of its tokens."""
    return answer({"error": "invalid_token"}, 401)


WRONG: dict[str, Any] = {
    "text": RAW,
    "bytes": RAW.encode(),
    "mapping": {"access_token": RAW},
    "deep": {"raw": {"access_token": RAW}},
    "number": {1: RAW},
    "list": [RAW],
    "pairs": [("access_token", RAW)],
    "multidict": MultiDict(access_token=RAW),
    "short": "CANARY",
    "data": tokens_of("vkid").to_dict(),
}
# Neither takes anything secret: addresses, rights, a session.
HARMLESS = {"redirect_uri", "logout_redirect_uri", "scope", "session"}


def methods() -> Iterator[Any]:
    """Every public method of every provider with each argument that may be secret."""
    for name, sample in SAMPLES.items():
        for call, function in inspect.getmembers(sample.kind, inspect.isfunction):
            if not call.startswith("_"):
                for argument in list(inspect.signature(function).parameters)[1:]:
                    if argument not in HARMLESS:
                        yield pytest.param(name, call, argument, id=f"{name}-{call}-{argument}")


def test_there_are_methods() -> None:
    """Those that the tests below are for."""
    found = {each.id for each in methods()}
    assert {"vk-revoke-tokens", "kakao-identity-tokens", "vkid-authorization_request-nonce"} <= found
    assert len(found) > 30


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("name", "call", "argument"), [*methods()])
async def test_s1_a_wrong_argument_is_not_shown(name: str, call: str, argument: str, wrong: object) -> None:
    """S1: it is refused, and neither the message nor the variables of the frames repeat it."""
    provider: Any = SAMPLES[name].make(fetch=refuse)
    request = provider.authorization_request(HERE)
    good = {"tokens": tokens_of(name), "callback": callback(request), "request": request}
    function = getattr(provider, call)
    needed = [each for each in inspect.signature(function).parameters.values() if each.default is each.empty]
    arguments = {each.name: good.get(each.name, HERE) for each in needed} | {argument: wrong}
    problem: BaseException | None = None
    try:
        found = function(**arguments)
        found = await found if inspect.isawaitable(found) else found
    except (AuthError, ValueError, TypeError) as error:
        problem = error
    if problem is None:  # there is something that is taken: a parameter of the page, the state of a logout
        assert argument in ("state", "params")
    else:
        assert "CANARY" not in shown(problem)


@pytest.mark.parametrize(
    ("wrong", "kind"), [({"a": 1}, "dict"), ([1], "list"), (5, "int"), ("x", "str"), (b"", "bytes")]
)
async def test_the_message_says_what_it_was(wrong: Any, kind: str) -> None:
    """Its class alone."""
    with pytest.raises(TypeError, match=f"^tokens must be TokenSet, not {kind}$"):
        await SAMPLES["kakao"].make().profile(wrong)
    kakao = SAMPLES["kakao"].make()
    with pytest.raises(TypeError, match=f"^request must be AuthorizationRequest, not {kind}$"):
        await kakao.exchange("/cb", wrong)
