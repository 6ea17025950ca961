"""What a person confirms a login by on their phone: an address, and the QR code that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from vkauth.moments import require_moment
from vkauth.secret import Secret, masked

if TYPE_CHECKING:
    import segno

__all__ = ["LoginCode"]

# Black on white by numbers that no theme of a terminal changes: a scanner needs dark on light, also in a dark terminal.
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
_AS_BEFORE: Final = "\x1b[0m"
_HALVES: Final = {(0, 0): " ", (1, 0): "\u2580", (0, 1): "\u2584", (1, 1): "\u2588"}
# Modules of white around the code, as the standard wants them (ISO/IEC 18004, 5.3.8).
_QUIET: Final = 4


@masked("url")
@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCode:
    """What a person confirms a login by: they open the address on a phone where they are logged in at VK.

    Attributes:
        url: the address, to be shown to this person and nobody else. Its ``repr`` is a mask.
        expires_at: until when it can be confirmed (aware, UTC).
    """

    url: str
    expires_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", Secret(self.url))
        require_moment("expires_at", self.expires_at)

    def lines(self) -> list[str]:
        """The QR code of the address, to be printed on a terminal: two rows of it a line, black on white by itself.

        So it can be read on dark and on light terminals alike. The terminal has to know 256 colours and the block
        elements of Unicode, and to be as wide as the code: about 45 columns for an address of 80 characters.

        Raises:
            ImportError: segno is not installed; names the extra that brings it.
            ValueError: the address is longer than any QR code, which holds some 2,900 characters.
        """
        rows = [bytes(row) for row in _qr_code(self.url).matrix_iter(border=_QUIET)]
        if len(rows) % 2:
            rows.append(bytes(len(rows[0])))
        pairs = zip(rows[::2], rows[1::2], strict=True)
        drawn = ("".join(_HALVES[each] for each in zip(*pair, strict=True)) for pair in pairs)
        return [Secret(f"{_BLACK_ON_WHITE}{line}{_AS_BEFORE}") for line in drawn]


def _qr_code(text: str) -> segno.QRCode:
    try:
        import segno
    except ImportError:
        raise ImportError('drawing a QR code needs segno: pip install "vkauth[cli]"') from None
    try:
        # The lowest level of correction makes the smallest code; a screen has no stains.
        return segno.make_qr(str(text), error="l")
    except segno.DataOverflowError:
        pass  # its frames hold the address
    raise ValueError("the address is too long for a QR code")
