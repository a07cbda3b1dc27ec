"""Prepaid: credit that the user enters, what is to be warned of, and which warnings fire.

A warning of a source's balance is armed; fired, once; and armed again when the balance has risen,
by a tenth above the mark or by a top-up. It fires again only on another day. The limits on how much
is told, quiet hours and snoozing are those of the budgets' alerts (`alerting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from plimsoll.domain.alerting import AlertState, Moment, telling
from plimsoll.domain.calendar import ONE_DAY
from plimsoll.domain.money import (
    Money,
    NotAnAmount,
    decimal_text,
    nanos_of,
    read_amount,
    read_currency,
    shown,
)
from plimsoll.domain.said import say

REARM_SHARE = Decimal("1.10")
"""A balance is well again from a tenth above its mark on."""

LIKELY = 0.7
"""The odds of running out from which it is told, as for budgets (`budget.DEFAULT_THRESHOLDS`)."""

CALM = 0.55
"""The odds below which running out is no longer likely, and may be told again later."""

USUAL_DAYS = 7
"""How many days ahead running out is told of, unless the user says otherwise."""


class CreditKind(StrEnum):
    """What an entry in an account book is."""

    START = "start"
    """What was there when a day began; whatever was entered for earlier days counts no more."""
    TOP_UP = "top-up"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Credit:
    """Credit that the user entered: there from the beginning of `day` on (UTC), and lapsing when
    its `last` day is over. `id` is the ledger's own, 0 before it is kept.

    Raises `ValueError` for a last day before the first, or for an amount that adds nothing; what
    was there at the start may be nothing, or a debt.
    """

    kind: CreditKind
    amount: Money
    day: date
    last: date | None = None
    id: int = 0

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.day:
            raise ValueError(say("Credit cannot expire before it is there."))
        if self.kind is not CreditKind.START and self.amount.nanos <= 0:
            raise ValueError(say("A top-up or a grant is more than nothing."))


@dataclass(frozen=True, slots=True)
class LowMark:
    """Below what a balance is low: an `amount` in nano-units, of one currency or (None) of every
    one; or a share, in `percent`, of what there was after the last top-up.
    """

    amount: int | None = None
    currency: str | None = None
    percent: Decimal | None = None

    @property
    def text(self) -> str:
        """As `read_marks` reads it: `20`, `CNY 20`, `15%`."""
        if self.percent is not None:
            return f"{self.percent:f}%"
        amount = decimal_text(self.amount or 0)
        return f"{self.currency} {amount}" if self.currency else amount

    def at(self, currency: str, full: int) -> int | None:
        """The mark in nano-units of a currency; None where it says nothing of that one."""
        if self.percent is not None:
            return int(full * self.percent / 100) if full > 0 else None
        return self.amount if self.currency in {None, currency} else None


@dataclass(frozen=True, slots=True)
class Watch:
    """What is to be warned of at one source. `run_out_days` 0 is for never."""

    low: tuple[LowMark, ...] = ()
    run_out_days: int = USUAL_DAYS
    snoozed_until: datetime | None = None

    @property
    def low_text(self) -> str:
        """The marks as they are written down; empty for none."""
        return ", ".join(mark.text for mark in self.low)


def read_marks(text: str) -> tuple[LowMark, ...]:
    """Marks as they are written down, commas between: `20`, `15%`, `CNY 50, USD 5`; none for an
    empty text. Raises `NotAnAmount`.
    """
    return tuple(_mark(part.strip()) for part in text.split(",") if part.strip())


def _mark(text: str) -> LowMark:
    if text.endswith("%"):
        percent = read_amount(text[:-1].strip())
        if not 0 < percent < 100:
            raise NotAnAmount(say("not a share between 0 and 100 per cent"))
        return LowMark(percent=percent.normalize())
    *first, last = text.split()
    if first and last.isalpha():
        first, last = [last], " ".join(first)
    currency = read_currency(first[0]) if first else None
    amount = nanos_of(read_amount(last))
    if amount <= 0 or len(first) > 1:
        raise NotAnAmount(say("not an amount above zero"))
    return LowMark(amount=amount, currency=currency)


# -- warnings ----------------------------------------------------------------------------------


class WarningKind(StrEnum):
    """What a warning is about."""

    BALANCE = "balance"
    RUN_OUT = "run-out"


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning of one balance that fired: told at an instant, waiting for the end of quiet
    hours, or in the list only. `rearmed_at` is when its reason had gone.
    """

    source: str
    currency: str
    kind: WarningKind
    mark: str
    """What it was set to: `20`, `15%`, or days ahead (`7`)."""
    left: int
    fired_at: datetime
    sentence: str
    told_at: datetime | None = None
    waiting: bool = False
    rearmed_at: datetime | None = None
    number: int = 0

    @property
    def state(self) -> AlertState:
        """How it stands."""
        return AlertState.FIRED if self.rearmed_at is None else AlertState.RECOVERED


@dataclass(frozen=True, slots=True)
class Purse:
    """One balance by the figures as they are now: nano-units `left`, and what there was after the
    last top-up (`full`); `risen_at` is when that was first seen. `likely` are the odds that it is
    gone within the watched days, and `when` says around which day.
    """

    source: str
    currency: str
    left: int
    full: int
    risen_at: datetime | None
    likely: float | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is watched of a purse: whether it `holds` now, and whether it is `well`."""

    kind: WarningKind
    mark: str
    holds: bool
    well: bool
    sentence: str


def conditions_of(purse: Purse, watch: Watch) -> tuple[Condition, ...]:
    """What is watched of a purse, the weightiest last."""
    found = []
    left, name = shown(purse.left, purse.currency), purse.source
    if watch.run_out_days and purse.likely is not None:
        sentence = say(
            "{name}: {left} left; {percent}% likely to run out within {count} days{when}.",
            name=name,
            left=left,
            percent=round(purse.likely * 100),
            count=watch.run_out_days,
            when=say(", around {when}", when=purse.when) if purse.when else "",
        )
        if purse.left <= 0:
            sentence = say(
                "{name}: the {currency} balance is used up ({left}).",
                name=name,
                currency=purse.currency,
                left=left,
            )
        found.append(
            Condition(
                WarningKind.RUN_OUT,
                str(watch.run_out_days),
                holds=purse.likely >= LIKELY,
                well=purse.likely < CALM,
                sentence=sentence,
            )
        )
    for mark in watch.low:
        at = mark.at(purse.currency, purse.full)
        if at is None:
            continue
        words: str = shown(at, purse.currency)
        if mark.percent:
            words = say("{amount} ({share})", amount=words, share=mark.text)
        found.append(
            Condition(
                WarningKind.BALANCE,
                mark.text,
                holds=purse.left <= at,
                well=purse.left > at * REARM_SHARE,
                sentence=say(
                    "{name}: {left} left, below the {words} that you set.",
                    name=name,
                    left=left,
                    words=words,
                ),
            )
        )
    return tuple(found)


def decide(
    purse: Purse,
    watch: Watch,
    fired: Sequence[Warned],
    at: Moment,
    *,
    told: Sequence[datetime] = (),
) -> tuple[Warned, ...]:
    """The warnings of a purse that are new or stand differently now.

    `fired` are those of this purse so far, the newest last; `told` when anything was last told, by
    budgets too. Of several that fire together one speaks, the weightiest.
    """
    snoozed = watch.snoozed_until is not None and at.now < watch.snoozed_until
    latest = {(one.kind, one.mark): one for one in fired}
    changed: list[Warned] = []
    speaking: list[Warned] = []
    for condition in conditions_of(purse, watch):
        known = latest.get((condition.kind, condition.mark))
        if known is not None and known.rearmed_at is None and _is_over(known, condition, purse):
            known = replace(known, rearmed_at=at.now, waiting=False)
            changed.append(known)
        if known is not None and known.rearmed_at is None:
            if known.waiting and not snoozed:
                speaking.append(known)
        elif condition.holds and not snoozed and _may_fire(known, at.now):
            speaking.append(
                Warned(
                    purse.source,
                    purse.currency,
                    condition.kind,
                    condition.mark,
                    purse.left,
                    at.now,
                    condition.sentence,
                )
            )
    for place, one in enumerate(speaking, start=1):
        told_now, waits = (False, False)
        if place == len(speaking) and not at.silent:
            told_now, waits = telling(at, told, urgent=purse.left <= 0)
        stands = replace(one, told_at=at.now if told_now else None, waiting=waits)
        if stands != one or one.number == 0:
            changed.append(stands)
    return tuple(changed)


def _is_over(known: Warned, condition: Condition, purse: Purse) -> bool:
    risen = purse.risen_at is not None and purse.risen_at > known.fired_at
    return condition.well or risen


def _may_fire(known: Warned | None, now: datetime) -> bool:
    return known is None or abs(now - known.fired_at) >= ONE_DAY


__all__ = [
    "Condition",
    "Credit",
    "CreditKind",
    "LowMark",
    "Purse",
    "Warned",
    "WarningKind",
    "Watch",
    "conditions_of",
    "decide",
    "read_marks",
]
