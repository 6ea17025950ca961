"""The sign-in page, as a picture made in Chromium: ``python -m pictures.sign_in`` in ``tests`` writes it anew."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from vkauth.providers import VK, VKID, Kakao, TikTok
from vkauth.signin import SignIn

__all__ = ["MARK", "PICTURE", "mark_of", "page"]

PICTURE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "sign-in.png"
MARK: Final = "page"
"""The name of the note in the picture by which it is known which page it shows."""
_SIZE: Final = (480, 560)
_OWN: Final = re.compile(r'(name="csrfToken" value=")[^"]*')


async def page() -> str:
    """The page, with all providers."""
    sample = {"client_id": "51000001", "client_secret": "sample"}
    app = web.Application()
    SignIn(
        providers=[VKID(client_id="51000001", id_token_key=None), VK(**sample), Kakao(**sample), TikTok(**sample)],
        secret="sample-secret-of-thirty-two-characters",
    ).setup(app)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession(server.make_url("/"), cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser,
        browser.get("/api/auth/signin", headers={"Accept-Language": "en", "Host": "app.example"}) as answer,
    ):
        return await answer.text()


def mark_of(text: str) -> str:
    """What is the same for all visits of one page, and for no other."""
    return sha256(_OWN.sub(r"\1", text).encode()).hexdigest()


def draw(text: str) -> None:
    """Write the picture."""
    width, height = _SIZE
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.html").write_text(text, encoding="utf-8")
        shot = Path(folder) / "shot.png"
        subprocess.run(
            [
                shutil.which("chromium") or "chromium",
                *("--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}"),
                *("--force-device-scale-factor=2", f"--screenshot={shot}", f"file://{folder}/page.html"),
            ],
            check=True,
            capture_output=True,
        )
        with Image.open(shot) as picture:
            note = PngInfo()
            note.add_text(MARK, mark_of(text))
            picture.convert("RGB").quantize(64).save(PICTURE, pnginfo=note, optimize=True)


if __name__ == "__main__":
    draw(asyncio.run(page()))
