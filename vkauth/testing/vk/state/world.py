"""All that the simulated VK knows, by subject."""

from __future__ import annotations

from collections.abc import Callable

from vkauth.testing.accounts import Accounts
from vkauth.testing.entropy import Entropy
from vkauth.testing.neighbour import Neighbour
from vkauth.testing.oauth.sign_in import Attempts
from vkauth.testing.vk.state.apps import Apps
from vkauth.testing.vk.state.authorizations import Authorizations
from vkauth.testing.vk.state.captchas import Captchas
from vkauth.testing.vk.state.checkpoints import Checkpoints
from vkauth.testing.vk.state.qr import QRLogins
from vkauth.testing.vk.state.sessions import Sessions
from vkauth.testing.vk.state.site import SiteState
from vkauth.testing.vk.state.tokens import Tokens
from vkauth.testing.vk.state.validations import Validations
from vkauth.testing.vk.state.vk_id import VKID
from vkauth.testing.vk.state.vk_id_oauth import VKIDOAuth

__all__ = ["World"]


class World:
    """The state behind the pages; each attribute is one subject, with a module of its own.

    Args:
        clock: seconds that never go back.
        unix_time: seconds since 1970, as id_tokens say them.
        entropy: where made-up values come from.
    """

    def __init__(self, clock: Callable[[], float], unix_time: Callable[[], float], entropy: Entropy) -> None:
        self.clock = clock
        self.neighbours: list[Neighbour] = []
        self.unix_time = unix_time
        self.entropy = entropy
        self.accounts: Accounts = Accounts()
        self.apps: Apps = Apps()
        self.tokens: Tokens = Tokens(clock, entropy)
        self.attempts: Attempts = Attempts(entropy)
        self.authorizations: Authorizations = Authorizations(clock, entropy, self.tokens)
        self.captchas: Captchas = Captchas(clock, entropy)
        self.checkpoints: Checkpoints = Checkpoints(clock, entropy)
        self.qr: QRLogins = QRLogins(clock, entropy, self.accounts)
        self.sessions: Sessions = Sessions(entropy)
        self.site: SiteState = SiteState(entropy)
        self.validations: Validations = Validations(clock, entropy)
        self.vk_id: VKID = VKID(clock, entropy, VKIDOAuth(clock, unix_time, entropy, self.tokens))
