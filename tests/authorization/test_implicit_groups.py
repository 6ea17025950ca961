"""The implicit flow of communities: one login for the tokens of all (on the simulator)."""

from __future__ import annotations

from typing import Any

import pytest
from support import FakeClock, refused
from web_support import APP, Witness, groups, passwords

from vkauth import CallbackService, GroupTokens, MissingGroupsError
from vkauth.testing import Fault, LeakScanner, VKSimulator

LOOKS = ["page", "mobile", "vkid"]


async def missing(login: Any) -> MissingGroupsError:
    """Wait for a login that some communities give no token in."""
    error = await refused(login.run(), "ACCESS_DENIED")
    assert isinstance(error, MissingGroupsError)
    return error


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (1, "1"),
        (-1, "1"),
        ([2], "2"),
        ([3, 1, 2], "3,1,2"),
        ((-3, 2), "3,2"),
        ([2, 2, -2, 1, 2], "2,1"),
        ({7: "a"}.keys(), "7"),
        (range(1, 30), ",".join(map(str, range(1, 30)))),
    ],
    ids=["one", "negative", "list of one", "order", "mixed", "twice", "any iterable", "many"],
)
async def test_one_login_for_all(vk: VKSimulator, look: Any, asked: Any, sent: str) -> None:
    """One request asks for them all; the tokens come in the order asked for, each once."""
    vk.add_account(look=look, groups=tuple(range(1, 30)), two_factor="sms")
    tokens = await groups(vk, asked).run()
    assert isinstance(tokens, GroupTokens)
    assert ",".join(str(each.group_id) for each in tokens.groups) == sent
    assert vk.requests[0].query["group_ids"] == sent
    for each in tokens.groups:
        issued = vk.issued[each.token]
        assert (issued.kind, issued.group_id, issued.client_id) == ("group", each.group_id, str(APP))
        assert (each.expires_in, each.expires_at) == (0, None)
    assert len(vk.requests.to("oauth/authorize")) <= 3
    assert passwords(vk) == 1
    assert len(vk.accounts[0].sent) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_the_scope_is_of_communities(vk: VKSimulator, look: Any) -> None:
    """The same name is another right than a user's; all of them without being told."""
    vk.add_account(look=look, groups=(1,))
    await groups(vk, 1, scope="messages,manage").run()
    assert vk.requests[0].query["scope"] == str(4096 + 262144)
    vk.requests.clear()
    await groups(vk, 1).run()
    assert vk.requests[0].query["scope"] == "397381"


@pytest.mark.parametrize("look", LOOKS)
async def test_every_challenge_on_the_way(vk: VKSimulator, look: Any) -> None:
    """It is the login of a user, with all that may come in it."""
    vk.add_account(look=look, groups=(1, 2), captcha="image", two_factor="sms", captcha_after_code=True)
    witness = Witness(vk, wrong=1)
    tokens = await groups(vk, [1, 2], witness.callbacks).run()
    assert [each.group_id for each in tokens.groups] == [1, 2]
    assert ("captcha", "accepted") in witness.outcomes
    assert ("code", "accepted") in witness.outcomes
    assert ("code", "WRONG_OTP") in witness.outcomes


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("final", ["302", "auth_redirect", "auth_redirect_twice", "meta", "script"])
async def test_every_end(vk: VKSimulator, look: Any, final: Any) -> None:
    """However the tokens are handed over."""
    vk.add_account(look=look, groups=(1, 2), final=final)
    tokens = await groups(vk, [2, 1]).run()
    assert [vk.issued[each.token].group_id for each in tokens.groups] == [2, 1]


@pytest.mark.parametrize("look", LOOKS)
async def test_communities_of_others(vk: VKSimulator, look: Any) -> None:
    """The error names them and has the tokens of the rest."""
    vk.add_account(look=look, groups=(1, 3))
    error = await missing(groups(vk, [4, 3, 2, 1]))
    assert error.group_ids == (4, 2)
    assert [each.group_id for each in error.tokens.groups] == [3, 1]
    assert [vk.issued[each.token].group_id for each in error.tokens.groups] == [3, 1]
    assert "4, 2" in error.message


@pytest.mark.parametrize("look", LOOKS)
async def test_no_community_at_all(vk: VKSimulator, look: Any) -> None:
    """Somebody who manages none of them; the code was right all the same, and the handler hears so."""
    vk.add_account(look=look, two_factor="sms", consent="none")
    witness = Witness(vk)
    error = await missing(groups(vk, [1, 2], witness.callbacks))
    assert witness.outcomes == [("code", "accepted")]
    assert error.group_ids == (1, 2)
    assert error.tokens.groups == []


async def test_what_vk_says_of_the_end(vk: VKSimulator) -> None:
    """Tokens that end; fields that nobody asked for, and a number that is none, are left alone."""
    vk.add_account(look="page", consent="none")
    blank = str(vk.endpoints.blank)
    fragment = "access_token_1=vk1.a.one&access_token_2=&access_token_x=3&access_token_9=nine&expires_in=3600"
    vk.faults.add(Fault.redirect(f"{blank}#{fragment}"), nth=3)
    error = await missing(groups(vk, [1, 2]))
    assert error.group_ids == (2,)
    (one,) = error.tokens.groups
    assert (one.group_id, one.token, one.expires_in) == (1, "vk1.a.one", 3600)
    assert one.expires_at is not None
    assert (one.expires_at - FakeClock().now()).total_seconds() == 3600


@pytest.mark.parametrize("look", LOOKS)
async def test_cookies_spare_the_second_login(vk: VKSimulator, look: Any) -> None:
    """Also for other communities, by another object."""
    vk.add_account(look=look, groups=(1, 2), two_factor="sms")
    first = groups(vk, 1)
    await first.run()
    assert first.cookies
    vk.requests.clear()
    tokens = await groups(vk, 2, CallbackService(), cookies=first.cookies).run()
    assert [each.group_id for each in tokens.groups] == [2]
    assert passwords(vk) == 0
    vk.end_sessions("+79990000001")
    assert (await first.run()).groups[0].group_id == 1
    assert passwords(vk) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_the_person_refuses(vk: VKSimulator, look: Any) -> None:
    """That is told from communities without a token."""
    vk.add_account(look=look, groups=(1,), consent_action="cancel")
    error = await refused(groups(vk, 1).run(), "ACCESS_DENIED")
    assert not isinstance(error, MissingGroupsError)


@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        ([], ValueError, "empty"),
        ((), ValueError, "empty"),
        (0, ValueError, "0"),
        ([1, 0], ValueError, "0"),
        ("1", TypeError, "int, not str"),
        ("1,2", TypeError, "int, not str"),
        (["1"], TypeError, "int, not str"),
        (True, TypeError, "int, not bool"),
        ([1, False], TypeError, "int, not bool"),
        (1.0, TypeError, "not float"),
        ([1.5], TypeError, "not float"),
        (None, TypeError, "not NoneType"),
        ([None], TypeError, "not NoneType"),
        ({1: 2}, TypeError, "not dict"),
        (b"1", TypeError, "not bytes"),
    ],
    ids=repr,
)
async def test_wrong_communities_are_refused_at_construction(
    vk: VKSimulator, wrong: Any, kind: type[Exception], said: str
) -> None:
    """Before anything is sent; the message names the argument."""
    with pytest.raises(kind, match=f"group_ids.*{said}"):
        groups(vk, wrong)
    assert len(vk.requests) == 0


@pytest.mark.parametrize("look", LOOKS)
async def test_s1_the_tokens_are_not_shown(vk: VKSimulator, look: Any, no_leaks: LeakScanner) -> None:
    """S1, S2: neither by the result, nor by the error that carries some, nor by the log."""
    vk.add_account(look=look, groups=(1, 2))
    tokens = await groups(vk, [1, 2]).run()
    error = await missing(groups(vk, [1, 2, 3]))
    no_leaks.add(*vk.issued)
    no_leaks.scan(tokens, *tokens.groups, error, error.tokens, repr(vars(error)))
