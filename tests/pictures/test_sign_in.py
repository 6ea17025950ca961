"""The README's picture of the sign-in page shows the page as it is today."""

from __future__ import annotations

from PIL import Image

from pictures import sign_in


async def test_the_picture_was_made_of_this_page() -> None:
    """Write it anew with ``python -m pictures.sign_in`` in ``tests``, if this fails."""
    text = await sign_in.page()
    assert sign_in.mark_of(text) == sign_in.mark_of(await sign_in.page())
    assert sign_in.mark_of(text) != sign_in.mark_of(text.replace("Kakao", "Other"))
    with Image.open(sign_in.PICTURE) as picture:
        picture.load()
        assert picture.info[sign_in.MARK] == sign_in.mark_of(text)
