"""Anthropic's cost export (Console, Cost page): what was billed, by UTC day, in dollars.

The header is that of test files of public tools of 2026 (axigate-finops; an older one without the
key's id is read by several). `cost_usd` is after discounts, `list_price_usd` before. The model is
written as a title (`Claude Haiku 4.5`); it gets the form that the usage has (`claude-haiku-4-5`),
so that money and tokens meet. The default workspace is null, as from the API; a key is its id where
the export has one, else its name. Of `usage_type` only `message` could be confirmed: other words
are kept as they are and are no tier, unless they are `batch`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from plimsoll.domain.usage import Attribution, Charge
from plimsoll.sources import cells as cell
from plimsoll.sources.cells import Cells
from plimsoll.sources.fields import money
from plimsoll.sources.imports import Entry, FileFormat, Given

DOLLARS = Decimal(1)
"""The unit of `cost_usd`; the API's amounts are cents."""

DEFAULT_WORKSPACE = "Default"

_TOKEN_TYPES = {
    "input_no_cache": "uncached_input_tokens",
    "input_cache_read": "cache_read_input_tokens",
    "input_cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
    "input_cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
    "output": "output_tokens",
}
"""The export's words for the classes, and the API's, by which a bill is compared."""


def _read(cells: Cells, _given: Given) -> Iterable[Entry]:
    day = cell.day_and_hour(cells, "usage_date_utc")[0]
    cost = {"cost_usd": cell.amount_text(cells, "cost_usd")}
    billed, text = money(cost, "cost_usd", "USD", unit=DOLLARS)
    workspace, token_type = cells.get("workspace"), cells.get("token_type", "")
    cost_type = {"token": "tokens"}.get(cells.get("cost_type", ""), cells.get("cost_type", ""))
    parts = [part for part in (cost_type, _TOKEN_TYPES.get(token_type, token_type)) if part]
    kept = ("usage_type", "context_window", "inference_geo", "speed")
    details = [(name, cells[name]) for name in kept if cells.get(name)]
    if cells.get("list_price_usd"):
        listed = Decimal(cell.amount_text(cells, "list_price_usd")) * 100
        details.append(("list_amount", f"{listed:f}"))  # in cents, as the API tells it
    who = Attribution(
        model=plain_title(cells.get("model", "")),
        project=None if workspace == DEFAULT_WORKSPACE else workspace or None,
        key=cells.get("api_key_id") or cells.get("api_key") or None,
        tier="batch" if cells.get("usage_type") == "batch" else None,
        line_item=": ".join(parts) or None,
    )
    return (Entry(day, Charge(who, billed, text, tuple(details))),)


def plain_title(title: str) -> str | None:
    """`Claude Haiku 4.5` as `claude-haiku-4-5`; anything else as it is."""
    if title.startswith("Claude "):
        return title.lower().replace(" ", "-").replace(".", "-")
    return title or None


FORMAT = FileFormat(
    name="anthropic_cost_csv",
    title="Anthropic costs",
    provider="anthropic",
    provider_title="Anthropic",
    endpoint="cost",
    columns=frozenset({"usage_date_utc", "model", "token_type", "cost_usd"}),
    others=frozenset(
        {
            *("workspace", "api_key", "usage_type", "context_window", "list_price_usd"),
            *("cost_type", "inference_geo", "speed", "api_key_id", "api_key_status"),
        }
    ),
    guarded=("cost", "amount", "price"),
    bills_by=frozenset({"model", "project", "key", "tier", "line_item"}),
    revision_days=2,
    read=_read,
)
