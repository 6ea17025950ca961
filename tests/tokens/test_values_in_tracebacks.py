"""What a traceback with local variables shows of a stored token that is refused."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from vkauth.tokens import StoredToken

SAMPLE = "SAMPLE-hidden-value"


@pytest.mark.parametrize("of", [False, True])
@pytest.mark.parametrize(
    "fields",
    [
        {"cookies": SAMPLE},
        {"extra": {"password": SAMPLE, "n": 5}},
        {"extra": {"inner": {"password": SAMPLE}}},
        {"extra": [SAMPLE]},
        {"expires_at": 5, "extra": {"password": SAMPLE}},
    ],
)
def test_nothing_of_what_it_was_given(fields: dict[str, Any], of: bool) -> None:
    """Nor does the half made object break the traceback."""
    made: StoredToken | None = None
    with pytest.raises(TypeError) as caught:
        made = StoredToken.of("SAMPLE-token", **fields) if of else StoredToken(token="SAMPLE-token", **fields)
    assert made is None
    error = caught.value
    assert error.__traceback__ is not None
    frames = error.__traceback__.tb_next  # without this one, which has the value itself
    shown = "".join(traceback.TracebackException(type(error), error, frames, capture_locals=True).format())
    assert SAMPLE not in shown
    assert "SAMPLE-token" not in shown
    assert "repr() failed" not in shown
