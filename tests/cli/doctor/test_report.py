"""``vkauth doctor --report``: what may be pasted into an issue, and nothing else."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.conftest import Command
from cli.doctor.conftest import Kept, checks_of, ended, fill
from vkauth.cli.commands.doctor.environment import surroundings, variables_that_are_set
from vkauth.cookies import Cookie, Cookies
from vkauth.sealing import FileKey, Seal, generate_key
from vkauth.testing import LeakScanner, VKSimulator
from vkauth.testing.faults import Fault
from vkauth.tokens import StoredToken

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")

# All of them are looked for in the report; those of the second list are the person's own, and told to them alone.
SECRETS = {
    name: f"canary-{name}-0123456789"
    for name in (
        "token", "refresh", "id-token", "device", "secret", "hash", "cookie", "extra", "damaged", "password", "client",
        "login", "proxy-user", "proxy-password", "page-token", "page-title", "auth-secret", "email", "scope",
    )
}  # fmt: skip
OWN = {
    "record": "canary-record-name",
    "ended": "canary-ended-name",
    "bad": "canary-damaged-name",
    "user": "canary-user",
}
USER_ID = 987654321012
PAGE = (
    f"<html><head><title>{SECRETS['page-title']}</title><script>window.token = '{SECRETS['page-token']}'</script>"
    f"</head><body><form class='{SECRETS['page-token']}' action='https://vk.ru/?access_token={SECRETS['page-token']}'>"
    f"<input name='access_token' value='{SECRETS['page-token']}'><b>+7 999 000-00-01</b></form>~~~~</body></html>"
)


def _token(**more: object) -> StoredToken:
    values: dict[str, object] = {
        "token": SECRETS["token"],
        "user_id": USER_ID,
        "email": f"{SECRETS['email']}@mail.example",
        "refresh_token": SECRETS["refresh"],
        "id_token": SECRETS["id-token"],
        "device_id": SECRETS["device"],
        "secret": SECRETS["secret"],
        "trusted_hash": SECRETS["hash"],
        "scope": SECRETS["scope"],
        "cookies": Cookies([Cookie(name="remixsid", value=SECRETS["cookie"], domain="vk.ru")]),
        "extra": {"note": SECRETS["extra"]},
    }
    return StoredToken(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
async def machine(
    at_simulator: VKSimulator, home: Path, monkeypatch: pytest.MonkeyPatch, backend: Kept, no_leaks: LeakScanner
) -> Path:
    """A machine with secrets in every place, and trouble in most of them."""
    folder = home / OWN["user"] / "data"
    path = folder / "vkauth" / "tokens.db"
    key_file = folder / "key"
    folder.mkdir(parents=True)
    seal = Seal(FileKey(key_file, create=True))
    await fill(
        path,
        {
            OWN["record"]: _token(),
            OWN["ended"]: _token(expires_at=ended()),
            OWN["bad"]: _token(token=SECRETS["damaged"]),
            f"{OWN['record']}/7": _token(kind="group", group_id=7),
        },
        seal,
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE records SET digest = x'00' WHERE CAST(key AS TEXT) = ?", [OWN["bad"]])
        connection.commit()
    path.chmod(0o644)
    key_file.chmod(0o644)
    keys = generate_key(), generate_key()
    backend.kept["vkauth", "store-key"] = str(keys[0])
    for name, value in {
        "HOME": str(home / OWN["user"]),
        "USER": OWN["user"],
        "LOGNAME": OWN["user"],
        "HOSTNAME": OWN["user"],
        "XDG_DATA_HOME": str(folder),
        "TERM": OWN["user"],
        "VKAUTH_SEAL": f"file:{key_file}",
        "VKAUTH_STORE_KEY": keys[1],
        "VKAUTH_TOKEN": SECRETS["token"],
        f"VKAUTH_TOKEN_{OWN['record'].upper()}": SECRETS["token"],
        "VKAUTH_PASSWORD": SECRETS["password"],
        "VKAUTH_LOGIN": SECRETS["login"],
        "VKAUTH_CLIENT_SECRET": SECRETS["client"],
        "AUTH_SECRET": SECRETS["auth-secret"],
        "HTTPS_PROXY": f"http://{SECRETS['proxy-user']}:{SECRETS['proxy-password']}@canary-proxy-host:3128",
    }.items():
        monkeypatch.setenv(name, value)
    at_simulator.faults.add(Fault.answer(200, "text/html", PAGE), on="oauth/authorize")
    no_leaks.add(*SECRETS.values(), *keys, key_file.read_text().strip())
    return home


def _scanner(machine: Path) -> LeakScanner:
    """Finds all that strangers must not know."""
    return LeakScanner(
        [
            *SECRETS.values(), *OWN.values(), str(machine), str(USER_ID), "canary-proxy-host", "mail.example",
            "999 000", os.uname().nodename if len(os.uname().nodename) > 4 else "canary", "127.0.0.1",
        ]
    )  # fmt: skip


async def test_it_holds_no_secret(
    machine: Path, command: Command, no_leaks: LeakScanner, at_simulator: VKSimulator
) -> None:
    """Whatever is in the store, the environment and the page; what is printed holds none either."""
    report = machine / "report.md"
    done = await command("doctor", "--report", str(report))
    assert done.code == 1
    assert "Look at it before you send it." in " ".join(done.err.split())
    text = report.read_text()
    scanner = _scanner(machine)
    scanner.text(text, "the report")
    with pytest.raises(AssertionError):  # it does find what there is
        scanner.text(done.out, "what the person sees")
    assert report.stat().st_mode & 0o777 == 0o600
    assert "| store | error | " in text
    assert "1 record cannot be read (STORE_CORRUPT)." in text
    assert "1 token ended and cannot be renewed." in text
    assert "| modes | warning | " in text
    assert "| group | good | 1 |" in text
    assert "| user | ended | 1 |" in text
    assert "Store: a SQLite file, sealed, key: file" in text
    assert '<input name="access_token" value="{token' in text
    assert "HTTPS_PROXY" in text
    assert "1 other of VKAUTH_* and AUTH_*" in text
    assert text.count("~~~") == 2


async def test_json_holds_no_secret(machine: Path, command: Command, no_leaks: LeakScanner) -> None:
    """As little as what is printed otherwise."""
    found = checks_of(await command("doctor", "--json"))
    assert OWN["bad"] in found["store"]["message"]


async def test_trouble_everywhere(machine: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with a password, a proxy that is not there, no key: the report holds neither addresses nor names."""
    monkeypatch.setenv("VKAUTH_STORE", f"redis://{SECRETS['login']}:{SECRETS['password']}@127.0.0.1:1/0")
    monkeypatch.setenv("VKAUTH_PROXY", f"http://{SECRETS['proxy-user']}:{SECRETS['proxy-password']}@127.0.0.1:1")
    monkeypatch.setenv("VKAUTH_SEAL", "env:CANARY_USER_VARIABLE")
    report = machine / "report.md"
    done = await command("doctor", "--report", str(report))
    assert done.code == 1
    scanner = _scanner(machine)
    scanner.add("CANARY_USER_VARIABLE")
    scanner.text(report.read_text(), "the report")
    LeakScanner(SECRETS.values()).text(done.out + done.err, "the output")
    assert "It cannot be used (STORE_UNAVAILABLE)." in report.read_text()
    assert "(KEY_UNAVAILABLE)" in report.read_text()
    assert "the proxy cannot be reached" in report.read_text()


async def test_a_report_may_be_made_anew(command: Command, home: Path) -> None:
    """In its own place; through a link as well."""
    report = home / "report.md"
    assert (await command("doctor", "--offline", "--report", str(report))).code == 0
    report.write_text(report.read_text() + "by hand")
    (home / "link").symlink_to(report)
    assert (await command("doctor", "--offline", "--report", str(home / "link"))).code == 0
    assert "by hand" not in report.read_text()


@pytest.mark.parametrize("what", ["folder", "file", "empty", "pipe", "lost", "nowhere", "null"])
async def test_a_place_where_none_can_be(at_simulator: VKSimulator, command: Command, home: Path, what: str) -> None:
    """Is wrong usage, told before anything is looked at; what is there stays."""
    path = home / what
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "lost":
        path.symlink_to(home / "x" / "y")
    elif what == "nowhere":
        path = path / "report.md"
    elif what == "null":
        path = Path("a\0b")
    else:
        path.write_text("something else" if what == "file" else "")
    done = await command("doctor", "--report", str(path))
    assert (done.code, done.out) == (2, "")
    assert "--report: " in done.err
    assert not list(at_simulator.requests)
    if what == "file":
        assert path.read_text() == "something else"


async def test_a_disk_that_is_full_by_then(command: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks are printed, and the exit code says that the report is missing."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vkauth.cli.commands.doctor.report.write_private", fail)
    done = await command("doctor", "--offline", "--report", str(home / "report.md"))
    assert done.code == 10
    assert "the report could not be written (No space left on device)" in done.err
    assert done.out.startswith("versions: ok")


def test_names_of_variables() -> None:
    """Those that are known; others may be called after a record, and are counted."""
    told = variables_that_are_set({"VKAUTH_STORE": "x", "VKAUTH_TOKEN_ME": "x", "AUTH_SAMPLE": "x", "https_proxy": "x"})
    assert told == "VKAUTH_STORE, https_proxy, 2 others of VKAUTH_* and AUTH_*"
    assert variables_that_are_set({"VKAUTH_SEAL": ""}) == "none of those that matter"


@pytest.mark.parametrize(
    ("term", "told"), [("xterm-256color", "xterm-256color"), ("sample-host", "another"), ("", "none")]
)
def test_the_terminal(term: str, told: str) -> None:
    """By its name if everybody may have it."""
    assert dict(surroundings({"TERM": term}))["Terminal"] == f"no, TERM: {told}"
