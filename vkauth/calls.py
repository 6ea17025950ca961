"""What a function or a class of the caller's takes."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any, Final

__all__ = ["read_signature", "signature_of"]

_LOOKS_UP: Final = "annotation_format" in inspect.signature(inspect.signature).parameters
"""Whether annotations are looked up when somebody asks for them, as from Python 3.14 on."""


def read_signature(call: Callable[..., object]) -> inspect.Signature:
    """Return what something takes, whatever its annotations name: some is imported for type checkers alone.

    Raises:
        TypeError, ValueError: it does not tell.
    """
    as_text: dict[str, Any] = {}
    if _LOOKS_UP:
        as_text = {"annotation_format": importlib.import_module("annotationlib").Format.STRING}
    return inspect.signature(call, **as_text)


def signature_of(call: Callable[..., object]) -> inspect.Signature | None:
    """Return what something takes; ``None`` if it does not tell, as some functions of C."""
    try:
        return read_signature(call)
    except Exception:  # noqa: BLE001 - it may be anybody's code that tells
        return None
