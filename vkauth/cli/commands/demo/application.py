"""The sample application of ``vkauth demo sign-in``: that of ``examples/sign_in_web.py``, word for word."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from aiohttp import web

from vkauth.providers import Identity, TokenSet
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
