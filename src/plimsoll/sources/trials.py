"""Trials: what *Test* makes of several questions, each of which a key may or may not ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plimsoll.domain.errors import REFUSED, KnownError
from plimsoll.sources.base import Finding
from plimsoll.sources.fields import readable

Ask = Callable[[], object]


def each_tried(tries: Mapping[str, Ask], *, essential: str, remedy: str) -> tuple[Finding, ...]:
    """Ask each question, by what it reads, and tell which can be read; only the one called
    `essential` must be. Raises the first refusal where nothing can be read, and whatever else a
    question raises.
    """
    refusals: dict[str, KnownError] = {}
    for what, ask in tries.items():
        try:
            ask()
        except REFUSED as refusal:
            refusals[what] = refusal
    if len(refusals) == len(tries):
        raise next(iter(refusals.values()))
    return tuple(
        readable(what, ok=what not in refusals, remedy=remedy, essential=what == essential)
        for what in tries
    )
