"""*How do we know?*: what an answer says of its own origin, as lines that can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from plimsoll.domain.budget import TOKENS, BudgetStatus
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import shown
from plimsoll.domain.question import TIME_DIMENSIONS, Amounts, Gap
from plimsoll.services.answers import DailyStack, MonthEnd, Mover, Overview
from plimsoll.services.breakdown import Breakdown, SpendLine
from plimsoll.services.check_answers import AccountCheck
from plimsoll.services.figures import Combined
from plimsoll.services.outlook import Outlook
from plimsoll.ui.dimensions import called
from plimsoll.ui.moments import at, grouped, percent, period_words
from plimsoll.ui.rates import left_out_words, rate_words, sums_words
from plimsoll.ui.thresholds import threshold_words
from plimsoll.ui.track_record import outlook_lines
from plimsoll.ui.words import counted, full_day, in_words, short_day, tr

Lines = tuple[tuple[str, str], ...]


def of_month(overview: Overview) -> Lines:
    """Where the month's amount comes from."""
    kinds = [tr("{amount} billed: the provider says so", amount=_money(overview.billed, overview))]
    if overview.estimated:
        kinds.append(
            tr(
                "{amount} estimated: tokens at list price, or what a balance lost",
                amount=_money(overview.estimated, overview),
            )
        )
    kinds += [
        tr("{amount} under a plan, not owed", amount=shown(plan.nanos, plan.currency))
        for plan in overview.plans
    ]
    if overview.not_priced_tokens:
        kinds.append(tr("{count} tokens not priced", count=grouped(overview.not_priced_tokens)))
    return (
        (tr("Kind"), "\n".join(kinds)),
        (tr("Tokens"), grouped(overview.tokens)),
        *_converted(overview.combined),
        *_fetched(overview),
        (
            tr("Days covered"),
            tr(
                "{first} to {last}, provider days (UTC)",
                first=short_day(overview.month.first),
                last=short_day(overview.now.date()),
            ),
        ),
        *_open_ends(overview),
    )


def of_today(overview: Overview) -> Lines:
    """Where today's amount comes from."""
    mean = (
        _money(overview.week_mean, overview)
        if overview.week_mean is not None
        else tr("not known yet")
    )
    return (
        (
            tr("Day"),
            tr("{day}, the provider's day (UTC), so far", day=short_day(overview.now.date())),
        ),
        (tr("7-day mean"), tr("{amount}, of the last seven complete days", amount=mean)),
        *_fetched(overview),
        (tr("Not final"), tr("Providers report today's usage with a delay of hours.")),
    )


def of_forecasts(overview: Overview) -> Lines:
    """How the end of the month was found, in each currency where all are shown together."""
    if overview.combined is None:
        return of_forecast(overview.month_end, overview) if overview.month_end else ()
    lines = [
        (tr("{currency}: {label}", currency=end.currency, label=label), text)
        for end in overview.combined.ends
        for label, text in of_forecast(end)
    ]
    return (*lines, *_fetched(overview))


def of_forecast(
    end: MonthEnd, overview: Overview | None = None, *, outlook: Outlook | None = None
) -> Lines:
    """How the end of the month was found, and what the forecast did in past months."""

    def span(low: int | None, high: int | None) -> str:
        if low is None or high is None:
            return tr("not enough days yet")
        return tr("{low} to {high}", low=_whole(low, end.currency), high=_whole(high, end.currency))

    lines = [
        (
            tr("Method"),
            tr("What is spent, and what followed simulated pasts that look like your days")
            if end.low80 is not None
            else tr("Run-rate: this month's mean day, to the month's end"),
        ),
        (
            tr("Spent so far"),
            tr("{amount}, billed and estimated", amount=shown(end.spent, end.currency)),
        ),
        (tr("50% range"), span(end.low50, end.high50)),
        (tr("80% range"), span(end.low80, end.high80)),
        (tr("95% range"), span(end.low95, end.high95)),
        (tr("Run-rate"), tr("{amount}, as a yardstick", amount=_whole(end.run_rate, end.currency))),
    ]
    if outlook is not None:
        lines += outlook_lines(outlook)
    if end.reason:
        lines.append((tr("Note"), in_words(end.reason)))
    elif end.quality == "rough":
        lines.append((tr("Note"), tr("Rough: there is little history yet.")))
    return (*lines, *(_fetched(overview) if overview else ()))


def of_budget(status: BudgetStatus) -> Lines:
    """Where a budget's standing comes from."""
    budget = status.budget
    kinds = [
        tr(
            "{amount}: {billed} billed, {estimated} estimated",
            amount=budget.words(status.spent),
            billed=budget.words(status.spent - status.estimated),
            estimated=budget.words(status.estimated),
        )
        if budget.currency != TOKENS
        else budget.words(status.spent)
    ]
    if status.not_priced_tokens:
        kinds.append(tr("{count} tokens not priced", count=grouped(status.not_priced_tokens)))
    crossed = tr(", ").join(threshold_words(threshold) for threshold in status.crossed)
    lines = [
        (tr("Budget"), f"{budget.name}: {budget.words(status.limit)}"),
        (
            tr("Period"),
            tr(
                "{first} to {last}, days of {zone}",
                first=short_day(status.period.first),
                last=short_day(status.period.last),
                zone=budget.zone,
            ),
        ),
        (tr("Spent"), "\n".join(kinds)),
        (tr("Crossed"), crossed or tr("no threshold yet")),
    ]
    if status.likely is not None:
        lines.append(
            (
                tr("Odds"),
                tr("{percent}% that the budget is passed", percent=percent(status.likely)),
            )
        )
    if status.reason:
        lines.append((tr("Note"), in_words(status.reason)))
    return tuple(lines)


def of_stack(stack: DailyStack, overview: Overview) -> Lines:
    """Where the bars come from."""
    missing = stack.known.count(False)
    known = (
        counted(missing, "1 day missing", "{count} days missing") if missing else tr("every day")
    )
    return (
        (tr("Amounts"), tr("Billed where the provider bills, else estimated; never both")),
        *_converted(overview.combined and overview.combined.bars),
        (
            tr("Days covered"),
            tr(
                "{days}, provider days (UTC): {known}",
                days=period_words(stack.period),
                known=known,
            ),
        ),
        *_fetched(overview),
        *_open_ends(overview),
    )


def of_day(stack: DailyStack, day: date, answer: Overview | Breakdown) -> Lines:
    """Where one day's bar comes from."""
    place = stack.days.index(day)
    total = sum(series.values[place] for series in stack.series)
    amount = shown(total, stack.currency) if stack.known[place] else tr("No data")
    final = tr("yes") if stack.final[place] else tr("no, it can still change")
    return (
        (tr("Day"), tr("{day}, the provider's day (UTC)", day=full_day(day))),
        (tr("Amount"), amount),
        (tr("Final"), final),
        *_fetched(answer),
    )


def of_mover(mover: Mover, overview: Overview) -> Lines:
    """What one line of the changes compares."""
    return (
        (tr("This month"), tr("{amount}, complete days", amount=_money(mover.now, overview))),
        (tr("Last month"), tr("{amount}, same days", amount=_money(mover.before, overview))),
        *_fetched(overview),
        *_open_ends(overview),
    )


def of_change(overview: Overview) -> Lines:
    """What is compared with what."""
    return (
        (
            tr("Compared"),
            tr("The complete days of this month with the same days of last month, by model"),
        ),
        *_converted(overview.combined),
        *_fetched(overview),
        *_open_ends(overview),
    )


def of_check(account: AccountCheck, what: str, period: Period) -> Lines:
    """Where an amount of the Check page comes from: `billed`, `computed`, or what lies between."""
    kind = {
        "billed": tr("Billed: the provider says so, summed over its bill"),
        "computed": tr("Computed: every token times the list price of its day; never added"),
    }.get(what, tr("Billed less computed; more on the bill is positive"))
    final = (
        tr("every day shown is final")
        if account.not_final_from is None
        else tr("days from {day} can still change", day=short_day(account.not_final_from))
    )
    return (
        (tr("Kind"), kind),
        (tr("Source"), account.source),
        (tr("Days covered"), tr("{days}, provider days (UTC)", days=period_words(period))),
        (tr("Not final"), final),
        (tr("Missing"), gap_words(account.gaps) or tr("nothing")),
    )


def of_line(line: SpendLine, answer: Breakdown) -> Lines:
    """Where the figures of one line of the Spend page come from."""
    kinds = _kinds_of(line.amounts)
    if line.not_priced_tokens:
        kinds.append(tr("{count} tokens not priced", count=grouped(line.not_priced_tokens)))
    return (
        (tr("Kind"), "\n".join(kinds) or tr("no amount")),
        (tr("Tokens"), grouped(line.tokens.total)),
        *_fetched(answer),
        _days_of(answer.question.period),
        *_open_ends(answer),
    )


def of_amounts(amounts: Amounts, period: Period) -> Lines:
    """Where the whole of a period comes from."""
    return ((tr("Kind"), "\n".join(_kinds_of(amounts)) or tr("no amount")), _days_of(period))


def _days_of(period: Period) -> tuple[str, str]:
    return tr("Days covered"), tr("{days}, provider days (UTC)", days=period_words(period))


def _kinds_of(money: Amounts | None) -> list[str]:
    """Every kind of number with its own amount, never added."""
    if money is None:
        return []
    return [
        words.format(amount=shown(nanos, money.currency))
        for nanos, words in (
            (money.billed, tr("{amount} billed: the provider says so")),
            (
                money.estimated,
                tr("{amount} estimated: tokens at list price, or what a balance lost"),
            ),
            (money.plan, tr("{amount} under a plan, not owed")),
            (money.worth, tr("{amount} worth: the tokens at list price, not added")),
        )
        if nanos
    ]


def with_words(answer: Breakdown) -> DailyStack:
    """The bars of the Spend page, their bands named as people call them. Two sessions of one name
    keep bands of their own, and share a colour.
    """
    stack = answer.stack
    if answer.by in TIME_DIMENSIONS:
        names = {"billed": tr("Billed"), "estimated": tr("Estimated")}
        named = [replace(band, name=names.get(band.name or "")) for band in stack.series]
    else:
        named = [
            band
            if band.name is None or band.other
            else replace(band, name=called(answer.by, band.name, answer.agents))
            for band in stack.series
        ]
    return replace(stack, series=tuple(named))


def gap_words(gaps: Sequence[Gap]) -> str:
    """What is missing: `Anthropic: 9 Jul to 10 Jul, not fetched yet`."""
    return "\n".join(
        tr(
            "{source}: {first} to {last}, {reason}",
            source=gap.source,
            first=short_day(gap.period.first),
            last=short_day(gap.period.last),
            reason=in_words(gap.reason),
        )
        if gap.period.first != gap.period.last
        else tr(
            "{source}: {day}, {reason}",
            source=gap.source,
            day=short_day(gap.period.first),
            reason=in_words(gap.reason),
        )
        for gap in gaps
    )


def _converted(combined: Combined | None) -> Lines:
    """The native sums behind converted figures, the rates, and what has none."""
    if combined is None:
        return ()
    rates = "\n".join(
        tr("{rate}, from {day} on ({note})", rate=rate_words(r), day=full_day(r.day), note=r.note)
        if r.note
        else tr("{rate}, from {day} on", rate=rate_words(r), day=full_day(r.day))
        for r in combined.rates
    )
    return (
        (tr("Converted"), tr("{sums}, each day at its own rate", sums=sums_words(combined.native))),
        (tr("Rates you set"), rates or tr("none was needed")),
        (tr("Not included"), left_out_words(combined.left_out) or tr("nothing")),
    )


def _money(nanos: int, overview: Overview) -> str:
    return shown(nanos, overview.currency)


def _whole(nanos: int, currency: str) -> str:
    return shown(nanos, currency, places=0)


def _fetched(overview: Overview | Breakdown) -> Lines:
    count = overview.sources_count
    sources = counted(count, "1 source", "{count} sources")
    when = (
        tr("never")
        if overview.as_of is None
        else tr("{when}; no figure is older", when=at(overview.as_of, overview.now))
    )
    return ((tr("Sources"), sources), (tr("Fetched"), when))


def _open_ends(overview: Overview | Breakdown) -> Lines:
    final = (
        tr("every day shown is final")
        if overview.not_final_from is None
        else tr("days from {day} can still change", day=short_day(overview.not_final_from))
    )
    missing = gap_words(overview.gaps) or tr("nothing")
    return ((tr("Not final"), final), (tr("Missing"), missing))
