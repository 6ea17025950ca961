"""What VK's texts say, where its names and numbers do not say enough.

VK answers in the account's language. These are the Russian and English texts that have been seen; each line names where
and when. A text that is not here is not guessed at. docs/vk.md, 1.7.
"""

from __future__ import annotations

from typing import Final

from vkauth.errors import AuthErrorCode

__all__ = ["code_of_text"]

Code = AuthErrorCode

# The first phrase that a text holds decides.
_PHRASES: Final = (
    # https://github.com/VKCOM/vk-api-schema errors.json, error 9 (2025-01)
    ("flood", Code.FLOOD_CONTROL),
    # the same in Russian, as VK's documentation had it: https://unpkg.com/vknode@0.2.0/assets/errors-ru.json (2016)
    ("слишком много однотипных действий", Code.FLOOD_CONTROL),
    # https://github.com/python273/vk_api/issues/531 (2025-11)
    ("bruteforce", Code.FLOOD_CONTROL),
    ("слишком много попыток", Code.TOO_MUCH_TRIES),
    # https://github.com/olnazx/node-vkapi/issues/17 (2017-10),
    # https://github.com/vkhost/vkhost.github.io/issues/5 (2025-10)
    ("too much tries", Code.TOO_MUCH_TRIES),
    # errors.json, error 1105 (2025-01)
    ("too many auth attempts", Code.TOO_MUCH_TRIES),
    # https://github.com/negezor/vk-io/issues/97 (2018-07),
    # https://github.com/vkhost/vkhost.github.io/issues/5 (2025-11)
    ("security error", Code.APP_NOT_ALLOWED),
    # https://github.com/vkhost/vkhost.github.io/issues/6 (2026-04)
    ("application is blocked", Code.APP_NOT_ALLOWED),
    # https://github.com/python273/vk_api/issues/380 (2020-09)
    ("application is disabled", Code.APP_NOT_ALLOWED),
    # https://github.com/mamantoha/omniauth-vkontakte/issues/7 (2012-06)
    ("application was deleted", Code.APP_NOT_ALLOWED),
    # errors-ru.json, error 2 (2016)
    ("приложение выключено", Code.APP_NOT_ALLOWED),
    # https://github.com/VKCOM/vk-ios-sdk/issues/616 (2026-03), https://github.com/VKCOM/vk-php-sdk/issues/96 (2021-03)
    ("client_secret is", Code.APP_NOT_ALLOWED),
    # https://github.com/VKCOM/vk-android-sdk/issues/290 (2016-08)
    ("client_id is incorrect", Code.APP_NOT_ALLOWED),
    # "OAuth authorization cannot be used from native VK applications" (docs/vk.md, 3.1)
    ("native vk app", Code.APP_NOT_ALLOWED),
    # https://github.com/negezor/vk-io/issues/521 (2022-11)
    ("user has been banned", Code.PAGE_BLOCKED),
    # https://github.com/python273/vk_api/issues/432 (2021-11); it comes as error 5
    ("user is blocked", Code.PAGE_BLOCKED),
    # errors.json, errors 18, 37 and 3610 (2025-01)
    ("user was deleted", Code.PAGE_BLOCKED),
    ("user was banned", Code.PAGE_BLOCKED),
    ("user is deactivated", Code.PAGE_BLOCKED),
    # errors-ru.json, error 18: "Страница удалена или заблокирована" (2016), and either half by itself
    ("страница удалена", Code.PAGE_BLOCKED),
    ("страница заблокирована", Code.PAGE_BLOCKED),
    # https://github.com/vknet/vk VkNet.Tests/TestData/Authorization/twofa_error.html (2019-03); "Вы ввели неверный код"
    # is the same of /token (docs/vk.md, 1.7)
    ("неверный код", Code.WRONG_OTP),
    # "Неправильный логин или пароль": https://github.com/xTCry/VCoin/issues/83 (2019-04); "Указан неверный ..." is what
    # the old login pages say (2022)
    ("логин или пароль", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
    # the mobile site's login page (2022-05): "Не удаётся войти. Пожалуйста, проверьте правильность введённых данных."
    ("проверьте правильность введенных данных", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
    # /token in English (docs/vk.md, 1.7)
    ("username or password", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
    # https://github.com/PurpleHorrorRus/EasyVK-AudioAPI/issues/1 (2021-11)
    ("login or password", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
    # connect_authorize (docs/vk.md, 3.4.4; 2026-07)
    ("wrong password", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
)

# VK's texts are a sentence or two. What is beyond that is not looked at.
_LONGEST_READ: Final = 2000


def code_of_text(text: str) -> AuthErrorCode | None:
    """Return what VK's ``text`` says, or ``None`` if it is none that is known."""
    words = " ".join(text[:_LONGEST_READ].lower().replace("ё", "е").split())
    return next((code for phrase, code in _PHRASES if phrase in words), None)
