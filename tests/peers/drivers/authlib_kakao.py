"""Authlib's integration for Starlette, with discovery: a site with the two routes of its documentation.

The job: ``client_id``, ``client_secret``, how they are sent (``client_auth``), and how many times the person signs in.
The site is called without a server. It keeps what it learned of Kakao, the browser its cookies.
"""

from typing import Any

import httpx2
import talk
from authlib.integrations.starlette_client import OAuth
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ORIGIN = "https://app.example"
KAKAO = "https://kauth.kakao.com"
PROFILE = "https://kapi.kakao.com/v2/user/me"


def make_site(job: dict[str, Any]) -> Starlette:
    renewed: list[dict[str, Any]] = []

    async def update_token(token: dict[str, Any], **which: Any) -> None:
        renewed.append(token)

    oauth = OAuth()
    oauth.register(
        "kakao",
        client_id=job["client_id"],
        client_secret=job["client_secret"],
        server_metadata_url=f"{KAKAO}/.well-known/openid-configuration",
        update_token=update_token,
        client_kwargs={
            "scope": "openid profile_nickname account_email",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": job.get("client_auth", "client_secret_post"),
        },
    )

    async def login(request: Request) -> Response:
        answer: Response = await oauth.kakao.authorize_redirect(request, f"{ORIGIN}/callback")
        return answer

    async def callback(request: Request) -> Response:
        token = await oauth.kakao.authorize_access_token(request)
        userinfo = await oauth.kakao.userinfo(token=token)
        # A token that is over is renewed by the client before it is used.
        profile = await oauth.kakao.get(PROFILE, token={**token, "expires_at": 1})
        return JSONResponse({"token": token, "userinfo": userinfo, "profile": profile.json(), "renewed": renewed.pop()})

    return Starlette(
        routes=[Route("/login", login), Route("/callback", callback)],
        middleware=[Middleware(SessionMiddleware, secret_key="sample-secret-of-the-site", https_only=True)],
    )


async def sign_in(job: dict[str, Any]) -> dict[str, Any]:
    transport = httpx2.ASGITransport(app=make_site(job))
    people = []
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        for _ in range(job.get("times", 1)):
            asked = await browser.get("/login")
            answered = await browser.get(talk.ask("browser", url=asked.headers["location"]))
            people.append(answered.json())
    return {"people": people}


talk.run(sign_in)
