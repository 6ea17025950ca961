"""``vkauth login`` and ``vkauth verify`` against the simulator, in this process."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cli.conftest import LOGIN, PASSWORD, Command
from vkauth.testing import VKSimulator
from vkauth.testing.faults import Fault


def _exists(path: str) -> bool:
    return Path(path).exists()


async def test_the_token_alone_goes_to_standard_output(at_simulator: VKSimulator, command: Command) -> None:
    at_simulator.add_account()
    done = await command("login", "direct")
    assert done.code == 0
    assert [done.out] == [f"{token}\n" for token in at_simulator.issued]
    assert done.err == f"Talking to {at_simulator.base_url}, not to VK.\n"


async def test_what_is_missing_is_asked_for(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VKAUTH_LOGIN")
    monkeypatch.delenv("VKAUTH_PASSWORD")
    at_simulator.add_account(password=" spaces count ")
    done = await command("login", "direct", answers=["", f" {LOGIN} ", " spaces count "])
    assert done.code == 0
    assert done.err.count("Login (phone number or e-mail): ") == 2
    assert "Password: " in done.err


async def test_json_has_all_that_came(at_simulator: VKSimulator, command: Command) -> None:
    at_simulator.add_account(email="sample@mail.example", expires_in=3600)
    done = await command("login", "direct", "--json", "--scope", "friends,email")
    values = json.loads(done.out)
    assert list(values) == ["token", "user_id", "expires_in", "expires_at", "scope", "email"]
    assert values["token"] in at_simulator.issued
    assert (values["user_id"], values["expires_in"], values["email"]) == (100001, 3600, "sample@mail.example")
    assert values["expires_at"].endswith("+00:00")


async def test_the_password_file(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("VKAUTH_PASSWORD")
    at_simulator.add_account()
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    path.chmod(0o644)
    done = await command("login", "direct", "--password-file", str(path))
    assert done.code == 0
    assert ("chmod 600" in done.err) is (os.name == "posix")
    assert PASSWORD not in done.err


async def test_a_captcha_and_a_code_are_asked_for(at_simulator: VKSimulator, command: Command) -> None:
    at_simulator.add_account(captcha="image", two_factor="sms")

    def read_picture() -> str:
        return at_simulator.captcha_text(at_simulator.captchas[-1].sid)

    done = await command("login", "direct", answers=["", "wrong", read_picture, "000000", "123456"])
    assert done.code == 0
    told = done.err.splitlines()
    assert told[1] == "VK asks for a captcha."
    assert told[2].startswith("The picture is in ")
    assert not _exists(told[2].removeprefix("The picture is in "))
    assert sum("Attempt 2 of 3:" in line for line in told) == 2
    assert told.count("VK sent a code by SMS (+7 *** *** ** 01).") == 1
    assert "Code (6 characters; r: send it again, in 60 seconds): " in told


async def test_a_question_mark_saves_the_picture(at_simulator: VKSimulator, command: Command) -> None:
    at_simulator.add_account(captcha="image")
    done = await command(
        "login", "direct", answers=["?", lambda: at_simulator.captcha_text(at_simulator.captchas[-1].sid)]
    )
    assert done.code == 0
    assert done.err.count("The picture is in ") == 2
    assert "The sound of it: http" in done.err


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_not_robot_page_is_opened_elsewhere(at_simulator: VKSimulator, command: Command, as_json: bool) -> None:
    at_simulator.add_account(captcha="redirect")

    def pass_page() -> str:
        challenge = at_simulator.captchas[-1]
        token = at_simulator.pass_not_robot(f"?session_token={challenge.session_token}")
        return json.dumps({"token": token}) if as_json else token

    done = await command("login", "direct", answers=["", "{", '{"token": 1}', pass_page])
    assert done.code == 0
    page = next(line for line in done.err.splitlines() if "/not_robot_captcha?" in line)
    assert at_simulator.captchas[-1].session_token in page
    assert "session_token" not in done.out


async def test_a_code_is_sent_again_when_the_time_has_come(at_simulator: VKSimulator, command: Command) -> None:
    account = at_simulator.add_account(two_factor="sms", resend_delay=0.0)
    done = await command("login", "direct", answers=["r", "R", lambda: account.sent[-1].code])
    assert done.code == 0
    assert len(at_simulator.requests.to("api/method/auth.validatePhone")) >= 2
    assert done.err.count("VK sent a code by SMS") == 3


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("sms", "VK sent a code by SMS (+7 *** *** ** 01)."),
        ("callreset", "VK calls: the code is the last digits"),
        ("app", "VK wants the code of the authenticator application.\nCode (r: send it by SMS instead): "),
        ("email", "VK sent a code by e-mail"),
        ("push", "as a notification to another device"),
    ],
)
async def test_it_says_where_the_code_is(at_simulator: VKSimulator, command: Command, method: str, said: str) -> None:
    at_simulator.add_account(two_factor=method)  # type: ignore[arg-type]
    done = await command("login", "direct", answers=[lambda: at_simulator.code_for(LOGIN)])
    assert done.code == 0
    assert said in done.err


async def test_a_way_that_the_account_offers_can_be_chosen(at_simulator: VKSimulator, command: Command) -> None:
    account = at_simulator.add_account(two_factor="app", other_methods=("sms", "email"), resend_delay=0.0)
    answers = ["", "r pigeon", "r sms", lambda: account.sent[-1].code]
    done = await command("login", "user", "--app", "android", answers=answers)
    assert done.code == 0, done.err
    assert "or one of r " in done.err
    assert "The ways are: " in done.err
    assert account.sent[-1].method == "sms"


async def test_before_that_the_wait_is_told(at_simulator: VKSimulator, command: Command) -> None:
    account = at_simulator.add_account(two_factor="sms", resend_delay=3600.0)
    done = await command("login", "direct", answers=["r", "123456"])
    assert done.code == 0
    assert len(account.sent) == 1
    assert "VK sends a code again in 60 minutes at the earliest." in done.err


async def test_a_code_that_cannot_be_sent_says_so(at_simulator: VKSimulator, command: Command) -> None:
    at_simulator.add_account(two_factor="sms", resend_delay=0.0)
    at_simulator.faults.add(Fault.status(500), on="api/method/auth.validatePhone")
    done = await command("login", "direct", answers=["r", "123456"])
    assert done.code == 0
    assert "No code was sent: " in done.err


async def test_a_code_that_was_not_sent_yet_is_sent_first(at_simulator: VKSimulator, command: Command) -> None:
    account = at_simulator.add_account(two_factor="sms", validation_resend=True, resend_delay=0.0)
    done = await command("login", "direct", answers=[lambda: account.sent[-1].code])
    assert done.code == 0


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"password": "another-password"}, 3, "[USERNAME_OR_PASSWORD_IS_INCORRECT]"),
        ({"banned": True}, 1, "[PAGE_BLOCKED]"),
        ({"flood": "flood"}, 6, "[FLOOD_CONTROL]"),
        ({"too_many_tries": True}, 6, "[TOO_MUCH_TRIES]"),
        ({"browser_check": "validate"}, 5, "[VALIDATION_REQUIRED]"),
        ({"captcha": "image"}, 4, "nobody answers"),
        ({"two_factor": "app"}, 4, "nobody answers"),
    ],
)
async def test_failures_have_their_codes_and_say_what_to_do(
    at_simulator: VKSimulator, command: Command, options: dict[str, str], code: int, said: str
) -> None:
    at_simulator.add_account(**options)  # type: ignore[arg-type]
    done = await command("login", "direct")
    assert done.code == code
    assert done.out == ""
    assert f"vkauth: {said}" in done.err
    assert "Traceback" not in done.err
    assert PASSWORD not in done.err


async def test_the_page_to_open_is_shown(at_simulator: VKSimulator, command: Command) -> None:
    at_simulator.add_account(browser_check="validate")
    done = await command("login", "direct")
    assert done.err.splitlines()[-1].startswith(f"  {at_simulator.base_url}")


async def test_wrong_answers_end_it_after_three(at_simulator: VKSimulator, command: Command) -> None:
    at_simulator.add_account(two_factor="sms")
    done = await command("login", "direct", answers=["000000"] * 9)
    assert done.code == 4
    assert done.err.count("Code (") == 3


async def test_trouble_with_the_network_is_code_7(at_simulator: VKSimulator, command: Command) -> None:
    at_simulator.faults.add(Fault.reset())
    done = await command("login", "direct")
    assert (done.code, done.out) == (7, "")
    at_simulator.faults.clear()
    at_simulator.faults.add(Fault.hang())
    assert (await command("login", "direct", "--timeout", "0.05")).code == 7


async def test_what_a_server_says_cannot_steer_the_terminal(at_simulator: VKSimulator, command: Command) -> None:
    body = json.dumps({"error": "invalid_request", "error_description": "\x1b[2Jgone\u202e\nnext"})
    at_simulator.faults.add(Fault.answer(401, "application/json", body))
    done = await command("login", "direct")
    assert done.code == 1
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err
    assert len(done.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scope", "frends"], "--scope: scope 'frends' is unknown"),
        (["--timeout", "0"], "timeout must be"),
        (["--proxy", "socks5://127.0.0.1:1"], "proxy must be"),
        (["--endpoints", "http://vk.example"], "--endpoints: plain http is allowed to this machine only"),
        (["--endpoints", "vk.example"], "--endpoints: must be an absolute"),
    ],
)
async def test_wrong_usage_is_told_before_anything_is_asked(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.delenv("VKAUTH_PASSWORD")
    done = await command("login", "direct", *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Password" not in done.err


async def test_nobody_to_ask_is_wrong_usage(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VKAUTH_PASSWORD")
    done = await command("login", "direct")
    assert done.code == 2
    assert "--password-file or VKAUTH_PASSWORD is needed" in done.err


# -- applications ------------------------------------------------------------------------------------------------------


async def test_an_application_of_ones_own(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at_simulator.add_account()
    at_simulator.add_app(4242, "sample-app-secret")
    path = tmp_path / "secret"
    path.write_text("sample-app-secret")
    path.chmod(0o600)
    login = ("login", "direct", "--client-id", "4242")
    assert (await command(*login, "--client-secret-file", str(path))).code == 0
    asked = await command(*login, answers=["sample-app-secret"])
    assert asked.code == 0
    assert "Secret of the application: " in asked.err
    monkeypatch.setenv("VKAUTH_CLIENT_SECRET", "wrong-app-secret")
    refused = await command(*login)
    assert refused.code == 1
    assert "[APP_NOT_ALLOWED]" in refused.err
    assert "wrong-app-secret" not in refused.err


async def test_a_secret_of_an_application_needs_the_application(command: Command, tmp_path: Path) -> None:
    """The file is for an application of one's own, which has to be named."""
    done = await command("login", "direct", "--client-secret-file", str(tmp_path / "secret"))
    assert done.code == 2
    assert "--client-secret-file goes with --client-id" in done.err


async def test_one_of_vks_applications(at_simulator: VKSimulator, command: Command) -> None:
    """VK's own are named by ``--app``; without it it is the one for Android."""
    at_simulator.add_account()
    assert (await command("login", "direct")).code == 0
    assert at_simulator.requests.to("oauth/token")[-1].params["client_id"] == "2274003"
    assert (await command("login", "direct", "--app", "ipad")).code == 0
    assert at_simulator.requests.to("oauth/token")[-1].params["client_id"] == "3682744"


# -- user and groups ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["vkid", "page"])
async def test_user_keeps_cookies(at_simulator: VKSimulator, command: Command, tmp_path: Path, look: str) -> None:
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


async def test_cookies_that_cannot_be_written_cost_no_token(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
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
    at_simulator.add_account(password="another-password")
    path = tmp_path / "cookies.json"
    done = await command("login", "user", "--app", "android", "--cookies", str(path))
    assert done.code == 3
    assert not _exists(str(path))


async def test_groups_are_lines_or_a_list(at_simulator: VKSimulator, command: Command) -> None:
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
    account = at_simulator.add_account(verification="security_check")
    address = at_simulator.verification_url(account)
    done = await command("verify", answers=[address])
    assert done.code == 0, done.err
    assert done.out.strip() in at_simulator.issued


async def test_verify_asks_for_the_phone_number(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VKAUTH_LOGIN")
    account = at_simulator.add_account(verification="security_check")
    done = await command("verify", at_simulator.verification_url(account), "--json", answers=[LOGIN])
    assert done.code == 0, done.err
    assert json.loads(done.out)["token"] in at_simulator.issued


async def test_verified_without_a_new_token_is_a_success(at_simulator: VKSimulator, command: Command) -> None:
    account = at_simulator.add_account(verification="security_check", verification_outcome="success_without_token")
    done = await command("verify", at_simulator.verification_url(account))
    assert (done.code, done.out) == (0, "")
    assert "go on with the one you have" in done.err


async def test_verify_sends_nothing_elsewhere(at_simulator: VKSimulator, command: Command) -> None:
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
    monkeypatch.setattr("vkauth.cli.main._log_to_stderr", lambda: None)
    done = await command("-v", "verify", "https://m.vk.ru/activation?key=sample-single-use-key")
    assert done.code == 1
    assert "in fail" in done.err
    assert "something is wrong in vkauth itself (RuntimeError)." in done.err
    assert "sample-single-use-key" not in done.err.replace('raise RuntimeError("sample-single-use-key")', "")


async def test_verify_needs_an_address(at_simulator: VKSimulator, command: Command) -> None:
    assert (await command("verify", "http://[")).code == 2
    assert (await command("verify", "-")).code == 2
