"""`plimsoll reprice`: what the same tokens would cost elsewhere, or at other hours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import click

from plimsoll.analysis.reprice import Stay
from plimsoll.analysis.time_of_use import TimeOfUse
from plimsoll.cli.reprice_documents import hours_document, reprice_document
from plimsoll.cli.session import Tenths, common, print_out, session_of
from plimsoll.domain.calendar import spoken, utc_day
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import shown
from plimsoll.domain.question import Amounts, Gap
from plimsoll.services.reprice import STANDARD, Repricings, Scenario
from plimsoll.services.reprice_words import about_quality, missing_words, note_words, stay_words
from plimsoll.services.spend import read_period, read_scope
from plimsoll.services.time_of_use import PeakHours

_T = TypeVar("_T")
_DATE = click.DateTime(["%Y-%m-%d"])
_TIERS = (STANDARD, "batch", "flex", "priority", "fast")


@click.command("reprice")
@click.option(
    "--to", multiple=True, metavar="MODEL[@PROVIDER]", help="Where to; several side by side."
)
@click.option(
    "--off-peak", is_flag=True, help="Instead: what peak hours cost, and what others save."
)
@click.option("--from", "first", type=_DATE, help="First day, included.")
@click.option("--until", "last", type=_DATE, help="Last day, included (--to is the model).")
@click.option("--where", multiple=True, metavar="K=V", help="Only usage with this value.")
@click.option("--share", type=click.IntRange(1, 100), default=100, help="Percent of it that moves.")
@click.option("--tier", type=click.Choice(_TIERS), help="All in this tier; otherwise each its own.")
@common
@click.pass_context
def command(
    context: click.Context,
    to: tuple[str, ...],
    off_peak: bool,
    first: datetime | None,
    last: datetime | None,
    where: tuple[str, ...],
    share: int,
    tier: str | None,
) -> None:
    """Show what the same tokens would have cost elsewhere, as a range, beside what was spent.

    Without dates: the current UTC month. --to is the model to go to, so the last day is --until.
    Every record is priced at the list of its own time, in the offer's own currency. Prices say
    nothing of quality.
    """
    if bool(to) == off_peak:
        raise WrongUse(
            "Say where to with --to MODEL, or ask for --off-peak.",
            remedy="For example: plimsoll reprice --to deepseek-flash",
        )
    if off_peak and (tier or share != 100):
        raise WrongUse("--share and --tier go with --to, not with --off-peak.")
    session = session_of(context)
    period = read_period(
        first.date() if first else None,
        last.date() if last else None,
        today=utc_day(session.clock.now()),
    )
    scope = read_scope(where)
    with session.program(who="reprice") as program:
        if off_peak:
            hours = program.peak_hours(period, scope)
            if session.as_json:
                session.answer(hours_document(hours))
            else:
                _print_hours(hours)
            return
        answer = program.reprice(
            period, to, scope, share=share, tier=tier or "", progress=Tenths("priced").hear
        )
    if session.as_json:
        session.answer(reprice_document(answer))
    else:
        _print(answer)


def _print(answer: Repricings) -> None:
    days = f"{spoken(answer.period.first, year=True)} to {spoken(answer.period.last, year=True)}"
    part = f", {answer.share} % of it" if answer.share < 100 else ""
    print_out(f"{days}: {answer.tokens.total:,} tokens{part}")
    print_out(f"Spent: {_money(answer.spent_share) or 'no amount'}")
    everywhere = _of_all([scenario.stays for scenario in answer.scenarios])
    always = _of_all([scenario.notes for scenario in answer.scenarios if scenario.moved])
    for scenario in answer.scenarios:
        print_out("")
        _print_scenario(scenario)
        for note in scenario.notes if scenario.moved else ():
            if note not in always:
                print_out(f"  {note_words(note)}")
        for stay in scenario.stays:
            if stay not in everywhere:
                print_out(f"  cannot move: {_stay(stay)}")
    print_out("")
    for stay in everywhere:
        print_out(f"Cannot move: {_stay(stay)}")
    for note in always:
        print_out(note_words(note))
    for missing in answer.missing:
        print_out(missing_words(missing))
    print_out(about_quality())
    _print_gaps(answer.gaps)


def _print_scenario(scenario: Scenario) -> None:
    currency = scenario.offer.currency
    tier = f", {scenario.tier}" if scenario.tier else ""
    if scenario.moved:
        print_out(f"{scenario.offer.words}{tier}: {_range(scenario.low, scenario.high, currency)}")
        worths = ", ".join(shown(nanos, code) for code, nanos in scenario.worths)
        print_out(
            f"  for {scenario.moved:,} tokens, worth {worths or 'not priced'} where they were used"
        )
        if scenario.unpriced:
            print_out(f"  {scenario.unpriced:,} of them have no list price where they were used")
    else:
        print_out(f"{scenario.offer.words}{tier}: nothing can move")
    if scenario.beside:
        code, low, high = scenario.beside
        print_out(f"  by your own rate {_range(low, high, code)}")


def _of_all(lists: Sequence[Sequence[_T]]) -> list[_T]:
    """What every one of the lists has, in the order of the first: it is told once."""
    return [one for one in lists[0] if all(one in other for other in lists)] if lists else []


def _range(low: int, high: int, currency: str) -> str:
    one, other = shown(low, currency), shown(high, currency)
    return one if one == other else f"{one} to {other}"


def _stay(stay: Stay) -> str:
    counted = (
        [f"{stay.tokens:,} tokens"] if stay.tokens else [],
        [f"{stay.quantity.normalize():,f}"] if stay.quantity else [],
        [shown(stay.nanos, stay.currency)] if stay.nanos is not None else ["amount not known"],
    )
    return f"{', '.join(text for part in counted for text in part)}: {stay_words(stay)}"


def _money(spent: Iterable[Amounts]) -> str:
    told = (
        (amounts.currency, word, nanos)
        for amounts in spent
        for word, nanos in (
            ("billed", amounts.billed),
            ("estimated", amounts.estimated),
            ("plan", amounts.plan),
        )
    )
    return ", ".join(f"{shown(nanos, code)} {word}" for code, word, nanos in told if nanos)


def _print_hours(hours: PeakHours) -> None:
    days = f"{spoken(hours.period.first, year=True)} to {spoken(hours.period.last, year=True)}"
    print_out(days)
    if not hours.uses:
        print_out(
            "Nothing was used whose price depends on the hour."
            if hours.used
            else "There is no usage in this time."
        )
    for use in hours.uses:
        print_out(f"{use.model} at {use.provider}: {_use(use)}")
    _print_gaps(hours.gaps)


def _use(use: TimeOfUse) -> str:
    told = []
    share, of_tokens = use.peak_share, use.peak_share_of_tokens
    if share is not None and of_tokens is not None:
        whole = use.peak_worth + use.off_peak_worth
        told.append(
            f"{float(share):.0%} of {shown(whole, use.currency)} (list price) and "
            f"{float(of_tokens):.0%} of the tokens in peak hours; off-peak these would have cost "
            f"{shown(use.saving, use.currency)} less"
        )
    if use.unknown_tokens:
        told.append(
            f"{use.unknown_tokens:,} tokens are told by day only: their hours are not known"
        )
    if use.unpriced:
        told.append(f"{use.unpriced:,} tokens have no price")
    return "; ".join(told) or "nothing was used"


def _print_gaps(gaps: Iterable[Gap]) -> None:
    for gap in gaps:
        first, last = spoken(gap.period.first), spoken(gap.period.last)
        print_out(f"No data: {gap.source}, {first} to {last}: {gap.reason}")
