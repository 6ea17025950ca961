"""The picture, the sound and the not-robot page of a captcha."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.answers import html_answer, redirect
from vkauth.testing.layout import page, script_json
from vkauth.testing.vk.pages.pictures import captcha_picture, captcha_sound, unsupported_picture
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["not_robot_page", "picture", "sound", "unsupported"]

# The names are those by which VK's page calls an application's web view; without one it tells the window around it,
# which for a tab is itself. The token comes by a method of the API: all a person can find it by (docs/vk.md, 2.2.3).
_SCRIPT: Final = """
const places = %(places)s;
const button = document.getElementById("not-robot");
const result = document.getElementById("result");
async function method(name) {
  const body = new URLSearchParams({v: "5.207", session_token: places.session, domain: places.domain});
  const answer = await fetch(places.api + name, {method: "POST", body});
  return (await answer.json()).response;
}
function tell(event, values) {
  const bridge = window.AndroidBridge;
  const taken = bridge && typeof bridge[event] === "function";
  if (taken) { bridge[event](JSON.stringify(values)); }
  else { window.parent.postMessage(JSON.stringify({type: event, payload: values}), "*"); }
  return taken || window.parent !== window;
}
button.onclick = async () => {
  button.disabled = true;
  const checked = await method("captchaNotRobot.check");
  if (checked.status !== "OK") {
    result.textContent = "The check is out of date, or was passed before.";
    return;
  }
  await method("captchaNotRobot.endSession");
  result.textContent = "You passed the check.";
  const taken = tell("VKCaptchaGetResult", {token: checked.success_token});
  tell("VKCaptchaCloseCaptcha", {});
  if (places.leave) { location.href = places.leave; return; }
  if (taken) { return; }
  document.getElementById("token").value = checked.success_token;
  document.getElementById("untaken").hidden = false;
};
document.getElementById("close").onclick = () => {
  result.textContent = "The check was given up.";
  tell("VKCaptchaCloseCaptcha", {});
};
document.getElementById("copy").onclick = () => {
  document.getElementById("token").select();
  document.execCommand("copy");  // navigator.clipboard is not there on plain http
};
"""
_UNTAKEN: Final = (
    '<div id="untaken" hidden><p>No application took the success token, so here it is:</p>'
    '<p><input id="token" type="text" readonly aria-label="Success token">'
    '<button id="copy" type="button" class="second">Copy</button></p>'
    "<p>The real VK never shows it. There an application takes it by <code>window.AndroidBridge</code>; in a tab it is "
    "to be found only with the browser's developer tools, in the answer to the request "
    "<code>captchaNotRobot.check</code>, as here.</p></div>"
)


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
    challenge = world.captchas.by_session(exchange.query.get("session_token", ""))
    if challenge is None or world.captchas.is_old(challenge) or challenge.state != "open":
        return html_answer(page("Captcha", "<h1>This check is out of date</h1><p>Go back and try again.</p>"), 400)
    body = (
        "<h1>Are you a robot?</h1>"
        '<p><button id="not-robot" type="button">I am not a robot</button> '
        '<button id="close" type="button" class="second">Close</button></p><p id="result" role="status"></p>'
        f"{_UNTAKEN}"
    )
    left = exchange.query.get("redirect") == "1"
    places = {
        "api": exchange.links.url(Host.API, "/method/"),
        "session": challenge.session_token,
        "domain": exchange.query.get("domain", ""),
        "leave": exchange.links.url(Host.OAUTH, "/blank.html", {"success": 1}) if left else "",
    }
    return html_answer(page("Not a robot", body, script=_SCRIPT % {"places": script_json(places)}))
