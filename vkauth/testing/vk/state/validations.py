"""Codes: which way of confirming a login is under way, what was sent, whether the answer is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from vkauth.testing.accounts import Account
from vkauth.testing.entropy import Entropy

__all__ = ["SENT_METHODS", "Validation", "Validations", "wire_method"]

SENT_METHODS: Final = frozenset({"sms", "callreset", "email", "push", "libverify"})
"""The ways for which VK has to send something (or to call)."""

Verdict = Literal["right", "wrong", "malformed"]


def wire_method(method: str, *, vk_id: bool = False) -> str:
    """The name VK uses: the authenticator is ``app`` in ``/token`` and ``codegen`` in VK ID."""
    if method in ("app", "codegen"):
        return "codegen" if vk_id else "app"
    if method == "reserve_code" and not vk_id:
        return "app"  # /token has no name of its own for reserve codes: they are typed where the app's code is
    return method


@dataclass(kw_only=True, eq=False)
class Validation:
    """One login waiting for a code.

    Attributes:
        sid: its ``validation_sid``.
        account: whose login it is.
        client_id: the application that asked.
        method: the way the code is given at the moment.
        sent_at: when a message went out last, in seconds of the simulator's clock; ``None``: not yet.
        external_id: the vendor's session for ``libverify``.
        waiting: how many logins were told to give a code; those that run side by side share one.
        served: one of them did.
    """

    sid: str
    account: Account
    client_id: str
    method: str
    sent_at: float | None = None
    external_id: str = ""
    waiting: int = 0
    served: bool = False


class Validations:
    """Keeps the logins that wait for a code."""

    def __init__(self, clock: Callable[[], float], entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._open: list[Validation] = []

    def begin(self, account: Account, client_id: str, method: str, *, asking: bool) -> Validation:
        """Return the login of this account in this application that waits for a code; begin one if there is none.

        Args:
            account: whose login.
            client_id: the application.
            method: the way of confirming that a new one begins with.
            asking: the client has no code so far, so it gets no old login that was served already.
        """
        for each in reversed(self._open):
            if each.account is account and each.client_id == client_id and not (asking and each.served):
                each.waiting += asking
                return each
        validation = Validation(
            sid=f"2fa_{account.user_id}_{client_id}_{self._entropy.hex(20)}",
            account=account,
            client_id=client_id,
            method=method,
            external_id=self._entropy.token("") if method == "libverify" else "",
            waiting=int(asking),
        )
        self._open.append(validation)
        return validation

    def by_sid(self, sid: str) -> Validation | None:
        """Find one by its sid."""
        return next((each for each in self._open if each.sid == sid), None)

    def latest(self, account: Account) -> Validation | None:
        """The newest one of an account."""
        return next((each for each in reversed(self._open) if each.account is account), None)

    def waiting(self) -> list[Validation]:
        """Those that are open, newest first."""
        return self._open[::-1]

    def end(self, account: Account, client_id: str) -> None:
        """A login of this account in this application is over; others that wait beside it go on."""
        for each in [each for each in self._open if each.account is account and each.client_id == client_id]:
            each.served = True
            each.waiting -= 1
            if each.waiting <= 0:
                self._open.remove(each)

    def wait(self, validation: Validation) -> float:
        """Seconds until a message can be sent (again)."""
        if validation.sent_at is None:
            return 0.0
        return max(0.0, validation.sent_at + validation.account.resend_delay - self._clock())

    def send(self, validation: Validation, method: str) -> bool:
        """Send the code by ``method``, unless that is too early.

        A change of the method is never too early: nothing was sent by the new one.
        """
        if method == validation.method and self.wait(validation) > 0:
            return False
        validation.method = method
        validation.sent_at = self._clock()
        validation.account.send_code(method)
        return True

    def judge(self, validation: Validation, code: str) -> Verdict:
        """Judge a code. One that VK never sent cannot be right."""
        account = validation.account
        if not code.isdecimal() or not 4 <= len(code) <= 8:
            return "malformed"
        never_sent = validation.method in SENT_METHODS and validation.sent_at is None
        if not never_sent and code in self._accepted(validation):
            account.wrong_codes = 0
            return "right"
        account.wrong_codes += 1
        return "wrong"

    @staticmethod
    def _accepted(validation: Validation) -> set[str]:
        account = validation.account
        codes = {account.expected_code(validation.method)}
        if account.two_factor in ("app", "codegen", "reserve_code"):
            codes.add(account.code)  # an SMS does not put the authenticator out of use
        return codes
