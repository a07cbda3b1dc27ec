"""Anthropic's spend limits: of the organisation, its workspaces and its users, in cents.

API facts: https://platform.claude.com/docs/en/api/organization/spend_limits (beta). An amount is a
whole number as text in the minor unit of the billing currency; null is no cap at that scope. A
limit that is switched off is kept there and does not hold. Listing them is early access for
Console organisations: for most keys there is nothing to read, which is no failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import Span
from plimsoll.domain.errors import REFUSED
from plimsoll.domain.question import Dimension
from plimsoll.sources.fields import (
    FieldError,
    Row,
    flag,
    list_of,
    money,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.paging import Pager
from plimsoll.sources.rows.workspaces import Workspaces

CENTS = Decimal("0.01")
"""The unit of `amount`."""

MOST_PAGES = 100

_PATH = "/v1/organizations/spend_limits"
_BETA = MappingProxyType({"anthropic-beta": "spend-limit-reads-2026-09-26"})
_SPANS = {"daily": Span.DAY, "weekly": Span.WEEK, "monthly": Span.MONTH}
_SCOPES = {
    "workspace": (Dimension.PROJECT, "workspace_id"),
    "user": (Dimension.USER, "user_id"),
}


def spend_limits(pager: Pager, workspaces: Workspaces) -> Iterator[SpendLimit]:
    """The limits that hold, the organisation's own first. Those of seats, groups and services are
    left out: no figure of ours is cut by them. So is that of the default workspace, which has no
    name of its own in the ledger.
    """
    workspaces.load()
    found = [limit for row in _rows(pager) if (limit := _limit(pager, row)) is not None]
    default = (Dimension.PROJECT, workspaces.default)
    yield from sorted(
        (limit for limit in found if limit.of != default), key=lambda limit: limit.of is not None
    )


def _rows(pager: Pager) -> Iterator[Row]:
    page: str | None = None
    seen: set[str] = set()
    while len(seen) < MOST_PAGES:
        params = (("limit", "1000"), *((("page", page),) if page else ()))
        try:
            body = pager.door.get(_PATH, params, headers=_BETA)
        except REFUSED:
            return
        try:
            for raw in list_of(body, "data"):
                yield row_of(raw, "spend_limits")
            page = word(body, "next_page")
        except FieldError as problem:
            raise pager.refuse(problem, "spend_limits") from None
        if page is None or page in seen:
            return
        seen.add(page)


def _limit(pager: Pager, row: Row) -> SpendLimit | None:
    try:
        if row.get("amount") is None or flag(row, "is_enabled") is False:
            return None
        amount, _ = money(row, "amount", row.get("currency"), unit=CENTS)
        span = _SPANS.get(required_word(row, "period"))
        scope = row_of(row.get("scope"), "scope")
        kind = required_word(scope, "type")
        if span is None or amount.nanos <= 0 or kind not in {"organization", *_SCOPES}:
            return None
        if kind == "organization":
            return SpendLimit(amount, span)
        dimension, name = _SCOPES[kind]
        return SpendLimit(amount, span, (dimension, required_word(scope, name)))
    except FieldError as problem:
        raise pager.refuse(problem, "spend_limits") from None
