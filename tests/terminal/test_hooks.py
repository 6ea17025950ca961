"""``CallbackService.in_terminal()``: a person at the terminal of a program that has an event loop of its own."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from support import LOGIN, direct, refused

from vkauth import AuthErrorCode, CallbackService, DirectAuthorization, UserToken
from vkauth.testing import VKSimulator

from .conftest import Here, no_question_is_left, questions, until_asked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")

CTRL_D = "\x04"
PICTURE = "Text of the picture"
PASTE = "(it is not shown): "
Code = AuthErrorCode


@pytest.fixture(autouse=True)
def no_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No browser is there, and files are made in a folder of the test."""
    monkeypatch.setitem(sys.modules, "vkauth.browser.captcha", None)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def at_terminal(vk: VKSimulator, here: Here | None = None, **options: Any) -> DirectAuthorization:
    """A login of somebody who is asked there, or by lines that are piped in."""
    callbacks = CallbackService.in_terminal(endpoints=vk.endpoints) if here is None else here.callbacks(vk)
    return direct(vk, callbacks, **options)


def picture(vk: VKSimulator) -> str:
    """What the picture says."""
    return vk.captcha_text(vk.captchas[-1].sid)


def pictures_in(folder: Path) -> list[Path]:
    """The files that were saved."""
    return [each for each in folder.rglob("*") if each.is_file()]


async def test_a_login_with_a_person(vk: VKSimulator, here: Here, tmp_path: Path) -> None:
    """Wrong answers are told and asked for again; a code is sent again; the event loop goes on all the time."""
    account = vk.add_account(captcha="image", two_factor="sms", resend_delay=0.0)
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows("VK asks for a captcha.")
    await here.shows("\u2580")
    await here.shows(PICTURE)
    here.type("mistaken\n")
    await here.shows("Attempt 2 of 3:")
    await here.shows(PICTURE)
    here.type("?\n")
    await here.shows(f"The picture is in {tmp_path}")
    await here.shows(PICTURE)
    here.type(f"{picture(vk)}\n")
    await here.shows("VK sent a code by SMS (")
    await here.shows("Code (6 digits; r: send it again): ")
    assert pictures_in(tmp_path) == []
    sent = len(account.sent)
    here.type("r\n")
    await here.shows("Code (")
    assert len(account.sent) == sent + 1
    here.type("000000\n")
    await here.shows("Attempt 2 of 3:")
    await here.shows("Code (")
    here.type(f"{vk.code_for(LOGIN)}\n")
    assert isinstance(await login, UserToken)


async def test_too_early_for_another_code(vk: VKSimulator, here: Here) -> None:
    """It is told when it is possible; the question is asked again."""
    vk.add_account(two_factor="sms", resend_delay=60)
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows("send it again, in 60 seconds): ")
    here.type("r\n")
    await here.shows("VK sends a code again in 60 seconds at the earliest.")
    await here.shows("Code (")
    here.type(f"{vk.code_for(LOGIN)}\n")
    await login


ASKED = [({"captcha": "image"}, PICTURE), ({"captcha": "redirect"}, PASTE), ({"two_factor": "sms"}, "Code (")]


@pytest.mark.parametrize(("options", "question"), ASKED)
async def test_a_cancelled_login_gives_the_terminal_back(
    vk: VKSimulator, here: Here, tmp_path: Path, options: Any, question: str
) -> None:
    """Echo and lines as they were, no thread, and no picture."""
    vk.add_account(**options)
    before = here.settings
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows(question)
    here.type("half")
    login.cancel()
    with pytest.raises(asyncio.CancelledError):
        await login
    assert here.settings == before
    assert no_question_is_left()
    assert pictures_in(tmp_path) == []


async def test_nobody_answers_in_time(vk: VKSimulator, here: Here) -> None:
    """The question is given up with the login."""
    vk.add_account(captcha="redirect")
    before = here.settings
    await refused(at_terminal(vk, here, answer_timeout=0.05).run(), Code.TIMEOUT)
    assert here.settings == before


@pytest.mark.parametrize(("options", "question"), ASKED)
async def test_the_end_of_the_input_at_a_terminal(vk: VKSimulator, here: Here, options: Any, question: str) -> None:
    """Ctrl-D is the person's word: they do not want to."""
    vk.add_account(**options)
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows(question)
    here.type(CTRL_D)
    error = await refused(login, Code.ACCESS_DENIED)
    assert "was ended at the terminal" in error.message
    assert "answer the question" in error.advice


async def test_the_not_robot_page_by_hand(vk: VKSimulator, here: Here) -> None:
    """Its address is told, and the token that is pasted is not shown; what holds none is asked for again."""
    vk.add_account(captcha="redirect")
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows("/not_robot_captcha?")
    await here.shows(PASTE)
    here.type("two words\n")
    await here.shows("There is no success token in this.")
    await here.shows(PASTE)
    token = vk.pass_not_robot(f"?session_token={vk.captchas[-1].session_token}")
    here.type(f"{token}\n")
    await login
    assert token not in here.text


async def test_several_logins_ask_one_at_a_time(vk: VKSimulator, here: Here) -> None:
    """However many services they have; the second question comes after the first answer."""
    vk.add_account(two_factor="app")
    logins = asyncio.gather(at_terminal(vk, here).run(), at_terminal(vk, here).run())
    for number in (1, 2):
        await here.shows("Code (")
        await asyncio.sleep(0)
        assert len(questions()) == 1
        assert here.text.count("Code (") == number
        here.type(f"{vk.code_for(LOGIN)}\n")
    assert len(await logins) == 2


async def test_without_what_draws(vk: VKSimulator, here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file has the picture while it is asked about."""
    monkeypatch.setitem(sys.modules, "vkauth.terminal.pictures", None)
    vk.add_account(captcha="image")
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows("The picture is in ")
    await here.shows(f"{PICTURE}: ")
    [file] = pictures_in(tmp_path)
    assert str(file) in here.text
    assert (file.suffix, file.read_bytes()[:4]) == (".png", b"\x89PNG")
    here.type(f"{picture(vk)}\n")
    await login
    assert pictures_in(tmp_path) == []


async def test_what_is_not_text(vk: VKSimulator, here: Here) -> None:
    """Half a letter, say, is left where Backspace has taken the other one: it is told, and asked again."""
    vk.add_account(two_factor="app")
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows("Code (")
    os.write(here._terminal, b"\xd0\n")
    await here.shows("What was typed or piped in is not utf-8 text.")
    await here.shows("Code (")
    here.type(f"{vk.code_for(LOGIN)}\n")
    assert isinstance(await login, UserToken)


async def test_what_is_piped_in_and_not_text(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there to type it again. Errors are English, whatever the person's language is."""
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    vk.add_account(two_factor="app")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8"))
    error = await refused(at_terminal(vk).run(), Code.MISSING_TWO_FACTOR_HANDLER)
    assert error.message == "what was typed or piped in is not utf-8 text"


async def test_in_russian(vk: VKSimulator, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the person's locale is: how the code was sent, the question, what was wrong."""
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    vk.add_account(two_factor="sms")
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows("VK отправил код в СМС")
    await here.shows("Код (6 цифр; ")
    here.type("000000\n")
    await here.shows("Попытка 2 из 3:")
    await here.shows("Код (")
    here.type(f"{vk.code_for(LOGIN)}\n")
    assert isinstance(await login, UserToken)


# -- without a terminal ----------------------------------------------------------------------------------------------


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What writes into the standard input of this process."""
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as reads, os.fdopen(writer, "w", encoding="utf-8", buffering=1) as writes:
        monkeypatch.setattr(sys, "stdin", reads)
        yield writes


async def test_lines_are_read(vk: VKSimulator, piped: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """After those that the program itself has read; what is asked is told on standard error."""
    vk.add_account(two_factor="app")
    piped.write(f"for the program\n{vk.code_for(LOGIN)}\n")
    piped.close()
    assert sys.stdin.readline() == "for the program\n"
    assert isinstance(await at_terminal(vk).run(), UserToken)
    out, err = capsys.readouterr()
    assert out == ""
    assert "VK wants the code of the authenticator application." in err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"captcha": "image"}, Code.MISSING_CAPTCHA_HANDLER),
        ({"captcha": "redirect"}, Code.MISSING_CAPTCHA_HANDLER),
        ({"two_factor": "sms"}, Code.MISSING_TWO_FACTOR_HANDLER),
    ],
)
@pytest.mark.parametrize("streams", ["ended", "none", "closed"])
async def test_nobody_is_there(
    vk: VKSimulator, piped: Any, monkeypatch: pytest.MonkeyPatch, options: Any, code: AuthErrorCode, streams: str
) -> None:
    """The same as without a hook: a service or a cron job has nobody to ask. A daemon closes its streams."""
    vk.add_account(**options)
    piped.close()
    if streams == "none":
        monkeypatch.setattr(sys, "stdin", None)
    elif streams == "closed":
        sys.stdin.close()
        closed = io.StringIO()
        closed.close()
        monkeypatch.setattr(sys, "stderr", closed)
    error = await refused(at_terminal(vk).run(), code)
    assert "nobody is there to answer" in error.message
    assert (error.redirect_uri is None) == (options != {"captcha": "redirect"})
    assert not error.retryable


async def test_an_open_input_does_not_hold_a_cancelled_login(vk: VKSimulator, piped: Any) -> None:
    """Nor the thread in which it is read."""
    vk.add_account(two_factor="app")
    login = asyncio.ensure_future(at_terminal(vk).run())
    await until_asked()
    login.cancel()
    with pytest.raises(asyncio.CancelledError):
        await login
    assert no_question_is_left()


async def test_an_object_in_the_place_of_the_input(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """As tests and notebooks have it: it is read as it is."""
    vk.add_account(two_factor="app")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{vk.code_for(LOGIN)}\n"))
    assert isinstance(await at_terminal(vk).run(), UserToken)


def test_what_are_no_endpoints() -> None:
    """It is told when the service is made."""
    wrong: Any = "https://vk.ru"
    with pytest.raises(TypeError, match="endpoints must be Endpoints, not str"):
        CallbackService.in_terminal(endpoints=wrong)


def test_a_subclass_makes_its_own() -> None:
    """With both hooks set."""

    class Own(CallbackService):
        pass

    service = Own.in_terminal()
    assert type(service) is Own
    assert service.has_captcha_handler
    assert service.has_two_factor_handler
