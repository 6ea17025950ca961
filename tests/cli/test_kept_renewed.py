"""``vkauth token``, ``refresh`` and ``revoke``: what they have to do with the service that issued the token."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import LOGIN, Command, on_terminal, program
from cli.keeping import APP, BACK, ENDED, SAMPLE, Shelf, kakao_tokens, vkid_tokens
from vkauth.cli.commands import register
from vkauth.cli.commands.kept.token import fresh
from vkauth.cli.parser import build_parser
from vkauth.cli.services import Services
from vkauth.cli.terminal import Terminal
from vkauth.providers import Kakao
from vkauth.testing import Fault, LeakScanner, VKSimulator
from vkauth.tokens import SQLiteTokenStore, StoredToken, TokenKind
from vkauth.tokens.leases import Leases

KEY = "SAMPLE-SERVICE-KEY"


@pytest.fixture
async def vkid(at_simulator: VKSimulator, shelf: Shelf) -> Shelf:
    """``me`` is kept: a token of VK ID that has ended."""
    at_simulator.add_account(login=LOGIN)
    await shelf.put("me", await vkid_tokens(at_simulator, LOGIN), client_id=str(APP))
    await shelf.end("me")
    at_simulator.requests.clear()
    return shelf


async def test_a_fresh_token_asks_nobody(at_simulator: VKSimulator, vkid: Shelf, command: Command) -> None:
    """And tells of nobody."""
    await vkid.put("me", await vkid.get("me"), expires_at=None)
    done = await command("token", "me")
    assert (done.code, done.err) == (0, "")
    assert at_simulator.requests.paths() == []


async def test_a_token_that_has_ended_is_renewed(at_simulator: VKSimulator, vkid: Shelf, command: Command) -> None:
    """F3: once, and stored before it is printed."""
    before = await vkid.get("me")
    done = await command("token", "me")
    assert done.code == 0, done.err
    after = await vkid.get("me")
    assert done.out == f"{after.token}\n"
    assert done.out.strip() in at_simulator.issued
    assert after.refresh_token != before.refresh_token
    assert (after.kind, after.device_id, after.client_id) == ("vkid", before.device_id, str(APP))
    assert at_simulator.requests.paths() == ["POST id/oauth2/auth"]
    assert (await command("token", "me")).out == done.out
    assert at_simulator.requests.paths() == ["POST id/oauth2/auth"]


async def test_f2_programs_at_the_same_time_renew_it_once(at_simulator: VKSimulator, vkid: Shelf) -> None:
    """F2: all of them print the new one."""
    done = await asyncio.gather(*(program("token", "me") for _ in range(3)))
    assert {each.code for each in done} == {0}
    assert {each.out for each in done} == {f"{(await vkid.get('me')).token}\n"}
    assert at_simulator.requests.paths() == ["POST id/oauth2/auth"]


async def test_the_application_of_the_environment(
    at_simulator: VKSimulator, vkid: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is that of a token which was stored without it; without either that is a wrong usage."""
    await vkid.put("me", await vkid.get("me"), client_id=None)
    done = await command("token", "me")
    assert (done.code, done.out) == (2, "")
    assert "AUTH_VKID_ID" in done.err
    monkeypatch.setenv("AUTH_VKID_ID", str(APP))
    assert (await command("token", "me")).code == 0


async def test_a_confidential_application(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, tmp_path: Path
) -> None:
    """Needs its service key, from a file."""
    at_simulator.add_account(login=LOGIN)
    at_simulator.add_app(51000009, redirect_uris=[BACK], service_key=KEY, confidential=True)
    tokens = await vkid_tokens(at_simulator, LOGIN, 51000009, service_token=KEY)
    await shelf.put("me", tokens, client_id="51000009")
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    assert (await command("refresh", "me")).code == 1
    done = await command("refresh", "me", "--service-token-file", str(path))
    assert (done.code, done.out) == (0, "")
    LeakScanner([KEY, *at_simulator.issued]).text(done.err, "standard error")


async def test_a_login_that_has_ended(at_simulator: VKSimulator, vkid: Shelf, command: Command) -> None:
    """Somebody has to log in again, and nothing is forgotten."""
    await vkid.put("me", await vkid.get("me"), refresh_token="SAMPLE-spent")
    for words in (["token"], ["refresh"]):
        done = await command(*words, "me")
        assert (done.code, done.out) == (1, "")
        assert "[INVALID_GRANT]" in done.err
        assert "Log in again: vkauth login" in done.err
    assert (await vkid.get("me")).refresh_token == "SAMPLE-spent"


async def test_no_connection(at_simulator: VKSimulator, vkid: Shelf, command: Command) -> None:
    """Nothing is lost by it."""
    before = await vkid.get("me")
    at_simulator.faults.add(Fault.reset(), on="id/oauth2/auth")
    done = await command("token", "me")
    assert (done.code, done.out) == (7, "")
    assert await vkid.get("me") == before
    assert (await command("token", "me")).code == 0


async def test_it_is_renewed_now(at_simulator: VKSimulator, vkid: Shelf, command: Command) -> None:
    """Whether it is good or not, and not shown."""
    await command("token", "me")
    before = await vkid.get("me")
    done = await command("refresh", "me")
    assert (done.code, done.out) == (0, "")
    assert "Renewed me; good until " in done.err
    done = await command("refresh", "me", "--json")
    row = json.loads(done.out)
    assert (row["name"], row["kind"]) == ("me", "vkid")
    after = await vkid.get("me")
    assert after.token != before.token
    LeakScanner(at_simulator.issued).text(done.out + done.err, "the output")


@pytest.mark.parametrize("fields", [{"kind": TokenKind.PROVIDER}, {"provider": "kakao"}])
async def test_a_token_of_nobody_known(shelf: Shelf, command: Command, fields: dict[str, str]) -> None:
    """Cannot be renewed, though it came with a refresh token."""
    await shelf.put("me", expires_at=ENDED, refresh_token="SAMPLE-refresh", **fields)
    assert (await command("token", "me")).code == 9
    assert (await command("refresh", "me")).code == 9
    assert (await command("revoke", "me")).code == 2


@pytest.fixture
async def kakao(at_simulator: VKSimulator, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """``friend`` is kept: a token of the simulated Kakao, whose application is in the environment."""
    person = at_simulator.add_account(login=LOGIN)
    tokens = await kakao_tokens(at_simulator, person.login)
    await shelf.put("friend", tokens, provider="kakao", expires_at=ENDED)
    credentials = at_simulator.kakao.apps.sample.credentials
    monkeypatch.setenv("AUTH_KAKAO_ID", credentials["client_id"])
    monkeypatch.setenv("AUTH_KAKAO_SECRET", credentials["client_secret"])
    monkeypatch.setattr("vkauth.providers.Kakao", partial(Kakao, **at_simulator.kakao.addresses))
    at_simulator.requests.clear()
    return shelf


async def test_a_token_of_kakao(kakao: Shelf, at_simulator: VKSimulator, command: Command) -> None:
    """Is renewed and revoked there."""
    done = await command("token", "friend")
    assert done.code == 0, done.err
    assert done.out == f"{(await kakao.get('friend')).token}\n"
    done = await command("revoke", "friend")
    assert (done.code, done.out) == (0, "")
    assert "Revoked and forgotten: friend." in done.err
    assert [path.split("/", 1)[1] for path in at_simulator.requests.paths()] == ["oauth/token", "v1/user/unlink"]
    assert await kakao.names() == []


async def test_revoking_tells_the_service_first(at_simulator: VKSimulator, vkid: Shelf, command: Command) -> None:
    """A token that has ended is renewed for it: the service takes no other, and the refresh token would live on."""
    done = await command("revoke", "me", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out) == {"name": "me", "revoked": True}
    assert at_simulator.requests.paths() == ["POST id/oauth2/auth", "POST id/oauth2/revoke"]
    assert await vkid.names() == []


async def test_nothing_is_forgotten_that_was_not_revoked(
    at_simulator: VKSimulator, vkid: Shelf, command: Command
) -> None:
    """It can be tried again."""
    at_simulator.faults.add(Fault.reset(), on="id/oauth2/revoke")
    done = await command("revoke", "me")
    assert done.code == 7
    assert await vkid.names() == ["me"]
    assert (await command("revoke", "me")).code == 0
    assert await vkid.names() == []


async def test_what_is_over_is_forgotten(at_simulator: VKSimulator, vkid: Shelf, command: Command) -> None:
    """The person has withdrawn it already: before it is renewed, or before it is revoked."""
    at_simulator.vk_id.oauth.disconnect(at_simulator.accounts[0], APP)
    kept = await vkid.get("me")
    done = await command("revoke", "me", "--json")
    assert (done.code, json.loads(done.out)) == (0, {"name": "me", "revoked": False})
    await vkid.put("me", kept, expires_at=None)
    done = await command("revoke", "me")
    assert done.code == 0
    assert "It was not good any more, and is forgotten now: me." in done.err
    await vkid.put("me", kept, refresh_token=None)
    assert (await command("revoke", "me")).code == 0
    assert await vkid.names() == []


@pytest.mark.parametrize("kind", ["user", "group", "service"])
async def test_what_vk_cannot_take_back(shelf: Shelf, command: Command, kind: str) -> None:
    """Says what to do by hand, and forgets nothing."""
    await shelf.put("me", StoredToken(token=SAMPLE, kind=TokenKind(kind)))
    done = await command("revoke", "me")
    assert (done.code, done.out) == (2, "")
    assert "VK's settings" in done.err
    assert await shelf.names() == ["me"]


def _held(arrived: asyncio.Event, answers: asyncio.Event) -> Fault:
    """A true answer, when ``answers`` is set; ``arrived`` is set by the request."""

    async def wait(closing: asyncio.Event) -> None:
        arrived.set()
        waiting = [asyncio.ensure_future(each.wait()) for each in (answers, closing)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()

    return Fault("held", wait=wait)


async def test_f3_ctrl_c_while_it_is_renewed(at_simulator: VKSimulator, vkid: Shelf) -> None:
    """F3: the answer is waited for, and stored: the old refresh token may be spent."""
    arrived, answers = asyncio.Event(), asyncio.Event()
    at_simulator.faults.add(_held(arrived, answers), on="id/oauth2/auth")
    before = await vkid.get("me")
    async with on_terminal("token", "me") as screen:
        await arrived.wait()
        screen.type("\x03")
        await screen.shows("^C")
        answers.set()
        code, _ = await screen.ended()
    assert code == 130
    assert "Traceback" not in screen.text
    after = await vkid.get("me")
    assert after.refresh_token != before.refresh_token
    assert (await program("token", "me")).out == f"{after.token}\n"
    assert at_simulator.requests.paths() == ["POST id/oauth2/auth"]


async def test_an_answer_that_never_comes_is_not_waited_for(
    at_simulator: VKSimulator, vkid: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than some seconds; no lock and no task is left behind."""
    monkeypatch.setattr("vkauth.cli.commands.kept.token._LAST_ANSWER", 0.01)
    arrived = asyncio.Event()
    at_simulator.faults.add(_held(arrived, asyncio.Event()), on="id/oauth2/auth")
    words = build_parser(register).parse_args(["token", "me"])
    async with SQLiteTokenStore(vkid.path) as store:
        asking = asyncio.create_task(fresh(store, "me", Services(words, Terminal()), "SAMPLE"))
        await arrived.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with store.lock("me", timeout=0):
            pass


async def test_the_service_is_that_of_what_is_stored_now(
    at_simulator: VKSimulator, vkid: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh token goes to the service that gave it, also if the record was replaced while its lock was awaited."""
    locked, hold = asyncio.Event(), Leases.hold
    loop = asyncio.get_running_loop()

    def awaited(leases: Leases, key: str, timeout: float | None) -> Any:
        loop.call_soon_threadsafe(locked.set)
        return hold(leases, key, timeout)

    async with SQLiteTokenStore(vkid.path) as store:
        async with store.lock("me"):
            monkeypatch.setattr(Leases, "hold", awaited)
            asking = asyncio.create_task(command("token", "me"))
            await locked.wait()
            await vkid.put("me", expires_at=ENDED, kind=TokenKind.PROVIDER, refresh_token="SAMPLE-of-others")
        done = await asking
    assert done.code == 9, done.err
    assert at_simulator.requests.paths() == []
