"""Edition: which prices come with Plimsoll, told without reading them.

Every sync asks for it, also one that has nothing to price: it must not cost more than a look.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from plimsoll.shipped import resource

HOLIDAYS = "holidays.toml"

_CHECKED = re.compile(r"^checked = (\d{4}-\d\d-\d\d)$", re.MULTILINE)
_PACKAGE = "genai_prices"


@cache
def listed() -> str:
    """The edition of the package genai-prices; does not load it."""
    return f"genai-prices {_version()}"


@cache
def overlay() -> str:
    """The edition of the overlay, named by the newest day on which a price was checked."""
    files = [file for file in resource("prices").glob("*.toml") if file.name != HOLIDAYS]
    days = [day for file in files for day in _CHECKED.findall(file.read_text(encoding="utf-8"))]
    return f"Plimsoll's list of {max(days)}"


def joined(listed: str, overlay: str, own: str = "") -> str:
    """One text of the parts; `own` is of the user's own prices and discounts."""
    return "; ".join(filter(None, (listed, overlay, own)))


def _version() -> str:
    """By the name of its folder, mostly: the library that reads versions takes 30 ms to load."""
    found = find_spec(_PACKAGE)
    if found is not None and found.origin:
        beside = Path(found.origin).parent.parent.glob(f"{_PACKAGE}-*.dist-info")
        versions = [folder.name.removesuffix(".dist-info").split("-")[1] for folder in beside]
        if len(versions) == 1:
            return versions[0]
    from importlib.metadata import version

    return version(_PACKAGE)
