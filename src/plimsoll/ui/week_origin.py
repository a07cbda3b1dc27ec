"""Week origin: how the figures of a week's efficiency are known, as lines and sections."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.analysis.efficiency import (
    BASELINE_WEEKS,
    LEAST_WEEKS,
    MONEY_BELOW,
    MONEY_ON_TOP,
    OF_MONEY,
    Kind,
    Measure,
)
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.work import Cost
from plimsoll.services.efficiency_answers import Efficiency, Finding, LeftOut
from plimsoll.services.efficiency_words import (
    action_words,
    divided_words,
    left_out_words,
    quiet_words,
    small_money,
)
from plimsoll.ui.asked import Asked
from plimsoll.ui.moments import grouped, period_words
from plimsoll.ui.widgets.efficiency import value_words
from plimsoll.ui.widgets.provenance import Section
from plimsoll.ui.words import counted, in_words, tr

Lines = tuple[tuple[str, str], ...]

_AT_LIST = frozenset({Kind.CACHE_SAVED, Kind.WRITES_UNREAD})


@dataclass(frozen=True, slots=True)
class _Heads:
    """What is divided by what: two heads of columns, and both in words."""

    top: str
    bottom: str
    words: str


def lines_of(finding: Finding, answer: Efficiency) -> Lines:
    """What was divided by what in which days, what is usual, what to try, and what is not in it."""
    measure = finding.measure
    lines = [(tr("Week"), tr("{period} (UTC)", period=period_words(answer.latest)))]
    if measure.divided:
        lines.append((tr("Divided"), _division(measure)))
    lines += [
        (tr("Usual"), _usual(measure)),
        (tr("Suggested"), _tried(finding)),
        (tr("Money and prices"), _prices(measure)),
        (tr("Left out"), _left_out(finding)),
        (
            tr("Not final"),
            tr("some of these days can still change")
            if answer.not_final
            else tr("every day shown is final"),
        ),
        (
            tr("Missing"),
            tr("some of these days are missing") if answer.missing else tr("nothing"),
        ),
    ]
    return tuple(lines)


def sections_of(finding: Finding, answer: Efficiency) -> tuple[Section, ...]:
    """The latest week source by source, and all weeks one by one."""
    measure = finding.measure
    heads = _heads(measure)
    numeric = frozenset({1, 2, 3, 4})
    sources = tuple(
        (share.source, *_pair(measure, share.top, share.bottom), str(share.days))
        for share in finding.shares
    )
    weeks = tuple(
        (period_words(week), *_pair(measure, top, bottom))
        for week, (top, bottom) in zip(answer.weeks, measure.divided, strict=False)
    )
    value = tr("Value")
    made = (
        Section(
            tr("Sources in it"),
            (tr("Source"), heads.top, heads.bottom, value, tr("Days")),
            sources,
            numeric=numeric,
        ),
        Section(
            tr("Week by week"),
            (tr("Week"), heads.top, heads.bottom, value),
            tuple(reversed(weeks)),
            numeric=numeric,
        ),
    )
    return tuple(section for section in made if section.rows)


def asked_of(finding: Finding, answer: Efficiency) -> Asked | None:
    """The money behind a figure: of its sources in its week; None where it has none."""
    currency = finding.measure.currency
    if not currency or not finding.shares:
        return None
    names = tuple(share.source for share in finding.shares)
    scope = Scope(((Dimension.SOURCE, names),))
    return Asked(Question(answer.latest, scope=scope), (currency,))


def _heads(measure: Measure) -> _Heads:
    tokens, money = tr("Tokens"), tr("Money")
    return {
        Kind.OUTPUT_PER_MONEY: _Heads(
            tr("Output"), money, tr("{top} tokens of output ÷ {bottom} paid")
        ),
        Kind.COST_PER_REQUEST: _Heads(money, tr("Requests"), tr("{top} paid ÷ {bottom} requests")),
        Kind.CACHE_HITS: _Heads(
            tr("From the cache"),
            tr("Input"),
            tr("{top} tokens from the cache ÷ {bottom} tokens of input"),
        ),
        Kind.CACHE_SAVED: _Heads(
            tr("Saved"), tr("Full price"), tr("{top} saved ÷ {bottom} at full input price")
        ),
        Kind.WRITES_UNREAD: _Heads(
            tr("Never read"),
            tr("Written"),
            tr("{top} tokens never read ÷ {bottom} tokens written to the cache"),
        ),
        Kind.REASONING: _Heads(
            tr("Reasoning"),
            tr("Output"),
            tr("{top} tokens of reasoning ÷ {bottom} tokens of output"),
        ),
        Kind.OWN_LOOP: _Heads(
            tr("Own loop"),
            tokens,
            tr("{top} tokens that answered no person ÷ {bottom} tokens in agents' logs"),
        ),
        Kind.AGENTS_AND_PROGRAMS: _Heads(
            tr("Agents and programs"),
            tokens,
            tr("{top} tokens of agents and programs ÷ {bottom} tokens, whoever asked"),
        ),
        Kind.COST_PER_UNIT: _Heads(
            money,
            tr("Units"),
            tr("{top} paid ÷ {bottom} units")
            if measure.cost in {Cost.SPENT, Cost.SOURCE}
            else tr("{top} ÷ {bottom} units"),
        ),
    }[measure.kind]


def _division(measure: Measure) -> str:
    top, bottom = measure.divided[-1]
    said = _heads(measure).words.format(top=_top(measure, top), bottom=_bottom(measure, bottom))
    return tr("{division} = {value}", division=said, value=value_words(measure, measure.latest))


def _pair(measure: Measure, top: int, bottom: int) -> tuple[str, str, str]:
    """Both, and what they come to; dashes where nothing is known."""
    if not top and not bottom:
        return "–", "–", "–"
    value = value_words(measure, measure.value_of(top, bottom))
    return _top(measure, top), _bottom(measure, bottom), value


def _top(measure: Measure, top: int) -> str:
    if measure.kind in MONEY_ON_TOP:
        return small_money(Money(measure.currency, top))
    return grouped(top)


def _bottom(measure: Measure, bottom: int) -> str:
    if measure.kind in MONEY_BELOW:
        return small_money(Money(measure.currency, bottom))
    return grouped(bottom)


def _usual(measure: Measure) -> str:
    usual = measure.baseline
    if usual is None:
        known = sum(value is not None for value in measure.values[:-1])
        return tr(
            "{known} of the {weeks} weeks before are known; {least} are needed",
            known=known,
            weeks=BASELINE_WEEKS,
            least=LEAST_WEEKS,
        )
    return tr(
        "{low} to {high}: the median of {weeks} weeks, {median}, give or take three robust"
        " deviations",
        low=value_words(measure, usual.low),
        high=value_words(measure, usual.high),
        median=value_words(measure, usual.median),
        weeks=usual.weeks,
    )


def _tried(finding: Finding) -> str:
    if finding.action is not None:
        return in_words(action_words(finding.action, count=grouped))
    return in_words(quiet_words(finding.quiet)) if finding.quiet is not None else "–"


def _prices(measure: Measure) -> str:
    if measure.kind in _AT_LIST:
        return tr("list prices of the time, those of the shortest prompts")
    if measure.cost is not Cost.SPENT:
        return in_words(divided_words(measure))
    if measure.kind in OF_MONEY:
        return tr("billed, or estimated where there is no bill yet; plans are not owed")
    return tr("none: only tokens are compared")


def _left_out(finding: Finding) -> str:
    """Reason by reason, which sources on how many days."""
    reasons: dict[LeftOut, list[str]] = {}
    for source, why, days in finding.left_out:
        count = counted(days, "1 day", "{count} days")
        reasons.setdefault(why, []).append(tr("{source} ({days})", source=source, days=count))
    said = [
        tr("{why}: {sources}", why=in_words(left_out_words(why)), sources=tr(", ").join(sources))
        for why, sources in reasons.items()
    ]
    return "\n".join(said) or tr("nothing")
