"""The market in words: prices of a million tokens, what the index says, the board's terms."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from plimsoll.analysis.market import ClassPrice, Quote
from plimsoll.domain.money import NANO, shown
from plimsoll.domain.usage import Evidence
from plimsoll.services.market_answers import BoardRow, IndexPoint, Market, Ticker
from plimsoll.ui.moments import at_any_time, brief, share_words
from plimsoll.ui.price_words import tier_words
from plimsoll.ui.words import full_day, full_month, month_and_year, tr

NOT_CERTAIN = "†"


def price(nanos: int | None, currency: str) -> str:
    """A price of a million tokens, with as many decimals as small ones need: `$0.0638`."""
    if nanos is None:
        return "–"
    places = 2 if abs(nanos) >= NANO or not nanos else 3 if abs(nanos) >= NANO // 10 else 4
    return shown(nanos, currency, places=places)


def change(share: Fraction | None) -> str:
    """A change with its sign, in percent: `+4.2%`, `−31.0%`; a dash where it is not known."""
    if share is None:
        return "–"
    tenths = round(share * 1000)
    sign = "−" if tenths < 0 else "+" if tenths > 0 else ""
    return tr("{number}%", number=f"{sign}{abs(tenths) / 10:.1f}")


def points(value: Fraction | None) -> str:
    """An index number with one decimal; a dash where it is not known."""
    return "–" if value is None else f"{round(value * 10) / 10:.1f}"


def evidence_words(evidence: Evidence) -> str:
    """The word of the chip."""
    return {Evidence.BILLED: tr("Billed"), Evidence.ESTIMATED: tr("Estimated")}[evidence]


def class_words(name: str) -> str:
    """A token class by its name on the screen."""
    return {
        "input": tr("Fresh input"),
        "cache_read": tr("Cached input"),
        "cache_write_5m": tr("Cache write, 5 min"),
        "cache_write_1h": tr("Cache write, 1 h"),
        "output": tr("Output"),
    }[name]


def of_class(quote: Quote, name: str) -> ClassPrice:
    """One class of a quote."""
    return next(one for one in quote.classes if one.name == name)


def left_out_words(ticker: Ticker, currency: str, not_priced: int) -> str:
    """What is in no price; empty where nothing is."""
    quote = ticker.month
    parts = []
    if quote.left_out_nanos:
        parts.append(tr("{amount} without tokens", amount=shown(quote.left_out_nanos, currency)))
    if quote.left_out_tokens:
        parts.append(tr("{count} tokens not on a bill", count=brief(quote.left_out_tokens)))
    if not_priced:
        parts.append(tr("{count} tokens not priced", count=brief(not_priced)))
    return tr("In no price: {what}.", what=tr(", ").join(parts)) if parts else ""


def no_quote(answer: Market) -> str:
    """Why there is no price of a token: a sentence of its own for each reason."""
    if answer.only_plan:
        return tr(
            "A subscription paid for the tokens of these 30 days: none was bought by the million."
        )
    if answer.not_priced_tokens:
        return tr(
            "In the last 30 days no money met the tokens that it paid for: {count} tokens have no"
            " price in the price book.",
            count=brief(answer.not_priced_tokens),
        )
    return tr(
        "In the last 30 days no money in {currency} met the tokens that it paid for.",
        currency=answer.currency,
    )


def no_index(answer: Market) -> str:
    """Why there is no index."""
    if answer.only_plan:
        return tr(
            "A subscription pays for your tokens: a basket is made of those bought by the token."
        )
    return index_sentence(())


def index_sentence(found: Sequence[IndexPoint]) -> str:
    """What the market did, what was paid, and the gap, in one sentence."""
    if not found:
        return tr("No month of the last year has tokens with a list price in this currency.")
    first, last = found[0], found[-1]
    market = last.index.fisher
    start = month_and_year(first.month)
    if len(found) > 1 and market is None and last.index.laspeyres is not None:
        return tr(
            "Nothing bought in {now} has a list price. The basket of {month} itself costs {market}"
            " against then (Laspeyres).",
            now=full_month(last.month),
            month=start,
            market=change(last.index.laspeyres / 100 - 1),
        )
    if len(found) < 2 or market is None:
        return tr(
            "The index begins with {month}: it needs a second month.", month=full_month(first.month)
        )
    if last.paid is None:
        return tr(
            "Since {month} the list prices of your basket moved by {market}.",
            month=start,
            market=change(market / 100 - 1),
        )
    return tr(
        "Since {month} the list prices of your basket moved by {market}, what you paid for a token"
        " by {paid}. The gap, {gap}, is your own: other models, classes, tiers and discounts.",
        month=start,
        market=change(market / 100 - 1),
        paid=change(last.paid / 100 - 1),
        gap=change(last.paid / market - 1),
    )


def coverage_words(found: Sequence[IndexPoint]) -> str:
    """How much of the baskets the index compares."""
    coverage = found[-1].index if found else None
    if coverage is None or coverage.base_coverage is None or coverage.now_coverage is None:
        return ""
    return tr(
        "Matched models: {base} of the first basket's value, {now} of today's.",
        base=share_words(float(coverage.base_coverage)),
        now=share_words(float(coverage.now_coverage)),
    )


# -- the board ---------------------------------------------------------------------------------


def hour_words(row: BoardRow) -> str:
    """Whether it is peak now; empty where the hour makes no difference."""
    if row.doubt:
        return tr("Peak unless a holiday")
    if row.peak is None:
        return ""
    return tr("Peak now") if row.peak else tr("Off-peak now")


def until_words(row: BoardRow) -> str:
    """Until when it is so, by the clock here; empty where nobody knows."""
    return tr("Until {when}", when=at_any_time(row.until)) if row.until else ""


def layer_words(row: BoardRow) -> str:
    """Whose list a price is from."""
    if row.layer == "own":
        return tr("your own, {source}", source=row.source) if row.source else tr("your own")
    return tr("Plimsoll's list") if row.layer == "overlay" else "genai-prices"


def name_words(row: BoardRow) -> str:
    """The model's name, with a mark where something about its price is not certain."""
    return f"{row.model} {NOT_CERTAIN}" if row.note and row.layer == "overlay" else row.model


def note_words(row: BoardRow) -> str:
    """What is not certain about a price of ours, or the user's own note."""
    return tr(row.note) if row.layer == "overlay" else row.note


def terms_words(row: BoardRow) -> str:
    """Tiers and steps, briefly: `Batch × 0.5 · above 272 k: other prices`."""
    parts = [f"{tier_words(tier)} × {number(share)}" for tier, share in row.tiers]
    parts += [tr("above {count}: another price", count=brief(step)) for step in row.steps[:1]]
    return " · ".join(parts)


def batch_words(row: BoardRow) -> str:
    """What batches cost, as a share of the price; empty where the list says nothing."""
    share = dict(row.tiers).get("batch")
    return "" if share is None else f"× {number(share)}"


def coming_words(row: BoardRow) -> str:
    """The next change that the list announces; empty where there is none."""
    if not row.coming:
        return ""
    day = full_day(row.coming[0].at.date())
    return tr("{day}: {prices}", day=day, prices=then_words(row))


def then_words(row: BoardRow) -> str:
    """Input and output after the next change; empty where none is announced."""
    if not row.coming:
        return ""
    one = row.coming[0]
    return " / ".join(price(nanos, row.currency) for nanos in (one.input, one.output))


def number(share: Fraction | None) -> str:
    """A plain number with up to three decimals; a dash where it is not known."""
    if share is None:
        return "–"
    return f"{float(share):.3f}".rstrip("0").rstrip(".")


def ratio(share: Fraction | None) -> str:
    """A ratio to be read below others, so with three decimals; a dash where it is not known."""
    return "–" if share is None else f"{float(share):.3f}"
