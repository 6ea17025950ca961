"""The applications that the simulated Kakao knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vkauth.testing.oauth.apps import Registry
from vkauth.testing.oauth.credentials import Credentials, credentials
from vkauth.testing.oauth.redirects import is_web_address

__all__ = ["CONSENT_ITEMS", "KakaoApp", "KakaoApps"]

CONSENT_ITEMS: Final[Mapping[str, str]] = {
    "profile_nickname": "Nickname",
    "profile_image": "Profile picture",
    "account_email": "E-mail address",
    "name": "Name",
    "gender": "Gender",
    "age_range": "Age group",
    "birthday": "Birthday",
    "birthyear": "Year of birth",
    "phone_number": "Phone number",
    "account_ci": "Connecting information",
    "shipping_address": "Delivery address",
    "friends": "Friends in the service",
    "talk_message": "Messages in KakaoTalk",
}
"""What people can be asked to consent to, with words for a page."""


@dataclass(kw_only=True)
class KakaoApp:
    """An application registered at Kakao.

    Attributes:
        client_id: its REST API key.
        client_secret: its secret; empty: the switch is off and none is looked at.
        name: shown on the consent page.
        app_id: its number, in ``access_token_info``.
        redirect_uris: addresses people may be sent back to, compared exactly; ``None``: any http(s) address.
        logout_redirect_uris: the same after a logout at Kakao.
        openid: OpenID Connect is switched on: every code brings an id_token, asked for or not.
        required: consent items without which there is no sign-in.
        optional: consent items that a person can leave out.
        admin_key: what calls with ``KakaoAK`` are authorized by; empty: no such call is.
        active: Kakao Login is switched on (else KOE004).
        members: the only people who may sign in, for a test application (others get KOE005); ``None``: everybody.
    """

    client_id: str
    client_secret: str = field(default="", repr=False)
    name: str = "Sample service"
    app_id: int = 1000001
    redirect_uris: tuple[str, ...] | None = None
    logout_redirect_uris: tuple[str, ...] | None = None
    openid: bool = False
    required: tuple[str, ...] = ("profile_nickname",)
    optional: tuple[str, ...] = ("profile_image", "account_email")
    admin_key: str = field(default="", repr=False)
    active: bool = True
    members: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        unknown = [each for each in self.items if each not in CONSENT_ITEMS]
        if unknown:
            raise ValueError(f"required and optional: no such consent item: {', '.join(unknown)}")

    @property
    def credentials(self) -> Credentials:
        """What a client has to know: ``Kakao(**vk.kakao.addresses, **app.credentials)``."""
        return credentials(self.client_id, self.client_secret)

    @property
    def items(self) -> tuple[str, ...]:
        """All its consent items."""
        return tuple(dict.fromkeys((*self.required, *self.optional)))

    def returns_to(self, address: str) -> bool:
        """Whether people may be sent back there."""
        return is_web_address(address) and (self.redirect_uris is None or address in self.redirect_uris)

    def logs_out_to(self, address: str) -> bool:
        """Whether people may be sent there after a logout."""
        known = self.logout_redirect_uris
        return is_web_address(address) and (known is None or address in known)


class KakaoApps(Registry[str, KakaoApp]):
    """The applications by their REST API keys."""

    def __init__(self) -> None:
        sample = KakaoApp(
            client_id="simulated0kakao0rest0api0key0001",
            client_secret="SIMULATED-KAKAO-CLIENT-SECRET",  # noqa: S106 - it says of itself that it is none
        )
        super().__init__(sample, key=lambda app: app.client_id)
