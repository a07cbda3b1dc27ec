"""Makers: from which region the maker of a model is, by a short dated table."""

from __future__ import annotations

import tomllib
from functools import cache

from plimsoll.shipped import resource

MAINLAND = "mainland"
OVERSEAS = "overseas"
UNKNOWN = ""


@cache
def region_of(model: str) -> str:
    """The region of a model's maker; `UNKNOWN` where the table does not name it."""
    name = model.rpartition("/")[2].casefold()
    for region, starts in _table():
        if name.startswith(starts):
            return region
    return UNKNOWN


@cache
def _table() -> tuple[tuple[str, tuple[str, ...]], ...]:
    text = resource("market/makers.toml").read_text(encoding="utf-8")
    makers = tomllib.loads(text)["maker"]
    return tuple((maker["region"], tuple(maker["models"])) for maker in makers)
