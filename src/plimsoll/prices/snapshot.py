"""Snapshot: a newer edition of genai-prices' data, read from the bytes that its makers publish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from plimsoll.domain.tariff import HIGHEST

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo

PUBLISHED_AT = (
    "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/"
    "data.json"
)
"""Where the package's makers publish its data, as the package itself names it."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Prices of the package as of some day; `label` names the edition in words."""

    prices: DataSnapshot
    label: str


def read_snapshot(data: bytes, *, label: str) -> Snapshot:
    """Published data as a snapshot; raises `ValueError` for anything else.

    Numbers are taken as they are written, never through a float. Data without the providers that
    Plimsoll asks for are not the package's, or broken off.
    """
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import _providers_from_raw  # the package's own reader has no other name

    from plimsoll.prices.listed import LISTS

    try:
        raw = json.loads(data.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number)
        if not all(0 <= price < HIGHEST for price in _numbers(raw, in_prices=False)):
            raise ValueError("the data hold a price below zero, or one beyond all measure")
        providers = _providers_from_raw(raw)
    except (TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError("the data are not what the package reads") from error
    found = {provider.id for provider in providers if provider.models}
    missing = sorted(set(LISTS.values()) - found)
    if missing:
        raise ValueError(f"the data lack the prices of {', '.join(missing)}")
    return Snapshot(DataSnapshot(providers, from_auto_update=False), label)


def changed_models(old: Snapshot | None, new: Snapshot | None) -> tuple[str, ...]:
    """The models of the providers that are asked whose prices differ, as `provider model`.

    None stands for the data that come with the package.
    """
    before, after = dict(_models(old)), dict(_models(new))
    return tuple(
        sorted(
            f"{provider} {model}"
            for provider, model in {*before, *after}
            if _told(before.get((provider, model))) != _told(after.get((provider, model)))
        )
    )


def lists_otherwise(provider: str, model: str, old: Snapshot | None, new: Snapshot | None) -> bool:
    """Whether what a provider's model is listed at differs, by its name in the provider's words."""
    return _told(_found(provider, model, old)) != _told(_found(provider, model, new))


def _found(provider: str, model: str, snapshot: Snapshot | None) -> ModelInfo | None:
    from plimsoll.prices.listed import LISTS

    if provider not in LISTS:
        return None
    try:
        _, found = _data(snapshot).find_provider_model(model, None, LISTS[provider], None)
    except LookupError:
        return None
    return found


def listed_models(snapshot: Snapshot | None) -> frozenset[str]:
    """The names of all models that the lists of our providers have."""
    return frozenset(model for (_, model), _ in _models(snapshot))


def _data(snapshot: Snapshot | None) -> DataSnapshot:
    from genai_prices.data_snapshot import get_snapshot

    return snapshot.prices if snapshot else get_snapshot()


def _models(snapshot: Snapshot | None) -> Iterator[tuple[tuple[str, str], ModelInfo]]:
    from plimsoll.prices.listed import LISTS

    words = {theirs: ours for ours, theirs in LISTS.items()}
    for provider in _data(snapshot).providers:
        if provider.id in words:
            for model in provider.models:
                yield (words[provider.id], model.id), model


def _told(model: ModelInfo | None) -> object:
    """All that a price of a model comes from; nothing, where it has none."""
    return model and (model.id, model.prices, model.price_variants)


def _numbers(value: object, *, in_prices: bool) -> Iterator[Decimal | int]:
    """Every number of a price."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _numbers(part, in_prices=in_prices or name == "prices")
    elif isinstance(value, list):
        for part in value:
            yield from _numbers(part, in_prices=in_prices)
    elif in_prices and isinstance(value, Decimal | int):
        yield value


def _no_number(text: str) -> Decimal:
    raise ValueError(f"the data hold {text}, which is no number")


__all__ = [
    "PUBLISHED_AT",
    "Snapshot",
    "changed_models",
    "listed_models",
    "lists_otherwise",
    "read_snapshot",
]
