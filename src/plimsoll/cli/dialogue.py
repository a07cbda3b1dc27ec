"""Growth's dialogue against self-circulation on the command line: weeks as a document, in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from plimsoll.cli.session import print_out, tell

if TYPE_CHECKING:
    from fractions import Fraction

    from plimsoll.domain.actors import Actors
    from plimsoll.services.dialogue import Dialogue
    from plimsoll.services.own_loop import Loop

_PLACES = 6


def weeks_document(answer: Dialogue) -> list[dict[str, object]]:
    """Week by week: tokens, and shares as decimal text from 0 to 1; null where not known.

    `own_loop` is of agents' logs; what `told` says of each source is an indicator, and no part of
    it.
    """
    open_from = len(answer.weeks) - answer.not_final
    return [
        {
            "from": week.first.isoformat(),
            "to": week.last.isoformat(),
            "not_final": place >= open_from,
            "own_loop": _loop(answer.loops[place]),
            "told": [
                {"source": told.source, "actors": _actors(told.weeks[place])}
                for told in answer.told
            ],
        }
        for place, week in enumerate(answer.weeks)
    ]


def _loop(loop: Loop | None) -> dict[str, object] | None:
    if loop is None:
        return None
    return {"own": loop.own, "total": loop.total, "share": _text(loop.part)}


def _actors(actors: Actors | None) -> dict[str, object] | None:
    if actors is None:
        return None
    return {
        "person": actors.person,
        "agent": actors.agent,
        "program": actors.program,
        "not_told": actors.not_told,
        "total": actors.total,
        "share": _text(actors.share),
        "not_told_share": _text(actors.not_told_share),
    }


def _text(share: Fraction | None) -> str | None:
    if share is None:
        return None
    return f"{Decimal(round(share * 10**_PLACES)).scaleb(-_PLACES):f}"


def print_weeks(answer: Dialogue) -> None:
    """In words: a line for every week that is known."""
    if not answer.weeks:
        return
    print_out("Tokens that answered no person, week by week")
    for place, week in enumerate(answer.weeks):
        parts = []
        loop = answer.loops[place]
        if loop is not None:
            parts.append(f"own loop {_percent(loop.part)}")
        for told in answer.told:
            actors = told.weeks[place]
            if actors is not None and actors.total:
                share, rest = _percent(actors.share), _percent(actors.not_told_share)
                parts.append(f"{told.source}: agents and programs {share}, not told {rest}")
        if parts:
            mark = " (not final)" if place >= len(answer.weeks) - answer.not_final else ""
            print_out(f"{week.first}  {'; '.join(parts)}{mark}")
    if answer.told:
        tell(
            "What a provider tells is an indicator; it is no part of the own loop of agents' logs."
        )


def _percent(share: Fraction | None) -> str:
    return "–" if share is None else f"{float(share):.1%}"
