"""What shells complete, tried in the shells that are on this machine."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from cli.conftest import Command, on_terminal, program

STARTS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "--interactive"),
}
PREPARED = {
    "bash": "PS1='ready> '; source {0}; vkauth() {{ echo \"ran: $*\"; }}",
    "zsh": 'PS1=\'ready> \'; autoload -U compinit; compinit -D -u; eval "$(cat {0})"; vkauth() {{ echo "ran: $*"; }}',
    "fish": 'function vkauth; echo "ran: $argv"; end; source {0}; function fish_prompt; echo -n "ready> "; end',
}


@pytest.mark.parametrize("shell", STARTS)
async def test_a_shell_completes_commands_options_values_and_files(shell: str, tmp_path: Path) -> None:
    """Tab finishes a command, the way below it, an option, its value, and the name of a file."""
    if os.name != "posix" or shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on this machine")
    printed = await program("completion", shell)
    assert (printed.code, printed.err) == (0, "")
    script = tmp_path / "completion"
    script.write_text(printed.out, encoding="utf-8")
    file = tmp_path / "sample-password-file"
    file.touch()
    start = f"import os; os.execvp({shell!r}, {STARTS[shell]!r})"
    async with on_terminal(code=start, HOME=str(tmp_path), TERM="dumb") as screen:
        screen.type(f"{PREPARED[shell].format(script)}; echo all''set\n")
        await screen.shows("allset")
        await screen.shows("ready> ")
        screen.type(f"vkauth logi\tdirec\t--ap\tandroi\t--password-fil\t{tmp_path}/sample-pass\t\n")
        gap = "=" if shell == "zsh" else " "
        await screen.shows(f"ran: login direct --app{gap}android --password-file{gap}{file}")
        screen.type("exit\n")
        await screen.ended()


async def test_without_what_makes_it_there_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "shtab", None)
    done = await command("completion", "bash")
    assert (done.code, done.out) == (2, "")
    assert done.err == 'vkauth: completion needs shtab: pip install "vkauth[cli]"\n'


async def test_it_asks_for_no_shell_that_it_does_not_know(command: Command) -> None:
    """The ones that it knows are named."""
    done = await command("completion", "sh")
    assert (done.code, done.out) == (2, "")
    assert "SHELL: there is no such value; " in done.err
