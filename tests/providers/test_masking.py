"""S1: what is given to a provider in the wrong place, or of the wrong kind, is not in a traceback either."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from multidict import MultiDict
from test_secrets_in_tracebacks import shown

from vkauth.errors import AuthError
from vkauth.oauth.request import AuthorizationRequest
from vkauth.providers import Request, Response
from vkauth.token_set import TokenSet

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


@pytest.mark.parametrize(
    "make",
    [
        lambda: TokenSet(access_token=RAW + "\n"),
        lambda: TokenSet(access_token=RAW, expires_in=-1),
        lambda: TokenSet(access_token=[RAW]),  # type: ignore[arg-type]
        lambda: AuthorizationRequest(provider="vk", url=HERE, redirect_uri=HERE, state=RAW),
        lambda: AuthorizationRequest(provider="", url=HERE, redirect_uri=HERE, state=RAW * 9, code_verifier=RAW * 9),
        lambda: Response(status=0, body=RAW.encode()),
        lambda: Response(status=200, body=RAW),  # type: ignore[arg-type]
        lambda: SAMPLES["vk"].kind("100", [RAW]),
    ],
    ids=[f"no. {number}" for number in range(8)],
)
def test_s1_values_that_cannot_be(make: Callable[[], object]) -> None:
    """S1: the generated code of a dataclass has variables, too."""
    with pytest.raises((ValueError, TypeError)) as refused:
        make()
    assert "CANARY" not in shown(refused.value)


async def test_s1_an_answer_that_is_none() -> None:
    """S1: what an own fetch returns instead of a response may be a whole answer; so may a profile of nobody."""

    async def text(_: Request) -> Any:
        return RAW

    async def nobody(_: Request) -> Response:
        return answer({"id": None, "kakao_account": {"email": RAW}})

    def sync(_: Request) -> Any:
        return RAW

    with pytest.raises(TypeError, match=r"^fetch must return a .* not str$") as wrong:
        await SAMPLES["kakao"].make(fetch=text).profile(tokens_of("kakao"))
    with pytest.raises(TypeError, match=r"^fetch must be an async function") as at_once:
        await SAMPLES["kakao"].make(fetch=sync).profile(tokens_of("kakao"))
    with pytest.raises(AuthError, match="no usable id") as unknown:
        await SAMPLES["kakao"].make(fetch=nobody).identity(tokens_of("kakao"))
    assert "CANARY" not in shown(wrong.value) + shown(at_once.value) + shown(unknown.value)
