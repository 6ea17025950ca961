"""What the pages say, in English and in Russian."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from vkauth.errors import (
    CASES,
    AnswerRefused,
    AuthError,
    LoginRefused,
    Misconfigured,
    NotUnderstood,
    TokenStoreError,
    Unreachable,
)
from vkauth.errors import AuthErrorCode as Code
from vkauth.signin.outcome import CONFIGURATION

__all__ = ["Text", "Words", "error_text", "problem_text", "words"]


class Words(NamedTuple):
    """Short texts; what is in braces is put in, and a text that begins with a small letter goes on in the next line."""

    sign_in: str
    to_host: str
    with_provider: str
    what_is_shared: str
    sign_out: str
    of_host: str
    signed_in_as: str
    stay: str
    try_again: str
    to_sign_in: str
    code: str


_WORDS: Final = {
    "en": Words(
        sign_in="Sign in",
        to_host="to {host}",
        with_provider="Continue with {name}",
        what_is_shared="You sign in on the service's own site. Your password stays there.",
        sign_out="Sign out",
        of_host="of {host}",
        signed_in_as="You are signed in as {name}.",
        stay="Stay signed in",
        try_again="Try again",
        to_sign_in="To the sign-in page",
        code="Code: {code}",
    ),
    "ru": Words(
        sign_in="Вход",
        to_host="на {host}",
        with_provider="Войти через {name}",
        what_is_shared="Вы входите на сайте самого сервиса. Пароль остаётся там.",
        sign_out="Выйти",
        of_host="с сайта {host}",
        signed_in_as="Вы вошли как {name}.",
        stay="Остаться на сайте",
        try_again="Попробовать снова",
        to_sign_in="На страницу входа",
        code="Код: {code}",
    ),
}


class Text(NamedTuple):
    """What a page says of an error.

    Attributes:
        title: what it is.
        what: what happened.
        next: what to do.
        is_known: whether there is more to it than that it failed.
    """

    title: str
    what: str
    next: str
    is_known: bool = True


_Both: TypeAlias = Mapping[str, Text]

_NEUTRAL: Final[_Both] = {
    "en": Text("That did not work", "The sign-in did not succeed.", "Please try again.", is_known=False),
    "ru": Text("Не получилось", "Войти не удалось.", "Попробуйте ещё раз.", is_known=False),
}
_DENIED: Final[_Both] = {
    "en": Text(
        "You were not signed in",
        "Either you refused at the service, or this site does not let this account in.",
        "Nothing was changed. You can try again, or choose another account.",
    ),
    "ru": Text(
        "Вход не выполнен",
        "Либо вы отказались на странице сервиса, либо сайт не пускает эту учётную запись.",
        "Ничего не изменилось. Можно попробовать ещё раз или выбрать другую учётную запись.",
    ),
}
_OVER: Final[_Both] = {
    "en": Text(
        "This sign-in is no longer valid",
        "It took too long, was begun in another browser, or was finished already.",
        "Begin again: it takes a moment. Allow cookies for this site if you have blocked them.",
    ),
    "ru": Text(
        "Эта попытка входа устарела",
        "Прошло слишком много времени, вход начат в другом браузере или уже завершён.",
        "Начните заново: это быстро. Если вы запретили этому сайту файлы cookie, разрешите их.",
    ),
}
_APPLICATION: Final[_Both] = {
    "en": Text(
        "This service is not available here",
        "It does not accept this site's application: the application is switched off, or wrongly set up.",
        "Your account is fine. Choose another service, or tell the owner of the site.",
    ),
    "ru": Text(
        "Этот сервис здесь недоступен",
        "Он не принимает приложение этого сайта: оно отключено или настроено неверно.",
        "С вашей учётной записью всё в порядке. Выберите другой сервис или сообщите владельцу сайта.",
    ),
}
_BROKEN: Final[_Both] = {
    "en": Text(
        "Something is wrong on this site",
        "It is neither you nor the service: the site could not finish the sign-in.",
        "Try again later, or tell the owner of the site: the reason is in its log.",
    ),
    "ru": Text(
        "На сайте неполадка",
        "Дело не в вас и не в сервисе: сайт не смог завершить вход.",
        "Попробуйте позже или сообщите владельцу сайта: причина записана в журнале.",
    ),
}
_SLOW_DOWN: Final[_Both] = {
    "en": Text(
        "Too many sign-ins at once",
        "The service asks to slow down.",
        "Wait a minute, then try again.",
    ),
    "ru": Text(
        "Слишком много входов сразу",
        "Сервис просит не спешить.",
        "Подождите минуту и попробуйте ещё раз.",
    ),
}
_FLOOD: Final[_Both] = {
    "en": Text(
        "Too many tries",
        "The service has stopped sign-ins of this account for a while.",
        "Wait some hours before you try again: further tries make it longer.",
    ),
    "ru": Text(
        "Слишком много попыток",
        "Сервис на время остановил вход в эту учётную запись.",
        "Подождите несколько часов: новые попытки только продлят ожидание.",
    ),
}
_UNREACHABLE: Final[_Both] = {
    "en": Text(
        "The service does not answer",
        "It could not be reached, or was too slow, or is out of order.",
        "Try again in a few minutes, or choose another service.",
    ),
    "ru": Text(
        "Сервис не отвечает",
        "Он недоступен, отвечает слишком медленно или сломан.",
        "Попробуйте через несколько минут или выберите другой сервис.",
    ),
}
_NOT_UNDERSTOOD: Final[_Both] = {
    "en": Text(
        "The service gave an answer that was not understood",
        "It was not the one that ends a sign-in.",
        "Try again. If it happens again, choose another service and tell the owner of the site.",
    ),
    "ru": Text(
        "Ответ сервиса непонятен",
        "Это не тот ответ, которым заканчивается вход.",
        "Попробуйте ещё раз. Если не поможет, выберите другой сервис и сообщите владельцу сайта.",
    ),
}
_CONFIRM: Final[_Both] = {
    "en": Text(
        "The service wants to check your account first",
        "It asks for something that only its own site can ask you.",
        "Open the service's site, sign in there and do what it asks. Then try again here.",
    ),
    "ru": Text(
        "Сначала сервис хочет проверить вашу учётную запись",
        "Он просит то, о чём может спросить только его собственный сайт.",
        "Откройте сайт сервиса, войдите и сделайте, что он просит. Потом попробуйте здесь ещё раз.",
    ),
}
_BLOCKED: Final[_Both] = {
    "en": Text(
        "This account is blocked",
        "The service has blocked it, or it was deleted.",
        "Ask the service's support about it, or sign in with another account.",
    ),
    "ru": Text(
        "Эта учётная запись заблокирована",
        "Сервис её заблокировал, или она удалена.",
        "Обратитесь в поддержку сервиса или войдите с другой учётной записью.",
    ),
}
_REFUSED: Final[_Both] = {
    "en": Text(
        "The service refused",
        "It did not let you in and gave no reason that is known here.",
        "Try again, or choose another service.",
    ),
    "ru": Text(
        "Сервис отказал",
        "Он не впустил вас и не назвал известной здесь причины.",
        "Попробуйте ещё раз или выберите другой сервис.",
    ),
}
_WRONG: Final[_Both] = {
    "en": Text(
        "What was entered is not right",
        "A login, a password, a number or a code was wrong.",
        "Begin again, and look closely at what the service asks for.",
    ),
    "ru": Text(
        "Введено не то",
        "Логин, пароль, номер или код неверны.",
        "Начните заново и внимательно посмотрите, что просит сервис.",
    ),
}

_BY_CODE: Final[Mapping[str, _Both]] = {
    Code.ACCESS_DENIED: _DENIED,
    Code.STATE_MISMATCH: _OVER,
    Code.INVALID_GRANT: _OVER,
    Code.RATE_LIMITED: _SLOW_DOWN,
    Code.FLOOD_CONTROL: _FLOOD,
    Code.TOO_MUCH_TRIES: _FLOOD,
    Code.VALIDATION_REQUIRED: _CONFIRM,
    Code.PAGE_BLOCKED: _BLOCKED,
    Code.USERNAME_OR_PASSWORD_IS_INCORRECT: _WRONG,
    Code.INVALID_PHONE_NUMBER: _WRONG,
    CONFIGURATION: _BROKEN,
}
# Of a code that has no text of its own it says enough whose fault it is.
_BY_FAULT: Final[Mapping[type[AuthError], _Both]] = {
    AnswerRefused: _WRONG,
    LoginRefused: _REFUSED,
    NotUnderstood: _NOT_UNDERSTOOD,
    Unreachable: _UNREACHABLE,
    Misconfigured: _APPLICATION,
    TokenStoreError: _BROKEN,
}

_OLD_FORM: Final[_Both] = {
    "en": Text(
        "This page was out of date",
        "The form was opened too long ago, or cookies are blocked, so nothing was done.",
        "Open the page again and press the button once more. Allow cookies for this site if you have blocked them.",
    ),
    "ru": Text(
        "Страница устарела",
        "Она открыта слишком давно, или файлы cookie запрещены. Ничего не сделано.",
        "Откройте страницу заново и нажмите кнопку ещё раз. Если файлы cookie запрещены, разрешите их для этого сайта.",
    ),
}
_NO_PAGE: Final[_Both] = {
    "en": Text("There is no such page", "The address may be misspelled or old.", "Begin at the sign-in page."),
    "ru": Text("Такой страницы нет", "Возможно, в адресе ошибка или он устарел.", "Начните со страницы входа."),
}
_BAD_REQUEST: Final[_Both] = {
    "en": Text(
        "This request was not understood",
        "Something on the way changed it, or the address is not complete.",
        "Begin at the sign-in page.",
    ),
    "ru": Text(
        "Запрос непонятен",
        "По дороге его что-то изменило, или адрес неполный.",
        "Начните со страницы входа.",
    ),
}
_NO_LINK: Final[_Both] = {
    "en": Text(
        "This address is not a page",
        "It belongs to a button: a link to it does nothing.",
        "Begin at the sign-in page.",
    ),
    "ru": Text(
        "По этому адресу нет страницы",
        "Он нужен кнопке: ссылка на него ничего не делает.",
        "Начните со страницы входа.",
    ),
}
_PROBLEMS: Final[Mapping[str, _Both]] = {"csrf": _OLD_FORM, "not_found": _NO_PAGE, "method_not_allowed": _NO_LINK}


def words(language: str) -> Words:
    """The short texts of a language: ``"ru"``, or English."""
    return _WORDS["ru" if language == "ru" else "en"]


def error_text(language: str, code: str) -> Text:
    """What to say of an error code; of one that is not known, something neutral."""
    case = CASES.get(code)  # type: ignore[call-overload]  # any text may be asked for
    known = _BY_CODE.get(code) or (None if case is None else _BY_FAULT.get(case.fault))
    return (known or _NEUTRAL)[language]


def problem_text(language: str, problem: str) -> Text:
    """What to say of a request that nothing was done for."""
    return _PROBLEMS.get(problem, _BAD_REQUEST)[language]
