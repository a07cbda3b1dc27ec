"""*How do we know?* of growth: what each figure and each week is made of, and by which rule."""

from __future__ import annotations

from datetime import timedelta

from plimsoll.analysis.market import concentration, shares
from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.money import shown
from plimsoll.domain.question import EVERYTHING, Dimension, Question, Scope
from plimsoll.services.market_answers import Growth, Part, Use
from plimsoll.ui.asked import Asked
from plimsoll.ui.dimensions import class_words
from plimsoll.ui.growth_words import (
    DOUBLING,
    LOOPS,
    REGIONS,
    SELLER,
    index_words,
    of_words,
    region_words,
    shares_words,
)
from plimsoll.ui.moments import brief, grouped, period_words, share_words
from plimsoll.ui.widgets.provenance import Section
from plimsoll.ui.words import counted, full_day, tr

Lines = tuple[tuple[str, str], ...]

_MOST = 12
_SIXTEEN_WEEKS = 16 * 7
_WEEK = 7


def lines_of(what: str, growth: Growth) -> Lines:
    """How a figure of the card is known: what it is made of, and by which rule."""
    use = growth.use
    if what == DOUBLING:
        return _of_doubling(growth)
    if what == LOOPS:
        return _of_loops(growth)
    told = _regions(growth) if what == REGIONS else _sellers(growth, use)
    return (*told, *_open_ends(use))


def asked_of(what: str, growth: Growth) -> Asked:
    """The question that a figure of the card is an answer to."""
    last = utc_day(growth.now) - ONE_DAY
    period, scope = growth.use.period, EVERYTHING
    if what == DOUBLING:
        period = Period(last - timedelta(days=_SIXTEEN_WEEKS - 1), last)
    if what == LOOPS:
        period = Period(last - timedelta(days=_WEEK - 1), last)
        scope = Scope(((Dimension.CLASS, tuple(class_words())),))
    return Asked(Question(period, scope=scope), (growth.currency,))


def sections_of(what: str, growth: Growth) -> tuple[Section, ...]:
    """The models, or the sellers, that a figure of the card is made of."""
    if what == REGIONS:
        return (models_of(growth.use, growth),)
    return (sellers_of(growth.use, growth),) if what == SELLER else ()


def lines_of_week(use: Use, growth: Growth, *, money: bool) -> Lines:
    """How the shares of one week are known."""
    found = concentration(use.by_seller(money=money)) if use.is_known else None
    lines = [
        (tr("Week"), period_words(use.period)),
        (tr("Shares of"), of_words(growth.currency, money=money)),
    ]
    if found is not None:
        name = growth.titles.get(found.largest, found.largest)
        lines += [
            (tr("Largest supplier"), f"{name} {share_words(float(found.share))}"),
            (tr("Herfindahl–Hirschman index"), index_words(found.herfindahl)),
        ]
    if not use.is_week_over:
        lines.append((tr("State"), tr("Under way: only its complete days")))
    return (*lines, *_open_ends(use))


def models_of(use: Use, growth: Growth) -> Section:
    """Model by model, where its maker is from."""
    regions = region_words()
    rows = tuple(
        (
            part.model or tr("No model named"),
            regions[part.region],
            growth.titles.get(part.seller, part.seller),
            brief(part.tokens) if part.tokens else "",
            _money(part, growth.currency),
        )
        for part in use.parts[:_MOST]
    )
    left = len(use.parts) - len(rows)
    note = (
        counted(left, "1 smaller one is left out.", "{count} smaller ones are left out.")
        if left
        else ""
    )
    heads = (tr("Model"), tr("Maker"), tr("Seller"), tr("Tokens"), tr("Money"))
    return Section(tr("Whose models"), heads, rows, note, frozenset({3, 4}))


def sellers_of(use: Use, growth: Growth) -> Section:
    """Seller by seller, by tokens and by money."""
    tokens, money = use.by_seller(), use.by_seller(money=True)
    parts, paid = shares(tokens), shares(money)
    order = sorted(
        {**money, **tokens}, key=lambda name: (-money.get(name, 0), -tokens.get(name, 0), name)
    )
    rows = tuple(
        (
            growth.titles.get(name, name),
            shown(money[name], growth.currency) if name in money else "–",
            share_words(float(paid[name])) if name in paid else "–",
            brief(tokens[name]) if name in tokens else "–",
            share_words(float(parts[name])) if name in parts else "–",
        )
        for name in order
    )
    heads = (tr("Seller"), tr("Money"), tr("Share"), tr("Tokens"), tr("Share"))
    return Section(tr("Whom you buy from"), heads, rows, numeric=frozenset({1, 2, 3, 4}))


def _of_doubling(growth: Growth) -> Lines:
    double = growth.doubling
    period = asked_of(DOUBLING, growth).question.period
    figure = (
        tr("They do not measurably grow.")
        if double is None and growth.is_long_enough
        else tr("Eight weeks of use are the least to say so.")
        if double is None
        else tr(
            "{days} days, 80% range {low} to {high}",
            days=f"{double.days:.1f}",
            low=f"{double.low:.1f}",
            high=f"{double.high:.1f}",
        )
    )
    return (
        (tr("Doubling time"), figure),
        (tr("Days"), period_words(period)),
        (
            tr("How"),
            tr(
                "The logarithms of whole weeks' tokens, seven days each back from yesterday: the"
                " median slope of all pairs (Theil, Sen), its range that of Kendall's test. Eight"
                " weeks are the least; slower than twofold in two years is no growth."
            ),
        ),
    )


def _of_loops(growth: Growth) -> Lines:
    weeks = [week for week in growth.loops if week.total]
    figures = (
        (
            (tr("Own loop"), tr("{count} tokens", count=grouped(weeks[-1].own))),
            (tr("Of"), tr("{count} tokens", count=grouped(weeks[-1].total))),
            (tr("Week of"), full_day(weeks[-1].first)),
        )
        if weeks
        else ()
    )
    return (
        *figures,
        (
            tr("How"),
            tr(
                "Agents' logs say what each call answered: a person, a tool's result, another"
                " agent, a program, or the agent's own upkeep. All but the first are its own loop."
            ),
        ),
    )


def _regions(growth: Growth) -> Lines:
    use, before = growth.use, growth.before
    currency = growth.currency
    tokens = use.by_region()
    told = [
        tr("{name}: {words}", name=name, words=brief(tokens[word]))
        for word, name in region_words().items()
        if word in tokens
    ]
    return (
        (tr("Days"), period_words(use.period)),
        (tr("Tokens"), "\n".join(told) or "–"),
        (tr("The 30 days before"), shares_words(shares(before.by_region()))),
        (
            tr("By money in {currency}", currency=currency),
            shares_words(shares(use.by_region(money=True))),
        ),
        (
            tr("How"),
            tr(
                "By the name of the model, whoever sells it, from a dated table of makers. Money"
                " without a model counts for a seller that has only its own models. What the table"
                " does not name is not known, never guessed."
            ),
        ),
    )


def _sellers(growth: Growth, use: Use) -> Lines:
    lines: list[tuple[str, str]] = [(tr("Days"), period_words(use.period))]
    for money in (True, False):
        found = concentration(use.by_seller(money=money))
        if found is not None:
            name = growth.titles.get(found.largest, found.largest)
            lines.append(
                (
                    tr("By money in {currency}", currency=growth.currency)
                    if money
                    else tr("By tokens"),
                    tr(
                        "{name} {share}; index {index}",
                        name=name,
                        share=share_words(float(found.share)),
                        index=index_words(found.herfindahl),
                    ),
                )
            )
    how = tr(
        "The Herfindahl–Hirschman index is the sum of the squares of all sellers' shares: 1 for a"
        " single one, 0.25 for four equal ones. Currencies are never added."
    )
    return (*lines, (tr("How"), how))


def _open_ends(use: Use) -> Lines:
    lines: list[tuple[str, str]] = []
    if use.missing:
        said = counted(use.missing, "1 day of some source", "{count} days of some source")
        lines.append((tr("No answer"), said))
    if use.not_final:
        lines.append((tr("Not final"), counted(use.not_final, "1 day", "{count} days")))
    return tuple(lines)


def _money(part: Part, currency: str) -> str:
    return "–" if part.nanos is None else shown(part.nanos, currency)
