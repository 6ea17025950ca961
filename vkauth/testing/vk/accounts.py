"""The people who have accounts at the simulated VK, and how VK treats each of them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final, Literal, NamedTuple, TypedDict

__all__ = ["Account", "AccountOptions", "SentCode"]

TwoFactorMethod = Literal["sms", "app", "callreset", "libverify", "email", "push", "reserve_code", "codegen"]
CaptchaKind = Literal["image", "redirect", "both", "redirect_only", "api"]

_CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "two_factor": (None, "sms", "app", "callreset", "libverify", "email", "push", "reserve_code", "codegen"),
    "captcha": (None, "image", "redirect", "both", "redirect_only", "api"),
    "captcha_after_code": (False, True, "image", "redirect", "both", "redirect_only", "api"),
    "captcha_sid_type": ("text", "number"),
    "validate_phone_form": ("object", "one"),
    "success": ("token", "trusted_hash", "silent"),
    "flood": (False, True, "flood", "bruteforce"),
    "browser_check": (None, "validate", "security", "test"),
    "look": ("page", "mobile", "old", "vkid"),
    "consent": ("form", "script", "none"),
    "consent_action": ("allow", "cancel"),
    "final": ("302", "auth_redirect", "auth_redirect_twice", "meta", "script"),
    "verification": (None, "security_check", "authcheck", "captcha", "validate", "validate_js"),
    "verification_outcome": ("token", "success_without_token", "fail", "cancel"),
}
_STEPS_WITH_CAPTCHA: Final = frozenset({"validateAccount", "sendOtp", "checkOtp", "connect_authorize"})


class SentCode(NamedTuple):
    """A message that VK sent to the person.

    Attributes:
        method: ``"sms"``, ``"callreset"``, ``"email"``, ``"push"`` or ``"libverify"``.
        code: what it said.
        target: where it went, in full.
    """

    method: str
    code: str
    target: str


@dataclass(kw_only=True, eq=False)
class Account:
    """One person's account; every option is a situation that VK can put a client into.

    Attributes:
        login: what the person types in: a phone number or an e-mail address.
        password: the right one.
        user_id: the number VK knows the person by.
        first_name, last_name: for ``users.get`` and the pages.
        phone: the number that codes go to and that the phone check asks about, with ``+``.
        email: the address, or ``None``.
        two_factor: how VK confirms a login; ``"app"`` and ``"codegen"`` are the authenticator application.
        other_methods: what VK ID offers besides ``two_factor``; with ``"password"`` in it the code may be left out.
        code: the right code; by default ``"123456"``, for ``callreset`` ``"1234"``, for ``reserve_code``
            ``"12345678"``.
        sms_code: the code of an SMS that came instead of the first method; by default the ``code`` given, or
            ``"123456"``.
        code_length: what VK says about the length of the code; by default its real length.
        validation_resend: for ``"sms"``: nothing is sent before ``auth.validatePhone`` is called.
        resend_delay: seconds until a code can be sent again.
        validate_phone_form: how ``auth.validatePhone`` answers: ``"object"``, or ``"one"`` (``{"response": 1}``).
        captcha: the captcha before the login. ``"image"``: a picture; ``"redirect"``: the not-robot page, with a sid
            and a picture that says "not supported"; ``"both"``: either may be answered; ``"redirect_only"``: no sid and
            no picture; ``"api"``: at ``/token`` as an API error object with code 14.
        captcha_after_code: a captcha once the code was right; ``True`` is the kind of ``captcha``, or a picture.
        captcha_sid_type: whether JSON has sids as text or as numbers.
        captcha_on_steps: the steps of a VK ID login that want the captcha.
        success: what ``/token`` gives: a token, a token with a ``trusted_hash``, or a silent token.
        banned: the account is blocked.
        flood: VK's guard against too many logins answers: ``"flood"`` or ``"bruteforce"``; ``True`` is ``"flood"``.
        too_many_tries: ``True``: the answer to every login; a number: to the login after so many wrong codes.
        browser_check: ``/token`` wants a browser, until it was used: to bind a phone, for the phone check, or as for
            ``test_redirect_uri``.
        phone_digits: the old web login asks for the missing digits of the phone number.
        error_object: the number of an API error that ``/token`` answers with, as an object.
        raw_answer: status, content type and body that ``/token`` answers with, whatever it was asked.
        expires_in: seconds a token of ``/token`` lives; 0: for ever.
        can_skip_password: VK ID wants no password after the right code.
        look: which web login the person gets: the old pages as for ``display=page``, as for ``display=mobile``, as the
            client asks (``"old"``), or VK ID.
        consent: how the old consent page sends the person on: a form, a script, or there is no such page.
        consent_action: ``"cancel"``: the person refuses, whatever is asked.
        final: how the old pages hand over the token: by a redirect to the blank page, through ``auth_redirect`` with
            the address encoded once or twice, or through an ``auth_redirect`` page with a refresh tag or a script.
        groups: ids of the communities the person administers.
        verification: API methods answer with error 17 until the person passed this page; after ``"captcha"`` and
            ``"validate"`` comes the code, if the account has ``two_factor``.
        verification_outcome: how that page ends.
    """

    login: str
    password: str
    user_id: int
    first_name: str = "Sample"
    last_name: str = "Person"
    phone: str = "+79990000001"
    email: str | None = None
    two_factor: TwoFactorMethod | None = None
    other_methods: tuple[str, ...] = ()
    code: str = field(default="", repr=False)
    sms_code: str = field(default="", repr=False)
    code_length: int | None = None
    validation_resend: bool = False
    resend_delay: float = 60.0
    validate_phone_form: Literal["object", "one"] = "object"
    captcha: CaptchaKind | None = None
    captcha_after_code: CaptchaKind | bool = False
    captcha_sid_type: Literal["text", "number"] = "text"
    captcha_on_steps: tuple[str, ...] = ("connect_authorize",)
    success: Literal["token", "trusted_hash", "silent"] = "token"
    banned: bool = False
    flood: Literal["flood", "bruteforce"] | bool = False
    too_many_tries: bool | int = False
    browser_check: Literal["validate", "security", "test"] | None = None
    phone_digits: bool = False
    error_object: int | None = None
    raw_answer: tuple[int, str, bytes] | None = field(default=None, repr=False)
    expires_in: int = 0
    can_skip_password: bool = False
    look: Literal["page", "mobile", "old", "vkid"] = "vkid"
    consent: Literal["form", "script", "none"] = "form"
    consent_action: Literal["allow", "cancel"] = "allow"
    final: Literal["302", "auth_redirect", "auth_redirect_twice", "meta", "script"] = "302"
    groups: tuple[int, ...] = ()
    verification: Literal["security_check", "authcheck", "captcha", "validate", "validate_js"] | None = None
    verification_outcome: Literal["token", "success_without_token", "fail", "cancel"] = "token"
    sent: list[SentCode] = field(default_factory=list, init=False, repr=False)
    """The messages that were sent, oldest first."""
    wrong_codes: int = field(default=0, init=False)
    """How many wrong codes were tried since the last success."""
    trusted_hashes: set[str] = field(default_factory=set, init=False, repr=False)
    """The values that let a device do without a code."""

    def __post_init__(self) -> None:
        for each in fields(self):
            allowed = _CHOICES.get(each.name)
            if allowed is not None and getattr(self, each.name) not in allowed:
                raise ValueError(f"{each.name} must be one of {', '.join(map(repr, allowed))}")
        if unknown := set(self.captcha_on_steps) - _STEPS_WITH_CAPTCHA:
            raise ValueError(f"captcha_on_steps: no such step: {', '.join(sorted(unknown))}")
        given = self.code
        if not given:
            self.code = {"callreset": "1234", "reserve_code": "12345678"}.get(self.two_factor or "", "123456")
        if not self.sms_code:
            self.sms_code = given or "123456"
        if self.two_factor == "email" and self.email is None:
            self.email = "sample@mail.example"

    def __repr__(self) -> str:
        return f"<Account {self.user_id} {self.first_name} {self.last_name}>"

    @property
    def phone_digits_only(self) -> str:
        """The phone number without ``+``."""
        return self.phone.lstrip("+")

    @property
    def phone_mask(self) -> str:
        """The number as VK shows it before the person is known: country code and the last two digits."""
        return f"+{self.phone_digits_only[:1]} *** *** ** {self.phone_digits_only[-2:]}"

    @property
    def masked_email(self) -> str:
        """The address as VK shows it before the person is known."""
        name, _, domain = (self.email or "").partition("@")
        return f"{name[:1]}***@{domain}" if domain else ""

    @property
    def flood_kind(self) -> str:
        """``"flood"``, ``"bruteforce"`` or nothing."""
        return "flood" if self.flood is True else self.flood or ""

    @property
    def kind_of_captcha(self) -> CaptchaKind:
        """The kind of captcha wherever one is wanted of this person."""
        return self.captcha or "image"

    @property
    def kind_after_code(self) -> CaptchaKind | None:
        """The kind of captcha once the code was right."""
        if self.captcha_after_code is True:
            return self.kind_of_captcha
        return self.captcha_after_code or None

    def is_called(self, login: str) -> bool:
        """Whether ``login`` is this account's, however a phone number or an address is written."""
        return _plain(login) in {_plain(self.login), _plain(self.phone), _plain(self.email or self.login)}

    def expected_code(self, method: str) -> str:
        """The right code for a way of confirming."""
        return self.code if method == self.two_factor else self.sms_code

    def target(self, method: str) -> str:
        """Where a message goes."""
        return {"email": self.email or "", "push": "Sample phone"}.get(method, self.phone)


class AccountOptions(TypedDict, total=False):
    """What :meth:`VKSimulator.add_account` takes; see :class:`Account`."""

    login: str
    password: str
    user_id: int
    first_name: str
    last_name: str
    phone: str
    email: str | None
    two_factor: TwoFactorMethod | None
    other_methods: tuple[str, ...]
    code: str
    sms_code: str
    code_length: int | None
    validation_resend: bool
    resend_delay: float
    validate_phone_form: Literal["object", "one"]
    captcha: CaptchaKind | None
    captcha_after_code: CaptchaKind | bool
    captcha_sid_type: Literal["text", "number"]
    captcha_on_steps: tuple[str, ...]
    success: Literal["token", "trusted_hash", "silent"]
    banned: bool
    flood: Literal["flood", "bruteforce"] | bool
    too_many_tries: bool | int
    browser_check: Literal["validate", "security", "test"] | None
    phone_digits: bool
    error_object: int | None
    raw_answer: tuple[int, str, bytes] | None
    expires_in: int
    can_skip_password: bool
    look: Literal["page", "mobile", "old", "vkid"]
    consent: Literal["form", "script", "none"]
    consent_action: Literal["allow", "cancel"]
    final: Literal["302", "auth_redirect", "auth_redirect_twice", "meta", "script"]
    groups: tuple[int, ...]
    verification: Literal["security_check", "authcheck", "captcha", "validate", "validate_js"] | None
    verification_outcome: Literal["token", "success_without_token", "fail", "cancel"]


def _plain(login: str) -> str:
    text = login.strip().lower()
    return text if "@" in text else text.lstrip("+").replace(" ", "").replace("-", "")
