"""Driving a flow by hand: no event loop, no network, one prepared answer after the other."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

import pytest
from saved_pages import NOW, load

from vkauth.errors import AuthError
from vkauth.flows.challenges import Context
from vkauth.flows.person import Person
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, Flow, Forget, Send, Show, Step, Wait
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaType
from vkauth.protocol.endpoints import Endpoints
from vkauth.wire.http import Request, Response

_Result = TypeVar("_Result")

PERSON = Person("t@example.org", "+79990000011", "SAMPLE_password")
TYPED = CaptchaAnswer("SAMPLE_text", as_token=False)
PASSED = CaptchaAnswer("SAMPLE_success", as_token=True)


def context(kind: CaptchaType = CaptchaType.IMPLICIT_FLOW_AUTH) -> Context:
    """What the steps of a run know."""
    return Context(endpoints=Endpoints(), api_version="5.199", captcha_type=kind)


@dataclass(frozen=True)
class Reply:
    """What comes back for whichever request is next."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def to(self, request: Request) -> Response:
        """The answer to ``request``."""
        return Response(request.url, self.status, self.headers, self.body, NOW, request.method)


def page(body: str) -> Reply:
    """A web page."""
    return Reply(body.encode(), headers={"content-type": "text/html; charset=utf-8"})


def saved(name: str) -> Reply:
    """A saved page."""
    response = load(name).response
    return Reply(response.body, response.status, response.headers)


def to(location: str, status: int = 302) -> Reply:
    """A redirect."""
    return Reply(status=status, headers={"location": location})


def data(value: object, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(json.dumps(value).encode(), status, {"content-type": "application/json"})


def api(value: object) -> Reply:
    """What a method gives."""
    return data({"response": value})


def api_error(number: int, **more: object) -> Reply:
    """What a method refuses with."""
    return data({"error": {"error_code": number, "error_msg": "Said"} | more})


Answer: TypeAlias = "Reply | str | datetime | CaptchaAnswer | AuthError | Callable[[Any], Any]"


class Drive(Generic[_Result]):
    """One flow, and what it wanted so far.

    An answer is a :class:`Reply` to a request, text for a code, a :class:`CaptchaAnswer`, a date and time for
    a :class:`Wait`, an :class:`AuthError` that the network ends in, or a function that gets the
    step and returns one of these.
    """

    def __init__(self, flow: Flow[_Result]) -> None:
        self.flow = flow
        self.steps: list[Step] = []

    def play(self, *answers: Answer) -> _Result:
        """Answer step by step; the flow must end exactly when the answers do."""
        left = list(answers)
        try:
            step = next(self.flow)
            while True:
                self.steps.append(step)
                if isinstance(step, Accepted | Forget | Show):
                    step = self.flow.send(None)
                    continue
                assert left, f"no answer is left for {step}"
                given: Any = left.pop(0)
                if callable(given):
                    given = given(step)
                if isinstance(given, AuthError):
                    step = self.flow.throw(given)
                    continue
                match step, given:
                    case Send(request), Reply():
                        step = self.flow.send(given.to(request))
                    case (AskCaptcha(), CaptchaAnswer()) | (AskCode(), str()) | (Wait(), datetime()):
                        step = self.flow.send(given)
                    case _:
                        raise AssertionError(f"{given!r} is no answer to {step}")
        except StopIteration as end:
            assert not left, f"the flow ended with {len(left)} answers left"
            result: _Result = end.value
            return result
        except AuthError:
            assert not left, f"the flow failed with {len(left)} answers left"
            raise

    def fails(self, *answers: Answer) -> AuthError:
        """The same for a flow that must end in an error."""
        with pytest.raises(AuthError) as caught:
            self.play(*answers)
        return caught.value

    @property
    def sent(self) -> list[Request]:
        """The requests."""
        return [step.request for step in self.steps if isinstance(step, Send)]

    @property
    def paths(self) -> list[str]:
        """Where they went."""
        return [f"{each.method} {each.url.host}{each.url.path}" for each in self.sent]

    @property
    def names(self) -> list[str]:
        """All steps by name: the part of the address that says what it is, or the kind of step."""
        return [_name(step) for step in self.steps]

    def asked(self, kind: type[Step]) -> list[Any]:
        """The steps of one kind."""
        return [step for step in self.steps if isinstance(step, kind)]


def shown_of(error: BaseException, package: str) -> str:
    """What a traceback with local variables shows of ``error``: those of the frames of ``package``, and the text."""
    frames: list[str] = [str(error)]
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_globals.get("__name__", "").partition(".")[0] == package:
            frames += [f"{name}={value!r}" for name, value in frame.f_locals.items()]
    assert len(frames) > 1 or error.__traceback__ is None, "no frame of the package is left to look at"
    return "\n".join(frames)


def _name(step: Step) -> str:
    match step:
        case Send(request):
            return request.url.query.get("act") or request.url.name or "/"
        case Accepted(kind):
            return f"accepted {kind}"
        case _:
            return type(step).__name__
