"""`plimsoll growth`: how fast use doubles, whose models it is of, and whom it is bought from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from plimsoll.analysis.market import concentration, shares
from plimsoll.cli.dialogue import print_weeks, weeks_document
from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.domain.calendar import spoken
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import decimal_text

if TYPE_CHECKING:
    from fractions import Fraction

    from plimsoll.services.market_answers import Growth, Loops, Use

_REGIONS = {"mainland": "mainland", "overseas": "overseas", "": "not_known"}
_PLACES = 6


@click.command("growth")
@click.option("--currency", help="Tell shares of the money of this currency, such as CNY.")
@common
@click.pass_context
def command(context: click.Context, currency: str | None) -> None:
    """Show how use grows: doubling time, regions of makers, concentration, own loop.

    The last thirty complete days beside the thirty before, and a year week by week (Monday to
    Sunday, UTC). Makers that the table does not name are "not known".
    """
    session = session_of(context)
    wanted = currency.upper() if currency else None
    with session.program(who="growth") as program:
        answer = program.growth(currency=wanted)
    if wanted not in {None, answer.currency}:
        known = ", ".join(answer.currencies)
        raise WrongUse(
            f"Nothing was billed or estimated in {wanted}.",
            remedy=f"Money is known in {known}." if known else "No money is stored yet.",
        )
    if session.as_json:
        session.answer(document(answer))
    else:
        _print(answer)


def document(answer: Growth) -> dict[str, object]:
    """The document of `growth --json`, schema 1: shares are decimal text from 0 to 1, null where
    not known; money is billed and estimated in `currency`. A week with `missing` days has amounts,
    but no shares and no concentration: some source gave no answer for them.
    """
    double = answer.doubling
    return {
        "schema": 1,
        "from": answer.use.period.first.isoformat(),
        "to": answer.use.period.last.isoformat(),
        "currency": answer.currency,
        "doubling": None
        if double is None
        else {
            "days": f"{double.days:.1f}",
            "low80": f"{double.low:.1f}",
            "high80": f"{double.high:.1f}",
        },
        "doubling_reason": None
        if double is not None
        else "not_growing"
        if answer.is_long_enough
        else "too_short",
        "use": _use(answer.use, whole=True),
        "before": _use(answer.before, whole=True),
        "weeks": [_use(week, whole=week.is_known) for week in answer.weeks],
        "own_loop": [_loops(week) for week in answer.loops],
        "dialogue": [] if answer.dialogue is None else weeks_document(answer.dialogue),
    }


def _use(use: Use, *, whole: bool) -> dict[str, object]:
    return {
        "from": use.period.first.isoformat(),
        "to": use.period.last.isoformat(),
        "days": len(use.period),
        "missing": use.missing,
        "not_final": use.not_final,
        "tokens": _side(use, money=False, whole=whole),
        "money": _side(use, money=True, whole=whole),
    }


def _side(use: Use, *, money: bool, whole: bool) -> dict[str, object]:
    """Tokens or money: amounts by region and by seller, their shares, and the concentration."""
    regions, sellers = use.by_region(money=money), use.by_seller(money=money)
    parts = shares(regions) if whole else {}
    found = concentration(sellers) if whole else None

    def amount(number: int) -> object:
        return decimal_text(number) if money else number

    return {
        "by_region": {word: amount(regions.get(name, 0)) for name, word in _REGIONS.items()},
        "by_seller": {name: amount(number) for name, number in sorted(sellers.items())},
        "shares": {word: _text(parts.get(name)) for name, word in _REGIONS.items()}
        if parts
        else None,
        "concentration": None
        if found is None
        else {
            "largest": found.largest,
            "share": _text(found.share),
            "herfindahl": _text(found.herfindahl),
        },
    }


def _loops(week: Loops) -> dict[str, object]:
    return {"from": week.first.isoformat(), "own": week.own, "total": week.total}


def _text(share: Fraction | None) -> str:
    """Rounded half to even to six places; a part that is not there is none of the whole."""
    return f"{Decimal(round((share or 0) * 10**_PLACES)).scaleb(-_PLACES):f}"


def _print(answer: Growth) -> None:
    period, double = answer.use.period, answer.doubling
    print_out(f"Growth, {spoken(period.first)} to {spoken(period.last)} (complete days, UTC)")
    if double is not None:
        low, high = f"{double.low:.0f}", f"{double.high:.0f}"
        print_out(f"  Tokens double every {double.days:.0f} days; 80% range {low} to {high}")
    elif answer.is_long_enough:
        print_out("  Tokens do not measurably grow.")
    else:
        print_out("  How fast tokens double cannot be said: it takes eight weeks of use.")
    for money in (False, True):
        for line in _lines(answer, money=money):
            print_out(f"  {line}")
    weeks = [week for week in answer.loops if week.total]
    if weeks:
        last = weeks[-1]
        print_out(
            f"  Answered no person: {last.own / last.total:.1%} of coding agents' tokens in the "
            f"seven days from {spoken(last.first)}"
        )
    if answer.weeks:
        _print_weeks(answer)
    else:
        tell("No usage is stored, or none within a year: there are no weeks to show.")
    if answer.dialogue is not None:
        print_weeks(answer.dialogue)
    if answer.use.missing:
        tell(f"Some source gave no answer for {answer.use.missing} of the {len(period)} days.")
    if answer.use.not_final:
        tell(f"Of the {len(period)} days, {answer.use.not_final} can still change.")


def _lines(answer: Growth, *, money: bool) -> list[str]:
    of_what = f"money in {answer.currency}" if money else "tokens"
    now = shares(answer.use.by_region(money=money))
    found = concentration(answer.use.by_seller(money=money))
    if not now or found is None:
        return [f"No {of_what} in these days."]
    before = shares(answer.before.by_region(money=money))
    compared = f"; the 30 days before: {_regions(before)}" if before else ""
    return [
        f"Region of maker, {of_what}: {_regions(now)}{compared}",
        (
            f"Largest supplier, {of_what}: {answer.titles.get(found.largest, found.largest)} "
            f"{float(found.share):.1%}; Herfindahl-Hirschman index {float(found.herfindahl):.3f}, "
            "1 is a single supplier"
        ),
    ]


def _regions(parts: Mapping[str, Fraction]) -> str:
    return ", ".join(
        f"{word.replace('_', ' ')} {float(parts[name]):.1%}"
        for name, word in _REGIONS.items()
        if name in parts
    )


def _print_weeks(answer: Growth) -> None:
    """Shares of tokens week by week, and of money where there is any."""
    print_out("Week by week: the region of the maker by tokens, and the largest supplier")
    titles = ("Week of", "Mainland", "Overseas", "Not known", "Largest", "Index", "Supplier")
    print_out("{:<12}{:>10}{:>10}{:>11}{:>9}{:>8}  {}".format(*titles))
    for week in answer.weeks:
        # Who sold most is told by money; where there is none, as with plans only, by tokens.
        money = concentration(week.by_seller(money=True))
        found = money or concentration(week.by_seller())
        remarks = []
        if week.missing:
            days = "1 day" if week.missing == 1 else f"{week.missing} days"
            remarks.append(f"no shares: some source gave no answer for {days}")
        if not week.is_week_over:
            remarks.append("under way")
        elif week.not_final:
            remarks.append("not final")
        parts = shares(week.by_region()) if week.is_known else {}
        told = [f"{float(parts.get(name, 0)):.1%}" if parts else "–" for name in _REGIONS]
        largest, herfindahl, who = "–", "–", ""
        if week.is_known and found is not None:
            largest, herfindahl = f"{float(found.share):.1%}", f"{float(found.herfindahl):.3f}"
            name = answer.titles.get(found.largest, found.largest)
            who = f"{name}, by {answer.currency if money else 'tokens'}"
        remark = "; ".join(filter(None, (who, *remarks)))
        line = "{:<12}{:>10}{:>10}{:>11}{:>9}{:>8}  {}"
        print_out(line.format(f"{week.period.first}", *told, largest, herfindahl, remark).rstrip())
