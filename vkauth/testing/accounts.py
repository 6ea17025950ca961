"""The people who have accounts at the simulated services, and how each of these treats them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple, TypeAlias, overload

from vkauth.testing.kakao.person import KakaoPerson
from vkauth.testing.options import about, check_options, describe_options, told_options
from vkauth.testing.tiktok.person import TikTokPerson

__all__ = ["Account", "Accounts", "CaptchaKind", "SentCode", "TwoFactorMethod"]

TwoFactorMethod: TypeAlias = Literal["sms", "app", "callreset", "libverify", "email", "push", "reserve_code", "codegen"]
CaptchaKind: TypeAlias = Literal["image", "redirect", "both", "redirect_only", "api"]

_STEPS_WITH_CAPTCHA: Final = frozenset({"validateAccount", "sendOtp", "checkOtp", "connect_authorize", "checkAuthCode"})
_WHO: Final = frozenset({"login", "password", "user_id", "first_name", "last_name", "phone", "email"})


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
    """One person's account; every option is a situation that VK can put a client into."""

    login: str = field(
        default="+79990000001", metadata=about("what the person types in, a phone number or an e-mail address")
    )
    password: str = field(default="sample-password", repr=False, metadata=about("the right one", as_text=False))
    user_id: int = field(default=0, metadata=about("the number VK knows the person by; 0: the next one"))
    first_name: str = field(default="Sample", metadata=about("for users.get and the pages"))
    last_name: str = field(default="Person", metadata=about("for users.get and the pages"))
    phone: str = field(
        default="", metadata=about("where codes go and what the phone check asks about, with +; by default the login")
    )
    email: str | None = field(default=None, metadata=about("the address; by default the login, if that is one"))
    sex: Literal["female", "male"] | None = field(default=None, metadata=about("if anybody knows"))
    birthday: str | None = field(default=None, metadata=about("as 1990-02-01, if anybody knows"))
    avatar: str = field(default="https://avatars.example/sample.jpg", metadata=about("the address of the picture"))
    more_fields: Mapping[str, object] = field(
        default_factory=dict,
        repr=False,
        metadata=about("fields of users.get by their names, besides or instead of those known", as_text=False),
    )
    kakao: KakaoPerson = field(
        default_factory=KakaoPerson,
        repr=False,
        metadata=about("what Kakao knows otherwise or besides: a KakaoPerson", as_text=False),
    )
    tiktok: TikTokPerson = field(
        default_factory=TikTokPerson,
        repr=False,
        metadata=about("what TikTok knows otherwise or besides: a TikTokPerson", as_text=False),
    )
    two_factor: TwoFactorMethod | None = field(
        default=None, metadata=about("how VK confirms a login; 'app' and 'codegen' are the authenticator application")
    )
    other_methods: tuple[str, ...] = field(
        default=(),
        metadata=about("what VK ID offers besides two_factor; with 'password' in it the code may be left out"),
    )
    code: str = field(
        default="",
        repr=False,
        metadata=about("the right code; by default 123456, for callreset 1234, for reserve_code 12345678"),
    )
    sms_code: str = field(
        default="",
        repr=False,
        metadata=about(
            "the code of an SMS that came instead of the first method; by default the code given, or 123456"
        ),
    )
    code_length: int | None = field(
        default=None, metadata=about("what VK says about the length of the code; by default its real length")
    )
    validation_resend: bool = field(
        default=False, metadata=about("for 'sms': nothing is sent before auth.validatePhone is called")
    )
    resend_delay: float = field(default=60.0, metadata=about("seconds until a code can be sent again"))
    validate_phone_form: Literal["object", "one"] = field(
        default="object", metadata=about("how auth.validatePhone answers: with an object, or with 1")
    )
    captcha: CaptchaKind | None = field(
        default=None,
        metadata=about(
            "the captcha before the login; 'image': a picture; 'redirect': the not-robot page, with a sid and a "
            "picture that says 'not supported'; 'both': either may be answered; 'redirect_only': no sid and no "
            "picture; 'api': at /token as an API error object with code 14"
        ),
    )
    captcha_after_code: CaptchaKind | bool = field(
        default=False, metadata=about("a captcha once the code was right; True: of the kind of captcha, or a picture")
    )
    captcha_sid_type: Literal["text", "number"] = field(
        default="text", metadata=about("whether JSON has sids as text or as numbers")
    )
    captcha_on_steps: tuple[str, ...] = field(
        default=("connect_authorize",), metadata=about("the steps of a login by VK ID or QR code that want it")
    )
    success: Literal["token", "trusted_hash", "silent"] = field(
        default="token", metadata=about("what /token gives: a token, a token with a trusted_hash, or a silent token")
    )
    banned: bool = field(default=False, metadata=about("the account is blocked"))
    flood: Literal["flood", "bruteforce"] | bool = field(
        default=False, metadata=about("VK's guard against too many logins answers; True is 'flood'")
    )
    too_many_tries: bool | int = field(
        default=False,
        metadata=about("True: the answer to every login; a number: to the login after so many wrong codes"),
    )
    language: Literal["ru", "en"] = field(
        default="ru", metadata=about("the language in which the old login page says why it refuses")
    )
    browser_check: Literal["validate", "security", "test"] | None = field(
        default=None,
        metadata=about(
            "/token wants a browser, until it was used: to bind a phone, for the phone check, or for test_redirect_uri"
        ),
    )
    phone_digits: bool = field(
        default=False, metadata=about("the old web login asks for the missing digits of the phone number")
    )
    error_object: int | None = field(
        default=None, metadata=about("the number of an API error that /token answers with, as an object")
    )
    raw_answer: tuple[int, str, bytes] | None = field(
        default=None,
        repr=False,
        metadata=about("status, content type and body that /token answers with, whatever it was asked", as_text=False),
    )
    expires_in: int = field(default=0, metadata=about("seconds a token of /token lives; 0: for ever"))
    can_skip_password: bool = field(default=False, metadata=about("VK ID wants no password after the right code"))
    look: Literal["page", "mobile", "old", "vkid"] = field(
        default="vkid",
        metadata=about(
            "which web login the person gets: the old pages as for display=page, as for display=mobile, as the client "
            "asks ('old'), or VK ID"
        ),
    )
    consent: Literal["form", "script", "none"] = field(
        default="form", metadata=about("how the old consent page sends the person on, or that there is no such page")
    )
    consent_action: Literal["allow", "cancel"] = field(
        default="allow", metadata=about("'cancel': the person refuses, whatever is asked")
    )
    final: Literal["302", "auth_redirect", "auth_redirect_twice", "meta", "script"] = field(
        default="302",
        metadata=about(
            "how the old pages hand over the token: by a redirect to the blank page, through auth_redirect with the "
            "address encoded once or twice, or through an auth_redirect page with a refresh tag or a script"
        ),
    )
    groups: tuple[int, ...] = field(default=(), metadata=about("ids of the communities the person administers"))
    verification: Literal["security_check", "authcheck", "captcha", "validate", "validate_js"] | None = field(
        default=None,
        metadata=about(
            "API methods answer with error 17 until the person passed this page; after 'captcha' and 'validate' comes "
            "the code, if the account has two_factor"
        ),
    )
    verification_outcome: Literal["token", "success_without_token", "fail", "cancel"] = field(
        default="token", metadata=about("how that page ends")
    )
    sent: list[SentCode] = field(default_factory=list, init=False, repr=False)
    """The messages that were sent, oldest first."""
    wrong_codes: int = field(default=0, init=False)
    """How many wrong codes were tried since the last success."""
    trusted_hashes: set[str] = field(default_factory=set, init=False, repr=False)
    """The values that let a device do without a code."""
    verified: bool = field(default=False, init=False)
    """Whether the page of ``verification`` was passed."""
    checked_in_browser: bool = field(default=False, init=False)
    """Whether a browser did what ``browser_check``, ``error_object`` or ``phone_digits`` wanted."""

    def __post_init__(self) -> None:
        check_options(self)
        if unknown := set(self.captcha_on_steps) - _STEPS_WITH_CAPTCHA:
            raise ValueError(f"captcha_on_steps: no such step: {', '.join(sorted(unknown))}")
        if self.birthday is not None:
            try:
                date.fromisoformat(self.birthday)
            except ValueError:
                raise ValueError("birthday must be a date like 1990-02-01") from None
        given = self.code
        if not given:
            self.code = {"callreset": "1234", "reserve_code": "12345678"}.get(self.two_factor or "", "123456")
        if not self.sms_code:
            self.sms_code = given or "123456"
        if not self.phone:
            number = self.login.lstrip("+")
            self.phone = f"+{number}" if number.isdecimal() else "+79990000001"
        if self.email is None and "@" in self.login:
            self.email = self.login
        if self.two_factor == "email" and self.email is None:
            self.email = "sample@mail.example"

    def __repr__(self) -> str:
        return f"<Account {self.user_id} {self.first_name} {self.last_name}>"

    def picture(self, size: int) -> str:
        """The address of the picture, in a size of so many pixels."""
        return f"{self.avatar}{'&' if '?' in self.avatar else '?'}size={size}"

    @property
    def situation(self) -> str:
        """What this account does otherwise than one without options."""
        return ", ".join(told_options(self, besides=_WHO)) or "a plain login"

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
    def has_tried_too_much(self) -> bool:
        """Whether ``too_many_tries`` is the answer now."""
        if self.too_many_tries is True:
            return True
        return self.too_many_tries is not False and self.wrong_codes >= self.too_many_tries

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

    def send_code(self, method: str) -> None:
        """Send the person the code by ``method``."""
        self.sent.append(SentCode(method, self.expected_code(method), self.target(method)))


if Account.__doc__:  # python -OO leaves no docstrings
    Account.__doc__ += f"\n\nArgs:\n{describe_options(Account)}\n"


class Accounts(Sequence[Account]):
    """The people, in the order in which they were added."""

    def __init__(self) -> None:
        self._accounts: list[Account] = []

    @overload
    def __getitem__(self, index: int) -> Account: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Account]: ...
    def __getitem__(self, index: int | slice) -> Account | Sequence[Account]:
        return self._accounts[index]

    def __len__(self) -> int:
        return len(self._accounts)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts)

    def __repr__(self) -> str:
        return f"<Accounts {self._accounts}>"

    def add(self, account: Account) -> None:
        """Add a person, with the next number if none was given.

        Raises:
            ValueError: the login is taken.
        """
        if self.find(account.login) is not None:
            raise ValueError("there is an account with this login already")
        account.user_id = account.user_id or 100001 + len(self)
        self._accounts.append(account)

    def find(self, login: str) -> Account | None:
        """Find an account by its login, phone number or e-mail address."""
        return next((each for each in self._accounts if login and each.is_called(login)), None)

    @property
    def look(self) -> str:
        """Which web login somebody gets who is not logged in: that of the newest account."""
        return self._accounts[-1].look if self._accounts else "vkid"


def _plain(login: str) -> str:
    text = login.strip().lower()
    return text if "@" in text else text.lstrip("+").replace(" ", "").replace("-", "")
