"""*How do we know?* of the market: what a quote and an index are made of, and by which rule."""

from __future__ import annotations

from plimsoll.domain.money import shown
from plimsoll.services.market_answers import BasketRow, IndexBasket, IndexPoint, Line, Market
from plimsoll.ui import market_words as words
from plimsoll.ui.moments import brief, period_words
from plimsoll.ui.price_words import tier_words
from plimsoll.ui.widgets.provenance import Section
from plimsoll.ui.words import counted, month_and_year, short_day, tr

Lines = tuple[tuple[str, str], ...]

_MOST = 14


def of_ticker(answer: Market, name: str) -> Lines:
    """The price of all tokens, or of one class, on top of the page."""
    if not answer.tickers:
        return ((tr("30 days"), period_words(answer.period)), (tr("Why"), words.no_quote(answer)))
    ticker = answer.tickers[0]
    quote, currency = ticker.month, answer.currency
    lines = [
        (tr("30 days"), period_words(answer.period)),
        (tr("Money"), shown(quote.nanos, currency)),
        (tr("Tokens"), brief(quote.tokens)),
        (tr("Paid for a million"), words.price(quote.paid, currency)),
        (tr("List price of the same"), words.price(quote.listed, currency)),
    ]
    if name:
        one = words.of_class(quote, name)
        lines += [
            (words.class_words(name), words.price(one.paid, currency)),
            (tr("Its list price"), words.price(one.listed, currency)),
        ]
    left_out = words.left_out_words(ticker, currency, answer.not_priced_tokens)
    if left_out:
        lines.append((tr("Left out"), left_out))
    return tuple(lines)


def of_line(answer: Market, line: Line) -> Lines:
    """What one model, or one seller, cost."""
    quote, currency = line.quote, answer.currency
    lines = [
        (tr("30 days"), period_words(answer.period)),
        (tr("Money"), shown(quote.nanos, currency)),
        (tr("Tokens"), brief(quote.tokens)),
        (tr("Paid for a million"), words.price(quote.paid, currency)),
        (tr("List price of the same"), words.price(quote.listed, currency)),
        (tr("The 30 days before"), words.price(line.before, currency)),
    ]
    if line.latest is not None:
        day, paid = line.latest
        lines.append((tr("On {day}", day=short_day(day)), words.price(paid, currency)))
    return tuple(lines)


def of_point(answer: Market, point: IndexPoint) -> Lines:
    """The index of one month."""
    start, found = answer.points[0].month, point.index
    return (
        (tr("Month"), month_and_year(point.month)),
        (tr("Start, 100"), month_and_year(start)),
        (tr("Fixed basket (Laspeyres)"), words.points(found.laspeyres)),
        (tr("Current mix (Paasche)"), words.points(found.paasche)),
        (tr("Market (Fisher)"), words.points(found.fisher)),
        (tr("What you paid"), words.points(point.paid)),
        (tr("Matched"), words.coverage_words((point,)) or "–"),
        (
            tr("How"),
            tr(
                "Laspeyres is Σ new price × old tokens ÷ Σ old price × old tokens, Paasche the same"
                " with the new tokens, Fisher the root of their product. What you paid is money ÷"
                " tokens against the first month. Prices are list prices of the dated price book,"
                " the mean of a month's last seven days."
            ),
        ),
    )


def basket_of(basket: IndexBasket | None, currency: str) -> tuple[Section, ...]:
    """The goods of an index with their prices and tokens of both months, the heaviest first."""
    if basket is None or not basket.rows:
        return ()
    base, month = (f"{day:%Y-%m}" for day in (basket.base, basket.month))
    kept = basket.rows[:_MOST]
    notes = [tr("For a million tokens. A good counts where both prices are known.")]
    left = len(basket.rows) - len(kept)
    if left:
        notes.append(
            counted(left, "1 smaller one is left out.", "{count} smaller ones are left out.")
        )
    heads = (
        tr("Good"),
        tr("Price {month}", month=base),
        tr("Price {month}", month=month),
        tr("Tokens {month}", month=base),
        tr("Tokens {month}", month=month),
    )
    rows = tuple(_good(row, currency) for row in kept)
    return (Section(tr("The basket"), heads, rows, tr(" ").join(notes), frozenset({1, 2, 3, 4})),)


def _good(row: BasketRow, currency: str) -> tuple[str, ...]:
    where = " · ".join(
        filter(None, (row.source, row.tier and tier_words(row.tier), words.class_words(row.name)))
    )
    return (
        f"{row.model}\n{where}",
        words.price(row.base_price, currency),
        words.price(row.price, currency),
        brief(row.base_tokens) if row.base_tokens else "–",
        brief(row.tokens) if row.tokens else "–",
    )
