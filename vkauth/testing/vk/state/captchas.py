"""The captchas that were shown, what is the right answer to each, and whether it was given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, overload
from urllib.parse import parse_qs, urlsplit

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import CaptchaKind
from vkauth.testing.entropy import Entropy
from vkauth.testing.vk.wire import Links

__all__ = ["Captchas", "Challenge"]

LIFETIME: Final = 300.0
"""Seconds that a captcha session lives, and a success token after it."""
_EPOCH: Final = 1_700_000_000.0


@dataclass(kw_only=True, eq=False)
class Challenge:
    """One captcha.

    Attributes:
        sid: its id; not told to the client where ``kind`` is ``"redirect_only"``.
        session_token: names it in the address of the not-robot page.
        kind: what it is made of.
        owner: the login (or token) it stands before.
        stage: the step it stands before.
        attempt: 1, and one more after each refused answer.
        text: what the picture shows.
        remixstlid: a number to be sent back where it was given.
        issued_at: by the simulator's clock, seconds.
        fetches: how often the picture was fetched; each time it is drawn anew.
    """

    sid: str
    session_token: str = field(repr=False)
    kind: CaptchaKind
    owner: str
    stage: str
    attempt: int
    text: str = field(repr=False)
    remixstlid: int | None
    issued_at: float
    numeric_sid: bool = False
    fetches: int = 0
    success_tokens: dict[str, float] = field(default_factory=dict, repr=False)
    state: Literal["open", "passed", "spent"] = "open"

    @property
    def has_picture(self) -> bool:
        """Whether the text of the picture is an answer."""
        return self.kind in ("image", "both")

    @property
    def has_page(self) -> bool:
        """Whether the not-robot page is a way to an answer."""
        return self.kind != "image"

    @property
    def tells_sid(self) -> bool:
        """Whether the client is told ``sid`` and a picture."""
        return self.kind != "redirect_only"


class Captchas(Sequence[Challenge]):
    """Issues captchas and judges the answers; as a sequence, all that were shown, oldest first.

    Attributes:
        strict_remixstlid: whether ``remixstlid`` must come back where it was given; by default it may be left out.
    """

    def __init__(self, clock: Callable[[], float], entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._challenges: list[Challenge] = []
        self._by_sid: dict[str, Challenge] = {}
        self._by_session: dict[str, Challenge] = {}
        self._by_owner: defaultdict[str, list[Challenge]] = defaultdict(list)
        self.strict_remixstlid: bool = False

    @overload
    def __getitem__(self, index: int) -> Challenge: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Challenge]: ...
    def __getitem__(self, index: int | slice) -> Challenge | Sequence[Challenge]:
        return self._challenges[index]

    def __len__(self) -> int:
        return len(self._challenges)

    def __iter__(self) -> Iterator[Challenge]:
        return iter(self._challenges)

    def __repr__(self) -> str:
        return f"<Captchas {self._challenges}>"

    def demand(
        self,
        params: Mapping[str, str],
        *,
        owner: str,
        stage: str,
        kind: CaptchaKind,
        numeric_sid: bool = False,
        continuing: bool = False,
        sid_required: bool = False,
    ) -> Challenge | None:
        """Judge the answer in a request.

        Args:
            params: the request's parameters.
            owner: whose login (or token) it is.
            stage: the step that wants a captcha.
            kind: what a new captcha is made of.
            numeric_sid: JSON has the sid as a number.
            continuing: the request goes on with a login (it has a code): a captcha passed before it counts.
            sid_required: a success token counts only together with its sid, as at ``/token``.

        Returns:
            ``None`` when passed, else the captcha to show.
        """
        mine = [each for each in self._by_owner[owner] if each.stage == stage]
        answered = next((each for each in reversed(mine) if _is_about(each, params)), None)
        if answered is not None:
            if answered.state == "passed" or (answered.state == "open" and self._right(answered, params, sid_required)):
                answered.state = "passed"
                return None
            if answered.state == "open":
                answered.state = "spent"
        elif continuing and any(each.state == "passed" for each in mine):
            return None
        attempt = answered.attempt + 1 if answered is not None else 1
        return self._issue(owner, stage, kind, attempt, numeric_sid)

    def complete(self, owner: str, params: Mapping[str, str]) -> None:
        """The login succeeded: what it used up is used up."""
        passed = [each for each in self._by_owner[owner] if each.state == "passed"]
        carried = [each for each in passed if _is_about(each, params)]
        # A client that does not repeat its captcha answer with the code is taken to have passed the oldest one.
        stages = {each.stage for each in carried}
        for each in passed:
            if each in carried or each.stage not in stages:
                each.state = "spent"
                stages.add(each.stage)

    def by_sid(self, sid: str) -> Challenge | None:
        """Find a captcha by its sid."""
        return self._by_sid.get(sid)

    def by_page(self, redirect_uri: str) -> Challenge | None:
        """Find a captcha by the address of its page."""
        return self.by_session(parse_qs(urlsplit(redirect_uri).query).get("session_token", [""])[0])

    def by_session(self, session_token: str) -> Challenge | None:
        """Find a captcha by the token in the address of its page."""
        return self._by_session.get(session_token)

    def press(self, challenge: Challenge) -> str | None:
        """A person presses the button: return a success token, or ``None`` if the session is over."""
        if challenge.state != "open" or not challenge.has_page or self.is_old(challenge):
            return None
        token = self._entropy.token("")
        challenge.success_tokens[token] = self._clock()
        return token

    def expire(self, challenge: Challenge) -> None:
        """End its session before its time."""
        challenge.issued_at = float("-inf")

    def is_old(self, challenge: Challenge) -> bool:
        """Whether its session has expired."""
        return self._clock() - challenge.issued_at > LIFETIME

    def fields(self, challenge: Challenge, links: Links, *, source: str = "api-oauth") -> dict[str, object]:
        """What JSON says of a captcha. ``source`` is where it came from, as the picture's address tells it."""
        values: dict[str, object] = {}
        if challenge.tells_sid:
            values["captcha_sid"] = int(challenge.sid) if challenge.numeric_sid else challenge.sid
            values["captcha_img"] = self.image_url(challenge, links, source=source)
            values["captcha_ts"] = round(_EPOCH + challenge.issued_at, 3)
            values["captcha_attempt"] = challenge.attempt
            values["captcha_ratio"] = 2.6
            values["is_refresh_enabled"] = challenge.has_picture
            values["is_sound_captcha_available"] = challenge.has_picture
            if challenge.has_picture:
                track = {"captcha_sid": challenge.sid, "act": "get", "source": source}
                values["captcha_track"] = links.url(Host.WEB, "/sound_captcha.php", track)
        if challenge.has_page:
            values["redirect_uri"] = self.page_url(challenge, links)
        if challenge.remixstlid is not None:
            values["remixstlid"] = challenge.remixstlid
        return values

    def image_url(self, challenge: Challenge, links: Links, *, source: str = "") -> str:
        """The absolute address of the picture."""
        query: dict[str, str | int] = {"sid": challenge.sid}
        query |= {"source": source, "resized": 1} if source else {"dif": 1}
        return links.url(Host.API, "/captcha.php", query)

    def page_url(self, challenge: Challenge, links: Links) -> str:
        """The address of the not-robot page."""
        query: dict[str, str | int] = {"domain": "vk.com", "session_token": challenge.session_token}
        return links.url(Host.ID, "/not_robot_captcha", {**query, "variant": "popup", "blank": 1})

    def _issue(self, owner: str, stage: str, kind: CaptchaKind, attempt: int, numeric_sid: bool) -> Challenge:
        api = kind in ("api", "redirect_only") or stage.startswith("api:")
        challenge = Challenge(
            sid=self._entropy.digits(12),
            session_token=self._entropy.token("eyJ."),
            kind=kind,
            owner=owner,
            stage=stage,
            attempt=attempt,
            text=self._entropy.captcha_text(),
            remixstlid=9_000_000_000_000_000_000 + int(self._entropy.digits(6)) if api and kind != "image" else None,
            issued_at=self._clock(),
            numeric_sid=numeric_sid,
        )
        self._challenges.append(challenge)
        self._by_sid[challenge.sid] = challenge
        self._by_session[challenge.session_token] = challenge
        self._by_owner[owner].append(challenge)
        return challenge

    def _right(self, challenge: Challenge, params: Mapping[str, str], sid_required: bool) -> bool:
        if self.is_old(challenge):
            return False
        if challenge.has_picture and params.get("captcha_sid") == challenge.sid:
            given = params.get("captcha_key", "").strip().lower()
            if given == challenge.text:
                return True
        pressed_at = challenge.success_tokens.get(params.get("success_token", ""))
        if pressed_at is None or self._clock() - pressed_at > LIFETIME:
            return False
        if sid_required and challenge.tells_sid and params.get("captcha_sid") != challenge.sid:
            return False
        if challenge.remixstlid is not None:
            given = params.get("remixstlid", "")
            return given == str(challenge.remixstlid) or (not given and not self.strict_remixstlid)
        return True


def _is_about(challenge: Challenge, params: Mapping[str, str]) -> bool:
    if challenge.tells_sid and params.get("captcha_sid") == challenge.sid:
        return True
    return params.get("success_token", "") in challenge.success_tokens
