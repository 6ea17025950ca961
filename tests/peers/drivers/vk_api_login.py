"""vk_api's ``VkApi.auth``: the VK ID web login, then an implicit token from its cookies.

It writes its session to a file in the working directory, so the test gives it a directory of its own.
"""

from typing import Any

import talk
import vk_api
from vk_api.exceptions import Captcha


def log_in(job: dict[str, Any]) -> dict[str, Any]:
    def on_captcha(captcha: Captcha) -> Any:
        if captcha.redirect_uri:
            token = talk.ask("captcha", sid=captcha.sid, src=captcha.url, redirect_uri=captcha.redirect_uri)
            return captcha.try_again(success_token=token)
        image = captcha.get_image()
        key = talk.ask("captcha", sid=captcha.sid, src=captcha.get_url(), picture={"size": len(image)})
        return captcha.try_again(key)

    def on_code() -> tuple[str, bool]:
        return talk.ask("code"), True

    client = vk_api.VkApi(job["login"], job["password"], auth_handler=on_code, captcha_handler=on_captcha)
    client.auth(token_only=True)
    return dict(client.token)


talk.run(log_in)
