"""Sign in with VK, as applications of before VK ID do.

https://dev.vk.com/en/api/access-token/authcode-flow-user and https://dev.vk.com/en/method/users.get, seen 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Unpack, cast

from yarl import URL

from vkauth import checks
from vkauth._options import hide_options
from vkauth.oauth.request import read_scope
from vkauth.protocol.endpoints import Host
from vkauth.protocol.legacy_oauth import ACCESS_TOKEN, AUTHORIZE, DIALECT, RULES
from vkauth.providers._options import Scope, add_query
from vkauth.providers._vk_hosts import VKHostsOptions, VKHostsProvider
from vkauth.providers.identity import ProfileMap
from vkauth.secret import Secret, hide_unless
from vkauth.wire.http import Response

if TYPE_CHECKING:
    from vkauth.providers.vk_profile import VKProfile

__all__ = ["VK"]


class VK(VKHostsProvider["VKProfile"]):
    """Sign in with VK the old way (``oauth.vk.ru``). Applications of VK ID are refused there: see :class:`VKID`.

    The e-mail address comes with the tokens. They cannot be refreshed or revoked.

    Args:
        client_id: the application's id. Default: the environment variable ``AUTH_VK_ID``, read when it is needed.
        client_secret: its protected key. Default: ``AUTH_VK_SECRET``.
        api_version: of VK's API.
        fields: what to ask about a person besides their name, see :class:`VKProfile`.
        endpoints: the hosts. Default: vk.ru.
        options: see :class:`ProviderOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    id = "vk"
    name = "VK"
    _DIALECT = DIALECT
    _SCOPE = ("email",)
    _PKCE = None  # the page answers "Code challenge method is unsupported"
    _IDENTITY = ProfileMap(
        id="id", is_number=True, name=("first_name", "last_name"), image=("photo_100", "photo_200", "photo_max")
    )
    _PLACES: ClassVar[Mapping[str, tuple[Host, str]]] = {
        "authorize_url": (Host.OAUTH, AUTHORIZE),
        "token_url": (Host.OAUTH, ACCESS_TOKEN),
        "userinfo_url": (Host.API, "/method/users.get"),
    }

    def __init__(
        self,
        client_id: int | str | None = None,
        client_secret: str | None = None,
        *,
        api_version: str = "5.199",
        fields: Scope = ("photo_100",),
        **options: Unpack[VKHostsOptions],
    ) -> None:
        client_secret = hide_unless(client_secret, Secret)
        hide_options(options)
        self._version = {"v": checks.api_version(api_version)}
        wanted = ",".join(read_scope(fields, name="fields"))
        self._wanted = {"fields": wanted} if wanted else {}
        super().__init__(client_id, client_secret, **options)

    def _url(self, name: str) -> URL:
        return add_query(super()._url(name), self._version)

    def _read_profile(self, response: Response) -> VKProfile:
        people = RULES.read(response, wanted="a profile").raw("response")
        if not isinstance(people, list) or not people or not isinstance(people[0], dict):
            raise RULES.unexpected(response, wanted="a profile")
        return cast("VKProfile", people[0])
