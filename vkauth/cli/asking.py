"""Questions for what the arguments leave out. Where nobody is there to answer, the option is named instead."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from vkauth.cli.exits import InputEndedError, UsageError
from vkauth.cli.person import APPS, ApplicationArguments, app_title, read_client_id, read_groups
from vkauth.cli.records import nothing_kept
from vkauth.cli.stores import StoreArguments, make_reading_store, store_place
from vkauth.cli.terminal import Terminal
from vkauth.cli.told import shown
from vkauth.language import gettext as _
from vkauth.terminal.words import sentence

__all__ = [
    "GroupArguments",
    "NameArguments",
    "VKIDArguments",
    "ask_for",
    "needed",
    "settle_application",
    "settle_groups",
    "settle_name",
    "settle_vkid",
    "unanswered",
]

_Answer = TypeVar("_Answer")

_FEWEST_ID: Final = 1000
"""What is less, and stands for nothing in a list, is a slip: the ids of applications are longer."""
_LONGEST_NUMBER: Final = 9
"""Digits of the number of a token in a list."""


class GroupArguments(Protocol):
    """What is asked by :func:`settle_groups`."""

    group: list[int] | None


class VKIDArguments(Protocol):
    """What is asked by :func:`settle_vkid`."""

    client_id: str | None
    redirect_uri: str | None


class NameArguments(StoreArguments, Protocol):
    """What is asked by :func:`settle_name`."""

    name: str | None


def needed(option: str) -> UsageError:
    """The error of an argument that is missing where nobody can be asked for it."""
    return UsageError(_("there is nobody to ask: {option} is needed").format(option=option))


def unanswered(option: str) -> UsageError:
    """The error of a question that a person has left, by Ctrl-D say; ``option`` would have spared it, if any would."""
    if not option:
        return UsageError(_("the question was left without an answer"))
    return UsageError(_("the question was left without an answer: {option} answers it, too").format(option=option))


def ask_for(terminal: Terminal, question: str, read: Callable[[str], _Answer | None], option: str) -> _Answer:
    """Ask a person until ``read`` makes something of the answer.

    Args:
        terminal: where the person is.
        question: what to ask.
        read: reads the answer; ``None``, or an ``ArgumentTypeError`` that says what is wrong: it is asked again.
        option: what would have spared the question.

    Raises:
        UsageError: nobody is there.
    """
    if not terminal.has_person:
        raise needed(option)
    while True:
        try:
            found = read(terminal.ask(question))
        except InputEndedError:
            raise unanswered(option) from None
        except ArgumentTypeError as error:
            terminal.explain(sentence(str(error)))
        else:
            if found is not None:
                return found


def settle_application(arguments: ApplicationArguments, terminal: Terminal) -> None:
    """See that an application is named: if none is, the person chooses one of VK's own, or tells the id of another.

    Raises:
        UsageError: nobody is there.
    """
    if arguments.app is not None or arguments.client_id is not None:
        return
    if not terminal.has_person:
        raise needed(_("{one} or {other}").format(one="--app", other="--client-id"))
    terminal.explain(
        _(
            "The token will belong to an application, whose name VK shows you: one of VK's own, yours if it is older "
            "than 25 June 2024, or another whose id you know. VK closes single ones at times; then take another."
        )
    )
    terminal.say()
    for number, name in enumerate(APPS, 1):
        terminal.explain(f"{number}  {app_title(name)} ({name})", "  ")
    terminal.say()
    arguments.app, arguments.client_id = ask_for(terminal, _("Its number here, its name or its id: "), _application, "")


def settle_groups(arguments: GroupArguments, terminal: Terminal) -> list[int]:
    """The communities that are meant; they are asked for if none is named.

    Raises:
        UsageError: nobody is there.
    """
    if not arguments.group:
        question = _("The communities' ids, with commas: ")
        arguments.group = ask_for(terminal, question, lambda text: read_groups(text) if text else None, "--group")
    return arguments.group


def settle_vkid(arguments: VKIDArguments, terminal: Terminal) -> tuple[str, str]:
    """The application of VK ID and its trusted redirect address; what is missing is asked for.

    Raises:
        UsageError: nobody is there.
    """
    missing = [
        option
        for option, value in (("--client-id", arguments.client_id), ("--redirect-uri", arguments.redirect_uri))
        if value is None
    ]
    if missing and not terminal.has_person:
        raise needed(" ".join(missing))
    if missing:
        terminal.explain(
            _("That needs an application of yours at id.vk.ru (for business), with a trusted redirect address.")
        )
    if arguments.client_id is None:
        arguments.client_id = ask_for(terminal, _("Its id: "), _client_id, "--client-id")
    if arguments.redirect_uri is None:
        question = _("Its trusted redirect address: ")
        arguments.redirect_uri = ask_for(terminal, question, _redirect_uri, "--redirect-uri")
    return arguments.client_id, arguments.redirect_uri


def settle_name(arguments: NameArguments, terminal: Terminal) -> str:
    """The name of the token that is meant; if none is given, the person chooses one of those that are stored.

    Raises:
        UsageError: nobody is there.
        AuthError: ``TOKEN_NOT_FOUND`` if none is stored; the store cannot be used.
    """
    if arguments.name is None:
        if not terminal.has_person:
            raise needed(_("NAME"))
        names = terminal.run(lambda: _names(arguments))
        if not names:
            raise nothing_kept(store_place(arguments))
        # A number could be meant as a name, and what it is said for may be the end of the token.
        numbered = not any(each.isdecimal() for each in names)
        for number, each in enumerate(names, 1):
            terminal.say(f"  {number}  {shown(each)}" if numbered else f"  {shown(each)}")
        question = _("Which token (its number or name): ") if numbered else _("Which token (its name): ")
        arguments.name = ask_for(terminal, question, lambda text: _chosen(text, names, numbered=numbered), "")
    return arguments.name


async def _names(arguments: StoreArguments) -> list[str]:
    async with make_reading_store(arguments) as store:
        return list(await store.keys())


def _chosen(text: str, names: Sequence[str], *, numbered: bool) -> str | None:
    if text in names:
        return text
    # So many digits are no number of a list, and int() has a limit.
    if numbered and text.isdecimal() and len(text) <= _LONGEST_NUMBER and 0 < int(text) <= len(names):
        return names[int(text) - 1]
    if text:
        raise ArgumentTypeError(_("that is none of them"))
    return None


def _client_id(text: str) -> str | None:
    return read_client_id(text) if text else None


def _redirect_uri(text: str) -> str | None:
    """An address that VK ID can send somebody back to, as :class:`vkauth.VKIDAuthorization` checks it."""
    from vkauth.oauth.request import read_redirect_uri

    try:
        return read_redirect_uri(text) if text else None
    except ValueError:
        raise ArgumentTypeError(
            _("that is no redirect address: it begins with https:// or http://, and has no #")
        ) from None


def _application(text: str) -> tuple[str | None, str | None] | None:
    """The name of one of VK's own, or the id of another."""
    if not text:
        return None
    if text in APPS:
        return text, None
    try:
        number = read_client_id(text)
    except ArgumentTypeError:
        raise ArgumentTypeError(_("that is neither a number nor one of these names")) from None
    last = len(APPS)
    if last < int(number) < _FEWEST_ID:
        raise ArgumentTypeError(_("the list ends at {last}; an application's id is longer").format(last=last))
    return (APPS[int(number) - 1], None) if int(number) <= last else (None, number)
