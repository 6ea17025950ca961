"""VK's web pages as data: what kind of page an answer is, and what can be done with it.

The markup is that of the old pages (seen until about 2023, still served to some applications) and of the VK ID pages of
2025 and 2026. One module a kind of page: what tells it, what it asks for, and the request that answers it.
"""

from vkauth.protocol.pages.addresses import Finished, Redirect
from vkauth.protocol.pages.captcha import CaptchaPage
from vkauth.protocol.pages.classify import Page, classify
from vkauth.protocol.pages.code import CodePage, asks_for_code
from vkauth.protocol.pages.consent import Consent
from vkauth.protocol.pages.login import LoginPage, logged_out
from vkauth.protocol.pages.phone import PhoneAnswer, PhonePage, is_phone_check, wrong_phone
from vkauth.protocol.pages.validation import browser_needed

__all__ = [
    "CaptchaPage",
    "CodePage",
    "Consent",
    "Finished",
    "LoginPage",
    "Page",
    "PhoneAnswer",
    "PhonePage",
    "Redirect",
    "asks_for_code",
    "browser_needed",
    "classify",
    "is_phone_check",
    "logged_out",
    "wrong_phone",
]
