"""A person as Kakao's API shows them to an application: what was agreed to, and what could be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from vkauth.testing.accounts import Account
from vkauth.testing.kakao.apps import KakaoApp
from vkauth.testing.kakao.state import KakaoState

__all__ = ["age_range", "email_of", "moment", "phone_of", "pictures", "profile", "select"]

_AGE_GROUPS: Final = ((9, "1~9"), (14, "10~14"), (19, "15~19"))
_LARGEST: Final = 640
_SMALL: Final = 110


def moment(seconds: float) -> str:
    """A time as RFC 3339 writes it, in UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def email_of(account: Account) -> str:
    """The address Kakao knows; empty: none."""
    given = account.kakao.email
    return (account.email or "") if given is None else given


def phone_of(account: Account) -> str:
    """The number Kakao knows."""
    return account.kakao.phone_number or account.phone


def age_range(account: Account, now: float) -> str | None:
    """The age group as the API writes it (a tilde between the numbers), if there is a way to know."""
    if account.kakao.age_range is not None or account.birthday is None:
        return account.kakao.age_range
    born, today = date.fromisoformat(account.birthday), datetime.fromtimestamp(now, UTC).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    for highest, name in _AGE_GROUPS:
        if age <= highest:
            return name
    first = age // 10 * 10
    return "90~" if first >= 90 else f"{first}~{first + 9}"


def pictures(account: Account, *, secure: bool) -> tuple[str, str]:
    """The addresses of the large and of the small picture: http ones unless https ones are wanted."""
    large, small = (account.picture(each) for each in (_LARGEST, _SMALL))
    return (large, small) if secure else (_plain(large), _plain(small))


def _plain(address: str) -> str:
    return address.replace("https://", "http://", 1)


def profile(state: KakaoState, account: Account, app: KakaoApp, *, secure: bool) -> dict[str, object]:
    """The whole answer of ``/v2/user/me``."""
    values: dict[str, object] = {"id": state.user_id(account)}
    connected_at = state.connected_at.get((account.user_id, app.client_id))
    if connected_at is not None:
        values["connected_at"] = moment(connected_at)
    if account.kakao.properties:
        values["properties"] = dict(account.kakao.properties)
    shown: dict[str, object] = {}
    agreed = state.agreed(account, app)
    for item in app.items:
        _add_item(state, account, shown, item, agreed=item in agreed, secure=secure)
    if shown:
        values["kakao_account"] = shown
    return values


def _add_item(
    state: KakaoState, account: Account, shown: dict[str, object], item: str, *, agreed: bool, secure: bool
) -> None:
    name = {"account_email": "email", "account_ci": "ci"}.get(item, item)
    known = _values(state, account, name, secure=secure)
    if known is None:
        return
    shown[f"{name}_needs_agreement"] = not agreed
    if not agreed:
        return
    picture = known.pop("profile", None)
    if isinstance(picture, dict):
        before = shown.get("profile")
        shown["profile"] = {**before, **picture} if isinstance(before, dict) else picture
    shown.update(known)


def _values(state: KakaoState, account: Account, name: str, *, secure: bool) -> dict[str, object] | None:
    """What there is to say of an item; ``None``: nothing is said of it at all."""
    person = account.kakao
    born = account.birthday
    large, small = pictures(account, secure=secure)
    values: Mapping[str, dict[str, object]] = {
        "profile_nickname": {"profile": {"nickname": nickname(account), "is_default_nickname": person.default_profile}},
        "profile_image": {
            "profile": {
                "thumbnail_image_url": small,
                "profile_image_url": large,
                "is_default_image": person.default_profile,
            }
        },
        "name": {"name": f"{account.first_name} {account.last_name}"},
        "email": {
            "is_email_valid": person.email_valid,
            "is_email_verified": person.email_verified,
            "email": email_of(account),
        }
        if email_of(account)
        else {},
        "age_range": _if_known("age_range", age_range(account, state.unix_time())),
        "birthyear": _if_known("birthyear", born and born[:4]),
        "birthday": {
            "birthday": born[5:7] + born[8:10],
            "birthday_type": person.birthday_type,
            "is_leap_month": person.is_leap_month,
        }
        if born
        else {},
        "gender": _if_known("gender", account.sex),
        "phone_number": {"phone_number": phone_of(account)},
        "ci": {"ci": person.ci, "ci_authenticated_at": moment(state.unix_time())} if person.ci else {},
    }
    return values.get(name)


def nickname(account: Account) -> str:
    """What the person is called at Kakao."""
    return account.first_name if account.kakao.nickname is None else account.kakao.nickname


def _if_known(name: str, value: str | None) -> dict[str, object]:
    return {name: value} if value else {}


def select(values: dict[str, object], property_keys: str) -> dict[str, object]:
    """The part of a profile that ``property_keys`` names; a name with a dot at its end is all that is below it.

    Raises:
        ValueError: it is no list of texts in JSON.
    """
    keys = json.loads(property_keys)
    if not isinstance(keys, list) or not all(isinstance(each, str) for each in keys):
        raise ValueError("property_keys")
    kept: dict[str, object] = {name: values[name] for name in ("id", "connected_at") if name in values}
    for key in keys:
        parent, _, child = key.partition(".")
        below = values.get(parent)
        if not isinstance(below, dict):
            continue
        names = below if not child else [name for name in below if _belongs(name, child)]
        before = kept.get(parent)
        kept[parent] = (before if isinstance(before, dict) else {}) | {name: below[name] for name in names}
    return kept


def _belongs(name: str, wanted: str) -> bool:
    # An e-mail address comes with its marks, and every item with whether it needs to be agreed to.
    wanted = wanted.partition(".")[0]
    marks = (f"is_{wanted}_valid", f"is_{wanted}_verified")
    return name in (wanted, *marks) or (name.startswith(f"{wanted}_") and name.endswith("_needs_agreement"))
