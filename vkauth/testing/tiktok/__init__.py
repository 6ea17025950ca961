"""The simulated TikTok Login Kit: www.tiktok.com below ``/tiktok``, open.tiktokapis.com below ``/tiktok-api``.

``simulator`` is what a test has as ``vk.tiktok`` and ``service`` what the server asks; ``state`` is what TikTok knows.
"""
