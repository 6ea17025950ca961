"""The picture, the sound and the not-robot page of a captcha."""

from __future__ import annotations

import json
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.answers import html_answer, json_answer, redirect
from vkauth.testing.layout import page
from vkauth.testing.vk.pages.pictures import captcha_picture, captcha_sound, unsupported_picture
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["not_robot_page", "picture", "press", "sound", "unsupported"]

# The names are those by which VK's page calls an application's web view. Without one the parent window is told.
_SCRIPT: Final = """
const bridge = window.AndroidBridge;
function tell(method, values) {
  if (bridge && typeof bridge[method] === "function") { bridge[method](JSON.stringify(values)); return; }
  if (window.parent !== window) { window.parent.postMessage(JSON.stringify({type: method, payload: values}), "*"); }
}
document.getElementById("not-robot").onclick = async () => {
  const answer = await fetch(%(press)s, {method: "POST"});
  const values = await answer.json();
  document.getElementById("result").textContent = values.token ? "You passed the check." : "The check is out of date.";
  if (!values.token) { return; }
  document.getElementById("not-robot").disabled = true;
  tell("VKCaptchaGetResult", {token: values.token});
  if (%(leave)s) { location.href = %(leave)s; }
};
document.getElementById("close").onclick = () => { tell("VKCaptchaCloseCaptcha", {}); };
"""


def picture(world: World, exchange: Exchange) -> web.Response:
    """``/captcha.php``: draws the letters anew at each request."""
    challenge = world.captchas.by_sid(exchange.query.get("sid", "") or exchange.query.get("captcha_sid", ""))
    if challenge is None:
        return html_answer(page("Not found", "<h1>No such captcha</h1>"), 404)
    challenge.fetches += 1
    if not challenge.has_picture:
        return redirect(exchange.links.url(Host.WEB, "/images/image_not_supported.png"))
    drawn = captcha_picture(challenge.text, challenge.fetches)
    return web.Response(body=drawn, content_type="image/png", headers={"Cache-Control": "no-store"})


def unsupported(_world: World, _exchange: Exchange) -> web.Response:
    """The picture that says that pictures are over."""
    return web.Response(body=unsupported_picture(), content_type="image/gif")


def sound(world: World, exchange: Exchange) -> web.Response:
    """``/sound_captcha.php``."""
    challenge = world.captchas.by_sid(exchange.query.get("captcha_sid", ""))
    if challenge is None:
        return html_answer(page("Not found", "<h1>No such captcha</h1>"), 404)
    return web.Response(body=captcha_sound(challenge.text), content_type="audio/wav")


def not_robot_page(world: World, exchange: Exchange) -> web.Response:
    """``/not_robot_captcha``: a button for those who are no robots, and one for those who gave up."""
    challenge = world.captchas.by_page("?session_token=" + exchange.query.get("session_token", ""))
    if challenge is None or world.captchas.is_old(challenge) or challenge.state != "open":
        return html_answer(page("Captcha", "<h1>This check is out of date</h1><p>Go back and try again.</p>"), 400)
    body = (
        "<h1>Are you a robot?</h1>"
        '<p><button id="not-robot" type="button">I am not a robot</button> '
        '<button id="close" type="button">Close</button></p><p id="result" role="status"></p>'
    )
    target = exchange.links.relative(Host.ID, f"/not_robot_captcha/press?session_token={challenge.session_token}")
    leave = (
        exchange.links.url(Host.OAUTH, "/blank.html", fragment={"success": 1})
        if exchange.query.get("redirect") == "1"
        else ""
    )
    script = _SCRIPT % {"press": json.dumps(target), "leave": json.dumps(leave)}
    return html_answer(page("Not a robot", body, script=script))


def press(world: World, exchange: Exchange) -> web.Response:
    """What the button of the page asks for."""
    challenge = world.captchas.by_page("?session_token=" + exchange.query.get("session_token", ""))
    token = world.captchas.press(challenge) if challenge is not None else None
    return json_answer({"token": token} if token else {"error": "session is over"}, 200 if token else 400)
