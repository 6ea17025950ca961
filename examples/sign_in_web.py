"""A web application in which people sign in with VK ID, VK, Kakao or TikTok.

Run it with a secret of your own and the applications that you have registered:

    AUTH_SECRET=$(openssl rand -hex 32) AUTH_KAKAO_ID=... AUTH_KAKAO_SECRET=... python examples/sign_in_web.py

It offers the providers whose ``AUTH_<PROVIDER>_ID`` is set (``VKID``, ``VK``, ``KAKAO``, ``TIKTOK``), and serves
http://localhost:8080; ``PORT`` chooses another port. The redirect address to register at a provider is
http://localhost:8080/api/auth/callback/<id>, where <id> is ``kakao``, say. Kakao takes that. TikTok takes it for
applications of the kind Desktop only. VK ID is known to take ``localhost`` without a port (that is 80), and https.

Without any of these ``vkauth demo sign-in`` shows this very application with simulated providers.
"""

import os
import sys
from collections.abc import Iterable
from html import escape

from aiohttp import web

from vkauth.providers import VK, VKID, Identity, Kakao, TikTok, TokenSet
from vkauth.signin import Session, SignIn, SignInProvider

SIGN_IN = web.AppKey("SIGN_IN", SignIn)
PEOPLE = web.AppKey("PEOPLE", dict[str, str])
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sample application</title>
<style>body{{font:1.1rem/1.6 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}}
:root{{color-scheme:light dark}}a{{margin-right:1rem}}</style>
<h1>Sample application</h1>{}"""


def page(content: str) -> web.Response:
    """One of the application's own pages."""
    return web.Response(text=PAGE.format(content), content_type="text/html")


async def home(request: web.Request) -> web.Response:
    """For everybody: who is signed in, if anybody is."""
    session = await request.app[SIGN_IN].session(request)
    if session is None:
        links = '<a href="/notes">Your notes</a><a href="/api/auth/signin">Sign in</a>'
        return page(f"<p>Nobody is signed in.</p><p>{links}</p>")
    name = escape(session.identity.name or session.identity.id)
    return page(f'<p>Hello, {name}.</p><p><a href="/notes">Your notes</a><a href="/api/auth/signout">Sign out</a></p>')


async def notes(request: web.Request) -> web.Response:
    """For people who are signed in: ``required`` sends all others to the sign-in page, and back here afterwards."""
    session: Session = request["vkauth_session"]
    who, known = session.identity, len(request.app[PEOPLE])
    return page(
        f"<p>The notes of {escape(who.name or who.id)}, whom {who.provider} knows as {escape(who.id)}.</p>"
        f'<p>Known here: {known}.</p><p><a href="/">Home</a></p>'
    )


def remember(request: web.Request, identity: Identity, tokens: TokenSet) -> None:
    """Called at each sign-in: the place to store people and tokens. Return False to refuse somebody."""
    request.app[PEOPLE][f"{identity.provider} {identity.id}"] = identity.name or ""


def make_app(providers: Iterable[SignInProvider], secret: str) -> web.Application:
    """The whole application."""
    app = web.Application()
    sign_in = SignIn(providers=providers, secret=secret, on_sign_in=remember)
    sign_in.setup(app)
    app[SIGN_IN], app[PEOPLE] = sign_in, {}
    app.router.add_get("/", home)
    app.router.add_get("/notes", sign_in.required(notes))
    return app


def main() -> None:
    """Serve until Ctrl-C."""
    offered = [kind() for kind in (VKID, VK, Kakao, TikTok) if os.environ.get(f"AUTH_{kind.id.upper()}_ID")]
    if not offered or "AUTH_SECRET" not in os.environ:
        sys.exit("set AUTH_SECRET (32 characters or more) and AUTH_<PROVIDER>_ID of at least one provider")
    port = os.environ.get("PORT", "8080")
    try:
        app = make_app(offered, os.environ["AUTH_SECRET"])
        if not port.isdecimal() or int(port) > 65535:
            raise ValueError("PORT must be a number of at most 65535")
    except ValueError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    try:
        web.run_app(app, host="localhost", port=int(port))
    except OSError as error:  # the port is taken, say
        print(f"PORT: {error.strerror}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
