"""What a client was asked for, found again: which captcha it was, and whose code."""

from __future__ import annotations

from typing import Protocol

from yarl import URL

from vkauth.testing.accounts import Account
from vkauth.testing.vk.state.captchas import Captchas, Challenge
from vkauth.testing.vk.state.world import World

__all__ = ["ShownCaptcha", "ShownCodeRequest", "account_of", "find_captcha", "right_code"]


class ShownCaptcha(Protocol):
    """A captcha as a client has it: ``vkauth.Captcha`` or anything else with these attributes."""

    @property
    def sid(self) -> str | int | None:
        """Its id, if it has one."""
        ...

    @property
    def redirect_uri(self) -> str | None:
        """The address of its page, if it has one."""
        ...


class ShownCodeRequest(Protocol):
    """A question for a code as a client has it: ``vkauth.TwoFactor`` or anything else with this attribute."""

    @property
    def validation_sid(self) -> str | None:
        """The id of what waits for the code, if it has one."""
        ...


def account_of(world: World, login: str) -> Account:
    """Find an account by its login, phone number or e-mail address.

    Raises:
        LookupError: there is none with this login.
    """
    account = world.accounts.find(login)
    if account is None:
        raise LookupError("there is no account with this login")
    return account


def right_code(world: World, whom: str | Account | ShownCodeRequest) -> str:
    """The code that is right at the moment.

    Raises:
        LookupError: there is no such account, or the challenge does not say whose it is.
    """
    account = _asked_for_code(world, whom)
    validation = world.validations.latest(account)
    if validation is not None:
        return account.expected_code(validation.method)
    # A message by another way than the first one (in VK ID, say) has a code of its own.
    by_message = account.sent and account.two_factor not in ("app", "codegen", "reserve_code")
    return account.sent[-1].code if by_message else account.code


def _asked_for_code(world: World, whom: str | Account | ShownCodeRequest) -> Account:
    if isinstance(whom, Account):
        return whom
    if isinstance(whom, str):
        return account_of(world, whom)
    sid = whom.validation_sid or ""
    waiting = world.validations.by_sid(sid) or world.vk_id.find(sid)
    if waiting is not None:
        return waiting.account
    if len(world.accounts) != 1:  # old pages and VK ID name no login in their questions
        raise LookupError("this challenge does not say whose it is: use code_for(account)")
    return world.accounts[0]


def find_captcha(captchas: Captchas, which: str | int | URL | ShownCaptcha) -> Challenge:
    """Find a captcha by its sid, the address of its page, or as a client has it.

    Raises:
        LookupError: there is no such captcha.
        TypeError: it is nothing that names a captcha.
    """
    if isinstance(which, str | int | URL):
        names = [str(which)]
    elif hasattr(which, "sid") and hasattr(which, "redirect_uri"):
        names = [str(each) for each in (which.sid, which.redirect_uri) if each]
    else:
        raise TypeError(f"a sid, an address or a captcha is needed, not {type(which).__name__}")
    for each in names:
        found = captchas.by_sid(each) or captchas.by_page(each)
        if found is not None:
            return found
    raise LookupError("there is no such captcha: use the newest one that was shown (captchas[-1])")
