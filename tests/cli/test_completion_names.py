"""Names of stored tokens at Tab, tried in the shells that are on this machine."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cli.conftest import Screen, on_terminal, program
from cli.keeping import SAMPLE, Shelf
from cli.test_completion import STARTS
from vkauth.sealing import EnvironmentKey, Seal, generate_key
from vkauth.tokens import SQLiteTokenStore, StoredToken

pytestmark = pytest.mark.processes
PATIENT = "import sys; from vkauth.cli import main, names; names._LIMIT = 30.0; sys.exit(main.main())"
"""The command on a machine so busy that it cannot do in time what is tried here."""
FOR_EVER = (
    "import sys; from vkauth.cli import main; from vkauth.tokens.redis import RedisTokenStore; "
    "RedisTokenStore.from_url.__func__.__kwdefaults__['timeout'] = 1e6; sys.exit(main.main())"
)
"""The command with a store that waits for its server as long as there is one."""
ODD = (
    "aa;b",
    "bb $(touch pwned)",
    "cc`touch pwned`",
    "dd&touch pwned",
    "ee'g\"h",
    "ff\\j",
    "gg*",
    "hh=1",
    "кот",
    "jj!!",
)
PREPARED = {
    "bash": "PS1='ready> '; source {0}; ran() {{ command printf '[%s]' \"$@\"; echo; }}",
    "zsh": "PS1='ready> '; autoload -U compinit; compinit -D -u; eval \"$(cat {0})\"; "
    "ran() {{ printf '[%s]' \"$@\"; echo; }}",
    "fish": "function ran; printf '[%s]' $argv; echo; end; source {0}; function fish_prompt; echo -n 'ready> '; end",
}
posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")


@asynccontextmanager
async def shell_at(name: str, folder: Path) -> AsyncIterator[Screen]:
    """A shell in ``folder`` that completes ``vkauth``, which is this one."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not on this machine")
    printed = await program("completion", name)
    assert (printed.code, printed.err) == (0, "")
    script = folder / "completion"
    script.write_text(printed.out, encoding="utf-8")
    command = folder / "bin" / "vkauth"
    command.parent.mkdir()
    started = shlex.join([sys.executable, "-c", PATIENT])
    command.write_text(f'#!/bin/sh\nexec {started} "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    start = f"import os; os.chdir({str(folder)!r}); os.execvp({name!r}, {STARTS[name]!r})"
    packages = os.pathsep.join(each for each in sys.path if each)
    settings = {"HOME": str(folder), "TERM": "dumb", "PATH": path, "PYTHONPATH": packages, "LC_ALL": "C.UTF-8"}
    async with on_terminal(code=start, **settings) as screen:
        screen.type(f"{PREPARED[name].format(script)}; echo all''set\n")
        await screen.shows("allset")
        await screen.shows("ready> ")
        yield screen
        screen.type("exit\n")
        await screen.ended()


async def completed(screen: Screen, typed: str, wanted: str) -> None:
    """Type, press Tab, and have what is there then shown as words by ``ran``."""
    screen.type(f"{typed}\t\x01ran \n")
    await screen.shows(f"{wanted}\r\n")
    await screen.shows("ready> ")


@posix
@pytest.mark.parametrize("shell", STARTS)
async def test_a_shell_completes_names(shell: str, shelf: Shelf, tmp_path: Path) -> None:
    """Wherever one is wanted, from the store that is meant."""
    await shelf.put("sample")
    await Shelf(tmp_path / "other.db").put("elsewhere")
    wanted = [
        "token",
        "show",
        "refresh",
        "revoke",
        "remove",
        "export",
        "export other",
        "login direct --save",
        "login --save",
    ]
    async with shell_at(shell, tmp_path) as screen:
        for words in wanted:
            shown = "".join(f"[{each}]" for each in ("vkauth", *words.split(), "sample"))
            await completed(screen, f"vkauth {words} sam", shown)
        await completed(screen, "vkauth login direct --save=sam", "[vkauth][login][direct][--save=sample]")
        for option in ("--store other.db", "--store=sqlite:other.db"):
            shown = "".join(f"[{each}]" for each in ("vkauth", "token", *option.split(), "elsewhere"))
            await completed(screen, f"vkauth token {option} elsew", shown)
        await completed(screen, "vkauth token --store $HOME/other.db elsew", f"[{tmp_path}/other.db][elsewhere]")
    assert SAMPLE not in screen.text


@posix
@pytest.mark.parametrize("shell", STARTS)
async def test_no_name_is_taken_for_something_else(shell: str, shelf: Shelf, tmp_path: Path) -> None:
    """What a shell would carry out, put another in place of, or take apart, arrives as it was stored."""
    for name in [*ODD, "me@example.com", "vk:work", "new\nline", "-dash"]:
        await shelf.put(name)
    async with shell_at(shell, tmp_path) as screen:
        for name in ODD:
            await completed(screen, f"vkauth token {name[:2]}", f"[vkauth][token][{name}]")
        await completed(screen, "vkauth show me@ex", "[vkauth][show][me@example.com]")
        await completed(screen, "vkauth show vk:", "[vkauth][show][vk:work]")
    assert not (tmp_path / "pwned").exists()


def files_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def offered(line: str, shell: str = "zsh", *, code: str = PATIENT, **environment: str) -> list[str]:
    """What a shell is given for a line, without a word on standard error."""
    done = await program("completion", "--names", shell, typed=line, code=code, **environment)
    assert (done.code, done.err) == (0, "")
    return done.out.splitlines()


async def test_names_of_a_sealed_store_need_no_key(shelf: Shelf) -> None:
    """Neither keyring nor variable is asked; the token is not there."""
    key = generate_key()
    os.environ["SAMPLE_KEY"] = key
    try:
        async with SQLiteTokenStore(shelf.path, seal=Seal(EnvironmentKey("SAMPLE_KEY"))) as store:
            await store.put("sealed", StoredToken.of(SAMPLE))
    finally:
        del os.environ["SAMPLE_KEY"]
    assert await offered("vkauth token ") == ["sealed"]
    assert await offered("vkauth token ", VKAUTH_SEAL="keyring", PYTHON_KEYRING_BACKEND="none.such") == ["sealed"]


async def test_a_name_of_more_lines_or_like_an_option_is_not_offered(shelf: Shelf) -> None:
    """And nothing that steers a terminal."""
    for name in ("good", "new\nline", "-dash", "\x1b[2J"):
        await shelf.put(name)
    assert await offered("vkauth token ") == ["good"]


async def test_for_bash_names_are_quoted(shelf: Shelf) -> None:
    """It inserts what it is given."""
    await shelf.put("my $(x)")
    assert await offered("vkauth token ", "bash") == [r"my\ \$\(x\)"]
    assert await offered(r"vkauth token my\ ", "bash") == [r"my\ \$\(x\)"]
    assert await offered("vkauth token you", "bash") == []


@pytest.mark.parametrize("content", [None, b"", b"sample text", b"SQLite format 3\0" + bytes(84)])
async def test_without_a_store_nothing_is_offered_or_made(tmp_path: Path, content: bytes | None) -> None:
    """It is missing, empty, or something else."""
    path = tmp_path / "none" / "tokens.db"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    before = files_below(tmp_path)
    assert await offered(f"vkauth token --store {path} ") == []
    assert files_below(tmp_path) == before
    assert content is None or path.read_bytes() == content


async def test_a_damaged_store_offers_nothing(shelf: Shelf) -> None:
    """Its beginning is right, the rest is not."""
    await shelf.put("sample")
    content = shelf.path.read_bytes()
    shelf.path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    assert await offered("vkauth token ") == []


async def test_a_server_that_does_not_answer_is_not_waited_for() -> None:
    """Nor one that is away."""
    pytest.importorskip("redis")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        assert await offered("vkauth token ", code=FOR_EVER, VKAUTH_STORE=address) == []
    assert await offered(f"vkauth token --store {address} ", code=FOR_EVER) == []


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", ["sample"]),
        ("vkauth token 'sam", []),
        ('vkauth token "', []),
        ("vkauth token \\", ["sample"]),
        ("vkauth token --store", []),
        ("\0", []),
    ],
)
async def test_a_line_that_is_not_finished(shelf: Shelf, line: str, names: list[str]) -> None:
    """It is as good as any other; behind a quotation mark bash completes by itself."""
    await shelf.put("sample")
    assert await offered(line, "bash") == names
