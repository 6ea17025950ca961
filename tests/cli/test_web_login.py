"""``vkauth login user``, ``vkauth login groups`` and ``vkauth verify`` against the simulator, in this process."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cli.conftest import LOGIN, Command
from vkauth.testing import VKSimulator
from vkauth.testing.faults import Fault


def _exists(path: str) -> bool:
    return Path(path).exists()


@pytest.mark.parametrize("look", ["vkid", "page"])
async def test_user_keeps_cookies(at_simulator: VKSimulator, command: Command, tmp_path: Path, look: str) -> None:
    """The second login takes the cookies of the first."""
    at_simulator.add_account(look=look, two_factor="sms")  # type: ignore[arg-type]
    path = tmp_path / "cookies.json"
    login = ("login", "user", "--app", "android", "--cookies", str(path))
    first = await command(*login, answers=["123456"])
    assert first.code == 0, first.err
    assert _exists(str(path))
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    # VK ID confirms each login with a code; the old pages know the session by its cookies.
    second = await command(*login, answers=["123456"] if look == "vkid" else [])
    assert second.code == 0, second.err
    assert {first.out.strip(), second.out.strip()} <= set(at_simulator.issued)


async def test_cookies_whose_session_has_ended_lead_to_a_new_login(
    at_simulator: VKSimulator, command: Command, tmp_path: Path
) -> None:
    """The password is sent then, and the new cookies are kept."""
    account = at_simulator.add_account(look="page")
    path = tmp_path / "cookies.json"
    login = ("login", "user", "--app", "android", "--cookies", str(path))
    assert (await command(*login)).code == 0
    before = path.read_text()
    at_simulator.end_sessions(account)
    at_simulator.requests.clear()
    done = await command(*login)
    assert done.code == 0
    assert "VK has ended the session of the cookies." in done.err
    assert any("pass" in request.params for request in at_simulator.requests)
    assert path.read_text() != before


async def test_trouble_with_kept_cookies_sends_no_password(
    at_simulator: VKSimulator, command: Command, tmp_path: Path
) -> None:
    """Only the end of the session is a reason for it."""
    at_simulator.add_account(look="page")
    path = tmp_path / "cookies.json"
    login = ("login", "user", "--app", "android", "--cookies", str(path))
    assert (await command(*login)).code == 0
    at_simulator.requests.clear()
    at_simulator.faults.add(Fault.status(500))
    assert (await command(*login)).code == 7
    assert all("pass" not in request.params for request in at_simulator.requests)


async def test_cookies_that_cannot_be_written_cost_no_token(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A warning says so; the login went well."""
    at_simulator.add_account()

    def fail(_path: Path, _text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vkauth.cli.commands.login.web.write_private", fail)
    done = await command("login", "user", "--app", "android", "--cookies", str(tmp_path / "cookies.json"))
    assert done.code == 0
    assert done.out.strip() in at_simulator.issued
    assert "could not be written" in done.err


async def test_a_failed_login_leaves_the_cookies_alone(
    at_simulator: VKSimulator, command: Command, tmp_path: Path
) -> None:
    """No file is made for a login that failed."""
    at_simulator.add_account(password="another-password")
    path = tmp_path / "cookies.json"
    done = await command("login", "user", "--app", "android", "--cookies", str(path))
    assert done.code == 3
    assert not _exists(str(path))


async def test_groups_are_lines_or_a_list(at_simulator: VKSimulator, command: Command) -> None:
    """They come in the order they were asked for."""
    at_simulator.add_account(groups=(101, 102))
    login = ("login", "groups", "--client-id", "6287487", "--group", "102", "--group", "101", "--scope", "messages")
    done = await command(*login)
    assert done.code == 0
    rows = [line.split(" ") for line in done.out.splitlines()]
    assert [row[0] for row in rows] == ["102", "101"]
    assert {row[1] for row in rows} <= set(at_simulator.issued)
    listed = json.loads((await command(*login, "--json")).out)
    assert [list(each) for each in listed] == [["group_id", "token", "expires_in", "expires_at"]] * 2


async def test_groups_that_gave_a_token_are_printed_though_others_did_not(
    at_simulator: VKSimulator, command: Command
) -> None:
    """What came is good, and the exit code says that something is missing."""
    at_simulator.add_account(groups=(101,))
    done = await command("login", "groups", "--app", "android", "--group", "101", "--group", "102")
    assert done.code == 1
    assert done.out.startswith("101 vk1.a.")
    assert "no token came for these communities: 102" in done.err


async def test_cookies_are_kept_though_a_community_is_missing(
    at_simulator: VKSimulator, command: Command, tmp_path: Path
) -> None:
    """The login itself went well, so the next one needs no password."""
    at_simulator.add_account(groups=(101,), look="page")
    path = tmp_path / "cookies.json"
    login = ("login", "groups", "--app", "android", "--cookies", str(path), "--group", "101")
    assert (await command(*login, "--group", "102")).code == 1
    assert _exists(str(path))
    assert any("pass" in request.params for request in at_simulator.requests)
    at_simulator.requests.clear()
    assert (await command(*login)).code == 0
    assert all("pass" not in request.params for request in at_simulator.requests)


# -- verify ------------------------------------------------------------------------------------------------------------


async def test_verify_takes_the_address_from_the_input(at_simulator: VKSimulator, command: Command) -> None:
    """So that the key in it is in no history."""
    account = at_simulator.add_account(verification="security_check")
    address = at_simulator.verification_url(account)
    done = await command("verify", answers=[address])
    assert done.code == 0, done.err
    assert done.out.strip() in at_simulator.issued


async def test_verify_asks_for_the_phone_number(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VK wants digits of it."""
    monkeypatch.delenv("VKAUTH_LOGIN")
    account = at_simulator.add_account(verification="security_check")
    done = await command("verify", at_simulator.verification_url(account), "--json", answers=[LOGIN])
    assert done.code == 0, done.err
    assert json.loads(done.out)["token"] in at_simulator.issued


async def test_verified_without_a_new_token_is_a_success(at_simulator: VKSimulator, command: Command) -> None:
    """There is nothing to print, and nothing went wrong."""
    account = at_simulator.add_account(verification="security_check", verification_outcome="success_without_token")
    done = await command("verify", at_simulator.verification_url(account))
    assert (done.code, done.out) == (0, "")
    assert "go on with the one you have" in done.err


async def test_verify_sends_nothing_elsewhere(at_simulator: VKSimulator, command: Command) -> None:
    """An address that is not VK's is refused and not repeated."""
    done = await command("verify", "https://evil.example/?key=sample-single-use-key")
    assert done.code == 1
    assert "[UNTRUSTED_REDIRECT]" in done.err
    assert "sample-single-use-key" not in done.err


async def test_a_fault_while_verifying_shows_no_address(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With -v the places are told, and nothing of what was in the variables."""

    def fail(*_: object) -> None:
        raise RuntimeError("sample-single-use-key")

    monkeypatch.setattr("vkauth.cli.commands.verify._verified", fail)
    monkeypatch.setattr("vkauth.cli.program._log_to_stderr", lambda: None)
    address = at_simulator.verification_url(at_simulator.add_account()).partition("?")[0]
    done = await command("-v", "verify", f"{address}?key=sample-single-use-key")
    assert done.code == 1
    assert "in fail" in done.err
    assert "something is wrong in vkauth itself (RuntimeError)." in done.err
    assert "sample-single-use-key" not in done.err.replace('raise RuntimeError("sample-single-use-key")', "")


async def test_verify_needs_an_address(at_simulator: VKSimulator, command: Command) -> None:
    """One that is none, or missing, is a wrong usage."""
    assert (await command("verify", "http://[")).code == 2
    assert (await command("verify", "-")).code == 2


async def test_s6_the_one_argument_with_a_key_may_come_by_the_input(
    at_simulator: VKSimulator, command: Command
) -> None:
    """S6: ``verify -`` reads the address from standard input, and the help says so and why."""
    account = at_simulator.add_account(verification="security_check")
    done = await command("verify", "-", answers=[at_simulator.verification_url(account)])
    assert done.code == 0, done.err
    words = " ".join((await command("verify", "--help")).out.split())
    assert "other users and the shell's history can see arguments" in words
    assert "read from standard input" in words


# -- a place for cookies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [256, 5000])
async def test_cookies_under_an_impossible_name_are_told_before_the_login(
    at_simulator: VKSimulator, command: Command, tmp_path: Path, length: int
) -> None:
    """A name that is too long for any file is a wrong usage."""
    at_simulator.add_account()
    done = await command("login", "user", "--app", "android", "--cookies", str(tmp_path / ("x" * length)))
    assert done.code == 2
    assert "File name too long" in done.err
    assert at_simulator.requests.paths() == []


async def test_cookies_may_have_the_longest_name(at_simulator: VKSimulator, command: Command, tmp_path: Path) -> None:
    """What can be the name of a file is kept under it."""
    at_simulator.add_account()
    path = tmp_path / ("x" * 255)
    done = await command("login", "user", "--app", "android", "--cookies", str(path))
    assert done.code == 0
    assert "Warning" not in done.err
    assert path.stat().st_size > 0
