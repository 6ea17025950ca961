"""What the start page shows of a service beside VK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from vkauth.testing.oauth.credentials import Credentials

__all__ = ["Neighbour"]


class Neighbour(Protocol):
    """A service on the same server."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def addresses(self) -> Mapping[str, object]:
        """Where it is."""
        ...

    @property
    def sample_credentials(self) -> Credentials:
        """The application that is there from the beginning."""
        ...

    def sample_request(self, redirect_uri: str, state: str, verifier: str) -> str:
        """The address that this application would send a person to."""
        ...
