"""The demo's second organisation at OpenAI: a small lab, whose bill needs explaining.

Harbour Lab listens to ships. It was spun out of Northwind and shares its desk, so that both bills
land in one place. Its bill differs from its tokens at list price by five causes: what is not for
tokens, a model of its own without a list price, nightly batches that usage does not tell, tokens
that are free because it shares them, and a regional price that no line item names.
"""

from __future__ import annotations

from datetime import date

from plimsoll.demo.company import Home, Key, OpenAIOrganisation, Person, made_up_id
from plimsoll.demo.prices import FINE_TUNED
from plimsoll.demo.workloads import (
    NIGHTLY,
    OFFICE,
    SERVICE,
    STEADY,
    Series,
    Stint,
    Where,
    Workloads,
)

OPENED = date(2026, 5, 4)
"""The lab's first day at OpenAI."""


def _person(name: str, email: str, role: str = "member") -> Person:
    return Person(name, f"{email}@harbour-lab.example", OPENED, role)


def _project(name: str) -> Home:
    return Home(made_up_id("proj_", f"Harbour Lab/{name}", 24), name, OPENED)


def _key(name: str, home: Home, owner: Person | None = None) -> Key:
    identifier = made_up_id("key_", f"Harbour Lab/{home.name}/{name}", 16)
    return Key(identifier, name, home, OPENED, owner)


INES = _person("Inês Carvalho", "ines", "owner")
BRAM = _person("Bram de Wit", "bram")

LISTENING = _project("Listening post")
RECORDS = _project("Port records")
TEACHING = _project("Summer school")

ASSISTANT = _key("assistant", LISTENING, INES)
REGIONAL = _key("assistant-eu", LISTENING, BRAM)
ARCHIVE = _key("archive-nightly", RECORDS)
TAGGER = _key("tagger", RECORDS)
CLASSROOM = _key("classroom", TEACHING, INES)

ORGANISATION = OpenAIOrganisation(
    "lab",
    made_up_id("org-", "Harbour Lab", 24),
    INES,
    (INES, BRAM),
    (LISTENING, RECORDS, TEACHING),
    (ASSISTANT, REGIONAL, ARCHIVE, TAGGER, CLASSROOM),
)


def lab_series() -> tuple[Series, ...]:
    """Everything that the lab runs, in a fixed order."""
    book = Workloads()
    mini = "gpt-5.4-mini"
    for key, model, rhythm, volume, means, bill in (
        (ASSISTANT, mini, OFFICE, 320, (1900, 4100, 420), ""),
        (ARCHIVE, mini, NIGHTLY, 900, (3000, 260, 380), "batch"),
        (REGIONAL, "gpt-5.4", OFFICE, 70, (6000, 9000, 900), "regional"),
        (TAGGER, FINE_TUNED, SERVICE, 1500, (700, 0, 60), ""),
        (CLASSROOM, "gpt-5.4-nano", OFFICE, 400, (1500, 0, 300), "free"),
    ):
        fresh, cached, output = means
        book.add(
            "completions",
            Where(key.home, key),
            [Stint(model, OPENED, 14)],
            rhythm=rhythm,
            volume=volume,
            means=(fresh, cached, 0, output, 0, 0, 0),
            bill=bill,
        )
    kept = Where(RECORDS)
    always = [Stint("", OPENED)]
    book.add("code_interpreter_sessions", kept, always, rhythm=OFFICE, volume=12)
    book.add("vector_stores", kept, always, rhythm=STEADY, volume=1200)
    return tuple(book.series)
