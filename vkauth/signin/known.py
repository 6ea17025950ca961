"""The secrets that a log must not show: all that a sign-in has dealt with when something failed."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast
from urllib.parse import parse_qsl

from vkauth.secret import Scrubber, Secret
from vkauth.token_set import ReadOnly
from vkauth.wire.json import parse_object

__all__ = ["failures", "folded", "one_line", "secrets_in", "secrets_of_error", "secrets_of_request"]

_PACKAGE: Final = "vkauth."
_MOST_ERRORS: Final = 5
_MOST_OBJECTS: Final = 10_000
_LONGEST_LINE: Final = 300
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# An answer holds words, too ("Bearer", the names of rights), which may stand in any text.
_SHORTEST_OF_ANSWER: Final = 8

_NAME: Final = re.compile(
    # The letters that they begin with, looked at first, make it four times as fast.
    r"(?=[acdnpstv])(?:token|secret|passw|verifier|nonce|cookie|device_id|authorization(?!_code)|credential|api_?key)",
    re.IGNORECASE,
)
# What nobody has told us of, a token in an answer that an own fetch could not read, say: by its name, or by its look.
_PAIR: Final = re.compile(r"(?<![\w-])([\w-]{1,100}+)(\\?[\"']\s{0,4}[:=,]|\s{0,4}[:=]|%3[dD])\s{0,4}")
# In plain words, these two say something else: "status code: 404".
_CODE: Final = re.compile(r"(?:[0-9a-f]{2})?(?:code|state)", re.IGNORECASE)
_VALUE: Final = re.compile(r"\\?b?\"[^\"]{0,4000}\"?|\\?b?'[^']{0,4000}'?|[^\s&;,\"')}\]]{1,4000}")
_SCHEME: Final = re.compile(r"\A(?:Bearer|KakaoAK) ")
_CREDENTIALS: Final = re.compile(r"\b(bearer|basic|kakaoak)\s{1,4}[\w.~+/=-]{1,4000}", re.IGNORECASE)
_RANDOM: Final = re.compile(r"(?<![\w-])(?=[A-Za-z_-]{0,200}[0-9])(?=[0-9_-]{0,200}[A-Za-z])[\w-]{20,4000}")


def one_line(text: str, secrets: Iterable[str]) -> str:
    """Return what may be logged of a text that came from somewhere else: one short line without secrets.

    Args:
        text: of an exception, say.
        secrets: those that are known. What is called one in the text, or looks like one, is left out as well.
    """
    clean = Scrubber(secrets).clean(text)
    clean = _RANDOM.sub("***", _without_named(_CREDENTIALS.sub(r"\1 ***", clean)))
    line = folded(clean)
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..."


def folded(text: str) -> str:
    """Return a text on one line, without control characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def _without_named(text: str) -> str:
    pieces = []
    done = 0
    for pair in _PAIR.finditer(text):
        name, sign = pair.groups()
        if pair.start() >= done and (_NAME.search(name) or (":" not in sign.lstrip()[:1] and _CODE.fullmatch(name))):
            value = _VALUE.match(text, pair.end())
            if value is not None:
                pieces += [text[done : pair.end()], "***"]
                done = value.end()
    return "".join([*pieces, text[done:]])


def failures(error: BaseException) -> list[BaseException]:
    """An exception and what led to it, the last one first."""
    chain: list[BaseException] = []
    left: BaseException | None = error
    while left is not None and len(chain) < _MOST_ERRORS and all(left is not each for each in chain):
        chain.append(left)
        left = left.__cause__ or left.__context__
    return chain


def secrets_of_request(query: str, cookies: str, fields: Mapping[str, str]) -> Iterator[str]:
    """What a browser sent that nobody else should see.

    Args:
        query: of the address.
        cookies: the header, with the cookies of the application.
        fields: of the body.
    """
    for name, value in (*parse_qsl(query), *fields.items()):
        if name == "callbackUrl":
            yield from (inner for _, inner in parse_qsl(value.partition("?")[2]))
        elif not name.startswith("error"):  # that is what went wrong
            yield value
            inside = parse_object(value)  # VK ID sends all that it has to say in one parameter
            yield from () if inside is None else (text for each in inside if (text := inside.text(each)))
    for each in cookies.split(";"):
        yield each.partition("=")[2].strip().strip('"')


def secrets_of_error(error: BaseException) -> Iterator[str]:
    """What this library was working with where an exception came through, and the secrets of the environment.

    A provider's own requests, and tokens that it got but gave to nobody because of the exception, are nowhere else.
    """
    for name, value in os.environ.items():
        if name.startswith("AUTH_") and not name.endswith("_ID"):
            yield value
    frames = [frame for each in failures(error) for frame, _ in traceback.walk_tb(each.__traceback__)]
    yield from secrets_in(
        *(frame.f_locals for frame in frames if frame.f_globals.get("__name__", "").startswith(_PACKAGE))
    )


def secrets_in(*given: object) -> Iterator[str]:
    """The texts inside of objects that are masked, or called secrets.

    Args:
        given: looked into whatever they are; what is inside of them if it is a collection or this library's own.
    """
    left: list[object] = [*given]
    own = {id(each) for each in given}
    seen: set[int] = set()
    while left and len(seen) < _MOST_OBJECTS:
        each = left.pop()
        kind = type(each)  # isinstance() asks the object itself, and a proxy whose object is gone raises then
        if issubclass(kind, Secret):
            yield str(each)
            yield _SCHEME.sub("", str(each))  # of "Bearer SAMPLE" the rest may stand alone
        elif kind is ReadOnly:
            texts = (str(value) for value in cast("ReadOnly", each).values())
            yield from (text for text in texts if len(text) >= _SHORTEST_OF_ANSWER)
        elif not issubclass(kind, str | bytes | int | float | None) and id(each) not in seen:
            seen.add(id(each))
            for name, value in _inside(each, is_given=id(each) in own):
                if type(value) is str and isinstance(name, str) and _NAME.search(name):
                    yield value
                left.append(value)


def _inside(thing: object, *, is_given: bool) -> list[tuple[object, object]]:
    try:
        if isinstance(thing, Mapping):
            return list(thing.items())
        if isinstance(thing, list | tuple | set | frozenset):
            return list(enumerate(thing))
        if is_given or type(thing).__module__.startswith(_PACKAGE):
            return _attributes(thing)
    except Exception:  # noqa: BLE001, S110 - a collection of somebody else's may do anything
        pass
    return []


def _attributes(thing: object) -> list[tuple[object, object]]:
    slots = (name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()))
    return [(name, getattr(thing, name, None)) for name in (*slots, *getattr(thing, "__dict__", ()))]
