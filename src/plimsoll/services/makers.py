"""Makers: from which region the maker of a model is, by a short dated table."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from plimsoll.shipped import resource

MAINLAND = "mainland"
OVERSEAS = "overseas"
UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class _Maker:
    region: str
    models: tuple[str, ...]
    words: frozenset[str]
    alone: frozenset[str]


@cache
def region_of(model: str | None, *, seller: str = "") -> str:
    """The region of a model's maker; `UNKNOWN` where the table does not name it.

    Money without a model has the region of its seller (a provider's word) where that sells nothing
    but its own models; a gateway's or a cloud's could be for anybody's.
    """
    if not model:
        return next((maker.region for maker in _table() if seller in maker.alone), UNKNOWN)
    *before, name = model.casefold().replace(" ", "-").split("/")
    for maker in _table():
        if name.startswith(maker.models):
            return maker.region
    return next((maker.region for maker in _table() if maker.words & set(before)), UNKNOWN)


@cache
def _table() -> tuple[_Maker, ...]:
    text = resource("market/makers.toml").read_text(encoding="utf-8")
    return tuple(
        _Maker(
            maker["region"],
            tuple(maker["models"]),
            frozenset(maker.get("words", ())),
            frozenset(maker.get("alone", ())),
        )
        for maker in tomllib.loads(text)["maker"]
    )
