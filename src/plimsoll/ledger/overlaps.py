"""Overlaps: pairs of sources that see the same traffic, which of the two pays, and who says so."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from plimsoll.analysis.overlap import Likeness, Reason, Relation
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import instant_of, maybe_instant, micros_of, number_of

_COLUMNS = (
    "id, payer, explainer, state, relation, reason, days, equal, to_the_token, part, found_at, "
    "decided_at"
)

_BEFORE = instant_of(0)
_DAYS_APART = 10**7
"""More than there are days since 1970 in any calendar."""


class State(StrEnum):
    """What is known of a pair. `assumed` and `confirmed` ones are counted once."""

    LIKELY = "likely"
    """Found, and counted twice until somebody answers: it may be two accounts."""
    ASSUMED = "assumed"
    """Found, and so certain that it is counted once until somebody says otherwise."""
    CONFIRMED = "confirmed"
    SEPARATE = "separate"
    """The user said that both are owed."""

    @property
    def is_open(self) -> bool:
        """Whether the user has not answered yet."""
        return self in {State.LIKELY, State.ASSUMED}

    @property
    def counts_once(self) -> bool:
        """Whether the explainer is left out of sums."""
        return self in {State.ASSUMED, State.CONFIRMED}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sources, by their ids; `relation` is how the explainer's traffic lies to the payer's.

    The evidence is as in `analysis.overlap.Likeness`; a pair that the user told without any being
    found is a part. `id` is 0 before it is kept.
    """

    id: int
    payer: int
    explainer: int
    state: State = State.LIKELY
    relation: Relation = Relation.PART
    reason: Reason = Reason.SAID
    days: int = 0
    equal: float = 1.0
    to_the_token: int = 0
    part: str = ""
    found_at: datetime = _BEFORE
    decided_at: datetime | None = None

    @property
    def both(self) -> frozenset[int]:
        """The two sources, whoever pays."""
        return frozenset({self.payer, self.explainer})

    def paid_by(self, source_id: int) -> Pair:
        """The same pair, as it is when that one of the two pays."""
        if source_id == self.payer:
            return self
        return replace(
            self,
            payer=self.explainer,
            explainer=self.payer,
            relation=self.relation.turned,
        )


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The provider days on which others pay for a source's traffic, and who they are; `asked` where
    one of them is still asked, so that its missing days are told by it.
    """

    days: frozenset[int]
    payers: frozenset[int]
    asked: bool


def overlaps(ledger: Ledger) -> tuple[Pair, ...]:
    """Every pair that was ever found or told, in the order in which they were."""
    with ledger.reading() as connection:
        return _pairs(connection)


def counted_once(ledger: Ledger) -> frozenset[int]:
    """The numbers of the pairs whose explainer is left out of totals now."""
    return frozenset(pair.id for pair in overlaps(ledger) if pair.state.counts_once)


def propose(
    ledger: Ledger, *, payer: int, explainer: int, likely: Likeness, assumed: bool
) -> Pair | None:
    """Keep what was found of a pair (`likely` as seen from the explainer); None where it is
    answered, or a source is gone.

    What is open may become more certain, or turn round; it never becomes less certain. What would
    make a ring, in which everybody explains and nobody pays, is asked and not assumed.
    """
    with ledger.reading() as connection:
        known = _of(connection, payer, explainer)
        proposal = _proposal(connection, known, payer, explainer, likely, assumed=assumed)
        if proposal == known:
            return known
    with ledger.writing() as connection:
        known = _of(connection, payer, explainer)
        if known is not None and not known.state.is_open:
            return None
        if not all(_is_there(connection, source) for source in (payer, explainer)):
            return None
        proposal = _proposal(connection, known, payer, explainer, likely, assumed=assumed)
        found = proposal.found_at if known else ledger.clock.now()
        return _put(connection, replace(proposal, found_at=found))


def _proposal(
    connection: sqlite3.Connection,
    known: Pair | None,
    payer: int,
    explainer: int,
    likely: Likeness,
    *,
    assumed: bool,
) -> Pair:
    certain = assumed or (known is not None and known.state is State.ASSUMED)
    ring = _pays(connection, explainer, payer, but=known)
    return Pair(
        id=known.id if known else 0,
        payer=payer,
        explainer=explainer,
        state=State.ASSUMED if certain and not ring else State.LIKELY,
        relation=likely.relation,
        reason=likely.reason,
        days=likely.days,
        equal=likely.equal,
        to_the_token=likely.to_the_token,
        part=likely.part,
        found_at=known.found_at if known else _BEFORE,
    )


def settle(ledger: Ledger, *, payer: int, explainer: int, once: bool) -> Pair:
    """Keep the user's answer: the two are counted `once`, paid by `payer`, or both are owed.

    Raises `WrongUse` where the payer is explained by the explainer through others already.
    """
    with ledger.writing() as connection:
        known = _of(connection, payer, explainer)
        if once and _pays(connection, explainer, payer, but=known):
            raise WrongUse(
                say(
                    "These sources would explain each other in a ring, and none of them would pay."
                ),
                remedy=say("Say first of the others who pays."),
            )
        now = ledger.clock.now()
        pair = known or Pair(0, payer, explainer, found_at=now)
        answered = State.CONFIRMED if once else State.SEPARATE
        return _put(connection, replace(pair.paid_by(payer), state=answered, decided_at=now))


def billing_sources(ledger: Ledger) -> frozenset[int]:
    """The sources that were ever charged."""
    with ledger.reading() as connection:
        rows = connection.execute("SELECT DISTINCT source FROM charged_day")
        return frozenset(source for (source,) in rows)


def paid_elsewhere(connection: sqlite3.Connection) -> dict[int, Elsewhere]:
    """For every source that explains, the days on which it does: those on which another one, that
    pays for it, has something. On days of which the payer knows nothing the explainer's own figures
    are the only ones, and count.
    """
    payers: dict[int, set[int]] = defaultdict(set)
    asked: set[int] = set()
    for explainer, payer, is_asked in connection.execute(
        "SELECT o.explainer, o.payer, p.removed_at IS NULL FROM overlap o "
        "JOIN source p ON p.id = o.payer WHERE o.state IN ('assumed', 'confirmed')"
    ):
        payers[explainer].add(payer)
        if is_asked:
            asked.add(explainer)
    return {
        explainer: Elsewhere(
            frozenset(day for payer in paying for day in _days_with_something(connection, payer)),
            frozenset(paying),
            explainer in asked,
        )
        for explainer, paying in payers.items()
    }


def days_paid_elsewhere(ledger: Ledger, period: Period) -> dict[str, int]:
    """On how many days of a period others pay for what a source saw, by its name; those that have
    none are left out.
    """
    asked = range(number_of(period.first), number_of(period.last) + 1)
    found: dict[str, int] = defaultdict(int)
    with ledger.reading() as connection:
        names = dict(connection.execute("SELECT id, name FROM source"))
        for number, elsewhere in paid_elsewhere(connection).items():
            own = _days_with_something(connection, number)
            found[names[number]] += len(elsewhere.days.intersection(own, asked))
    return {name: days for name, days in found.items() if days}


def withdraw(connection: sqlite3.Connection, source_id: int) -> None:
    """Let go of what was assumed of a source because it was the same account, if it is not."""
    connection.execute(
        """
        DELETE FROM overlap WHERE ? IN (payer, explainer) AND reason = 'organisation'
        AND state IN ('likely', 'assumed')
        AND (SELECT organisation FROM source WHERE id = payer)
            IS NOT (SELECT organisation FROM source WHERE id = explainer)
        """,
        (source_id,),
    )


def not_explained(source: str, day: str) -> str:
    """A condition for statements over several sources, on their columns of source and day: nobody
    else pays for that day. `explained_days` is bound to its one question mark.
    """
    place = f"{source} * {_DAYS_APART} + {day}"
    return f"{place} NOT IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours


def explained_days(connection: sqlite3.Connection) -> str:
    """What `not_explained` leaves out: one number for a source and a day, because a list of single
    numbers is looked up at once, and one of pairs is not.
    """
    elsewhere = paid_elsewhere(connection).items()
    return json.dumps([source * _DAYS_APART + day for source, e in elsewhere for day in e.days])


def turn_from(connection: sqlite3.Connection, source_id: int) -> None:
    """Let those that see the same as a source which is no longer asked pay in its stead."""
    for pair in _pairs(connection):
        turned = pair.paid_by(pair.explainer)
        if (
            pair.payer == source_id
            and pair.relation is Relation.SAME
            and _is_asked(connection, turned.payer)
            and not _pays(connection, turned.explainer, turned.payer, but=pair)
        ):
            _put(connection, turned)


def hand_over(connection: sqlite3.Connection, old: int, new: int) -> None:
    """Let what was said of one source hold for another, which takes its place."""
    for column in ("payer", "explainer"):
        connection.execute(
            f"UPDATE OR IGNORE overlap SET {column} = ? WHERE {column} = ?",  # noqa: S608 - ours
            (new, old),
        )


def _days_with_something(connection: sqlite3.Connection, source_id: int) -> list[int]:
    query = """
        SELECT day FROM usage_by_day WHERE cut = 0 AND source = :source
        UNION SELECT day FROM charge_by_day WHERE cut = 0 AND source = :source
    """
    return [day for (day,) in connection.execute(query, {"source": source_id})]


def _pays(connection: sqlite3.Connection, payer: int, explainer: int, *, but: Pair | None) -> bool:
    """Whether one source pays for another, through others that it pays for: without the pair `but`,
    which is about to be changed.
    """
    edges: dict[int, list[int]] = defaultdict(list)
    for pair in _pairs(connection):
        if pair.state.counts_once and (but is None or pair.id != but.id):
            edges[pair.payer].append(pair.explainer)
    reached, ahead = {payer}, [payer]
    while ahead:
        fresh = [source for source in edges[ahead.pop()] if source not in reached]
        reached.update(fresh)
        ahead.extend(fresh)
    return explainer in reached


def _put(connection: sqlite3.Connection, pair: Pair) -> Pair:
    """Write a pair in the place of what was there, with the same number."""
    connection.execute("DELETE FROM overlap WHERE id = ?", (pair.id,))
    row = connection.execute(
        f"INSERT INTO overlap ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 - ours
        "RETURNING id",
        (
            pair.id or None,
            pair.payer,
            pair.explainer,
            pair.state.value,
            pair.relation.value,
            pair.reason.value,
            pair.days,
            pair.equal,
            pair.to_the_token,
            pair.part,
            micros_of(pair.found_at),
            None if pair.decided_at is None else micros_of(pair.decided_at),
        ),
    ).fetchone()
    return replace(pair, id=row[0])


def _pairs(connection: sqlite3.Connection) -> tuple[Pair, ...]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM overlap ORDER BY id")  # noqa: S608 - ours
    return tuple(map(_pair, rows.fetchall()))


def _of(connection: sqlite3.Connection, one: int, other: int) -> Pair | None:
    return next((pair for pair in _pairs(connection) if pair.both == {one, other}), None)


def _is_there(connection: sqlite3.Connection, source_id: int) -> bool:
    return bool(connection.execute("SELECT 1 FROM source WHERE id = ?", (source_id,)).fetchone())


def _is_asked(connection: sqlite3.Connection, source_id: int) -> bool:
    query = "SELECT 1 FROM source WHERE id = ? AND removed_at IS NULL"
    return connection.execute(query, (source_id,)).fetchone() is not None


def _pair(row: Sequence[Any]) -> Pair:
    (*numbers, state, relation, reason, days, equal, exact, part, found, decided) = row
    number, payer, explainer = numbers
    return Pair(
        number,
        payer,
        explainer,
        State(state),
        Relation(relation),
        Reason(reason),
        days,
        equal,
        exact,
        part,
        instant_of(found),
        maybe_instant(decided),
    )
