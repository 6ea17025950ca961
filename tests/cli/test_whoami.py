"""``vkauth whoami``, and where the token comes from."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import LOGIN, Command, on_terminal, program
from cli.keeping import Shelf
from vkauth.testing import Fault, LeakScanner, VKSimulator

APP = 51000002
KEY = "SAMPLE-SERVICE-KEY"


@pytest.fixture
def tokens(at_simulator: VKSimulator) -> dict[str, str]:
    """One token of each kind."""
    at_simulator.add_account(login=LOGIN, first_name="Sample", last_name="Person")
    at_simulator.add_app(APP, service_key=KEY)
    return {
        "user": at_simulator.issue_token(LOGIN, scope=2 + 8192, client_id=APP, expires_in=3600),
        "group": at_simulator.issue_group_token(7, scope=4),
        "service": KEY,
        "vkid": at_simulator.issue_vkid_token(LOGIN, client_id=APP),
    }


def private(path: Path, text: str) -> str:
    """A file that nobody else can read."""
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("user", ["kind: user", "id: 100001", "name: Sample Person", "rights: friends, wall"]),
        ("group", ["kind: group", "id: 7", "name: Sample community 7", "rights: photos"]),
        ("service", ["kind: service", "id: -", "name: -", "rights: VK does not tell"]),
        ("vkid", ["kind: vkid", "id: 100001", "name: Sample Person", "rights: VK does not tell"]),
    ],
)
async def test_s6_a_token_that_is_asked_about_is_not_shown(
    at_simulator: VKSimulator, command: Command, tokens: dict[str, str], kind: str, lines: list[str]
) -> None:
    """S6: a line each for kind, id, name, rights and end; never the token."""
    done = await command("whoami", answers=[tokens[kind]])
    assert done.code == 0
    assert done.out.splitlines() == [*lines, "ends: never, or VK does not tell"]
    LeakScanner([tokens[kind]]).text(done.out + done.err, "the output")
    assert all("stats" not in request.path for request in at_simulator.requests)


@pytest.mark.parametrize("kind", ["user", "group", "service", "vkid"])
async def test_json_has_the_fields_of_the_info(command: Command, tokens: dict[str, str], kind: str) -> None:
    """And no others; what is not known is null."""
    done = await command("whoami", "--json", answers=[tokens[kind]])
    values = json.loads(done.out)
    assert list(values) == ["kind", "id", "name", "scope", "expires_at"]
    expected: dict[str, dict[str, Any]] = {
        "user": {"id": 100001, "name": "Sample Person", "scope": ["friends", "wall"]},
        "group": {"id": 7, "name": "Sample community 7", "scope": ["photos"]},
        "service": {"id": None, "name": None, "scope": None},
        "vkid": {"id": 100001, "name": "Sample Person", "scope": None},
    }
    assert values == {"kind": kind, "expires_at": None, **expected[kind]}
    assert tokens[kind] not in done.out + done.err


async def test_a_token_without_rights(at_simulator: VKSimulator, command: Command, tokens: dict[str, str]) -> None:
    """Has none; that is something else than rights that VK does not tell."""
    done = await command("whoami", answers=[at_simulator.issue_token(LOGIN)])
    assert "rights: none\n" in done.out


async def test_the_service_key_tells_the_end(command: Command, tokens: dict[str, str], tmp_path: Path) -> None:
    """It comes from a file, and is shown as little as the token."""
    key = private(tmp_path / "key", f" {KEY} \n")
    done = await command("whoami", "--service-token-file", key, answers=[tokens["user"]])
    end = datetime.fromisoformat(done.out.splitlines()[-1].removeprefix("ends: "))
    assert end.tzinfo is not None
    assert KEY not in done.out + done.err
    as_json = await command("whoami", "--json", "--service-token-file", key, answers=[tokens["user"]])
    assert datetime.fromisoformat(json.loads(as_json.out)["expires_at"]).replace(second=0, microsecond=0) == end


async def test_vkid_is_asked_if_the_application_is_known(
    at_simulator: VKSimulator, command: Command, tokens: dict[str, str]
) -> None:
    """One question is enough then."""
    done = await command("whoami", "--client-id", str(APP), answers=[tokens["vkid"]])
    assert done.out.startswith("kind: vkid\nid: 100001\n")
    assert [request.path for request in at_simulator.requests] == ["/id/oauth2/user_info"]


# -- where the token comes from ----------------------------------------------------------------------------------------


async def test_the_file_counts_then_the_environment_then_the_input(
    command: Command, tokens: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is missing is asked for."""
    answers = [f"  {tokens['user']} "]
    asked = await command("whoami", answers=["", *answers])
    assert asked.out.startswith("kind: user\n")
    assert "Token: " not in asked.err  # nobody is asked
    monkeypatch.setenv("VKAUTH_TOKEN", tokens["group"])
    from_environment = await command("whoami", answers=answers)
    assert from_environment.out.startswith("kind: group\n")
    path = private(tmp_path / "token", f"{tokens['vkid']}\nand more\n")
    from_file = await command("whoami", "--token-file", path, answers=answers)
    assert from_file.out.startswith("kind: vkid\n")
    for done in (from_environment, from_file):
        assert "Token: " not in done.err


async def test_a_file_that_others_can_read(command: Command, tokens: dict[str, str], tmp_path: Path) -> None:
    """Is told."""
    path = tmp_path / "token"
    path.write_text(tokens["user"])
    path.chmod(0o644)
    done = await command("whoami", "--token-file", str(path))
    assert done.code == 0
    assert ("chmod 600" in done.err) is (os.name == "posix")


async def test_the_token_may_be_piped_in(vk: VKSimulator) -> None:
    """As ``vkauth login direct | vkauth whoami`` does."""
    vk.add_account(login=LOGIN)
    token = vk.issue_token(LOGIN)
    done = await program("whoami", typed=f"{token}\n", VKAUTH_ENDPOINTS=str(vk.base_url))
    assert (done.code, done.out.splitlines()[:2]) == (0, ["kind: user", "id: 100001"])
    assert token not in done.err


async def test_a_token_that_is_typed_is_not_shown(vk: VKSimulator) -> None:
    """Nor is it anywhere else on the screen."""
    vk.add_account(login=LOGIN)
    token = vk.issue_token(LOGIN)
    async with on_terminal("whoami", VKAUTH_ENDPOINTS=str(vk.base_url)) as screen:
        await screen.shows("Token: ")
        screen.type(f"{token}\n")
        await screen.shows("ends: ")
        assert (await screen.ended())[0] == 0
        assert "id: 100001" in screen.text
        assert token not in screen.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"token": "SAMPLE"}', "this is JSON, and not a token"),
        ("[1]", "this is JSON, and not a token"),
        ("7 vk1.a.SAMPLE", "token must be visible ASCII"),
        ("я", "token must be visible ASCII"),
        ("x" * 10_000, "token must be visible ASCII, and no longer than 8192 characters"),
    ],
)
@pytest.mark.parametrize("name", ["whoami", "check"])
async def test_what_is_no_token_is_not_sent(
    at_simulator: VKSimulator, command: Command, name: str, text: str, said: str
) -> None:
    """Nor repeated: what other commands print with ``--json``, or for communities, say."""
    done = await command(name, answers=[text])
    assert done.code == 2
    assert f"vkauth: {said}" in done.err
    assert text not in done.err
    assert not at_simulator.requests


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "there is nobody to ask: --token-file or VKAUTH_TOKEN is needed"),
        (["--token-file", "missing"], "the token file cannot be read"),
        (["--token-file", os.devnull], "the token file is no regular file, and no pipe"),
        (["--service-token-file", "missing"], "the service token file cannot be read"),
        (["--timeout", "0"], "--timeout: a time is a number of seconds above 0 ("),
    ],
)
@pytest.mark.parametrize("name", ["whoami", "check"])
async def test_wrong_usage(
    at_simulator: VKSimulator,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    arguments: list[str],
    said: str,
) -> None:
    """Ends with 2, and nothing is sent."""
    if "--token-file" not in arguments and arguments:
        monkeypatch.setenv("VKAUTH_TOKEN", "vk1.a.SAMPLE")
    done = await command(name, *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert not at_simulator.requests


async def test_a_service_key_that_cannot_be_sent(command: Command, tokens: dict[str, str], tmp_path: Path) -> None:
    """Is wrong usage too; it is not repeated."""
    key = private(tmp_path / "key", "SAMPLE KEY\n")
    done = await command("whoami", "--service-token-file", key, answers=[tokens["user"]])
    assert done.code == 2
    assert "service_token must be visible ASCII" in done.err
    assert "SAMPLE KEY" not in done.err


# -- what goes wrong ---------------------------------------------------------------------------------------------------


async def test_a_dead_token(command: Command, tokens: dict[str, str]) -> None:
    """One line, nothing on standard output, and the token nowhere."""
    done = await command("whoami", answers=["vk1.a.SAMPLE-dead"])
    assert (done.code, done.out) == (1, "")
    assert "vkauth: [INVALID_GRANT] " in done.err
    assert "SAMPLE-dead" not in done.err


async def test_a_token_of_another_address(at_simulator: VKSimulator, command: Command, tokens: dict[str, str]) -> None:
    """The last line says what to do."""
    at_simulator.refuse_token(tokens["user"])
    done = await command("whoami", answers=[tokens["user"]])
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("  the token is bound to the network address")


@pytest.mark.parametrize("name", ["whoami", "check"])
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (6, 6, "[RATE_LIMITED]"),
        (9, 6, "[FLOOD_CONTROL] VK's flood control refused to tell"),
        (10, 7, "[SERVER_ERROR]"),
        (29, 6, "[RATE_LIMITED]"),
        (7, 1, "[UNEXPECTED_RESPONSE]"),
    ],
)
async def test_what_says_nothing_about_the_token(
    at_simulator: VKSimulator, command: Command, tokens: dict[str, str], name: str, number: int, code: int, said: str
) -> None:
    """Has the exit code that it has everywhere."""
    at_simulator.faults.add(at_simulator.api.fault(number), times=9)
    done = await command(name, answers=[tokens["user"]])
    assert (done.code, done.out) == (code, "")
    assert f"vkauth: {said}" in done.err


@pytest.mark.parametrize("name", ["whoami", "check"])
async def test_trouble_with_the_network(
    at_simulator: VKSimulator, command: Command, tokens: dict[str, str], name: str
) -> None:
    """Is no word about the token either."""
    at_simulator.faults.add(Fault.reset())
    assert (await command(name, answers=[tokens["user"]])).code == 7


async def test_names_cannot_steer_the_terminal(at_simulator: VKSimulator, command: Command) -> None:
    """Nor look like another line; as JSON they are what they are."""
    at_simulator.add_account(login=LOGIN, first_name="A\nid: 5\u2028\x1b[2J", last_name="B\u202e")
    token = at_simulator.issue_token(LOGIN)
    done = await command("whoami", answers=[token])
    assert done.out.splitlines()[1:3] == ["id: 100001", "name: A id: 5 ?[2J B?"]
    as_json = await command("whoami", "--json", answers=[token])
    assert as_json.out.isascii()
    assert json.loads(as_json.out)["name"] == "A\nid: 5\u2028\x1b[2J B\u202e"


@pytest.mark.parametrize("name", ["whoami", "check"])
@pytest.mark.parametrize("kind", ["user", "group", "vkid"])
async def test_a_stored_token_is_meant_by_its_name(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, tokens: dict[str, str], name: str, kind: str
) -> None:
    """As in the commands about stored tokens; nothing is asked for."""
    fields = {"client_id": str(APP), "kind": "vkid"} if kind == "vkid" else {}
    await shelf.put("me", tokens[kind], **fields)
    done = await command(name, "me")
    assert done.code == 0, done.err
    assert f"kind: {kind}\n" in done.out
    LeakScanner([tokens[kind]]).text(done.out + done.err, "the output")


async def test_a_name_under_which_nothing_is(command: Command, shelf: Shelf, at_simulator: VKSimulator) -> None:
    """Nothing is asked of VK."""
    done = await command("whoami", "me")
    assert (done.code, done.out) == (9, "")
    assert "[TOKEN_NOT_FOUND]" in done.err
    assert not list(at_simulator.requests)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["me", "--token-file", "x"], "NAME does not go with --token-file"),
        (["--store", "x.db"], "--store and --seal go with NAME"),
        (["vk1.a." + "A" * 30], "this looks like a token: give the name that it is stored under"),
    ],
)
async def test_a_name_and_what_does_not_go_with_it(
    command: Command, shelf: Shelf, at_simulator: VKSimulator, words: list[str], said: str
) -> None:
    """Told before anything is asked."""
    done = await command("check", *words)
    assert done.code == 2
    assert said in done.err


async def test_vk_gets_no_token_of_others(command: Command, shelf: Shelf, at_simulator: VKSimulator) -> None:
    """What Kakao gave is a secret between Kakao and the person."""
    await shelf.put("k", "SAMPLE-kakao", kind="provider", provider="kakao")
    done = await command("whoami", "k")
    assert (done.code, done.err.splitlines()[-1]) == (2, "vkauth: the token k is not VK's: VK knows nothing of it")
    assert not list(at_simulator.requests)
