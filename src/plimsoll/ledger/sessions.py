"""Sessions: what agents' logs say of each beside its figures: title, parent, when, models."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.domain.calendar import Period
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import instant_of_millis, number_of

_FACTS = """
    SELECT s.source, t.text, min(u.start), max(u.start), a.agent, a.project, a.model
    FROM slice s JOIN usage u ON u.slice = s.id JOIN attribution a ON a.id = u.attribution
    JOIN term t ON t.id = a.session
    WHERE s.day BETWEEN ? AND ?
    GROUP BY s.source, u.attribution ORDER BY min(u.start)
"""
_TITLES = "SELECT source, id, title, parent FROM session"


@dataclass(slots=True)
class Session:
    """One session in some days. `projects` are the folders that it worked in, `models` those that
    answered, both in the order of their first calls; `parent` is the session that started it.
    """

    id: str
    source: int
    agent: str | None
    began: datetime
    ended: datetime
    title: str = ""
    parent: str | None = None
    projects: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)


def sessions(ledger: Ledger, period: Period) -> tuple[Session, ...]:
    """The sessions with calls on the provider days of a period, the earliest first."""
    found: dict[tuple[int, str], Session] = {}
    with ledger.reading() as connection:
        told = {(s, i): (title, parent) for s, i, title, parent in connection.execute(_TITLES)}
        texts = dict(connection.execute("SELECT id, text FROM term"))
        rows = connection.execute(_FACTS, (number_of(period.first), number_of(period.last)))
        for source, identity, first, last, agent, *named in rows:
            began, ended = instant_of_millis(first), instant_of_millis(last)
            known = found.get((source, identity))
            if known is None:
                title, parent = told.get((source, identity), (None, None))
                word = texts.get(agent)
                known = Session(identity, source, word, began, ended, title or "", parent)
                found[source, identity] = known
            known.ended = max(known.ended, ended)
            for texts_of, number in zip((known.projects, known.models), named, strict=True):
                if number and texts[number] not in texts_of:
                    texts_of.append(texts[number])
    return tuple(found.values())
