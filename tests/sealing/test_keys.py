"""Where keys are, and what is said when they are not there."""

from __future__ import annotations

import asyncio
import builtins
import errno
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend

from vkauth.sealing import EnvironmentKey, FileKey, KeyringKey, Seal, generate_key
from vkauth.sealing.keys import KeySource, read_key
from vkauth.testing import LeakScanner
from vkauth.tokens import TokenStoreError

NAME = "VKAUTH_SAMPLE_KEY"


class Kept(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0
        self.begun = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.begun.set()
        self.gate.wait(10)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        assert type(password) is str
        self.kept[service, username] = password


class Forgets(Kept):
    """A keyring that keeps nothing, and does not say so."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Refuses(Kept):
    """A keyring whose errors are its own, with what it was given in them."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError(f"no {password}")


@pytest.fixture
def backend() -> Iterator[Kept]:
    """A keyring of the test's own."""
    before = keyring.get_keyring()
    made = Kept()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def unavailable(source: KeySource) -> TokenStoreError:
    """The error of a key that cannot be had."""
    with pytest.raises(TokenStoreError) as caught:
        source.read()
    assert caught.value.code == "KEY_UNAVAILABLE"
    return caught.value


def test_a_key_is_32_random_bytes() -> None:
    """As URL-safe base64 with its padding, masked."""
    keys = {generate_key() for _ in range(20)}
    assert len(keys) == 20
    assert {len(each) for each in keys} == {44}
    assert all(str(each) not in repr(each) for each in keys)


@given(st.text(max_size=60) | st.binary(min_size=32, max_size=32).map(lambda raw: raw.hex()[:44]))
def test_any_text_is_a_key_or_none(text: str) -> None:
    """R1."""
    try:
        assert len(read_key(text)) == 32
    except ValueError as error:
        problem = str(error)
        assert not text or text not in problem or len(text) < 4


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key + "\n", lambda key: "+" + key[1:], str.strip])
def test_its_form(change: Any, no_leaks: LeakScanner) -> None:
    """One form alone, so that a key has one spelling; what is refused is not shown."""
    key = "-SAMPLEkey_" + "A" * 32 + "="
    no_leaks.add(key, key[:-1])
    if change is str.strip:
        assert len(read_key(change(key))) == 32
        return
    with pytest.raises(ValueError, match="generate_key") as caught:
        Seal(change(key))
    no_leaks.scan(caught)


def test_in_the_environment(monkeypatch: pytest.MonkeyPatch, no_leaks: LeakScanner) -> None:
    """By its name; missing, empty or wrong it cannot be had."""
    key = generate_key()
    monkeypatch.setenv(NAME, key)
    assert EnvironmentKey(NAME).read() == key
    assert EnvironmentKey() == EnvironmentKey("VKAUTH_STORE_KEY")
    monkeypatch.setenv(NAME, "SAMPLE-wrong")
    no_leaks.add("SAMPLE-wrong")
    no_leaks.scan(error := unavailable(EnvironmentKey(NAME)))
    assert NAME in error.message
    monkeypatch.setenv(NAME, "")
    unavailable(EnvironmentKey(NAME))
    monkeypatch.delenv(NAME)
    unavailable(EnvironmentKey(NAME))


def test_in_a_file(tmp_path: Path) -> None:
    """Its first line, whatever follows."""
    path = tmp_path / "key"
    key = generate_key()
    for text in (key, f"{key}\n", f"{key}\r\n", f"{key}\n# mine\n"):
        path.write_text(text, newline="")
        assert FileKey(path).read() == key
        assert FileKey(str(path)).read() == key


@pytest.mark.parametrize("content", [b"", b"\n", b"SAMPLE-wrong", b"\xff\xfe", b"x" * 2**21, b" " * 44])
def test_in_a_file_that_has_none(tmp_path: Path, content: bytes, no_leaks: LeakScanner) -> None:
    """It is named; what is in it is not shown."""
    no_leaks.add("SAMPLE-wrong")
    path = tmp_path / "key"
    path.write_bytes(content)
    error = unavailable(FileKey(path, create=True))
    assert str(path) in error.message
    no_leaks.scan(error)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mask", [0, 0o777])
def test_a_file_is_made(tmp_path: Path, mask: int) -> None:
    """Its owner's alone, in folders of its own; once, and only where that is wanted."""
    path = tmp_path / "a" / "b" / "key"
    unavailable(FileKey(path))
    before = os.umask(mask)
    try:
        key = FileKey(path, create=True).read()
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    assert FileKey(path, create=True).read() == key == FileKey(path).read()
    assert [*path.parent.iterdir()] == [path]


def test_many_make_a_file(tmp_path: Path) -> None:
    """All have the same key."""
    found: list[str] = []
    path = tmp_path / "key"
    threads = [threading.Thread(target=lambda: found.append(FileKey(path, create=True).read())) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_nobody_has_a_home(homeless: None) -> None:
    """It is an error that names the file."""
    assert "~/key" in unavailable(FileKey("~/key", create=True)).message


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files have no names here")
@pytest.mark.parametrize("has_links", [True, False])
def test_a_made_file_outlives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool) -> None:
    """It is on the disk before it has its name, its name and those of new folders before the key is given."""
    kept: list[tuple[str, list[str]]] = []

    def sync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            kept.append((path.name, sorted(each.name for each in path.iterdir())))
        else:
            kept.append(("file", []))

    def link(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fsync", sync)
    if not has_links:
        monkeypatch.setattr(os, "link", link)
    key = FileKey(tmp_path / "new" / "key", create=True).read()
    assert kept[0] == (tmp_path.name, ["new"])
    assert kept[1] == ("file", [])
    assert kept[-1] == ("new", ["key"])
    assert FileKey(tmp_path / "new" / "key").read() == key


def test_many_make_a_file_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All have the same key."""

    def link(*_: object, **__: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "link", link)
    test_many_make_a_file(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """It is an error that says so."""
    assert "Is a directory" in unavailable(FileKey(tmp_path)).message


def test_in_the_keyring(backend: Kept) -> None:
    """Made on first use, then the same; the key alone is there."""
    unavailable(KeyringKey(create=False))
    key = KeyringKey().read()
    assert backend.kept == {("vkauth", "store-key"): key}
    assert KeyringKey().read() == KeyringKey(create=False).read() == key
    assert KeyringKey(service="other").read() != key


def test_many_make_a_key_in_the_keyring(backend: Kept) -> None:
    """The later one would win, and what the other has sealed would be lost."""
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(KeyringKey().read())) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    "kind", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring, Forgets, Refuses], ids=lambda kind: str(kind)
)
def test_a_keyring_that_keeps_nothing(backend: Kept, kind: type[KeyringBackend], no_leaks: LeakScanner) -> None:
    """T5: no backend, a null backend, one that forgets or refuses: an error, and never plain text."""
    keyring.set_keyring(kind())
    no_leaks.scan(error := unavailable(KeyringKey()))
    assert error.__context__ is None
    assert "keyring" in error.message


def test_a_keyring_with_something_else(backend: Kept, no_leaks: LeakScanner) -> None:
    """It is not written over."""
    no_leaks.add("SAMPLE-wrong")
    backend.kept["vkauth", "store-key"] = "SAMPLE-wrong"
    no_leaks.scan(unavailable(KeyringKey()))
    assert backend.kept == {("vkauth", "store-key"): "SAMPLE-wrong"}


def test_without_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names what to install."""
    real = builtins.__import__

    def importing(name: str, *rest: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "keyring":
            raise ImportError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", importing)
    monkeypatch.delitem(sys.modules, "keyring")
    assert "vkauth[keyring]" in unavailable(KeyringKey()).message


async def test_a_keyring_that_asks(backend: Kept) -> None:
    """The person takes their time: nothing else is held up, and they are asked once, whoever stops waiting."""
    key = generate_key()
    backend.kept["vkauth", "store-key"] = key
    backend.gate.clear()
    seal = Seal(KeyringKey())
    waiting = [asyncio.create_task(seal.seal("SAMPLE", "me")) for _ in range(5)]
    await asyncio.to_thread(backend.begun.wait, 10)
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    late = asyncio.create_task(seal.seal("SAMPLE", "me"))
    await asyncio.sleep(0.01)
    backend.gate.set()
    for sealed in await asyncio.gather(*waiting[1:], late):
        assert await Seal(key).unseal(sealed, "me") == "SAMPLE"
    assert backend.asked == 1


async def test_no_thread_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the key cannot be had now, and maybe the next time."""

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    seal = Seal(FileKey(tmp_path / "key", create=True))
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        for _ in range(2):
            with pytest.raises(TokenStoreError, match=r"KEY_UNAVAILABLE.*start new thread"):
                await seal.seal("SAMPLE", "me")
    assert await seal.seal("SAMPLE", "me")


def test_the_event_loop_ends_while_it_asks(backend: Kept) -> None:
    """Nobody waits for the person, and the next loop gets their answer."""
    backend.kept["vkauth", "store-key"] = generate_key()
    backend.gate.clear()
    seal = Seal(KeyringKey())

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await seal.seal("SAMPLE", "me")

    asyncio.run(give_up())
    backend.gate.set()
    assert asyncio.run(seal.seal("SAMPLE", "me"))


@pytest.mark.parametrize(
    ("make", "kind", "name"),
    [
        (lambda: EnvironmentKey(""), ValueError, "name"),
        (lambda: EnvironmentKey("A=B"), ValueError, "name"),
        (lambda: EnvironmentKey(7), TypeError, "name"),  # type: ignore[arg-type]
        (lambda: FileKey(""), ValueError, "path"),
        (lambda: FileKey(7), TypeError, "path"),  # type: ignore[arg-type]
        (lambda: KeyringKey(service=""), ValueError, "service"),
        (lambda: KeyringKey(username=7), TypeError, "username"),  # type: ignore[arg-type]
        (lambda: Seal(7), TypeError, "key"),  # type: ignore[arg-type]
        (lambda: Seal("SAMPLE"), ValueError, "key"),
        (lambda: Seal(generate_key(), "SAMPLE"), ValueError, "key"),
        (lambda: Seal.from_text("SAMPLE"), ValueError, "seal"),
        (lambda: Seal.from_text(generate_key()), ValueError, "seal"),
        (lambda: Seal.from_text("env:"), ValueError, "seal"),
        (lambda: Seal.from_text("keyring:x"), ValueError, "seal"),
        (lambda: Seal.from_text(7), TypeError, "text"),  # type: ignore[arg-type]
    ],
)
def test_wrong_arguments(make: Any, kind: type[Exception], name: str, no_leaks: LeakScanner) -> None:
    """Each is named."""
    with pytest.raises(kind, match=name) as caught:
        make()
    no_leaks.scan(caught)
