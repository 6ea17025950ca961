"""vkbottle's ``UserAuth``: one request a call, and the program around it repeats the call with the answers."""

from typing import Any

import talk
from vkbottle import APIAuthError, CaptchaError
from vkbottle.tools.auth import UserAuth

ATTEMPTS = 8


async def log_in(job: dict[str, Any]) -> dict[str, Any]:
    auth = UserAuth()
    answers: dict[str, Any] = {"auth_code": True}  # True: tell VK that a code can be asked for
    try:
        for _ in range(ATTEMPTS):
            try:
                return {"token": await auth.get_token(job["login"], job["password"], **answers)}
            except CaptchaError as captcha:
                async with auth.http_client.request(captcha.captcha_img) as picture:
                    seen = {"status": picture.status, "size": len(await picture.read())}
                answers["captcha_sid"] = captcha.captcha_sid
                answers["captcha_key"] = talk.ask(
                    "captcha", sid=captcha.captcha_sid, src=captcha.captcha_img, picture=seen
                )
            except APIAuthError as challenge:
                if challenge.validation_sid is None:
                    raise
                if job["send_code"]:
                    await auth.validate_phone(challenge.validation_sid)
                answers["auth_code"] = talk.ask("code", type=challenge.validation_type, phone_mask=challenge.phone_mask)
        raise RuntimeError(f"no token after {ATTEMPTS} requests")
    finally:
        await auth.http_client.close()


talk.run(log_in)
