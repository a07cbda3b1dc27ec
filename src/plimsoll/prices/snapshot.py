"""Snapshot: a newer edition of genai-prices' data, read from the bytes that its makers publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Prices of the package as of some day; `label` names the edition in words."""

    prices: DataSnapshot
    label: str


__all__ = ["Snapshot"]
