"""The applications that a simulated service knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

__all__ = ["Registry"]

_Key = TypeVar("_Key")
_App = TypeVar("_App")


class Registry(Mapping[_Key, _App], Generic[_Key, _App]):
    """The applications by what a service knows them by.

    Args:
        sample: one that is there from the beginning.
        others: those that are there besides.
        key: what an application is known by.

    Attributes:
        sample: one that is there from the beginning.
    """

    def __init__(self, sample: _App, *others: _App, key: Callable[[_App], _Key]) -> None:
        self._key = key
        self._apps = {key(each): each for each in (*others, sample)}
        self.sample: _App = sample

    def __getitem__(self, key: _Key) -> _App:
        return self._apps[key]

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._apps)

    def __len__(self) -> int:
        return len(self._apps)

    def add(self, app: _App) -> None:
        """Register an application, or replace the one that is known by the same."""
        self._apps[self._key(app)] = app
