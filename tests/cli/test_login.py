"""``vkauth login direct``, its questions and its failures, against the simulator, in this process."""

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
    """Notices go to standard error."""
    at_simulator.add_account()
    done = await command("login", "direct")
    assert done.code == 0
    assert [done.out] == [f"{token}\n" for token in at_simulator.issued]
    assert done.err == (
        f"Talking to {at_simulator.base_url}, not to VK.\n"
        "The token will belong to VK's own application 'VK for Android' (id 2274003).\n"
    )


async def test_what_is_missing_is_asked_for(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Login and password are asked for until there is one."""
    monkeypatch.delenv("VKAUTH_LOGIN")
    monkeypatch.delenv("VKAUTH_PASSWORD")
    at_simulator.add_account(password=" spaces count ")
    done = await command("login", "direct", answers=["", f" {LOGIN} ", " spaces count "])
    assert done.code == 0
    assert done.err.count("Login (phone number or e-mail): ") == 2
    assert "Password: " in done.err


async def test_json_has_all_that_came(at_simulator: VKSimulator, command: Command) -> None:
    """The object has every value of the token."""
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
    """The password may come from a file, which others should not be able to read."""
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
    """Wrong answers are asked for again, with their number; pictures do not stay."""
    at_simulator.add_account(captcha="image", two_factor="sms")

    def read_picture() -> str:
        return at_simulator.captcha_text(at_simulator.captchas[-1].sid)

    done = await command("login", "direct", answers=["", "wrong", read_picture, "000000", "123456"])
    assert done.code == 0
    told = done.err.splitlines()
    assert told[2] == "VK asks for a captcha."
    assert told[3].startswith("The picture is in ")
    assert not _exists(told[3].removeprefix("The picture is in "))
    assert sum("Attempt 2 of 3:" in line for line in told) == 2
    assert told.count("VK sent a code by SMS (+7 *** *** ** 01).") == 1
    assert "Code (6 digits; r: send it again, in 60 seconds): " in told


async def test_a_question_mark_saves_the_picture(at_simulator: VKSimulator, command: Command) -> None:
    """Who cannot read the drawing gets a file, and the address of the sound."""
    at_simulator.add_account(captcha="image")
    done = await command(
        "login", "direct", answers=["?", lambda: at_simulator.captcha_text(at_simulator.captchas[-1].sid)]
    )
    assert done.code == 0
    assert done.err.count("The picture is in ") == 2
    assert "The sound of it: http" in done.err


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_not_robot_page_is_opened_elsewhere(at_simulator: VKSimulator, command: Command, as_json: bool) -> None:
    """The token may be pasted alone or in the JSON that the page gives."""
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
    """``r`` asks for another code, which then is the right one."""
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
    """Each way that VK has for a code has its own words."""
    at_simulator.add_account(two_factor=method)  # type: ignore[arg-type]
    done = await command("login", "direct", answers=[lambda: at_simulator.code_for(LOGIN)])
    assert done.code == 0
    assert said in done.err


async def test_a_way_that_the_account_offers_can_be_chosen(at_simulator: VKSimulator, command: Command) -> None:
    """``r sms`` takes another way; one that there is not is told."""
    account = at_simulator.add_account(two_factor="app", other_methods=("sms", "email"), resend_delay=0.0)
    answers = ["", "r pigeon", "r sms", lambda: account.sent[-1].code]
    done = await command("login", "user", "--app", "android", answers=answers)
    assert done.code == 0, done.err
    assert "or one of r " in done.err
    assert "The ways are: " in done.err
    assert account.sent[-1].method == "sms"


async def test_before_that_the_wait_is_told(at_simulator: VKSimulator, command: Command) -> None:
    """No code is asked for before VK would send one."""
    account = at_simulator.add_account(two_factor="sms", resend_delay=3600.0)
    done = await command("login", "direct", answers=["r", "123456"])
    assert done.code == 0
    assert len(account.sent) == 1
    assert "VK sends a code again in 60 minutes at the earliest." in done.err


async def test_a_code_that_cannot_be_sent_says_so(at_simulator: VKSimulator, command: Command) -> None:
    """The login goes on with the code that is there."""
    at_simulator.add_account(two_factor="sms", resend_delay=0.0)
    at_simulator.faults.add(Fault.status(500), on="api/method/auth.validatePhone")
    done = await command("login", "direct", answers=["r", "123456"])
    assert done.code == 0
    assert "No code was sent: " in done.err


async def test_a_code_that_was_not_sent_yet_is_sent_first(at_simulator: VKSimulator, command: Command) -> None:
    """Where VK waits to be asked for an SMS it is asked."""
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
    """One line, no token, no password, no traceback."""
    at_simulator.add_account(**options)  # type: ignore[arg-type]
    done = await command("login", "direct")
    assert done.code == code
    assert done.out == ""
    assert f"vkauth: {said}" in done.err
    assert "Traceback" not in done.err
    assert PASSWORD not in done.err


async def test_the_page_to_open_is_shown(at_simulator: VKSimulator, command: Command) -> None:
    """An address that a person has to open has a line of its own; then comes the command to go on with."""
    at_simulator.add_account(browser_check="validate")
    done = await command("login", "direct")
    assert done.err.splitlines()[-2].startswith(f"  {at_simulator.base_url}")
    assert done.err.splitlines()[-1] == "  To go on:  vkauth login browser --app android"


async def test_wrong_answers_end_it_after_three(at_simulator: VKSimulator, command: Command) -> None:
    """A code is asked for three times."""
    at_simulator.add_account(two_factor="sms")
    done = await command("login", "direct", answers=["000000"] * 9)
    assert done.code == 4
    assert done.err.count("Code (") == 3


async def test_trouble_with_the_network_is_code_7(at_simulator: VKSimulator, command: Command) -> None:
    """A broken connection and one that is too slow are the same to a script."""
    at_simulator.faults.add(Fault.reset())
    done = await command("login", "direct")
    assert (done.code, done.out) == (7, "")
    at_simulator.faults.clear()
    at_simulator.faults.add(Fault.hang())
    assert (await command("login", "direct", "--timeout", "0.05")).code == 7


async def test_what_a_server_says_cannot_steer_the_terminal(at_simulator: VKSimulator, command: Command) -> None:
    """Control characters and line ends in an answer are not shown."""
    body = json.dumps({"error": "invalid_request", "error_description": "\x1b[2Jgone\u202e\nnext"})
    at_simulator.faults.add(Fault.answer(401, "application/json", body))
    done = await command("login", "direct")
    assert done.code == 1
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err
    assert len(done.err.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scope", "frends"], "--scope: word 1 is not a known right: use "),
        (["--timeout", "0"], "--timeout: a time is a number of seconds above 0 ("),
        (["--proxy", "socks5://127.0.0.1:1"], "proxy must be"),
        (["--endpoints", "http://vk.example"], "--endpoints: plain http is allowed to this machine only"),
        (["--endpoints", "vk.example"], "--endpoints: must be an absolute"),
    ],
)
async def test_wrong_usage_is_told_before_anything_is_asked(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """Nobody types a password for nothing."""
    monkeypatch.delenv("VKAUTH_PASSWORD")
    done = await command("login", "direct", *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Password" not in done.err


async def test_nobody_to_ask_is_wrong_usage(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names what would have spared the question."""
    monkeypatch.delenv("VKAUTH_PASSWORD")
    done = await command("login", "direct")
    assert done.code == 2
    assert "--password-file or VKAUTH_PASSWORD is needed" in done.err


# -- applications ------------------------------------------------------------------------------------------------------


async def test_an_application_of_ones_own(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its secret comes from a file, the environment or a question, and is not repeated."""
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
