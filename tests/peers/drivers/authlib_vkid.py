"""Authlib's client for httpx2 with VK ID: PKCE by its own means, and what VK adds to OAuth by its keyword arguments.

The job: ``client_id``, and ``state``, where Authlib's own is not to be used.
"""

import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import talk
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

VKID = "https://id.vk.ru"
REDIRECT_URI = "https://app.example/callback"


def opened(callback: str) -> tuple[str, dict[str, str]]:
    """Lay out a callback that holds all in one ``payload``: an address as Authlib reads it, and its parameters."""
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    if "payload" in parameters:
        parameters = {name: str(value) for name, value in json.loads(parameters["payload"]).items()}
    return f"{REDIRECT_URI}?{urlencode(parameters)}", parameters


async def sign_in(job: dict[str, Any]) -> dict[str, Any]:
    verifier = generate_token(48)
    client = AsyncOAuth2Client(
        client_id=job["client_id"],
        redirect_uri=REDIRECT_URI,
        scope="vkid.personal_info email",
        code_challenge_method="S256",
        token_endpoint=f"{VKID}/oauth2/auth",
    )
    async with client:
        address, state = client.create_authorization_url(
            f"{VKID}/authorize", state=job.get("state"), code_verifier=verifier
        )
        callback, parameters = opened(talk.ask("browser", url=address))
        if "error" in parameters:
            raise OAuthError(parameters["error"], parameters["error_description"])
        device_id = parameters["device_id"]
        token = await client.fetch_token(
            authorization_response=callback, state=state, code_verifier=verifier, device_id=device_id
        )
        by_header = await client.post(f"{VKID}/oauth2/user_info", data={"client_id": job["client_id"]})
        renewed = await client.refresh_token(device_id=device_id, state=secrets.token_urlsafe(32))
        fields = {"client_id": job["client_id"], "access_token": renewed["access_token"]}
        by_form, revoked, late = [
            await client.request("POST", f"{VKID}/oauth2/{each}", data=fields, withhold_token=True)
            for each in ("user_info", "revoke", "user_info")
        ]
    return {
        "parameters": parameters,
        "token": token,
        "renewed": renewed,
        "users": [by_header.json(), by_form.json()],
        "revoked": revoked.json(),
        "late": late.json(),
    }


talk.run(sign_in)
