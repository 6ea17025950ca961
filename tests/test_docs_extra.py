"""What the documentation shows, checked with what the extra ``docs`` brings: types, and recipes for other libraries."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from docs_pages import ROOT, Block, block, blocks

from vkauth.testing import VKSimulator

pytest.importorskip("mkdocs", reason="needs the extra docs")
pytestmark = pytest.mark.docs

SECRET = "sample-secret-of-thirty-two-characters"
NOTEBOOK = "recipes/jupyter.md"


def notebook() -> str:
    """The cells one after the other, as they share their names, in a function as they may wait."""
    rebound = "token: Any\n"  # a notebook may give a name to something else
    code = rebound + "".join(each.code for each in blocks("python") if each.page == NOTEBOOK)
    return f"from typing import Any\nasync def cells() -> None:\n{textwrap.indent(code, '    ')}"


HOOKS = """
from vkauth import VKIDAuthorization
from vkauth.terminal import paste_in_terminal

async def log_in(login: VKIDAuthorization) -> None:
    await login.run(paste=input)
    await login.run(paste=lambda: "")
    await login.run(paste=lambda error: "")
    await login.run(paste=paste_in_terminal)
"""


def test_types(tmp_path: Path) -> None:
    """mypy, as strict as with the library, finds nothing wrong: every name and argument is there, in hooks too."""
    files = []
    for each in blocks("python"):
        if each.page != NOTEBOOK:
            files.append(tmp_path / f"{re.sub(r'[^a-z]', '_', each.page)}{each.number}.py")
            files[-1].write_text(each.code, encoding="utf-8")
    for name, code in (("notebook.py", notebook()), ("hooks.py", HOOKS)):
        files.append(tmp_path / name)
        files[-1].write_text(code, encoding="utf-8")
    assert len(files) > 30
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("each", blocks("js"), ids=str)
def test_javascript(each: Block, tmp_path: Path) -> None:
    """Node.js takes it for a module."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    file = tmp_path / "block.mjs"
    file.write_text(each.code, encoding="utf-8")
    done = subprocess.run([node, "--check", file], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


async def test_fastapi(vk_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody signs in; a stranger, who has begun nothing, does not; another browser cannot finish for them."""
    import httpx

    import vkauth.providers

    person = vk_simulator.add_account(first_name="Alice")
    kakao = vkauth.providers.Kakao(**vk_simulator.kakao.apps.sample.credentials, **vk_simulator.kakao.addresses)
    monkeypatch.setenv("AUTH_SECRET", SECRET)
    names: dict[str, object] = {"KAKAO": kakao}
    code = block("recipes/fastapi.md", "FastAPI(lifespan").code
    exec(code.replace("kakao = Kakao()", "kakao = KAKAO"), names)
    transport = httpx.ASGITransport(names["app"])  # type: ignore[arg-type]
    site = "https://app.example"
    async with (
        httpx.AsyncClient(transport=transport, base_url=site) as browser,
        httpx.AsyncClient(transport=transport, base_url=site) as another,
    ):
        assert (await browser.get("/")).json() == "Hello, stranger"
        begun = await browser.get("/login")
        address = await vk_simulator.approve(begun.headers["Location"], person)
        assert (await another.get(address)).status_code == 400
        back = await browser.get(address)
        assert (back.status_code, back.headers["Location"]) == (307, "/")
        assert (await browser.get("/")).json() == "Hello, Alice"
        assert (await browser.get(address)).status_code == 400
        begun = await browser.get("/login")
        refused = await browser.get(await vk_simulator.approve(begun.headers["Location"], person, deny=True))
        assert (refused.status_code, refused.json()) == (403, {"detail": "ACCESS_DENIED"})


class Socks:
    """A SOCKS 5 proxy on loopback, which leads every host to one port of this machine."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self._port = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        methods = await reader.readexactly(2)
        await reader.readexactly(methods[1])
        writer.write(b"\5\0")
        await reader.readexactly(4)
        name = await reader.readexactly((await reader.readexactly(1))[0])
        self.asked.append(name.decode())
        await reader.readexactly(2)
        there, onwards = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"\5\0\0\1\0\0\0\0\0\0")
        await asyncio.gather(self._pass(reader, onwards), self._pass(there, writer))

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            to.write(data)
        to.close()


@pytest.fixture
async def tls() -> AsyncIterator[VKSimulator]:
    async with VKSimulator(tls=True) as simulator:
        yield simulator


async def test_socks(tls: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole login goes through the proxy, which is told the host's name."""
    import aiohttp_socks

    tls.add_account(login="+79990000001", password="sample-password")
    made = partial(aiohttp_socks.ProxyConnector.from_url, ssl=ssl.create_default_context(cafile=tls.ca_file))
    monkeypatch.setattr(aiohttp_socks.ProxyConnector, "from_url", made)
    proxy = Socks(tls.tls_port)
    names: dict[str, object] = {}
    exec(block("recipes/proxies.md", "ProxyConnector").code, names)
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        token = await names["log_in"](f"socks5://127.0.0.1:{port}", "+79990000001", "sample-password")  # type: ignore[operator]
    assert token.token in tls.issued
    assert set(proxy.asked) == {"oauth.vk.ru"}
