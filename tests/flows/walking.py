"""Walks through VK's pages, and where they lead."""

from __future__ import annotations

from yarl import URL

from vkauth.flows.person import Person
from vkauth.flows.walk import SignIn, walk
from vkauth.protocol.blank_page import Fragment
from vkauth.wire.http import get

from .drive import PERSON, Drive, context

START = "https://oauth.vk.ru/authorize?client_id=6000001"
BLANK = "https://oauth.vk.ru/blank.html#access_token=vk1.a.SAMPLE&user_id=100001"
CODE = "https://m.vk.ru/login?act=authcheck&api_hash=0a"
PHONE = "https://m.vk.ru/login?act=security_check&api_hash=0a"
BLOCKED = "https://m.vk.ru/login?act=blocked"
CAPTCHA = f"{START}&sid=300000000001&dif=1"


def walking(
    person: Person = PERSON, start: str = START, *, sign_in: SignIn | None = None, consent: bool = True
) -> Drive[Fragment]:
    """A walk from ``start``."""
    return Drive(walk(context(), person, get(URL(start)), sign_in=sign_in, consent=consent))


def token_of(fragment: Fragment) -> str:
    """The token that a walk ended with."""
    token = fragment.user_token(None)
    assert token is not None
    return str(token.token)
