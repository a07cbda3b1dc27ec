"""Dimensions as people name them: what spend is cut by, what a value is called, what a scope is."""

from __future__ import annotations

from datetime import date

from plimsoll.domain.question import Dimension, Scope
from plimsoll.ui.words import full_month, tr, week_day


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
        return tr("{month} {year}", month=full_month(day), year=day.year, number=day.month)
    return value


def scope_words(scope: Scope) -> str:
    """What a scope covers: `everything`, or `model gpt-5.2; project web`."""
    parts = [
        f"{word_of(dimension)} {tr(', ').join(_named(dimension, v) for v in values)}"
        for dimension, values in scope.conditions
    ]
    return tr("; ").join(parts) or tr("everything")


def _named(dimension: Dimension, value: str | None) -> str:
    return tr("none") if value is None else value_words(dimension, value)
