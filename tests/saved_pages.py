"""The pages and answers in ``tests/pages``, as the library gets them.

Each folder is one case: the bytes that VK sends (``page.html``, ``answer.json``, ``answer.txt``; none for a redirect)
and ``case.json``, which says where they came from, when such markup was last seen, and what they mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from yarl import URL

from vkauth.errors import AuthError
from vkauth.protocol.outcomes import Refused
from vkauth.wire.http import Response

FOLDER = Path(__file__).parent / "pages"
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class SavedPage:
    """One case."""

    name: str
    response: Response
    page: str
    expected: Mapping[str, Any]
    seen: str
    source: str


def load(name: str) -> SavedPage:
    """Read one case."""
    folder = FOLDER / name
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    bodies = [each.read_bytes() for each in folder.iterdir() if each.name != "case.json"]
    assert len(bodies) <= 1, f"{name} has more than one body"
    response = Response(URL(case["url"]), case["status"], case["headers"], b"".join(bodies), NOW)
    return SavedPage(name, response, case["page"], case["expected"], case["seen"], case["source"])


def saved_pages() -> list[SavedPage]:
    """All cases."""
    return [load(each.name) for each in sorted(FOLDER.iterdir())]


def answer(
    url: str | URL,
    body: str | bytes = b"",
    *,
    status: int = 200,
    location: str | None = None,
    headers: Mapping[str, str] | None = None,
    method: Literal["GET", "POST"] = "GET",
) -> Response:
    """An answer that a test makes up itself."""
    given = dict(headers or {}) | ({} if location is None else {"location": location})
    content = body.encode() if isinstance(body, str) else body
    return Response(URL(url), status if location is None or status != 200 else 302, given, content, NOW, method)


def refusal(page: object) -> AuthError:
    """The error of a page that must be a refusal."""
    assert isinstance(page, Refused), page
    return page.error


def json_answer(url: str | URL, value: object, *, status: int = 200) -> Response:
    """An answer in JSON."""
    return answer(url, json.dumps(value), status=status, headers={"content-type": "application/json; charset=utf-8"})
