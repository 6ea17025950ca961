"""``vkauth login`` and ``vkauth verify``: from what was typed to a token on standard output."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, assert_never

from vkauth import (
    AccountVerification,
    CommonOptions,
    DirectAuthorization,
    ImplicitFlowGroups,
    ImplicitFlowUser,
)
from vkauth.apps import AppCredentials, official_app_credentials
from vkauth.cli.challenges import MAX_ATTEMPTS, Challenges
from vkauth.cli.exits import Exit, InputEndedError, UsageError
from vkauth.cli.files import read_cookies, read_secret, write_private
from vkauth.cli.parser import Arguments
from vkauth.cli.pictures import Pictures
from vkauth.cli.prompts import Terminal
from vkauth.errors import AuthError, AuthErrorCode, MissingGroupsError
from vkauth.models import GroupToken, UserToken
from vkauth.protocol.endpoints import Endpoints
from vkauth.scopes import GroupScope, UserScope, parse_scope
from vkauth.secret import Secret

__all__ = ["login", "verify"]


def login(arguments: Arguments, terminal: Terminal, environment: Mapping[str, str] = os.environ) -> Exit:
    """Log in and print what came.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: the login did not succeed.
    """
    with Pictures(terminal.output) as pictures:
        options = _connection(arguments, Challenges(terminal, pictures), terminal)
        match arguments.way:
            case "direct":
                return _direct(arguments, options, terminal, environment)
            case "user":
                return _user(arguments, options, terminal, environment)
            case "groups":
                return _groups(arguments, options, terminal, environment)
            case unknown:
                assert_never(unknown)


def verify(arguments: Arguments, terminal: Terminal) -> Exit:
    """Pass the page of API error 17 and print the new token, if there is one.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: the account was not verified.
    """
    address: str = Secret(arguments.address)
    if address == "-":
        address = Secret(_wanted(terminal.ask, "Address (the redirect_uri of error 17): ", "the address"))
    with Pictures(terminal.output) as pictures:
        options = _connection(arguments, Challenges(terminal, pictures), terminal)
        if arguments.login is None and arguments.phone is None:
            arguments.phone = _wanted(terminal.ask, "Phone number of the account: ", "--phone")
        verification = _made(AccountVerification, login=arguments.login, phone=arguments.phone, **options)
        try:
            token = terminal.run(lambda: _checked(verification.run(address)))
        except AuthError as error:
            if error.code is not AuthErrorCode.TOKEN_UNCHANGED:
                raise
            terminal.say("The account is verified. No new token came: go on with the one you have.")
            return Exit.OK
    _print_user(token, as_json=arguments.json)
    return Exit.OK


# -- the ways in -------------------------------------------------------------------------------------------------------


def _direct(arguments: Arguments, options: CommonOptions, terminal: Terminal, environment: Mapping[str, str]) -> Exit:
    scope = _scope(arguments.scope, UserScope)
    application: dict[str, Any]
    if arguments.client_id is None:
        application = {**_official(arguments.app or "android")}
    else:
        application = {"client_id": arguments.client_id}
        if arguments.client_secret_file is not None:
            application["client_secret"] = read_secret(arguments.client_secret_file, "client secret", terminal.say)
        elif found := environment.get("VKAUTH_CLIENT_SECRET"):
            application["client_secret"] = Secret(found)
        else:
            application["client_secret"] = _wanted(
                terminal.ask_secret, "Secret of the application: ", "--client-secret-file or VKAUTH_CLIENT_SECRET"
            )
    direct = _made(
        DirectAuthorization,
        **application,
        **_person(arguments, terminal, environment),
        scope=scope,
        **options,
    )
    _print_user(terminal.run(direct.run), as_json=arguments.json)
    return Exit.OK


def _user(arguments: Arguments, options: CommonOptions, terminal: Terminal, environment: Mapping[str, str]) -> Exit:
    scope = _scope(arguments.scope, UserScope)
    make = partial(_made, ImplicitFlowUser, scope=scope, **options)
    flow, token = _logged_in(make, arguments, terminal, environment)
    _print_user(token, as_json=arguments.json)
    _keep_cookies(arguments, flow, terminal)
    return Exit.OK


def _groups(arguments: Arguments, options: CommonOptions, terminal: Terminal, environment: Mapping[str, str]) -> Exit:
    scope = _scope(arguments.scope, GroupScope)
    make = partial(_made, ImplicitFlowGroups, group_ids=arguments.group, scope=scope, **options)
    try:
        flow, tokens = _logged_in(make, arguments, terminal, environment)
    except MissingGroupsError as error:
        _print_groups(error.tokens.groups, as_json=arguments.json)  # those that came are good
        raise
    _print_groups(tokens.groups, as_json=arguments.json)
    _keep_cookies(arguments, flow, terminal)
    return Exit.OK


def _logged_in(
    make: Callable[..., Any], arguments: Arguments, terminal: Terminal, environment: Mapping[str, str]
) -> tuple[Any, Any]:
    """Log in with the cookies that were kept, or else with login and password; the flow and what it gave."""
    client_id = arguments.client_id or _official(arguments.app or "android")["client_id"]
    cookies = None if arguments.cookies is None else read_cookies(arguments.cookies, terminal.say)
    if cookies is not None:
        flow = make(client_id=client_id, cookies=cookies, login=arguments.login, phone=arguments.phone)
        try:
            return flow, terminal.run(flow.run)
        except AuthError as error:
            if error.code is not AuthErrorCode.INVALID_GRANT:
                raise
            terminal.say("VK has ended the session of the cookies.")
    flow = make(client_id=client_id, **_person(arguments, terminal, environment))
    return flow, terminal.run(flow.run)


def _keep_cookies(arguments: Arguments, flow: ImplicitFlowUser | ImplicitFlowGroups, terminal: Terminal) -> None:
    if arguments.cookies is None or flow.cookies is None:
        return
    try:
        write_private(arguments.cookies, flow.cookies.dump())
    except OSError as error:
        # The token is there and printed, so this is no failure of the login.
        terminal.say(f"Warning: the cookies could not be written to {arguments.cookies} ({error.strerror}).")


# -- what they need ----------------------------------------------------------------------------------------------------


def _official(name: str) -> AppCredentials:
    credentials: AppCredentials = getattr(official_app_credentials, name)
    return credentials


def _scope(text: str, kind: type[UserScope | GroupScope]) -> int:
    try:
        return parse_scope(int(text) if text.isascii() and text.isdecimal() else text, kind)
    except ValueError as error:
        raise UsageError(f"--scope: {error}") from None


def _person(arguments: Arguments, terminal: Terminal, environment: Mapping[str, str]) -> dict[str, str | None]:
    name = arguments.login
    if name is None and arguments.phone is None:
        name = _wanted(terminal.ask, "Login (phone number or e-mail): ", "--login or VKAUTH_LOGIN")
    if arguments.password_file is not None:
        password = read_secret(arguments.password_file, "password", terminal.say)
    elif found := environment.get("VKAUTH_PASSWORD"):
        password = Secret(found)
    else:
        password = _wanted(terminal.ask_secret, "Password: ", "--password-file or VKAUTH_PASSWORD")
    return {"login": name, "phone": arguments.phone, "password": password}


def _wanted(ask: Any, question: str, otherwise: str) -> str:
    """Ask until there is an answer."""
    try:
        while True:
            answer: str = ask(question)
            if answer.strip():
                return answer
    except InputEndedError:
        raise UsageError(f"there is nobody to ask: {otherwise} is needed") from None


def _connection(arguments: Arguments, challenges: Challenges, terminal: Terminal) -> CommonOptions:
    try:
        if arguments.endpoints is None:
            endpoints = Endpoints(arguments.domain or "vk.ru")
        else:
            endpoints = Endpoints.under(arguments.endpoints)
            terminal.say(f"Talking to {arguments.endpoints}, not to VK.")
    except ValueError as error:
        raise UsageError(f"--endpoints: {str(error).removeprefix('base').lstrip(': ')}") from None
    options = CommonOptions(
        callback_service=challenges.service(),
        timeout=arguments.timeout,
        answer_timeout=None,  # a person takes the time it takes
        max_attempts=MAX_ATTEMPTS,
        proxy=arguments.proxy,
        endpoints=endpoints,
    )
    _made(AccountVerification, login="-", **options)  # what is wrong is said before anything is asked
    return options


def _made(kind: Any, **options: Any) -> Any:
    """Make an authorization; what it does not like is a wrong usage."""
    try:
        return kind(**options)
    except (ValueError, TypeError) as error:
        raise UsageError(str(error)) from None


async def _checked(run: Any) -> UserToken:
    try:
        token: UserToken = await run
    except ValueError as error:
        raise UsageError(str(error)) from None
    return token


# -- what they print ---------------------------------------------------------------------------------------------------


def _print_user(token: UserToken, *, as_json: bool) -> None:
    if not as_json:
        print(token.token, flush=True)
        return
    values = {
        "token": token.token,
        "user_id": token.user_id,
        "expires_in": token.expires_in,
        "expires_at": _moment(token.expires_at),
        "scope": token.scope,
        "email": token.email,
    }
    print(json.dumps(values, indent=2), flush=True)


def _print_groups(tokens: list[GroupToken], *, as_json: bool) -> None:
    if not as_json:
        for each in tokens:
            print(each.group_id, each.token, flush=True)
        return
    rows = [
        {
            "group_id": each.group_id,
            "token": each.token,
            "expires_in": each.expires_in,
            "expires_at": _moment(each.expires_at),
        }
        for each in tokens
    ]
    print(json.dumps(rows, indent=2), flush=True)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
