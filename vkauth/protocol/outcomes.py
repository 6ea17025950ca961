"""What many of VK's answers have in common."""

from __future__ import annotations

from dataclasses import dataclass

from vkauth.errors import AuthError
from vkauth.protocol.captcha import CaptchaPrompt

__all__ = ["CaptchaNeeded", "Refused"]


@dataclass(frozen=True, slots=True)
class CaptchaNeeded:
    """A captcha comes first."""

    prompt: CaptchaPrompt


@dataclass(frozen=True, slots=True)
class Refused:
    """VK says no."""

    error: AuthError
