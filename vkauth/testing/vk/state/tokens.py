"""The tokens that were given out and what they are good for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from vkauth.testing.accounts import Account
from vkauth.testing.entropy import Entropy

__all__ = ["IssuedToken", "Tokens", "scope_mask", "scope_names"]

SCOPES: Final[dict[str, int]] = {
    "notify": 1,
    "friends": 2,
    "photos": 4,
    "audio": 8,
    "video": 16,
    "stories": 64,
    "pages": 128,
    "menu": 256,
    "wallmenu": 512,
    "status": 1024,
    "notes": 2048,
    "messages": 4096,
    "wall": 8192,
    "ads": 32768,
    "offline": 65536,
    "docs": 131072,
    "groups": 262144,
    "notifications": 524288,
    "stats": 1048576,
    "email": 4194304,
    "adsweb": 8388608,
    "leads": 16777216,
    "group_messages": 33554432,
    "exchange": 67108864,
    "market": 134217728,
    "phone_number": 268435456,
}
_LONGEST: Final = 20  # digits of a number
_OTHER_NAMES: Final = {"link": 256, "phone": 268435456, "app_widget": 64, "manage": 262144}


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """What a token is good for.

    Attributes:
        kind: ``"user"``, ``"group"``, ``"anonymous"``, ``"service"``, ``"web"``, ``"silent"`` or ``"vkid"``.
        account: the person, if there is one.
        group_id: the community of a community token.
        scope: the rights as a mask.
        client_id: the application it was given to.
        issued_at: by the simulator's clock, seconds.
        expires_at: by the simulator's clock, seconds; ``None``: never.
        uuid: goes with a silent token.
    """

    kind: str
    account: Account | None = None
    group_id: int | None = None
    scope: int = 0
    client_id: str = ""
    issued_at: float = 0.0
    expires_at: float | None = None
    uuid: str = ""

    @property
    def user_id(self) -> int | None:
        """The person's number."""
        return self.account.user_id if self.account else None


class Tokens:
    """Gives out tokens and remembers them."""

    def __init__(self, clock: Callable[[], float], entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._issued: dict[str, IssuedToken] = {}
        self._service_keys: dict[str, IssuedToken] = {}
        self._refused: dict[str, str] = {}

    @property
    def issued(self) -> Mapping[str, IssuedToken]:
        """All tokens ever given out."""
        return MappingProxyType(self._issued)

    def issue(
        self,
        kind: str,
        *,
        account: Account | None = None,
        group_id: int | None = None,
        scope: int = 0,
        client_id: str = "",
        expires_in: float = 0,
        uuid: str = "",
    ) -> str:
        """Make a token; ``expires_in`` is in seconds, 0: never."""
        prefix = {"anonymous": "anonym.", "silent": "silent.", "web": "web.", "vkid": "vk2.a."}.get(kind, "vk1.a.")
        text = self._entropy.token(prefix)
        self._issued[text] = IssuedToken(
            kind=kind,
            account=account,
            group_id=group_id,
            scope=scope,
            client_id=client_id,
            issued_at=self._clock(),
            expires_at=self._clock() + expires_in if expires_in else None,
            uuid=uuid,
        )
        return text

    def add_service_key(self, key: str, client_id: str) -> None:
        """Take the service key of an application for a token that never ends. It is not given out: it was there."""
        self._service_keys[key] = IssuedToken(kind="service", client_id=client_id)

    def find(self, token: str) -> IssuedToken | None:
        """What a token is, or a service key."""
        return self._issued.get(token) or self._service_keys.get(token)

    def why_refused(self, token: str) -> str | None:
        """VK's words for what is wrong with a token, or ``None`` if nothing is."""
        info = self.find(token)
        if not token:
            return "no access_token passed."
        if info is None:
            return "invalid access_token (4)."
        if info.expires_at is not None and info.expires_at <= self._clock():
            return "access_token has expired."
        return self._refused.get(token)

    def refuse(self, tokens: Iterable[str], why: str) -> None:
        """From now on these tokens are answered with error 5 and these words."""
        self._refused.update(dict.fromkeys(tokens, why))


def scope_mask(scope: str) -> int:
    """The mask for a number, names, or ``all``. Names nobody knows are left out, as VK does."""
    if scope.isdecimal() and len(scope) <= _LONGEST:
        return int(scope)
    names = {name.strip() for name in scope.split(",")}
    bits = sum(SCOPES.values()) if "all" in names else 0
    for name in names:
        bits |= SCOPES.get(name) or _OTHER_NAMES.get(name, 0)
    return bits


def scope_names(mask: int) -> list[str]:
    """The names of the rights in a mask."""
    return [name for name, bit in SCOPES.items() if mask & bit]
