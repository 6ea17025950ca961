"""VK's texts, in both languages, and those that are none of VK's."""

from __future__ import annotations

import pytest
from costs import cost_of

from vkauth.errors import AuthErrorCode as Code
from vkauth.protocol.error_texts import code_of_text

# As VK has written them; where and when is in the module.
TEXTS = {
    "Flood control": Code.FLOOD_CONTROL,
    "Слишком много однотипных действий.": Code.FLOOD_CONTROL,
    "password_bruteforce": Code.FLOOD_CONTROL,
    "too much tries": Code.TOO_MUCH_TRIES,
    "Too many auth attempts, try again later": Code.TOO_MUCH_TRIES,
    "Слишком много попыток. Попробуйте позже.": Code.TOO_MUCH_TRIES,
    "Произведено слишком много попыток входа в этот аккаунт по паролю. Воспользуйтесь другим способом входа или "
    "попробуйте через несколько часов.": Code.TOO_MUCH_TRIES,
    "Security Error": Code.APP_NOT_ALLOWED,
    "application is blocked": Code.APP_NOT_ALLOWED,
    "application is disabled": Code.APP_NOT_ALLOWED,
    "application was deleted": Code.APP_NOT_ALLOWED,
    "Приложение выключено.": Code.APP_NOT_ALLOWED,
    "client_secret is undefined": Code.APP_NOT_ALLOWED,
    "client_secret is incorrect": Code.APP_NOT_ALLOWED,
    "client_id is incorrect": Code.APP_NOT_ALLOWED,
    "OAuth authorization cannot be used from native VK applications": Code.APP_NOT_ALLOWED,
    "user has been banned": Code.PAGE_BLOCKED,
    "User authorization failed: user is blocked.": Code.PAGE_BLOCKED,
    "User was deleted or banned": Code.PAGE_BLOCKED,
    "User was banned": Code.PAGE_BLOCKED,
    "User is deactivated: invalid access_token (8).": Code.PAGE_BLOCKED,
    "Страница удалена или заблокирована.": Code.PAGE_BLOCKED,
    "Ваша страница заблокирована": Code.PAGE_BLOCKED,
    "Вы ввели неверный код": Code.WRONG_OTP,
    "Неверный код.\nПожалуйста, введите код, который Вы только что получили.": Code.WRONG_OTP,
    "Неправильный логин или пароль": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "Указан неверный логин или  пароль .": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "УКАЗАН НЕВЕРНЫЙ ЛОГИН ИЛИ ПАРОЛЬ": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "Не удаётся войти. Пожалуйста, проверьте правильность введённых данных.": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "Username or password is incorrect": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "Invalid login or password": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "Wrong password": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
}


@pytest.mark.parametrize(("text", "code"), TEXTS.items())
def test_texts_of_vk(text: str, code: Code) -> None:
    """Each text has one code, in whatever case, with whatever spaces and either spelling of ё."""
    assert code_of_text(text) is code
    assert code_of_text(f"Error.\xa0{text.replace('ё', 'е').upper()}") is code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Something else",
        "Что-то пошло не так. Попробуйте позже.",
        "wrong origin",
        "access_token was given to another ip address",
        "redirect_uri is incorrect, check application redirect uri in the settings page",
        "Код с картинки введён неверно.",
        "Access denied",
    ],
)
def test_other_texts(text: str) -> None:
    """A text that is not known is not guessed at."""
    assert code_of_text(text) is None


@pytest.mark.parametrize(
    "piece", ["логин", "логин ", "логин или ", "too much ", "user ", " ", "\n", "ё", "İ", "\udcff", "слишком много "]
)
def test_the_longest_text(piece: str) -> None:
    """R1: 2 MiB of anything cost nothing: what is beyond a few sentences is not read."""
    text = piece * (2 * 1024 * 1024 // len(piece))
    assert code_of_text(text) is None
    assert code_of_text(text + "flood") is None
    assert cost_of(lambda: (code_of_text(text), code_of_text(text + "flood"))) < 0.2
