"""The "not robot" page's way to hand its token over: the object that it calls in an application on a telephone.

docs/vk.md, 2.2.3. The page looks for ``window.AndroidBridge`` when it loads, so it has to be there before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from vkauth.protocol.captcha import read_success_token
from vkauth.secret import Secret, hide

if TYPE_CHECKING:
    from playwright.async_api import Page

__all__ = ["cross"]

_NAME: Final = "vkauthCaptcha"
# The binding is there in every frame, and any page may call it: who has called is checked where it arrives.
_SCRIPT: Final = """(() => {
  if (window !== window.top) { return; }
  const tell = window.%(name)s;
  window.AndroidBridge = {
    VKCaptchaGetResult: (json) => { tell("result", String(json)); },
    VKCaptchaCloseCaptcha: () => { tell("close", ""); },
    VKCaptchaListenSensorsStart: () => {},
    VKCaptchaListenSensorsStop: () => {},
  };
})();"""


async def cross(
    page: Page, is_trusted: Callable[[str], bool], passed: Callable[[Secret], None], closed: Callable[[], None]
) -> None:
    """Put the bridge into a tab, before anything is opened in it.

    Args:
        page: the tab.
        is_trusted: whether an address is one whose page may be believed.
        passed: is called with the token.
        closed: is called when the page was left without one.
    """

    def told(source: dict[str, Any], kind: object = None, text: object = None) -> None:
        frame = source["frame"]
        text = hide(text)
        if frame.parent_frame is not None or not is_trusted(frame.url):
            return
        if kind == "close":
            closed()
        elif kind == "result" and isinstance(text, str) and (token := read_success_token(text)) is not None:
            passed(token)

    await page.expose_binding(_NAME, told)
    await page.add_init_script(_SCRIPT % {"name": _NAME})
