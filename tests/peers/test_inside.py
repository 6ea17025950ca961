"""The ground the other tests stand on: inside a client's process there is the simulator and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import peer
from .peer import HERE, NoResultError, Peer, PeerError

pytestmark = pytest.mark.peers

PYTHON_TRIES = """
import socket
NAMES = ("vk.ru", "oauth.vk.com", "kauth.kakao.com", "kapi.kakao.com", "www.tiktok.com", "open.tiktokapis.com")
print(sorted({each[4] for name in NAMES for each in socket.getaddrinfo(name, 443)}))
for name in ("example.com", "notvk.ru", "vk.ru.example.com", "notkakao.com"):
    try:
        socket.getaddrinfo(name, 443)
    except socket.gaierror:
        print("unknown", name)
try:
    socket.create_connection(("192.0.2.1", 443), 1)
except socket.gaierror:
    print("no lookup")
try:
    socket.socket().connect(("192.0.2.1", 443))
except ConnectionRefusedError:
    print("refused")

import sitecustomize
with socket.create_server(("127.0.0.1", 0)) as simulator, socket.socket() as client:
    sitecustomize.PORT = simulator.getsockname()[1]
    client.connect(("127.0.0.1", 443))
    print("connected to the simulator:", client.getpeername() == simulator.getsockname())
"""

NODE_TRIES = """
const net = require('node:net');
for (const host of ['example.com', 'notvk.ru', 'vk.ru.example.com', 'notkakao.com', '192.0.2.1']) {
  try { net.connect(443, host); } catch (error) { console.log('refused', host); }
}
fetch('https://example.com/').catch((error) => console.log('no fetch', error.cause.message));
"""


def _inside(command: list[str]) -> list[str]:
    environ = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(HERE / "inside"), "VK_PEER_PORT": "1"}
    said = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=20, check=True)
    return said.stdout.splitlines()


def test_python_sees_only_the_simulator() -> None:
    """Names of the services lead to the simulator's port, look-alikes and other machines lead nowhere."""
    assert _inside([sys.executable, "-c", PYTHON_TRIES]) == [
        "[('127.0.0.1', 1)]",
        "unknown example.com",
        "unknown notvk.ru",
        "unknown vk.ru.example.com",
        "unknown notkakao.com",
        "no lookup",
        "refused",
        "connected to the simulator: True",
    ]


def test_node_sees_only_the_simulator() -> None:
    """The same for Node.js, where every way to connect ends in one function."""
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            pytest.fail("Node.js is not installed")
        pytest.skip("Node.js is not installed")
    assert _inside([node, "--require", str(HERE / "inside" / "resolve.cjs"), "-e", NODE_TRIES]) == [
        "refused example.com",
        "refused notvk.ru",
        "refused vk.ru.example.com",
        "refused notkakao.com",
        "refused 192.0.2.1",
        "no fetch example.com is neither simulated nor this machine; nothing else exists here",
    ]


async def _nobody(question: peer.Question) -> str | None:
    return None


async def _run(tmp_path: Path, program: str) -> dict[str, object]:
    driver = tmp_path / "driver.py"
    driver.write_text(program, encoding="utf-8")
    installed = Peer("vk_api", str(driver))  # any of them: only the interpreter is used
    installed.require()
    return await installed.run({}, _nobody, port=1, ca_file=tmp_path / "none.pem", home=tmp_path)


async def test_a_client_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had written to standard error by then is shown."""
    monkeypatch.setattr(peer, "TIME_LIMIT", 1.0)
    program = "import sys, time; print('half way', file=sys.stderr, flush=True); time.sleep(60)"
    with pytest.raises(NoResultError, match=r"longer than 1 seconds\nhalf way"):
        await _run(tmp_path, program)


async def test_a_client_that_dies_is_noticed(tmp_path: Path) -> None:
    """A traceback is not lost."""
    with pytest.raises(NoResultError, match="ZeroDivisionError"):
        await _run(tmp_path, "1 / 0")


async def test_an_error_of_the_client_keeps_its_name(tmp_path: Path) -> None:
    """The driver tells what was raised."""
    with pytest.raises(PeerError, match=r"^Odd: why not") as caught:
        await _run(tmp_path, """print('{"error": "Odd", "message": "why not"}')""")
    assert caught.value.code == "Odd"


@pytest.mark.parametrize("record", [None, "vk_api==0"])
def test_a_missing_client_is_skipped_but_not_on_ci(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: str | None
) -> None:
    """Not installed, or installed from other pins."""
    monkeypatch.setattr(peer, "INSTALLED", tmp_path)
    if record is not None:
        (tmp_path / "vk_api").mkdir()
        (tmp_path / "vk_api" / ".installed").write_text(record)
    installed = Peer("vk_api", "vk_api_login.py")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"run \.ci/peers"):
        installed.require()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"run \.ci/peers"):
        installed.require()
