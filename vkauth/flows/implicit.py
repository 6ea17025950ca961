"""The implicit flow by login and password: user tokens and group tokens.

It starts from the authorize address and takes whichever look VK gives it: the old forms or VK ID's page.
https://dev.vk.com/en/api/access-token/implicit-flow-user, https://dev.vk.com/en/api/access-token/implicit-flow-community
"""

from __future__ import annotations

from dataclasses import dataclass

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context
from vkauth.flows.person import Person
from vkauth.flows.steps import Flow, accepted
from vkauth.flows.vkid import Application, sign_in_with
from vkauth.flows.walk import walk
from vkauth.models import GroupTokens, UserToken
from vkauth.protocol.authorize import authorize_request
from vkauth.protocol.blank_page import Fragment, in_order

__all__ = ["ImplicitOptions", "implicit_groups", "implicit_user"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplicitOptions:
    """What is asked for, by whom.

    Attributes:
        person: who logs in.
        application: which application the tokens are for.
        group_ids: the communities whose tokens are wanted; none: the user's own is.
        resumed: whether the run has the cookies of an earlier one.
    """

    person: Person
    application: Application
    group_ids: tuple[int, ...] = ()
    resumed: bool = False


def _authorize(context: Context, options: ImplicitOptions) -> Flow[Fragment]:
    sign_in = sign_in_with(context, options.person, options.application, resumed=options.resumed)
    start = authorize_request(
        context.endpoints,
        client_id=options.application.client_id,
        scope=options.application.scope,
        api_version=context.api_version,
        group_ids=options.group_ids,
    )
    fragment = yield from walk(context, options.person, start, sign_in=sign_in, consent=True)
    refusal = fragment.refusal()
    if refusal is not None:
        raise refusal
    yield from accepted()
    return fragment


def implicit_user(context: Context, options: ImplicitOptions) -> Flow[UserToken]:
    """Log in and return the user's token."""
    fragment = yield from _authorize(context, options)
    token = fragment.user_token(options.application.scope)
    if token is None:
        raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the login ended without a token")
    return token


def implicit_groups(context: Context, options: ImplicitOptions) -> Flow[GroupTokens]:
    """Log in and return the tokens of all communities that were asked for.

    Raises:
        MissingGroupsError: some of them are missing; the error carries the others' tokens.
    """
    fragment = yield from _authorize(context, options)
    return in_order(fragment.group_tokens(), options.group_ids)
