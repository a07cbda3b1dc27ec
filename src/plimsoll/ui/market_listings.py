"""Models side by side, and mainland ones beside their overseas peers, as tables of words."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.services.market_answers import BoardRow, Ratio
from plimsoll.ui import market_words as words
from plimsoll.ui.listings import Listing
from plimsoll.ui.words import in_words, tr


def comparison(rows: Sequence[BoardRow]) -> Listing:
    """Models side by side, a column each."""

    def line(title: str, cells: Sequence[str]) -> tuple[str, ...]:
        return (title, *(cell or "–" for cell in cells))

    def money(title: str, nanos: Sequence[int | None]) -> tuple[str, ...]:
        return line(title, [words.price(n, r.currency) for n, r in zip(nanos, rows, strict=True)])

    def hours(row: BoardRow) -> str:
        return " · ".join(filter(None, (words.hour_words(row), words.until_words(row))))

    others = [
        ""
        if row.other_hours is None
        else " / ".join(words.price(n, row.currency) for n in row.other_hours)
        for row in rows
    ]
    found = (
        line(tr("Seller"), [row.provider for row in rows]),
        money(tr("Fresh input"), [row.input for row in rows]),
        money(tr("Cached input"), [row.cache_read for row in rows]),
        money(tr("Cache write, 5 min"), [row.cache_write for row in rows]),
        money(tr("Output"), [row.output for row in rows]),
        money(tr("At your mix"), [row.mix for row in rows]),
        line(tr("Hours"), [hours(row) for row in rows]),
        line(tr("Input / output at other hours"), others),
        line(tr("Terms"), [words.terms_words(row) for row in rows]),
        line(tr("Coming"), [words.coming_words(row) for row in rows]),
        line(tr("List"), [words.layer_words(row) for row in rows]),
        line(tr("Note"), [words.note_words(row) for row in rows]),
    )
    told = tuple(row for row in found if any(cell != "–" for cell in row[1:]))
    sentence = tr("For a million tokens, each in its own currency. Nothing here is about quality.")
    return Listing((tr("Price"), *(row.model for row in rows)), told, sentence)


def peers_listing(ratios: Sequence[Ratio]) -> Listing:
    """Every pair of peers, measured."""
    groups = {
        "flagship": tr("Flagship"),
        "everyday": tr("Everyday"),
        "small": tr("Small"),
    }
    rows = tuple(
        (
            groups.get(ratio.group, ratio.group),
            f"{ratio.provider} · {ratio.model}",
            ratio.peer,
            ratio.currency,
            _remark(ratio),
            words.ratio(ratio.input),
            words.ratio(ratio.output),
        )
        for ratio in ratios
    )
    headers = (
        tr("Class"),
        tr("Mainland model"),
        tr("Overseas peer"),
        tr("Currency"),
        tr("Remark"),
        tr("Input"),
        tr("Output"),
    )
    sentence = tr(
        "List prices now, mainland as a share of overseas: 0.1 is a tenth. Peers are of the same"
        " place in their makers' line-ups; nothing here is about quality."
    )
    return Listing(headers, rows, sentence, words=5, wide=1)


def _remark(ratio: Ratio) -> str:
    if ratio.why or ratio.peak is None:
        return in_words(ratio.why)
    return tr("Peak now") if ratio.peak else tr("Off-peak now")
