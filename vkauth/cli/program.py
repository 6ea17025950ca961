"""From the arguments to the exit code, and a line on standard error for all that can go wrong on the way."""

from __future__ import annotations

import io
import logging
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from vkauth.cli.commands import register
from vkauth.cli.exits import Exit, InputEndedError, OutputError, UnreadableInputError, UsageError, exit_of
from vkauth.cli.going_on import tell_error
from vkauth.cli.language import choose_language, spoken
from vkauth.cli.output import fill_closed_streams, flush_output, require_output
from vkauth.cli.overview import overview
from vkauth.cli.parser import parse
from vkauth.cli.signals import Stopped, stops_are_raised
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.errors import AuthError
from vkauth.language import gettext as _

__all__ = ["run"]


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: instead of those the program was started with.
    """
    fill_closed_streams()
    _escape_what_cannot_be_written()
    words = sys.argv[1:] if arguments is None else arguments
    with spoken(choose_language(words)):
        return _run(words)


def _run(words: Sequence[str]) -> int:
    try:
        with stops_are_raised():
            return _command(words)
    except SystemExit as end:  # argparse has printed the help or the version
        return int(end.code or 0)
    except (UsageError, UnreadableInputError) as error:
        return _failed(Exit.USAGE, str(error))
    except InputEndedError:
        if is_terminal(sys.stdin):
            return _failed(Exit.CHALLENGE, _("the question was left without an answer, so the login has ended."))
        return _failed(Exit.CHALLENGE, _("nobody answers: the input has ended. Run the command in a terminal."))
    except OutputError as error:
        return _failed(Exit.OUTPUT, f"{error}.")
    except Stopped as stop:
        Terminal().say(_("\nInterrupted.") if stop.exit is Exit.INTERRUPTED else _("\nEnded from outside."))
        return stop.exit


def _command(words: Sequence[str]) -> Exit:
    require_output()
    arguments = parse(words, register)
    if arguments.verbose:
        _log_to_stderr()
    else:
        _keep_logs_quiet()
    try:
        if arguments.command is None:
            return overview()
        _require_extras()
        code: Exit = arguments.run(arguments)
        flush_output()
    except AuthError as error:
        tell_error(error, arguments, Terminal())
        return exit_of(error)
    except (UsageError, UnreadableInputError, InputEndedError, OutputError):
        raise
    except Exception as error:  # noqa: BLE001 - a person gets a line, not a traceback
        if arguments.verbose:
            # The places only: texts of errors and values may hold secrets.
            Terminal().say("".join(traceback.format_tb(error.__traceback__)))
        hint = "" if arguments.verbose else _("; with -v it tells where")
        return _failed(
            Exit.REFUSED,
            _("something is wrong in vkauth itself ({name}){hint}.").format(name=type(error).__name__, hint=hint),
        )
    return code


def _require_extras() -> None:
    for name in ("rich", "PIL"):
        try:
            import_module(name)
        except ImportError:
            raise UsageError(_('this command needs rich and Pillow: pip install "vkauth[cli]"')) from None


def _failed(code: Exit, message: str) -> Exit:
    Terminal().complain(message)
    return code


def _escape_what_cannot_be_written() -> None:
    """Names of tokens and texts may have letters that the output's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _keep_logs_quiet() -> None:
    """Keep Python from writing warnings of the library to standard error, as it does where no handler is."""
    logger = logging.getLogger("vkauth")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("vkauth")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
