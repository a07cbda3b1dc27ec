"""Dimensions as people name them: what spend is cut by, what a value is called, what a scope is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from plimsoll.domain.question import Dimension, Scope
from plimsoll.ui.moments import at_any_time
from plimsoll.ui.words import month_and_year, tr, week_day

if TYPE_CHECKING:
    from plimsoll.services.agent_work import AgentWork


def title_of(dimension: Dimension) -> str:
    """A dimension as the head of a column: `Model`, `Line item`."""
    return {
        Dimension.DAY: tr("Day"),
        Dimension.HOUR: tr("Hour"),
        Dimension.MONTH: tr("Month"),
        Dimension.PROVIDER: tr("Provider"),
        Dimension.SOURCE: tr("Source"),
        Dimension.MODEL: tr("Model"),
        Dimension.PROJECT: tr("Project"),
        Dimension.KEY: tr("Key"),
        Dimension.USER: tr("User"),
        Dimension.AGENT: tr("Agent"),
        Dimension.SESSION: tr("Session"),
        Dimension.BRANCH: tr("Branch"),
        Dimension.TAG: tr("Tag"),
        Dimension.TIER: tr("Tier"),
        Dimension.LINE_ITEM: tr("Line item"),
        Dimension.CLASS: tr("Class"),
    }[dimension]


def word_of(dimension: Dimension) -> str:
    """A dimension inside a sentence: `model`, `line item`."""
    return {
        Dimension.DAY: tr("day"),
        Dimension.HOUR: tr("hour"),
        Dimension.MONTH: tr("month"),
        Dimension.PROVIDER: tr("provider"),
        Dimension.SOURCE: tr("source"),
        Dimension.MODEL: tr("model"),
        Dimension.PROJECT: tr("project"),
        Dimension.KEY: tr("key"),
        Dimension.USER: tr("user"),
        Dimension.AGENT: tr("agent"),
        Dimension.SESSION: tr("session"),
        Dimension.BRANCH: tr("branch"),
        Dimension.TAG: tr("tag"),
        Dimension.TIER: tr("tier"),
        Dimension.LINE_ITEM: tr("line item"),
        Dimension.CLASS: tr("class"),
    }[dimension]


def value_words(dimension: Dimension, value: str | None) -> str:
    """A value as it is called: days and months as people write them, nothing as what it means."""
    if value is None:
        return tr("Not attributed")
    if dimension is Dimension.DAY:
        return week_day(date.fromisoformat(value))
    if dimension is Dimension.MONTH:
        day = date.fromisoformat(f"{value}-01")
        return month_and_year(day)
    if dimension is Dimension.CLASS:
        return class_words().get(value, value)
    return value


def class_words() -> dict[str, str]:
    """Whom a call answered, by the words of `Loop`."""
    return {
        "human": tr("A person"),
        "tool_loop": tr("Tool loop"),
        "subagent": tr("Sub-agents"),
        "headless": tr("Headless"),
        "auto": tr("Upkeep"),
    }


def called(dimension: Dimension, value: str | None, work: AgentWork | None) -> str:
    """A value with what agents' logs know of it: an agent's title, and a session's."""
    if work is not None and value is not None:
        if dimension is Dimension.AGENT:
            return work.titles.get(value, value)
        session = work.sessions.get(value) if dimension is Dimension.SESSION else None
        if session is not None:
            return session.title or tr("Session of {when}", when=at_any_time(session.began))
    return value_words(dimension, value)


def scope_words(scope: Scope, work: AgentWork | None = None) -> str:
    """What a scope covers: `everything`, or `model gpt-5.2; project web`."""
    parts = [
        f"{word_of(dimension)} {tr(', ').join(_named(dimension, v, work) for v in values)}"
        for dimension, values in scope.conditions
    ]
    return tr("; ").join(parts) or tr("everything")


def _named(dimension: Dimension, value: str | None, work: AgentWork | None) -> str:
    return tr("none") if value is None else called(dimension, value, work)
