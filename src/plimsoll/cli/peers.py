"""`plimsoll prices --peers`: mainland list prices as shares of overseas ones, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from plimsoll.cli.session import Session, print_out

if TYPE_CHECKING:
    from plimsoll.services.market_answers import Ratio

_PLACES = 4


def show_peers(session: Session, ratios: Sequence[Ratio]) -> None:
    """Print the ratios, or answer them as JSON, schema 1: decimal text, null where not known."""
    if session.as_json:
        session.answer({"schema": 1, "ratios": [_document(ratio) for ratio in ratios]})
        return
    print_out("List prices now, mainland as a share of overseas; nothing about quality.")
    group = ""
    for ratio in ratios:
        if ratio.group != group:
            group = ratio.group
            print_out(f"{group.capitalize()}:")
        print_out(f"  {_name(ratio)} to {ratio.peer}: {_words(ratio)}")


def _name(ratio: Ratio) -> str:
    hours = "" if ratio.peak is None else "peak hours" if ratio.peak else "off-peak"
    terms = ", ".join(filter(None, (ratio.currency, hours)))
    return f"{ratio.provider} {ratio.model}{f' ({terms})' if terms else ''}"


def _words(ratio: Ratio) -> str:
    parts = [
        f"{word} {_number(share)}"
        for word, share in (("input", ratio.input), ("output", ratio.output))
        if share is not None
    ]
    return ratio.why or ", ".join(parts)


def _document(ratio: Ratio) -> dict[str, object]:
    return {
        "class": ratio.group,
        "provider": ratio.provider,
        "model": ratio.model,
        "currency": ratio.currency or None,
        "peak": ratio.peak,
        "peer_provider": ratio.peer_provider,
        "peer": ratio.peer,
        "input": _number(ratio.input),
        "output": _number(ratio.output),
        "reason": ratio.why or None,
    }


def _number(share: Fraction | None) -> str | None:
    """Rounded half to even to four places."""
    if share is None:
        return None
    return f"{Decimal(round(share * 10**_PLACES)).scaleb(-_PLACES):f}"
