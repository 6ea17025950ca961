"""Somebody at VK ID's page, by hand."""

from __future__ import annotations

from dataclasses import replace

from saved_pages import load
from yarl import URL

from vkauth.flows.person import Person
from vkauth.flows.vkid import Application, sign_in_with
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.pages import classify
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.wire.http import get

from .drive import PERSON, Drive, Reply, api, context, data

APPLICATION = Application(client_id="6000001", scope="65538", device_id="d1")
ADDRESS = URL("https://id.vk.ru/auth?app_id=7913379")
OKAY = data({"type": "okay", "data": {"access_token": "SAMPLE_web", "auth_user_hash": "SAMPLE_auh"}})
TOKEN = api({"access_token": "vk1.a.SAMPLE", "user_id": 100001, "expires_in": 0})
IMAGE = {"captcha_sid": "300000000001", "captcha_img": "https://api.vk.ru/captcha.php?sid=300000000001"}
ROBOT = {"redirect_uri": "https://id.vk.ru/not_robot_captcha?session_token=SAMPLE"}
BY_PASSWORD = api({"sid": "s1", "next_step": {"verification_method": "password"}})


def by(method: str, *, others: bool = False) -> Reply:
    """An account that wants to be confirmed by ``method``."""
    step = {"verification_method": method, "has_another_verification_methods": others}
    return api({"sid": "s1", "next_step": step})


def methods(*names: str) -> Reply:
    """The ways that an account offers."""
    return api({"methods": [{"name": name, "priority": number} for number, name in enumerate(names)]})


def login_page(name: str = "vkid-login") -> VKIDPage:
    """A saved page of VK ID."""
    found = classify(load(name).response, context().endpoints)
    assert isinstance(found, VKIDPage)
    return found


def passing(
    vkid_page: VKIDPage | None = None, *, address: URL = ADDRESS, person: Person = PERSON, resumed: bool = False
) -> Drive[Fragment | None]:
    """Somebody at VK ID's page."""
    sign_in = sign_in_with(context(), person, APPLICATION, resumed=resumed)
    return Drive(sign_in(vkid_page or login_page(), get(address)))


def with_key() -> VKIDPage:
    """A login page that knows which token is wanted."""
    return replace(login_page(), return_auth_hash="SAMPLE_hash")
