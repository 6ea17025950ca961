"""What is sealed opens under its name, its purpose and its keys, as it was, and in no other case."""

from __future__ import annotations

import hmac
import subprocess
import sys
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from vkauth.sealing import CookieSealer, NotSealedHereError, Sealer, SealingError, sealer

ONE, OTHER = b"SAMPLE secret one, of 32 letters", b"SAMPLE secret two, of 32 letters"
NAME = "vkauth.session"


@given(st.binary(max_size=2000), st.text(max_size=50))
def test_what_was_sealed_opens(content: bytes, name: str) -> None:
    """It comes back as it was, whatever it is and whatever it is called."""
    sealer = Sealer("session", [ONE])
    sealed = sealer.seal(content, name)
    assert sealer.open(sealed, name) == content
    assert len(sealed) == len(content) + 33


def test_it_cannot_be_read() -> None:
    """Neither the content nor anything that is the same twice shows, but for the number of the key."""
    sealer = Sealer("session", [ONE])
    one, other = sealer.seal(b"SAMPLE content " * 4, NAME), sealer.seal(b"SAMPLE content " * 4, NAME)
    assert b"SAMPLE" not in one
    assert one[:5] == other[:5]
    assert one[5:17] != other[5:17]
    assert one[17:33] != other[17:33]


def test_every_bit_counts() -> None:
    """One changed bit anywhere, and it does not open."""
    sealer = Sealer("session", [ONE])
    sealed = sealer.seal(b"SAMPLE", NAME)
    for at in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(SealingError):
            sealer.open(bytes(changed), NAME)


@given(st.binary(max_size=100))
def test_anything_else_does_not_open(content: bytes) -> None:
    """Neither does what nobody sealed, nor a part of what somebody did."""
    sealer = Sealer("session", [ONE])
    with pytest.raises(SealingError):
        sealer.open(content, NAME)
    sealed = sealer.seal(content, NAME)
    for part in (sealed[:-1], sealed[1:], sealed + b"x", sealed[: len(sealed) // 2]):
        with pytest.raises(SealingError):
            sealer.open(part, NAME)


@pytest.mark.parametrize(
    ("opener", "name", "error"),
    [
        (Sealer("session", [ONE]), "vkauth.other", SealingError),
        (Sealer("transaction", [ONE]), NAME, NotSealedHereError),
        (Sealer("session", [OTHER]), NAME, NotSealedHereError),
    ],
)
def test_a_name_a_purpose_and_a_key_are_its_own(opener: Sealer, name: str, error: type[SealingError]) -> None:
    """Moved to another name it counts as damaged; for another purpose or key it says that the key is not there."""
    sealed = Sealer("session", [ONE]).seal(b"SAMPLE", NAME)
    with pytest.raises(SealingError) as caught:
        opener.open(sealed, name)
    assert type(caught.value) is error


def test_a_format_of_the_future() -> None:
    """It is said not to be sealed here, so that nobody takes it for damaged."""
    sealer = Sealer("session", [ONE])
    with pytest.raises(NotSealedHereError):
        sealer.open(b"\x02" + sealer.seal(b"SAMPLE", NAME)[1:], NAME)


def test_rotation() -> None:
    """The first of several secrets seals, all open."""
    old, both, new = Sealer("session", [ONE]), Sealer("session", [OTHER, ONE]), Sealer("session", [OTHER])
    assert both.open(old.seal(b"SAMPLE", NAME), NAME) == b"SAMPLE"
    assert new.open(both.seal(b"SAMPLE", NAME), NAME) == b"SAMPLE"
    with pytest.raises(NotSealedHereError):
        old.open(both.seal(b"SAMPLE", NAME), NAME)


def test_a_secret_that_is_there_twice() -> None:
    """It counts once."""
    sealer = Sealer("session", [ONE, ONE])
    assert sealer.open(sealer.seal(b"SAMPLE", NAME), NAME) == b"SAMPLE"


@pytest.mark.parametrize("name", ["\udcff", "vkauth.session\udcff"])
def test_a_name_that_has_no_bytes(name: str) -> None:
    """Nothing was sealed under it: what came as bytes that are no UTF-8 is such a name."""
    sealer = Sealer("session", [ONE])
    with pytest.raises(SealingError):
        sealer.open(sealer.seal(b"SAMPLE", NAME), name)
    assert cookies().open(cookies().seal(b"SAMPLE", NAME), name) is None


def test_without_a_secret() -> None:
    """There is nothing to seal with."""
    with pytest.raises(ValueError, match="secrets must not be empty"):
        Sealer("session", [])


def test_the_format_stays() -> None:
    """What this version sealed opens in the next: HKDF (RFC 5869) and the order of the parts, done here by hand."""
    sealed = bytes.fromhex(
        "01ee87b04f000102030405060708090a0b04028838510a54de846242fd8617b5014dfd8fb5c46b"  # made on 2026-11-21
    )
    assert Sealer("session", [ONE]).open(sealed, NAME) == b"SAMPLE"
    pseudorandom = hmac.digest(bytes(32), ONE, "sha256")
    key = hmac.digest(pseudorandom, b"vkauth session\x01", "sha256")
    key_id = hmac.digest(pseudorandom, key + b"vkauth session\x02", "sha256")[:4]
    nonce = bytes(range(12))
    encrypted = AESGCM(key).encrypt(nonce, b"SAMPLE", b"\x01" + key_id + NAME.encode())
    assert sealed == b"\x01" + key_id + nonce + encrypted


# -- cookies ---------------------------------------------------------------------------------------------------------


def cookies(longest: int = 5000) -> CookieSealer:
    """A sealer with the usual secret."""
    return CookieSealer("session", [ONE], longest)


@given(st.binary(max_size=300))
def test_a_cookie(content: bytes) -> None:
    """Its value needs no quotes anywhere, and opens under its name."""
    value = cookies().seal(content, NAME)
    assert set(value) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert cookies().open(value, NAME) == content
    assert cookies().open(value, "vkauth.other") is None


@given(st.text(max_size=200) | st.text("ABab01-_+/=", max_size=200))
def test_any_other_cookie(value: str) -> None:
    """Whatever else a browser sends is nothing, never an exception."""
    assert cookies().open(value, NAME) is None


@pytest.mark.parametrize("length", range(6))
def test_every_letter_counts(length: int) -> None:
    """No letter of a value can be changed to any other, the last one with its spare bits included."""
    value = cookies().seal(b"S" * length, NAME)
    for at in range(len(value)):
        for letter in "Aa0-_Qg=":
            if letter != value[at]:
                assert cookies().open(value[:at] + letter + value[at + 1 :], NAME) is None


def test_a_cookie_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even decoded."""
    value = cookies().seal(b"S" * 100, NAME)
    assert cookies(len(value)).open(value, NAME) == b"S" * 100
    monkeypatch.setattr(sealer, "from_base64url", None)
    assert cookies(len(value) - 1).open(value, NAME) is None


# -- cryptography ----------------------------------------------------------------------------------------------------


def run(program: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_it_is_loaded_when_it_is_used() -> None:
    """Importing the module loads none of it."""
    program = "import sys, vkauth.sealing; print([name for name in sys.modules if 'cryptography' in name])"
    assert run(program).strip() == "[]"


def test_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names what to install."""
    for name in list(sys.modules):
        if name.partition(".")[0] == "cryptography":
            monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"vkauth\[oauth\]"):
        Sealer("session", [ONE])


@pytest.mark.parametrize("make", [lambda: Sealer("session", [ONE]), cookies])
def test_no_secret_shows(make: Callable[[], object]) -> None:
    """Neither ``repr`` nor the parts of a sealer show what the keys are made of."""
    sealer = make()
    parts = [getattr(sealer, name) for name in type(sealer).__slots__]
    assert "SAMPLE" not in f"{sealer!r} {parts!r}"
