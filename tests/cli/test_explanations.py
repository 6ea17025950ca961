"""What the library says of an error, told in Russian as exactly as in English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import vkauth
from cli.conftest import Command
from cli.keeping import Shelf
from vkauth.cli.language import spoken
from vkauth.errors import AuthError, AuthErrorCode, TokenStoreError
from vkauth.terminal.explanations import EXPLANATIONS
from vkauth.terminal.happened import Translated, what_happened
from vkauth.testing import VKSimulator

LIBRARY = Path(vkauth.__file__).parent
ELSEWHERE = {"cli", "terminal", "testing"}
MAKERS = {"TokenStoreError", "PlantedError", "corrupt", "unavailable", "_unavailable", "_wrong_key"}
"""What makes their errors."""
BROWSER = ("login", "browser", "--app", "android", "--no-open")
CUT = "https://oauth.vk.ru/blank.html#access_token=SAMPLE&user_id=1"


def _said() -> Iterator[str]:
    """All texts of the library, with ``{}`` where one has a value."""
    for path in LIBRARY.rglob("*.py"):
        if path.relative_to(LIBRARY).parts[0] not in ELSEWHERE:
            yield from _said_by(path)


def _said_by(path: Path) -> Iterator[str]:
    """The same of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (text := _text(node)) is not None:
            yield text


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _said_of_stores() -> Iterator[str]:
    """What stores and seals say of themselves."""
    for path in (*LIBRARY.glob("tokens/*.py"), *LIBRARY.glob("sealing/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in MAKERS:
                yield from filter(None, map(_text, node.args))


# Made of two texts of the library, or of one that has another within.
MADE = {
    "{} wrong answers to the captcha": ("{} wrong answers to the {}", "captcha"),
    "{} wrong answers to the captcha; the last time: {}": ("; the last time: {}",),
    "{} wrong answers to the confirmation code": ("{} wrong answers to the {}", "confirmation code"),
    "{} wrong answers to the confirmation code; the last time: {}": ("; the last time: {}",),
    "VK did not accept the answer to the captcha": ("VK did not accept the answer to the {}",),
    "VK did not accept the answer to the confirmation code": ("VK did not accept the answer to the {}",),
    "the record should be of version {}, and is of version {}": ("the record should be {}, and is {}", "of version {}"),
    "the record should be of version {}, and is not there": ("of version {}", "not there"),
    "the record should be not there, and is of version {}": ("of version {}", "not there"),
    "nobody confirmed the login before its code ran out": ("nobody confirmed the login before its code ran out{}",),
    "nobody pasted an address within {} s": ("nobody pasted an address", "{} within {} s"),
}


def test_the_library_says_all_of_it() -> None:
    """A text that it does not say any more would be found no more."""
    said = set(_said())
    for each in EXPLANATIONS:
        template = re.sub(r"\{\w+\}", "{}", each)
        assert {template} <= said or set(MADE.get(template, ("-",))) <= said, each


@pytest.mark.parametrize(
    ("code", "summary", "told"),
    [
        (AuthErrorCode.FAILED_PASSED_CAPTCHA, "3 wrong answers to the captcha", "неверных ответов на капчу: 3"),
        (
            AuthErrorCode.FAILED_PASSED_TWO_FACTOR,
            "3 wrong answers to the confirmation code; the last time: the confirmation code is wrong (Нет.)",
            "неверных кодов подтверждения: 3; в последний раз: код подтверждения неверный (Нет)",
        ),
        (
            AuthErrorCode.WRONG_OTP,
            "3 wrong answers to the confirmation code; the last time: sample words (Нет)",
            "неверных кодов подтверждения: 3; в последний раз: неверный код (Нет)",
        ),
        (
            AuthErrorCode.UNTRUSTED_REDIRECT,
            "a redirect leads outside the known hosts (https://evil.example); nothing was sent there",
            "перенаправление ведёт за пределы известных узлов (https://evil.example); туда ничего не отправлено",
        ),
        (AuthErrorCode.TOKEN_NOT_FOUND, "sample words", "такого токена нет"),
    ],
)
def test_values_are_kept(code: AuthErrorCode, summary: str, told: str) -> None:
    """Numbers and hosts; texts within a text are translated too, and what is not known is told by its code."""
    with spoken("ru"):
        assert what_happened(AuthError(code, summary)) == told


def test_letters_say_nothing_of_the_language() -> None:
    """A token's name may be Russian, and the library's words about it English."""
    error = TokenStoreError(AuthErrorCode.WRONG_KEY, "this was sealed with a key that is not given", key="мойтокен")
    with spoken("ru"):
        assert what_happened(error) == "токен зашифрован другим ключом, не тем, что указан [запись 'мойтокен']"
        told = Translated("под именем 'x' ничего нет")
        assert what_happened(AuthError(AuthErrorCode.TOKEN_NOT_FOUND, told)) == told


async def test_a_wrong_key_is_told_in_russian(
    command: Command, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the name of the token is."""
    from vkauth.sealing import generate_key

    monkeypatch.setenv("SAMPLE_KEY", generate_key())
    monkeypatch.setenv("OTHER_KEY", generate_key())
    listed = tmp_path / "list.json"
    listed.write_text('[{"name": "мойтокен", "token": "SAMPLE"}]', encoding="utf-8")
    listed.chmod(0o600)
    assert (await command("import", str(listed), "--seal", "env:SAMPLE_KEY")).code == 0
    done = await command("show", "мойтокен", "--lang", "ru", "--seal", "env:OTHER_KEY")
    assert done.code == 8
    assert f"другим ключом, не тем, что указан [запись 'мойтокен', хранилище {shelf.path}]" in done.err
    assert "sealed" not in done.err
    done = await command("show", "мойтокен", "--lang", "ru")
    assert f"запись зашифрована: нужно указать её ключ [запись 'мойтокен', хранилище {shelf.path}]" in done.err
    done = await command("show", "мойтокен", "--lang", "ru", "--seal", "env:NO_KEY")
    assert "[KEY_UNAVAILABLE] переменная окружения NO_KEY: ключа там нет [запись 'мойтокен', хранилище" in done.err


async def test_a_store_that_cannot_be_used_is_told_in_russian(command: Command, shelf: Shelf, tmp_path: Path) -> None:
    """With its place, why, and what to do about that very case."""
    foreign = tmp_path / "t.db"
    foreign.write_text("SAMPLE", encoding="utf-8")
    done = await command("list", "--lang", "ru", "--store", str(foreign))
    assert done.err == (
        "vkauth: [STORE_CORRUPT] это не файл хранилища токенов; он оставлен как есть "
        f"[хранилище {foreign}]. Укажите для хранилища другой путь: это файл другой программы.\n"
    )
    with spoken("ru"):
        for reason, told in (("SQLITE_BUSY", "SQLITE_BUSY"), ("no answer within 5 s", "нет ответа за 5 с")):
            text = f"the store cannot be used ({reason})"
            error = TokenStoreError(AuthErrorCode.STORE_UNAVAILABLE, text, key="me", location="redis://a.example")
            said = f"хранилищем нельзя воспользоваться ({told}) [запись 'me', хранилище redis://a.example]"
            assert what_happened(error) == said


def test_all_that_a_store_says_of_itself_is_known() -> None:
    """But for what is made of two texts."""
    said = set(_said_of_stores())
    assert len(said) > 20
    assert said - {re.sub(r"\{\w+\}", "{}", each) for each in EXPLANATIONS} == {"the record should be {}, and is {}"}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            ["There is no address in this text. Wanted is the whole", "This address is cut: it has a token, but no"],
        ),
        (
            "ru",
            ["В этом тексте нет адреса. Нужен полный адрес", "Этот адрес обрезан: токен в нём есть, а expires_in нет"],
        ),
    ],
)
async def test_what_is_wrong_with_an_address(
    command: Command, at_simulator: VKSimulator, language: str, told: list[str]
) -> None:
    """Both languages say the same."""
    done = await command("--lang", language, *BROWSER, answers=["what is this", CUT])
    assert done.code == 1, done.err
    said = " ".join(done.err.split())
    assert [each for each in told if each not in said] == []
