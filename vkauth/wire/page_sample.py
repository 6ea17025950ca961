"""What a page looks like, without what it says: safe to paste into a bug report.

Kept are the structure, the names of known elements and attributes, and the names that pages are known to have. Of
every value and text only its kind and length are left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

__all__ = ["LONGEST_INPUT", "is_plain_name", "make_sample"]

LONGEST_INPUT: Final = 64 * 1024
"""Characters of a page that are looked at."""

_LONGEST_SAMPLE: Final = 16 * 1024
_MOST_TAGS: Final = 1000
_MOST_NAMES: Final = 8
_MOST_ITEMS: Final = 5
_DEEPEST: Final = 8


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELEMENTS: Final = _words("""
    a abbr address article aside b base blockquote body br button center code dd details div dl dt em fieldset figure
    font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input label legend li link main
    meta nav noscript ol option p pre script section select small source span strong style sub summary sup svg table
    tbody td template textarea tfoot th thead time title tr u ul video
""")
_ATTRIBUTES: Final = _words("""
    accept-charset action alt autocomplete autofocus charset checked class cols content disabled enctype for form
    height hidden href http-equiv id lang maxlength media method name novalidate onclick onload onsubmit pattern
    placeholder readonly rel required role rows selected size src style tabindex target title type value width
""")
_NAMING: Final = _words("name id class for form")
# Values that say what an element is, not what is in it.
_PLAIN_VALUES: Final = {
    "type": _words("""
        hidden text password submit button checkbox radio file image reset email tel number text/javascript text/css
        application/json module
    """),
    "method": _words("get post"),
    "http-equiv": _words("refresh content-type x-ua-compatible"),
    "rel": _words("stylesheet icon canonical"),
}
_NAMES: Final = _words("""
    access_token account account_verification act action al al_page api app app_id auth auth_hash authcheck ban_info
    button callback captcha captcha_img captcha_key captcha_sid captcha_track client_id code code_length code_type
    confirm consent content data description device_id display email error error_code error_description error_info
    error_msg error_reason error_subcode error_text error_type error_uri expire expires_in form group_id group_ids
    groups hash header host_app_id id image info ip_h lang lang_id lg_domain_h lg_h list login login_form mask message
    methods name next_step oauth page pass password payload permissions phone phone_mask priority prompt provider
    push redirect redirect_uri remember response response_type restore_url return_auth return_auth_hash
    role scope secret security_check service_msg service_msg_warning session settings sid sms state status sub
    submit success success_token timeout title to token trusted_hash type user user_id username utf8 uuid v validate
    validation_sid validation_type value version
""")
"""Names that pages and answers are known to have. Of another one nobody knows that it is no person's."""
_LONGEST_NAME: Final = 32
_MOST_DIGITS: Final = 3
_MOST_CAPITALS: Final = 3
_NAME: Final = re.compile(r"_{0,2}[A-Za-z]+(?:[_\-]{1,2}[A-Za-z0-9]+|[0-9]+|\[[a-z]*\])*+")
_HEX_RUN: Final = re.compile(r"[0-9a-fA-F]{8}")
_DIGITS: Final = re.compile(r"[0-9]+")
_HEX: Final = re.compile(r"[0-9a-fA-F]{8,}")
_URL: Final = re.compile(r"(?:[a-z][a-z+.\-]{0,15}:)?//|[/?#]")
_WORD: Final = re.compile(r"[!-~]{17,}")


def is_plain_name(text: str) -> bool:
    """Whether ``text`` looks like the name of a field, rather than like a token, a code or anything a person typed."""
    return (
        len(text) <= _LONGEST_NAME
        and _NAME.fullmatch(text) is not None
        and _HEX_RUN.search(text) is None
        and sum(each.isdigit() for each in text) <= _MOST_DIGITS
        and sum(each.isupper() for each in text) <= _MOST_CAPITALS
    )


def make_sample(text: str) -> str:
    """Return what is left of a page or of a JSON answer once nothing in it can be a secret.

    Not more than the first :data:`LONGEST_INPUT` characters are looked at, and the sample has at most 16 KiB.
    """
    text = text[:LONGEST_INPUT]
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError):
            return f"{{broken json {len(text)}}}"
        sample = json.dumps(_rewrite_value(value, 0), indent=1, ensure_ascii=True)
    elif start == "<":
        sample = _rewrite_page(text)
    else:
        sample = _kind(text)
    return sample if len(sample) <= _LONGEST_SAMPLE else sample[:_LONGEST_SAMPLE] + "…"


def _kind(text: str) -> str:
    """The kind and the length of a text."""
    stripped = text.strip()
    size = len(stripped)
    if not stripped:
        return "{empty}"
    if stripped[0] in "{[":
        return _json_kind(stripped)
    if _DIGITS.fullmatch(stripped):
        return f"{{digits {size}}}"
    if _HEX.fullmatch(stripped):
        return f"{{hex {size}}}"
    if _URL.match(stripped) and " " not in stripped:
        return f"{{url {size}}}"
    if _WORD.fullmatch(stripped):
        return f"{{token {size}}}"
    return f"{{text {size}}}"


def _json_kind(text: str) -> str:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return f"{{text {len(text)}}}"
    if isinstance(value, dict):
        return f"{{json object {len(value)} keys}}"
    return f"{{json list {len(value) if isinstance(value, list) else 0} items}}"


def _rewrite_value(value: object, depth: int) -> object:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return f"{{number {len(str(value))}}}"
    if isinstance(value, str):
        return _kind(value)
    if depth == _DEEPEST:
        return "{more}"
    if isinstance(value, list):
        items = [_rewrite_value(each, depth + 1) for each in value[:_MOST_ITEMS]]
        left = len(value) - len(items)
        return [*items, f"{{{left} more}}"] if left else items
    assert isinstance(value, dict), "json knows no other values"
    rewritten: dict[str, object] = {}
    for number, (name, inner) in enumerate(value.items()):
        rewritten[name if name in _NAMES else f"{{name {number}: {len(name)}}}"] = _rewrite_value(inner, depth + 1)
    return rewritten


def _rewrite_page(text: str) -> str:
    from bs4 import BeautifulSoup

    # A processing instruction is a comment to a browser, and would make bs4 warn of XML.
    text = "<".join(text.split("<", _MOST_TAGS)[:_MOST_TAGS]).replace("<?", "<!")
    soup = BeautifulSoup(text, "lxml")
    for string in list(_strings(soup)):
        string.replace_with(_rewritten_string(string))
    for tag in soup.find_all(True):
        _rewrite_tag(tag)
    return soup.decode(formatter=cast("Any", None))  # nothing is left to be escaped


def _strings(soup: BeautifulSoup) -> Iterator[Any]:
    from bs4.element import NavigableString

    return (each for each in soup.descendants if isinstance(each, NavigableString))


def _rewritten_string(string: Any) -> Any:
    from bs4.element import NavigableString

    kind = type(string).__name__.lower()
    if kind == "navigablestring":
        return NavigableString(_kind(string) if string.strip() else "\n" if "\n" in string else " ")
    return NavigableString(f"{{{kind} {len(string)}}}")  # comment, script, stylesheet, doctype ...


def _rewrite_tag(tag: Tag) -> None:
    if tag.name not in _ELEMENTS:
        tag.name = "unknown"
    tag.prefix = None
    attributes = list(tag.attrs.items())
    tag.attrs.clear()
    unknown = 0
    for name, value in attributes:
        text = value if isinstance(value, str) else " ".join(value)
        if name in _ATTRIBUTES:
            tag.attrs[name] = _rewrite_attribute(name, text)
        else:
            unknown += 1
    if unknown:
        tag.attrs["unknown"] = f"{{{unknown} attributes}}"


def _rewrite_attribute(name: str, value: str) -> str:
    if name in _NAMING:
        names = value.split() if name == "class" else [value]
        kept = [each if each in _NAMES else f"{{name {len(each)}}}" for each in names[:_MOST_NAMES]]
        return " ".join(kept) + (" …" if len(names) > _MOST_NAMES else "")
    plain = value.lower() in _PLAIN_VALUES.get(name, ())
    return value.lower() if plain else _kind(value)
