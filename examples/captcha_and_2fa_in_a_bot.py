"""Captchas and confirmation codes asked in a chat, while a bot goes on with its other work.

    LOGIN=+79990000001 PASSWORD=... python examples/captcha_and_2fa_in_a_bot.py

`Chat` is a stand-in for the chat with the bot's owner: here it is the terminal. In a Telegram bot, say, `send` would be
`bot.send_message` or `bot.send_photo`, and `receive` would wait for the owner's next message.

Without VKAUTH_ENDPOINTS it talks to VK; set it to the address that `vkauth simulator --account
login=+79990000001,captcha=image,two_factor=sms` prints to try it without an account.
"""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from vkauth import (
    AuthError,
    AuthErrorCode,
    CallbackService,
    Captcha,
    DirectAuthorization,
    Endpoints,
    TwoFactor,
    UserToken,
    official_app_credentials,
)
from vkauth.terminal import ask_in_terminal


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


class Chat:
    """The chat with the person who owns the account; pictures are shown as files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, text: str, picture: bytes | None = None) -> None:
        print(text)
        if picture is not None:
            file = self.folder / "picture.png"
            file.write_bytes(picture)
            print(f"(the picture: {file})")

    async def receive(self) -> str:
        return await ask_in_terminal("> ")


def hooks(chat: Chat) -> CallbackService:
    """Hooks that ask in `chat`."""
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def captcha(challenge: Captcha) -> str:
        if challenge.error is not None:  # why the last answer was refused
            await chat.send(f"{challenge.error.message}.")
        if challenge.kind == "redirect":
            # VK's "not robot" page: the person passes it in a browser of the same network and sends the token back.
            await chat.send(f"VK wants to know that you are no robot. Pass this page: {challenge.redirect_uri}")
        else:
            await chat.send("What is written here?", await challenge.image())
        return await chat.receive()

    @callbacks.on_two_factor
    async def code(challenge: TwoFactor) -> None:
        if challenge.error is not None:  # why the last code was refused
            await chat.send(f"{challenge.error.message}.")
        where = f" ({challenge.phone_mask})" if challenge.phone_mask else ""
        await chat.send(f"The code from VK by {challenge.type}{where}? 'again' has it sent once more.")
        while (answer := await chat.receive()) == "again":
            try:
                await challenge.resend()
            except AuthError as error:
                if error.code is not AuthErrorCode.RATE_LIMITED:
                    raise
                await chat.send(f"{error.message}.")
            else:
                await chat.send("It is on its way.")
        await challenge.retry(answer)  # comes back when VK has accepted it; if it does not, this hook is called again
        await chat.send("That was right, thank you.")

    return callbacks


async def log_in(chat: Chat) -> UserToken:
    """Log in, asking in `chat` for whatever VK wants to know."""
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    direct = DirectAuthorization(
        **official_app_credentials.android,
        callback_service=hooks(chat),
        login=setting("LOGIN"),
        password=setting("PASSWORD"),
        answer_timeout=None,  # a person may take a while
        endpoints=Endpoints.under(simulator) if simulator else None,
    )
    return await direct.run()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        chat = Chat(Path(folder))
        try:
            token = await log_in(chat)
        except AuthError as error:
            raise SystemExit(f"no token: {error}") from None
        await chat.send(f"Logged in as {token.user_id}: {token}")


if __name__ == "__main__":
    for end in ("SIGTERM", "SIGHUP"):  # as Ctrl-C does, they let the folder with the picture be removed
        if hasattr(signal, end):
            signal.signal(getattr(signal, end), signal.default_int_handler)
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
    except ValueError as error:
        print(f"wrong VKAUTH_ENDPOINTS: {error}", file=sys.stderr)
        raise SystemExit(2) from None
