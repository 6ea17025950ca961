"""What the simulator was sent: to be asserted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, overload

from multidict import CIMultiDict

from vkauth.secret import Secret
from vkauth.testing.spellings import is_written

__all__ = ["RequestLog", "SeenRequest", "masked_headers", "masked_values", "place_matches"]

_OPEN_NAMES: Final = frozenset(
    {"act", "v", "lang", "grant_type", "client_id", "app_id", "scope", "display", "response_type", "2fa_supported"}
    | {"force_sms", "libverify_support", "version", "utf8", "soft", "verification_method", "supported_ways", "revoke"}
    | {"client_key", "code_challenge_method", "fields", "prompt", "property_keys", "scopes", "secure_resource"}
)
_SECRET_HEADERS: Final = frozenset({"cookie", "authorization", "proxy-authorization", "referer"})


@dataclass(frozen=True, eq=False)
class SeenRequest:
    """One request as it arrived. Its ``repr`` shows names, not values.

    Attributes:
        number: 1 for the first request of this simulator.
        method: ``"GET"``, ``"POST"``, ...
        scheme: ``"http"`` or ``"https"``.
        host: the ``Host`` header.
        place: which page of the service it is: ``"oauth/token"``, ``"login/?act=login"``.
        path: the path as it was asked for, decoded.
        raw_target: path and query as they came.
        query, form, headers, cookies: what was in it.
        peer: address and port it came from; each connection has its own.
    """

    number: int
    method: str
    scheme: str
    host: str
    place: str
    path: str
    raw_target: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    peer: tuple[str, int]
    status: int | None = None
    """The status it was answered with; ``None`` while it is not (or when the connection was broken)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "raw_target", Secret(self.raw_target))

    def __repr__(self) -> str:
        names = ", ".join([*self.query, *self.form])
        return f"<SeenRequest #{self.number} {self} [{names}] -> {self.status}>"

    def __str__(self) -> str:
        return f"{self.method} {self.place}"

    @property
    def params(self) -> Mapping[str, str]:
        """Query and form in one."""
        return {**self.query, **self.form}


class RequestLog(Sequence[SeenRequest]):
    """The requests, oldest first."""

    def __init__(self) -> None:
        self._requests: list[SeenRequest] = []
        self._count = 0

    @overload
    def __getitem__(self, index: int) -> SeenRequest: ...
    @overload
    def __getitem__(self, index: slice) -> list[SeenRequest]: ...
    def __getitem__(self, index: int | slice) -> SeenRequest | list[SeenRequest]:
        return self._requests[index]

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[SeenRequest]:
        return iter(self._requests)

    def __repr__(self) -> str:
        return f"<RequestLog {self.paths()}>"

    @property
    def last(self) -> SeenRequest:
        """The newest request.

        Raises:
            IndexError: there was none.
        """
        return self._requests[-1]

    def clear(self) -> None:
        """Forget the requests; numbers go on counting."""
        self._requests.clear()

    def paths(self) -> list[str]:
        """What was asked in one line each: ``["POST oauth/token", "GET login/?act=login"]``."""
        return [str(each) for each in self._requests]

    def to(self, place: str) -> list[SeenRequest]:
        """The requests to a place or below it: ``"oauth/token"``, ``"api/method"``, ``"login"``."""
        return [each for each in self._requests if place_matches(each.place, place)]

    def connections(self, place: str = "") -> int:
        """Count the connections that requests (to ``place``) came over."""
        return len({each.peer for each in (self.to(place) if place else self._requests)})

    def assert_never_in_url(self, *secrets: str) -> None:
        """Check that no secret was part of an address, encoded or not, nor of a ``Referer``.

        Raises:
            AssertionError: one was; the message says in which request, not what.
        """
        for number, secret in enumerate(secrets, 1):
            for each in self._requests:
                texts = (each.raw_target, each.headers.get("Referer", ""))
                if any(is_written(secret, text) for text in texts):
                    raise AssertionError(f"secret no. {number} is in the address of request #{each.number} ({each})")

    def assert_only_to(self, *places: str) -> None:
        """Check that nothing else was asked.

        Raises:
            AssertionError: names the first request to another place.
        """
        for each in self._requests:
            if not any(place_matches(each.place, place) for place in places):
                raise AssertionError(f"request #{each.number} went to {each}")

    def next_number(self) -> int:
        """Count a request that arrives."""
        self._count += 1
        return self._count

    def add(self, arrived: SeenRequest, place: str) -> SeenRequest:
        """Write a request down, with the place it asks for."""
        seen = replace(arrived, place=place)
        self._requests.append(seen)
        return seen

    def settle(self, seen: SeenRequest, status: int) -> None:
        """Write down what a request was answered; it may be gone if the log was cleared meanwhile."""
        # Requests are numbered as they are written down, so that one is found without a search.
        index = seen.number - self._requests[0].number if self._requests else -1
        if index >= 0:
            self._requests[index] = replace(seen, status=status)


def place_matches(place: str, on: str) -> bool:
    """Whether ``place`` is ``on`` or below it."""
    return place == on or place.startswith((on.rstrip("/") + "/", on + "?")) or (on.endswith("/") and place == on[:-1])


def masked_values(values: Mapping[str, str]) -> dict[str, str]:
    """The values of a request, each as a :class:`Secret` but for those that anybody may see."""
    return {name: value if name in _OPEN_NAMES else Secret(value) for name, value in values.items()}


def masked_headers(values: Mapping[str, str]) -> Mapping[str, str]:
    """The same for headers, whose names come in any case."""
    masked = CIMultiDict[str]()
    for name, value in values.items():
        masked.add(name, Secret(value) if name.lower() in _SECRET_HEADERS else value)
    return masked
