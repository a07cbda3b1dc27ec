"""The way from one period's amount to another's: its steps, its axis, and where that begins."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.analysis.change import Part
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import shown
from plimsoll.domain.question import Amounts
from plimsoll.services.change import Change, CurrencyChange
from plimsoll.services.change_words import part_words, period_words, signed
from plimsoll.ui.charts.scale import Scale, Tick, money_ticks, ticks_between
from plimsoll.ui.words import in_words

FLAT = 0.2
"""Causes that reach less far than this share of the highest amount make the axis begin later."""

_TICK_ROOM = 90


@dataclass(frozen=True, slots=True)
class Step:
    """One line: from one level to the next, nano-units. It has a `part`, or else it is a period's
    own line, which begins at nothing.
    """

    words: str
    start: int
    end: int
    part: Part | None = None
    period: Period | None = None
    amounts: Amounts | None = None

    @property
    def change(self) -> int:
        """What it adds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Bridge:
    """All steps, from the one period down to the other."""

    currency: str = "USD"
    steps: tuple[Step, ...] = ()

    @property
    def reach(self) -> tuple[int, int]:
        """The lowest and the highest level on the way."""
        levels = [step.end for step in self.steps]
        return min(levels, default=0), max(levels, default=0)

    @property
    def is_cut(self) -> bool:
        """Whether the axis begins later than at zero, so that small causes can be seen."""
        low, high = self.reach
        return low > 0 and high - low < FLAT * high

    @property
    def begin(self) -> int:
        """Where the axis begins, nano-units: zero, or below it, unless it is cut."""
        low, high = self.reach
        return low - max(1, (high - low) // 4) if self.is_cut else min(low, 0)

    def ticks(self, width: float) -> tuple[Tick, ...]:
        """The amounts beside the axis."""
        low, high = self.reach
        most = max(2, min(5, int(width / _TICK_ROOM)))
        if self.is_cut:
            return ticks_between(self.begin, high, currency=self.currency, most=most)
        ticks = money_ticks(low, high, currency=self.currency, most=most)
        return tuple(t for t in ticks if min(low, 0) <= t.value <= max(high, 0))

    def scale(self, left: float, right: float) -> Scale:
        """Where amounts lie between two pixels."""
        ends = [*self.reach, self.begin]
        return Scale(min(ends), max(*ends, min(ends) + 1), left, right)

    def figure(self, step: Step) -> str:
        """What stands at the end of a line."""
        if step.part is None:
            return shown(step.end, self.currency)
        return signed(step.change, self.currency)


def bridge_of(answer: Change, change: CurrencyChange) -> Bridge:
    """One currency's change; its last cause ends where the period's own bar does."""
    explained = change.explained
    before = in_words(period_words(answer.against, beside=answer.period, today=answer.today))
    after = in_words(period_words(answer.period, beside=answer.against, today=answer.today))
    steps = [Step(before, 0, explained.before, period=answer.against, amounts=change.before)]
    level = explained.before
    for part in explained.parts:
        if part.amount or part.things:
            words = in_words(part_words(part))
            steps.append(Step(words[:1].upper() + words[1:], level, level + part.amount, part))
            level += part.amount
    steps.append(Step(after, 0, explained.after, period=answer.period, amounts=change.after))
    return Bridge(change.currency, tuple(steps))
