"""Published vectors, and own ones that OpenSSL's command has computed."""

from __future__ import annotations

from typing import Final

__all__ = ["COOKIE", "IFRAME", "KEY", "LAUNCH", "LAUNCH_KEY", "LAUNCH_SIGN", "SECRET", "WITH_KEYS"]

# https://github.com/VKCOM/vk-apps-launch-params README.md (2019 to 2026)
LAUNCH_KEY: Final = "wvl68m4dR1UpLrVRli"
LAUNCH: Final = (
    "vk_user_id=494075&vk_app_id=6736218&vk_is_app_user=1&vk_are_notifications_enabled=1&vk_language=ru"
    "&vk_access_token_settings=&vk_platform=android"
)
LAUNCH_SIGN: Final = "htQFduJpLxz7ribXRZpDFUH-XEUhC9rBPTJkjUFEkRA"

KEY: Final = "SAMPLE_protected_key"
WITH_KEYS: Final = (
    "odr_enabled=1&vk_access_token_settings=friends%2Cwall&vk_app_id=7000001&vk_platform=web&vk_user_id=100001"
    "&sign_keys=vk_platform%2Cvk_user_id%2Codr_enabled%2Cvk_app_id%2Cvk_access_token_settings"
    "&sign=b9tUHcvSC4p81V317qgShMDudiwXvRrR9-aT46NFiSY"
)
IFRAME: Final = (
    "api_url=https://api.vk.com/api.php&api_id=7000001&viewer_id=100001&access_token=&user_id=2&lc_name=d%20b"
    "&sign=503a9d8cd4f184ac545294cfbbeb992da3e65b82578138f1cf043e71f47c747f&hash=x%3D1&api_result=%7B%7D"
)

SECRET: Final = "test_secret"
COOKIE: Final = "expire=1893456000&mid=6492&secret=0123abcd&sid=deadbeef&sig=abed65fe8008e4acb1aebd4d5d7ba61b"
