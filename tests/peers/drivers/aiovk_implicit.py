"""aiovk's ``ImplicitSession``: the old implicit flow with its pages for telephones."""

from typing import Any

import talk
from aiovk import ImplicitSession


class Session(ImplicitSession):  # type: ignore[misc]
    """The two questions are methods to fill in: that is how the library wants to be used."""

    async def enter_captcha(self, url: str, sid: str) -> str:
        status, picture = await self.driver.get_bin(url, {})
        return talk.ask("captcha", sid=sid, src=url, picture={"status": status, "size": len(picture)})

    async def enter_confirmation_code(self) -> str:
        return talk.ask("code")


async def log_in(job: dict[str, Any]) -> dict[str, Any]:
    session = Session(job["login"], job["password"], job["client_id"], job["scope"])
    async with session:
        await session.authorize()
        return {"token": session.access_token}


talk.run(log_in)
