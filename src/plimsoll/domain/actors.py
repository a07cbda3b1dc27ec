"""Actors: whether a person, an agent or a program asked for tokens, as far as a provider tells.

It is an indicator. What a person's own tool does in its loop looks to a provider as if the person
had asked for it, so that this is never counted together with the own loop that agents' logs tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction


class Who(StrEnum):
    """Who asked, by the provider's word for it."""

    PERSON = "person"
    AGENT = "agent"
    """An agent that the provider runs, or that spoke without being spoken to."""
    PROGRAM = "program"
    """A service account, a batch, a run without a window."""
    NOT_TOLD = "not_told"
    """A key that may be either, and everything that the provider has no word for."""


@dataclass(frozen=True, slots=True)
class Actors:
    """Tokens of all five classes by who asked for them. They stand beside usage, and are in no
    total of it.
    """

    person: int = 0
    agent: int = 0
    program: int = 0
    not_told: int = 0

    def __post_init__(self) -> None:
        if min(self.person, self.agent, self.program, self.not_told) < 0:
            raise ValueError("tokens are counted from zero up")

    @classmethod
    def of(cls, who: Who, tokens: int) -> Actors:
        """Tokens that one of them asked for."""
        return cls(**{who.value: tokens})

    @property
    def total(self) -> int:
        """All tokens, whoever asked."""
        return self.person + self.agent + self.program + self.not_told

    @property
    def share(self) -> Fraction | None:
        """The part that agents and programs asked for, at least; None without any tokens."""
        return self._part(self.agent + self.program)

    @property
    def not_told_share(self) -> Fraction | None:
        """The part of which it is not told; None without any tokens."""
        return self._part(self.not_told)

    def _part(self, tokens: int) -> Fraction | None:
        return Fraction(tokens, self.total) if self.total else None

    def __add__(self, other: Actors) -> Actors:
        return Actors(
            self.person + other.person,
            self.agent + other.agent,
            self.program + other.program,
            self.not_told + other.not_told,
        )


@dataclass(frozen=True, slots=True)
class ActorDay:
    """Who asked on one whole provider day (UTC)."""

    day: date
    actors: Actors
