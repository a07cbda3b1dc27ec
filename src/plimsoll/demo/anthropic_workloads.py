"""What the made-up company runs at Anthropic, from its first day on."""

from __future__ import annotations

from datetime import date

from plimsoll.demo import company
from plimsoll.demo.workloads import (
    CODING,
    NIGHTLY,
    OFFICE,
    SERVICE,
    Series,
    Stint,
    Where,
    Workloads,
    since,
)

_START = company.FOUNDED

_OPUS = (
    Stint("claude-opus-4-5", date(2025, 12, 1), 10, fades=date(2026, 5, 25), fade=12),
    Stint("claude-opus-4-8", date(2026, 5, 25), 11, fades=date(2026, 10, 5), fade=33),
    Stint("claude-opus-5-5", date(2026, 10, 5), 32, appetite=1.5),
)
_SONNET = (
    Stint("claude-sonnet-4-5", _START, fades=date(2026, 3, 16), fade=18),
    Stint("claude-sonnet-4-6", date(2026, 3, 16), 17, fades=date(2026, 10, 5), fade=20),
    Stint("claude-sonnet-5-5", date(2026, 10, 5), 19, appetite=1.4),
)


def _haiku(first: date) -> tuple[Stint, ...]:
    return (Stint("claude-haiku-4-5", first),)


def anthropic_series() -> tuple[Series, ...]:
    """Everything that Northwind runs at Anthropic, in a fixed order."""
    book = Workloads()
    _agents(book)
    _chat_and_research(book)
    return tuple(book.series)


def _agents(book: Workloads) -> None:
    eager = (1.25, 1.0, 0.85, 1.15, 0.7)
    opus = (_OPUS, 190, (190, 64000, 2900, 1100, 640, 0))
    sonnet = (_SONNET, 230, (260, 41000, 2300, 0, 520, 0.05))
    haiku = (_haiku(_START), 95, (700, 6000, 400, 0, 160, 0))
    for number, (key, appetite) in enumerate(zip(company.AGENT_KEYS, eager, strict=True)):
        where = Where(company.AGENTS, key)
        for stints, volume, means in [opus, sonnet, haiku][: (3, 2, 2, 1, 1)[number]]:
            book.add(
                "messages",
                where,
                since(stints, key.created),
                rhythm=CODING,
                volume=volume * appetite,
                means=means,
                tier="standard",
            )


def _chat_and_research(book: Workloads) -> None:
    chat = Where(company.CHAT, company.CHAT_PROD)
    reserved = Where(company.CHAT, company.CHAT_PRIORITY)
    research = Where(company.RESEARCH, company.RESEARCH_KEY)
    talk = (800, 2600, 190, 0, 310, 0)
    book.add(
        "messages",
        chat,
        _haiku(date(2026, 2, 2)),
        rhythm=SERVICE,
        volume=1500,
        means=talk,
        tier="standard",
    )
    book.add(
        "messages",
        reserved,
        since(_SONNET, date(2026, 6, 1)),
        rhythm=SERVICE,
        volume=180,
        means=talk,
        tier="priority",
    )
    book.add(
        "messages",
        research,
        since(_OPUS, date(2026, 1, 19)),
        rhythm=NIGHTLY,
        volume=160,
        means=(6200, 0, 0, 0, 1500, 0),
        tier="batch",
    )
    book.add(
        "messages",
        research,
        since(_SONNET, date(2026, 1, 19)),
        rhythm=OFFICE,
        volume=60,
        means=(5200, 8000, 1100, 0, 1300, 0.7),
        tier="standard",
    )
    book.add("code_execution", research, [Stint("", date(2026, 3, 2))], rhythm=OFFICE, volume=130)
    book.add(
        "messages",
        Where(company.DEFAULT_WORKSPACE, company.SCRIPTS),
        _haiku(_START),
        rhythm=OFFICE,
        volume=70,
        means=(1500, 0, 0, 0, 420, 0),
        tier="standard",
    )
    book.add(  # the console's workbench: no key at all
        "messages",
        Where(company.DEFAULT_WORKSPACE, None, company.MIRA),
        _SONNET,
        rhythm=OFFICE,
        volume=14,
        means=(1200, 0, 0, 0, 700, 0),
        tier="standard",
    )
    book.add(
        "messages",
        Where(company.PROTOTYPE, company.PROTOTYPE_KEY),
        [Stint("claude-sonnet-4-5", _START, 0, date(2026, 2, 16), 10)],
        rhythm=OFFICE,
        volume=50,
        means=(1800, 5000, 700, 0, 600, 0),
        tier="standard",
    )
