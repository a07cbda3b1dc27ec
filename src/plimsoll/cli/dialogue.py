"""`plimsoll efficiency loop`: dialogue against self-circulation, week by week for a year."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.domain.calendar import utc_day

if TYPE_CHECKING:
    from fractions import Fraction

    from plimsoll.domain.actors import Actors
    from plimsoll.services.dialogue import Dialogue
    from plimsoll.services.own_loop import Loop

_PLACES = 6


@click.command("loop")
@common
@click.pass_context
def command(context: click.Context) -> None:
    """Show for a year of weeks (UTC) how many tokens answered no person.

    The own loop is that of coding agents' logs. What a provider tells of who asked is an indicator
    beside it and never added to it: an editor's own loop looks to it like a person.
    """
    from plimsoll.services.dialogue import dialogue

    session = session_of(context)
    with session.program(who="efficiency loop") as program:
        answer = dialogue(program.ledger, today=utc_day(session.clock.now()))
    if session.as_json:
        session.answer(document(answer))
    else:
        _print(answer)


def document(answer: Dialogue) -> dict[str, object]:
    """The document of `efficiency loop --json`, schema 1: tokens, and shares as decimal text from 0
    to 1; null where a week is not known.
    """
    open_from = len(answer.weeks) - answer.not_final
    return {
        "schema": 1,
        "weeks": [
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
        ],
    }


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


def _print(answer: Dialogue) -> None:
    if not answer.has_data:
        tell("Nothing is known: it takes the logs of coding agents, or a provider that tells.")
        return
    print_out("Tokens that answered no person, week by week (UTC)")
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
            print_out(f"  {week.first}  {'; '.join(parts)}{mark}")
    if answer.told:
        tell("What a provider tells is an indicator; it is not a part of the own loop.")


def _percent(share: Fraction | None) -> str:
    return "–" if share is None else f"{float(share):.1%}"
