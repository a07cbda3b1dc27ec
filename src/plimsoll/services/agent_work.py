"""Agents' work: what coding agents' logs say beside the figures of a question: the own loop, the
sessions, and what agents and folders are called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Dimension, Question
from plimsoll.ledger import projects, sessions
from plimsoll.ledger.database import Ledger
from plimsoll.services.own_loop import Loop, OwnLoop, own_loop
from plimsoll.services.projects import folders_called
from plimsoll.sources.logs.agent import agent_named, agent_names


@dataclass(frozen=True, slots=True)
class Session:
    """One session: `title` is empty where its log has none, `agent` that of the agent, `parent`
    the session that started it (None where that is not among the others), `depth` how far below it
    stands. `began` and `ended` are its first and last call of the asked days; `projects` and
    `models` are in their order.
    """

    id: str
    title: str
    parent: str | None
    depth: int
    agent: str
    projects: tuple[str, ...]
    models: tuple[str, ...]
    began: datetime
    ended: datetime
    loop: Loop


@dataclass(frozen=True, slots=True)
class AgentWork:
    """`titles` are agents by their words; `folders` the paths behind each project's short name;
    `sessions` are told by their ids.
    """

    loop: OwnLoop
    titles: Mapping[str, str]
    folders: Mapping[str, tuple[str, ...]]
    sessions: Mapping[str, Session]


def agent_work(ledger: Ledger, question: Question, *, today: date) -> AgentWork | None:
    """What is told of a question's calls; None where no agent's call is among them. Sessions are
    told where the question is cut by them, or narrowed to some.
    """
    loop = own_loop(ledger, question, today=today)
    if loop is None:
        return None
    asked = {*question.by, *(dimension for dimension, _ in question.scope.conditions)}
    titles = {word: agent_named(word).title for word in agent_names()}
    told = _sessions(ledger, question.period, loop, titles) if Dimension.SESSION in asked else {}
    return AgentWork(loop, titles, folders_called(ledger), told)


def _sessions(
    ledger: Ledger, period: Period, loop: OwnLoop, titles: Mapping[str, str]
) -> dict[str, Session]:
    named = projects.names(ledger)
    told = {session.id: session for session in sessions.sessions(ledger, period)}
    parents = {
        session.id: session.parent if session.parent != session.id else None
        for session in told.values()
        if session.parent in told
    }
    return {
        session.id: Session(
            id=session.id,
            title=session.title,
            parent=parents.get(session.id),
            depth=_depth(session.id, parents),
            agent=titles.get(session.agent or "", session.agent or ""),
            projects=tuple(
                dict.fromkeys(named.get((session.source, path), path) for path in session.projects)
            ),
            models=tuple(session.models),
            began=session.began,
            ended=session.ended,
            loop=loop.by_value.get(session.id, Loop()),
        )
        for session in told.values()
    }


def _depth(session: str, parents: Mapping[str, str | None]) -> int:
    """How many sessions stand above one; a circle of them ends where it closes."""
    seen = {session}
    above = parents.get(session)
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return len(seen) - 1
