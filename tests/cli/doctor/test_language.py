"""The doctor in Russian: what a person sees. Programs and maintainers are told in English."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.conftest import Command
from cli.doctor.conftest import ended, fill
from cli.test_language import LATIN, NAMES
from vkauth.cli.commands.doctor import clocks, keyrings, look, modes, reachability, versions
from vkauth.cli.commands.doctor.drawing import summary
from vkauth.cli.commands.doctor.findings import Check, Part, Status
from vkauth.cli.commands.doctor.records import judge_damage, judge_ended
from vkauth.cli.commands.doctor.said import capital, counted, here, joined, lasting, said
from vkauth.cli.commands.doctor.store import judge_server
from vkauth.cli.commands.doctor.troubles import Way, trouble
from vkauth.cli.language import spoken
from vkauth.errors import AuthError, AuthErrorCode, TokenStoreError
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.outcomes import Refused
from vkauth.tokens import RedisSettings, StoredToken, TokenRecord

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WAY = Way(10.0, has_proxy=False, ignored="HTTPS_PROXY", other_domain="vk.com")
posix = pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
# What is called the same in every language: hosts, packages, states of errors.
SAME = re.compile(
    r"\b(?:oauth|api|vk|DNS|lxml|redis|yarl|seal|cli|browser|keyring|id_token|wal|shm|sample|[a-z]+\.[a-z.]+|[A-Z][A-Z_]+|[A-Z][a-z]+Error|s)\b"
)


def _causes() -> Iterator[tuple[str, str]]:
    for cause in (
        "ClientProxyConnectionError", "ClientHttpProxyError", "ClientConnectorDNSError",
        "ClientConnectorCertificateError", "ClientConnectorSSLError", "ECONNREFUSED", "ENETUNREACH", "",
    ):  # fmt: skip
        yield trouble(AuthError(AuthErrorCode.NETWORK_ERROR, "sample words", details={"cause": cause}), WAY)
    for code in (AuthErrorCode.TIMEOUT, AuthErrorCode.UNEXPECTED_RESPONSE):
        yield trouble(AuthError(code, "sample words"), WAY)


def _parts() -> Iterator[Part]:
    for ahead in (5.0, -100.0, 4000.0, 900000.0):
        yield from clocks.judge([clocks.Reading(ahead, 0.1)], NOW + timedelta(seconds=ahead), NOW, "other")
    yield from clocks.judge([], None, NOW, "linux")
    for state in ("missing", "slow", "failed", "none", "there"):
        yield keyrings.judge(keyrings.KeyringView(state, "keyring.backends.sample"), wanted=True, limit=5)
    for code in AuthErrorCode:
        yield look.judge(Refused(AuthError(code, "sample words")), WAY).part
    for mode, owner in ((0o100644, 1), (0o40755, 1), (0o41777, 1), (0o100600, 2), (0o100600, 1)):
        yield from modes.judge([modes.Entry("the store's folder", "/t/x", mode, owner)], 1)
    yield from modes.judge([], 1)
    answers = [reachability.Answer(Host.API, AuthError(AuthErrorCode.TIMEOUT, "sample words"), 1.0)]
    yield from reachability.judge(answers, Endpoints(), WAY)
    token = StoredToken(token="SAMPLE-token", expires_at=ended())
    yield from judge_ended([TokenRecord(key=str(each), token=token, version=1, saved_at=NOW) for each in range(7)])
    for name in ("STORE_CORRUPT", "WRONG_KEY", "KEY_UNAVAILABLE", "STORE_UNAVAILABLE"):
        code = AuthErrorCode(name)
        yield from judge_damage([TokenStoreError(code, "sample words", key="1")])
    yield from judge_server(RedisSettings("allkeys-lru", appendonly=False))
    yield from versions.judge(["lxml>=6.0", "redis>=5"], {"redis": "4.0"}.get)


def test_all_that_is_found_is_said_in_russian() -> None:
    """And the English of each of them stays what it is without."""
    english = [part.sentence for part in _parts()]
    with spoken("ru"):
        russian = list(_parts())
        causes = [here(each) for pair in _causes() for each in pair]
    assert [part.sentence for part in russian] == english
    said_here = [*causes, *(here(part.text) for part in russian if not part.text.startswith("aiohttp "))]
    assert len(said_here) > 60
    assert [each for each in said_here if not re.search("[а-яё]{3}", each)] == []
    assert [each for each in said_here if LATIN.search(SAME.sub("", NAMES.sub("", each)))] == []


def test_what_is_said_twice() -> None:
    """By texts within texts, by numbers, and by time."""
    with spoken("ru"):
        inner = said("the store")
        assert (str(inner), inner.here) == ("the store", "хранилище")
        outer = capital(said("{what} belongs to another user", what=inner))
        assert (str(outer), outer.here) == (
            "The store belongs to another user",
            "Хранилище принадлежит другому пользователю",
        )
        assert here(lasting(5)) == "5 секунд"
        assert str(lasting(5)) == "5 seconds"
        days = [counted("{number} day", "{number} days", number) for number in (1, 3, 5)]
        assert [str(each) for each in days] == ["1 day", "3 days", "5 days"]
        assert [each.here for each in days] == ["1 день", "3 дня", "5 дней"]
        assert here(joined(inner, ".")) == "хранилище."
    assert here("a text of no language") == "a text of no language"


def test_the_last_line() -> None:
    """Numbers have their forms."""
    error, warning = (Part(status, "", "") for status in (Status.ERROR, Status.WARNING))
    bad = [Check("store", (error, warning)), Check("clock", (warning,))]
    with spoken("ru"):
        assert summary(bad) == "Найдено проблем: 2 (1 ошибка, 1 предупреждение): хранилище, часы."
        assert summary([]) == "Всё в порядке."


@posix
async def test_the_person_reads_russian_and_all_others_english(command: Command, home: Path) -> None:
    """The table is Russian; JSON and report do not differ by a letter."""
    store = home / "tokens.db"
    await fill(store, {"old": StoredToken(token="SAMPLE-token", expires_at=ended())})
    printed, reports, shown = [], [], []
    for language in ("en", "ru"):
        report = home / f"{language}.md"
        words = ("doctor", "--offline", "--store", str(store), "--lang", language)
        printed.append(await command(*words, "--json"))
        shown.append((await command(*words, "--report", str(report))).out)
        reports.append(report.read_text(encoding="utf-8"))
    assert printed[0] == printed[1]
    assert reports[0] == reports[1]
    assert "Токен 'old' кончился" in shown[1]
    assert "хранилище: предупреждение: Хранилище " in shown[1]
    assert "продлить его нельзя; войдите снова: `vkauth login" in shown[1]
    assert "предупреждени" not in shown[0] + reports[1]


async def test_errors_of_arguments_in_json_are_english(command: Command) -> None:
    """They are part of what was found."""
    words = ("doctor", "--offline", "--json", "--seal", "nowhere", "--store", "ftp://sample")
    english, russian = [await command("--lang", language, *words) for language in ("en", "ru")]
    assert english.out == russian.out
    assert {each["status"] for each in json.loads(russian.out)["checks"]} >= {"error"}


async def test_a_report_that_cannot_be_written(command: Command, home: Path) -> None:
    """Is told in Russian."""
    (home / "x").write_text("sample", encoding="utf-8")
    done = await command("doctor", "--offline", "--report", str(home / "x"), "--lang", "ru")
    said = "этот файл уже есть, и это не отчёт; он остаётся как есть: укажите другой файл"
    assert (done.code, done.err) == (2, f"vkauth: --report: {said}\n")
