"""Documents: the contract's JSON and CSV shapes of an answer, for commands and reports."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from plimsoll.domain.money import decimal_text
from plimsoll.domain.question import Amounts, Dimension, Row, Table
from plimsoll.domain.usage import Tokens

RowDocument = dict[str, object]

TOKEN_CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


def table_document(table: Table) -> dict[str, object]:
    """The document of `spend --json`, schema 1."""
    question = table.question
    return {
        "schema": 1,
        "from": question.period.first.isoformat(),
        "to": question.period.last.isoformat(),
        "zone": question.zone,
        "rows": [row_document(row, question.by) for row in table.rows],
        "total": row_document(table.total, ()),
        "gaps": [
            {
                "source": gap.source,
                "from": gap.period.first.isoformat(),
                "to": gap.period.last.isoformat(),
                "reason": gap.reason,
            }
            for gap in table.gaps
        ],
        "not_final_from": table.not_final_from.isoformat() if table.not_final_from else None,
    }


def row_document(row: Row, by: Sequence[Dimension]) -> RowDocument:
    """One row of the contract: its dimensions by name, tokens, requests, amounts, units."""
    document: RowDocument = {
        dimension.value: value for dimension, value in zip(by, row.key, strict=True)
    }
    document["tokens"] = tokens_document(row.tokens)
    document["requests"] = row.requests
    document["amounts"] = [amounts_document(amounts) for amounts in row.amounts]
    document["units"] = {unit: quantity_value(quantity) for unit, quantity in row.units}
    document["not_priced_tokens"] = row.not_priced_tokens
    return document


def tokens_document(tokens: Tokens) -> dict[str, int]:
    """Token counts by class, and their total."""
    counts = {name: getattr(tokens, name) for name in TOKEN_CLASSES}
    return {**counts, "total": tokens.total}


def amounts_document(amounts: Amounts) -> dict[str, str]:
    """One currency's amounts by evidence, as decimal text."""
    return {
        "currency": amounts.currency,
        "billed": decimal_text(amounts.billed),
        "estimated": decimal_text(amounts.estimated),
        "plan": decimal_text(amounts.plan),
        "worth": decimal_text(amounts.worth),
    }


def quantity_value(quantity: Decimal) -> int | str:
    """A whole quantity as a number, another as plain decimal text."""
    if quantity == quantity.to_integral_value():
        return int(quantity)
    return format(quantity.normalize(), "f")


def csv_header(by: Sequence[Dimension]) -> list[str]:
    """The columns of a spend table as CSV."""
    money = ["currency", "billed", "estimated", "plan", "worth"]
    counts = [*TOKEN_CLASSES, "total_tokens", "requests", "not_priced_tokens", "units"]
    return [*(dimension.value for dimension in by), *money, *counts]


def csv_rows(row: Row) -> list[list[str]]:
    """One line a currency; counts stand on the first line only, so that a column still adds up."""
    lines = []
    for position, amounts in enumerate(row.amounts or (None,)):
        money = list(amounts_document(amounts).values()) if amounts else [""] * 5
        counts = _counts(row) if position == 0 else [""] * (len(TOKEN_CLASSES) + 4)
        lines.append([*(guarded(value or "") for value in row.key), *money, *counts])
    return lines


def _counts(row: Row) -> list[str]:
    tokens = [str(value) for value in tokens_document(row.tokens).values()]
    requests = "" if row.requests is None else str(row.requests)
    units = "; ".join(f"{quantity_value(quantity)} {unit}" for unit, quantity in row.units)
    return [*tokens, requests, str(row.not_priced_tokens), units]


def guarded(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return (
        f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"} else text
    )
