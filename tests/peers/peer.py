"""Run another VK client in a process of its own, in which VK is the simulator, and answer its questions.

A driver (``drivers/``) uses the client as its documentation says. Test and driver speak in lines of JSON: the job goes
in, questions come out and their answers go in, and the last line is a result or an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import site
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
INSTALLED = ROOT / ".peers"

TIME_LIMIT = 30.0
"""Seconds for a whole run, the answers included. A client takes one to three; the rest is for a machine under load."""

_COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_FILE")

Question = dict[str, Any]
Answer = Callable[[Question], Awaitable[str | None]]


class PeerError(Exception):
    """The client gave up. ``code`` is the name of what it raised, or the code of its own that it has for that."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class NoResultError(Exception):
    """The process ended, or took too long, without a result. Shows what it wrote to standard error."""


def _other_python(environment: str) -> str | None:
    settings = (INSTALLED / environment / "pyvenv.cfg").read_text(encoding="utf-8")
    mine = "{}.{}.".format(*sys.version_info)
    if re.search(rf"^version\s*=\s*{re.escape(mine)}", settings, re.MULTILINE):
        return None
    return f"the client in .peers/{environment} is not for Python {mine}x: run .ci/peers with that one"


def _missing(environment: str, pins: Path) -> str | None:
    record = INSTALLED / environment / ".installed"
    if not record.is_file():
        return f"the client in .peers/{environment} is not installed: run .ci/peers"
    if record.read_bytes() != pins.read_bytes():
        return f"the client in .peers/{environment} is not what {pins.name} pins: run .ci/peers"
    return None


@dataclass(frozen=True)
class Peer:
    """A client that is installed, and how to start its driver."""

    environment: str
    driver: str
    with_library: bool = False
    """Whether the driver imports this library too: what that needs comes after all that the client stands on."""

    @property
    def _is_node(self) -> bool:
        return self.environment == "node"

    def require(self) -> None:
        """Skip the test when the client is not installed; fail it on CI, where nothing may be missing unnoticed."""
        pins = HERE / ("package.json" if self._is_node else f"requirements-{self.environment}.txt")
        problem = _missing(self.environment, pins)
        if problem is None and self._is_node and shutil.which("node") is None:
            problem = "Node.js is not installed"
        if problem is None and self.with_library:
            problem = _other_python(self.environment)
        if problem is None:
            return
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)

    def _command(self) -> list[str]:
        driver = str(HERE / "drivers" / self.driver)
        if self._is_node:
            return [str(shutil.which("node")), "--require", str(HERE / "inside" / "resolve.cjs"), driver]
        return [str(INSTALLED / self.environment / "bin" / "python"), driver]

    def _environ(self, port: int, ca_file: Path, home: Path) -> dict[str, str]:
        # Made from nothing: a proxy or a certificate store of the machine would lead the client past the simulator.
        environ = {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PATH": os.environ.get("PATH", os.defpath),
            "VK_PEER_PORT": str(port),
        }
        if self._is_node:
            modules = str(INSTALLED / "node" / "node_modules")
            return environ | {"NODE_PATH": modules, "NODE_EXTRA_CA_CERTS": str(ca_file)}
        if self.with_library:
            environ["VK_PEER_PACKAGES"] = os.pathsep.join([str(ROOT), str(HERE / "drivers"), *site.getsitepackages()])
            environ |= {name: os.environ[name] for name in _COVERAGE if name in os.environ}
        return environ | {
            "PYTHONPATH": str(HERE / "inside"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SSL_CERT_FILE": str(ca_file),
            "REQUESTS_CA_BUNDLE": str(ca_file),
        }

    async def run(self, job: dict[str, Any], answer: Answer, *, port: int, ca_file: Path, home: Path) -> Any:
        """Do one job and give its result.

        Args:
            job: what the driver reads first.
            answer: asked each question of the client; ``None`` gives up.
            port: where the simulator speaks TLS.
            ca_file: the certificate to believe.
            home: a directory of its own for whatever the client writes.

        Raises:
            PeerError: the client failed.
            NoResultError: there was neither a result nor an error.
        """
        async with self.started(port=port, ca_file=ca_file, home=home) as client:
            try:
                return await client.do(job, answer)
            except PeerError as error:
                raise PeerError(error.code, f"{error.message}\n{(await client.end())[-4000:]}") from None

    @contextlib.asynccontextmanager
    async def started(self, *, port: int, ca_file: Path, home: Path) -> AsyncIterator[Client]:
        """The client as a process, which is ended at the end."""
        process = await asyncio.create_subprocess_exec(
            *self._command(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=home,
            env=self._environ(port, ca_file, home),
            start_new_session=True,
        )
        client = Client(self.driver, process)
        try:
            yield client
        finally:
            await client.end()


class Client:
    """A client at work."""

    def __init__(self, driver: str, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        self._driver = driver
        self._process = process
        self._noise = asyncio.create_task(process.stderr.read())

    async def do(self, job: dict[str, Any], answer: Answer) -> Any:
        """Have a job done and give its result; see :meth:`Peer.run`."""
        problem = "it ended without a result"
        outcome: dict[str, Any] | None = None
        try:
            async with asyncio.timeout(TIME_LIMIT):
                outcome = await _converse(self._process, job, answer)
        except TimeoutError:
            problem = f"it took longer than {TIME_LIMIT:g} seconds"
        except BaseException:
            await self.end()
            raise
        if outcome is None:
            raise NoResultError(f"{self._driver}: {problem}\n{(await self.end())[-4000:]}")
        if "error" in outcome:
            raise PeerError(outcome["error"], outcome["message"])
        return outcome["result"]

    async def end(self) -> str:
        """End the process; what it wrote to standard error."""
        # The whole group, at once and without asking: a client that hangs does not listen to anything milder.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        said = (await self._noise).decode(errors="replace")
        _close(self._process)
        return said


async def _converse(process: asyncio.subprocess.Process, job: dict[str, Any], answer: Answer) -> dict[str, Any] | None:
    assert process.stdin is not None
    assert process.stdout is not None
    message: Any = job
    # A driver that is gone is noticed by the end of its output; what it still wrote to its errors says more.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while True:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
            if not line:
                return None
            said: dict[str, Any] = json.loads(line)
            if "ask" not in said:
                return said
            message = await answer(said)
    return None


def _close(process: asyncio.subprocess.Process) -> None:
    # The pipes are closed here and not by the garbage collector, which would warn in the middle of another test.
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
