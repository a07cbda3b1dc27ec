"""Shipped: the files that come with the program, wherever the program lies."""

from __future__ import annotations

from pathlib import Path

import plimsoll

_PACKAGE = Path(plimsoll.__file__).resolve().parent

_PLACES = (
    _PACKAGE / "resources",  # installed by pip, or frozen into the one-folder program
    _PACKAGE.parent.parent / "resources",  # a checkout
)


def resource(name: str) -> Path:
    """The path of a resource, such as `icons/plimsoll.svg`, `/` between folders.

    Raises `FileNotFoundError` for one that does not exist: a fault of ours, not of the user.
    """
    for place in _PLACES:
        path = place / name
        if path.exists():
            return path
    raise FileNotFoundError(f"Plimsoll came without its resource {name}.")
