"""The made-up company of the demo: its people, projects, workspaces and keys at two providers.

Northwind is a small European software house. Every name, id and key in here is invented.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

FOUNDED = date(2025, 10, 27)
"""The story's first day, a Monday: before it nothing was used."""


def made_up_id(prefix: str, name: str, length: int) -> str:
    """An id in a provider's form, always the same for a name."""
    number = int.from_bytes(hashlib.sha256(f"{prefix}/{name}".encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[index])
    return prefix + "".join(letters)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at the company, and from when: the ids are each provider's own."""

    name: str
    email: str
    joined: date
    role: str = "member"

    @property
    def openai_id(self) -> str:
        """The `user_id` of OpenAI's rows."""
        return made_up_id("user-", self.name, 24)

    @property
    def anthropic_id(self) -> str:
        """Anthropic's tagged user id."""
        return made_up_id("user_01", self.name, 22)


@dataclass(frozen=True, slots=True)
class Home:
    """What keys belong to: a project at OpenAI, a workspace at Anthropic."""

    id: str
    name: str
    created: date
    archived: date | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """An API key that the company's programs use. `owner` None means a service account.

    A deleted key is on no list any more, though old usage still carries its id.
    """

    id: str
    name: str
    home: Home
    created: date
    owner: Person | None = None
    deleted: bool = False


def _person(name: str, joined: date, role: str = "member") -> Person:
    return Person(name, f"{_first_name(name)}@northwind.example", joined, role)


def _first_name(name: str) -> str:
    return name.partition(" ")[0].lower().replace("á", "a")


MIRA = _person("Mira Okafor", date(2025, 10, 27), "owner")
JONAS = _person("Jonas Lindqvist", date(2025, 10, 27))
PRIYA = _person("Priya Raman", date(2026, 1, 12))
TOMAS = _person("Tomás Herrera", date(2026, 3, 2))
HANA = _person("Hana Sato", date(2026, 5, 4))
ELIF = _person("Elif Demir", date(2026, 8, 3))
LEO = _person("Leo Fischer", date(2026, 2, 16))
AVA = _person("Ava Moreau", date(2026, 1, 12))

PEOPLE = (MIRA, JONAS, PRIYA, TOMAS, HANA, ELIF, LEO, AVA)
ENGINEERS = (MIRA, JONAS, PRIYA, TOMAS, HANA)
OPENAI_ENGINEERS = (JONAS, PRIYA, TOMAS, ELIF)


def _project(name: str, created: date, archived: date | None = None) -> Home:
    return Home(made_up_id("proj_", name, 24), name, created, archived)


def _workspace(name: str, created: date, archived: date | None = None) -> Home:
    return Home(made_up_id("wrkspc_01", name, 22), name, created, archived)


DEFAULT_PROJECT = _project("Default project", FOUNDED)
SUPPORT = _project("Support assistant", date(2025, 11, 3))
CATALOG = _project("Catalog search", date(2025, 11, 10))
DOCUMENTS = _project("Document pipeline", date(2026, 1, 5))
DEVELOPERS = _project("Developer tools", FOUNDED)
STUDIO = _project("Marketing studio", date(2026, 2, 16))
VOICE = _project("Voice pilot", date(2026, 4, 13), date(2026, 9, 4))

PROJECTS = (DEFAULT_PROJECT, SUPPORT, CATALOG, DOCUMENTS, DEVELOPERS, STUDIO, VOICE)

DEFAULT_WORKSPACE = _workspace("Default", FOUNDED)
AGENTS = _workspace("Coding agents", FOUNDED)
CHAT = _workspace("Customer chat", date(2026, 2, 2))
RESEARCH = _workspace("Research", date(2026, 1, 19))
PROTOTYPE = _workspace("Prototype", FOUNDED, date(2026, 3, 2))

WORKSPACES = (DEFAULT_WORKSPACE, AGENTS, CHAT, RESEARCH, PROTOTYPE)


def _openai_key(
    name: str, home: Home, created: date, owner: Person | None = None, *, deleted: bool = False
) -> Key:
    return Key(made_up_id("key_", f"{home.name}/{name}", 16), name, home, created, owner, deleted)


def _anthropic_key(name: str, home: Home, created: date, owner: Person | None = None) -> Key:
    identifier = made_up_id("apikey_01", f"{home.name}/{name}", 22)
    return Key(identifier, name, home, created, owner)


SUPPORT_OLD = _openai_key("support-prod-2025", SUPPORT, date(2025, 11, 3), deleted=True)
SUPPORT_PROD = _openai_key("support-prod", SUPPORT, date(2026, 2, 2))
SUPPORT_STAGING = _openai_key("support-staging", SUPPORT, date(2025, 11, 3), MIRA)
CATALOG_PROD = _openai_key("catalog-prod", CATALOG, date(2025, 11, 10))
CATALOG_CHECKOUT = _openai_key("catalog-checkout", CATALOG, date(2026, 7, 6))
DOCUMENTS_BATCH = _openai_key("documents-nightly", DOCUMENTS, date(2026, 1, 5))
DOCUMENTS_FLEX = _openai_key("documents-enrich", DOCUMENTS, date(2026, 4, 20), AVA)
STUDIO_LEO = _openai_key("studio-leo", STUDIO, date(2026, 2, 16), LEO)
VOICE_KEY = _openai_key("voice-pilot", VOICE, date(2026, 4, 13))
DEVELOPER_KEYS = tuple(
    _openai_key(f"dev-{_first_name(person.name)}", DEVELOPERS, person.joined, person)
    for person in OPENAI_ENGINEERS
)

OPENAI_KEYS = (
    SUPPORT_OLD,
    SUPPORT_PROD,
    SUPPORT_STAGING,
    CATALOG_PROD,
    CATALOG_CHECKOUT,
    DOCUMENTS_BATCH,
    DOCUMENTS_FLEX,
    STUDIO_LEO,
    VOICE_KEY,
    *DEVELOPER_KEYS,
)

SCRIPTS = _anthropic_key("quick-scripts", DEFAULT_WORKSPACE, FOUNDED, JONAS)
CHAT_PROD = _anthropic_key("chat-prod", CHAT, date(2026, 2, 2))
CHAT_PRIORITY = _anthropic_key("chat-priority", CHAT, date(2026, 6, 1))
RESEARCH_KEY = _anthropic_key("research-runs", RESEARCH, date(2026, 1, 19), AVA)
PROTOTYPE_KEY = _anthropic_key("prototype", PROTOTYPE, FOUNDED, MIRA)
AGENT_KEYS = tuple(
    _anthropic_key(f"claude-code-{_first_name(person.name)}", AGENTS, person.joined, person)
    for person in ENGINEERS
)

MANAGED_AGENTS = {
    (AGENT_KEYS[1].id, "claude-sonnet-4-6"): made_up_id("agent_01", "Reviewer", 22),
    (AGENT_KEYS[1].id, "claude-sonnet-5-5"): made_up_id("agent_01", "Reviewer", 22),
    (AGENT_KEYS[2].id, "claude-sonnet-5-5"): made_up_id("agent_01", "Upgrader", 22),
}
"""Which managed agent took a key's model over from the engineer whose key it is."""

CHAT_SERVICE = made_up_id("svac_01", "chat-priority", 22)
"""The service account that chat's reserved capacity is used by."""

ANTHROPIC_KEYS = (SCRIPTS, CHAT_PROD, CHAT_PRIORITY, RESEARCH_KEY, PROTOTYPE_KEY, *AGENT_KEYS)

OPENAI_ORGANIZATION = made_up_id("org-", "Northwind", 24)


@dataclass(frozen=True, slots=True)
class OpenAIOrganisation:
    """One organisation at OpenAI: whose it is, and what its lists hold.

    `word` is the story's own word for it. `hidden` is a key whose owner has lost the project.
    `limits` are monthly spend limits in cents, by the id of a project, or None for all of it.
    """

    word: str
    id: str
    owner: Person
    people: tuple[Person, ...]
    projects: tuple[Home, ...]
    keys: tuple[Key, ...]
    hidden: Key | None = None
    limits: tuple[tuple[str | None, int], ...] = ()


NORTHWIND = OpenAIOrganisation(
    "openai",
    OPENAI_ORGANIZATION,
    MIRA,
    PEOPLE,
    PROJECTS,
    OPENAI_KEYS,
    STUDIO_LEO,
    ((None, 250_000), (SUPPORT.id, 24_000)),
)
ANTHROPIC_ORGANIZATION = "3f1c8a52-7d0e-4b96-9a4e-0d2b6c5f7e18"

VECTOR_STORES = {
    SUPPORT.name: made_up_id("vs_", "support articles", 24),
    DOCUMENTS.name: made_up_id("vs_", "contracts", 24),
}
"""The id of each vector store, by the name of the project that keeps it."""
