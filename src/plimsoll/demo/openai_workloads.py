"""What the made-up company runs at OpenAI, from its first day on."""

from __future__ import annotations

from datetime import date

from plimsoll.demo import company
from plimsoll.demo.workloads import (
    CODING,
    NIGHTLY,
    OFFICE,
    RUNAWAY,
    SERVICE,
    STEADY,
    Series,
    Stint,
    Where,
    Workloads,
    since,
)

_START = company.FOUNDED

_BIG_OPENAI = (
    Stint("gpt-5", _START, fades=date(2026, 3, 12), fade=21),
    Stint("gpt-5.4", date(2026, 3, 12), 20, fades=date(2026, 6, 22), fade=14),
    Stint("gpt-5.6-sol", date(2026, 6, 22), 13, fades=date(2026, 10, 12), fade=36),
    Stint("gpt-6.1-sol", date(2026, 10, 12), 35, appetite=1.7),
)
_SMALL_OPENAI = (
    Stint("gpt-4.1-mini", _START, fades=date(2026, 3, 23), fade=28),
    Stint("gpt-5.4-mini", date(2026, 3, 23), 27),
)


def openai_series() -> tuple[Series, ...]:
    """Everything that Northwind runs at OpenAI, in a fixed order."""
    book = Workloads()
    _support(book)
    _catalog(book)
    _documents(book)
    _developers(book)
    _studio_and_voice(book)
    return tuple(book.series)


def _support(book: Workloads) -> None:
    moved = date(2026, 2, 2)
    old = Where(company.SUPPORT, company.SUPPORT_OLD)
    prod = Where(company.SUPPORT, company.SUPPORT_PROD)
    staging = Where(company.SUPPORT, company.SUPPORT_STAGING)
    answer = (950, 1900, 0, 340, 0, 0, 0)
    book.add(
        "completions",
        old,
        [Stint("gpt-4.1-mini", date(2025, 11, 3), 14, moved, 5)],
        rhythm=SERVICE,
        volume=1500,
        means=answer,
    )
    book.add(
        "completions",
        prod,
        since(_SMALL_OPENAI, moved, 4),
        rhythm=SERVICE,
        volume=2400,
        means=answer,
    )
    book.add("completions", staging, _SMALL_OPENAI, rhythm=OFFICE, volume=40, means=answer)
    book.add(
        "embeddings",
        prod,
        [Stint("text-embedding-3-small", moved)],
        rhythm=SERVICE,
        volume=2300,
        means=(420,),
    )
    book.add(
        "moderations",
        prod,
        [Stint("omni-moderation-latest", moved)],
        rhythm=SERVICE,
        volume=2400,
        means=(180,),
    )
    store = company.VECTOR_STORES[company.SUPPORT.name]
    book.add(
        "file_search_calls",
        prod,
        [Stint("", moved)],
        rhythm=SERVICE,
        volume=260,
        details={"vector_store_id": store},
    )
    home = Where(company.SUPPORT)
    book.add("vector_stores", home, [Stint("", moved)], rhythm=STEADY, volume=620)


def _catalog(book: Workloads) -> None:
    prod = Where(company.CATALOG, company.CATALOG_PROD)
    checkout = Where(company.CATALOG, company.CATALOG_CHECKOUT)
    rank = (1500, 3100, 250, 420, 0, 0, 0)
    book.add("completions", prod, _BIG_OPENAI, rhythm=SERVICE, volume=620, means=rank)
    book.add(
        "completions",
        checkout,
        since(_BIG_OPENAI, date(2026, 7, 6)),
        rhythm=SERVICE,
        volume=110,
        means=rank,
        tier="priority",
    )
    book.add(
        "embeddings",
        prod,
        [Stint("text-embedding-3-large", date(2025, 11, 10))],
        rhythm=NIGHTLY,
        volume=900,
        means=(5200,),
    )
    for level, volume in (("low", 60), ("medium", 24)):
        book.add(
            "web_search_calls",
            prod,
            since(_BIG_OPENAI, date(2026, 4, 6)),
            rhythm=OFFICE,
            volume=volume,
            means=(1.3,),
            details={"context_level": level},
        )


def _documents(book: Workloads) -> None:
    nightly = Where(company.DOCUMENTS, company.DOCUMENTS_BATCH)
    enrich = Where(company.DOCUMENTS, company.DOCUMENTS_FLEX)
    home = Where(company.DOCUMENTS)
    start = date(2026, 1, 5)
    extract = (3100, 260, 0, 380, 0, 0, 0)
    book.add(
        "completions",
        nightly,
        since(_SMALL_OPENAI, start),
        rhythm=NIGHTLY,
        volume=2100,
        means=extract,
        batch=True,
    )
    book.add(  # the retry loop that nobody noticed for three days
        "completions",
        nightly,
        [Stint("gpt-5.6-sol", date(2026, 10, 13), 0, date(2026, 10, 16), 0)],
        rhythm=RUNAWAY,
        volume=9800,
        means=(3600, 0, 0, 820, 0, 0, 0),
        batch=True,
    )
    luna = (
        Stint("gpt-5.6-luna", date(2026, 6, 29), 7, date(2026, 10, 19), 14),
        Stint("gpt-6-luna", date(2026, 10, 19), 13),
    )
    book.add(
        "completions",
        enrich,
        luna,
        rhythm=NIGHTLY,
        volume=2600,
        means=(1300, 520, 130, 260, 0, 0, 0),
        tier="flex",
    )
    book.add(
        "audio_transcriptions",
        nightly,
        [Stint("whisper-1", date(2026, 2, 23))],
        rhythm=OFFICE,
        volume=42,
        means=(610,),
    )
    book.add(
        "code_interpreter_sessions",
        home,
        [Stint("", date(2026, 3, 30))],
        rhythm=OFFICE,
        volume=26,
    )
    book.add("vector_stores", home, [Stint("", start)], rhythm=STEADY, volume=2300)


def _developers(book: Workloads) -> None:
    code = (3900, 30500, 2600, 820, 0, 0, 0)
    eager = (1.5, 1.2, 1.3, 1.1)
    for key, appetite in zip(company.DEVELOPER_KEYS, eager, strict=True):
        book.add(
            "completions",
            Where(company.DEVELOPERS, key),
            since(_BIG_OPENAI, key.created),
            rhythm=CODING,
            volume=135 * appetite,
            means=code,
        )
    playground = Where(company.DEFAULT_PROJECT, None, company.JONAS)
    book.add(
        "completions",
        playground,
        _BIG_OPENAI,
        rhythm=OFFICE,
        volume=9,
        means=(900, 0, 0, 650, 0, 0, 0),
    )


def _studio_and_voice(book: Workloads) -> None:
    studio = Where(company.STUDIO, company.STUDIO_LEO)
    start = date(2026, 2, 16)
    book.add(
        "completions",
        studio,
        since(_BIG_OPENAI, start),
        rhythm=OFFICE,
        volume=45,
        means=(1400, 800, 200, 1100, 0, 0, 0),
    )
    for size, source, volume in (
        ("1024x1024", "image.generation", 22),
        ("1024x1792", "image.generation", 9),
        ("1024x1024", "image.edit", 7),
    ):
        book.add(
            "images",
            studio,
            [Stint("gpt-image-2", date(2026, 4, 27))],
            rhythm=OFFICE,
            volume=volume,
            means=(1.6,),
            details={"size": size, "source": source},
        )
    book.add(
        "audio_speeches",
        studio,
        [Stint("tts-1", date(2026, 6, 8))],
        rhythm=OFFICE,
        volume=14,
        means=(1900,),
    )
    book.add(
        "completions",
        Where(company.VOICE, company.VOICE_KEY),
        [Stint("gpt-realtime-mini", date(2026, 4, 13), 10, date(2026, 8, 31), 4)],
        rhythm=OFFICE,
        volume=85,
        means=(320, 400, 0, 210, 1500, 1280, 900),
    )
