"""Google's billing report (Cloud console, Billing, Reports, grouped by date and SKU): what Gemini
and Vertex AI cost.

The header is that of test files of several public tools of 2026: one row for each day and SKU, the
column's sign in brackets, and `Unrounded subtotal`, which is after discounts, beside `Subtotal`.
AI Studio's calls are billed as `Gemini API`. The bill is about everything that runs on Google, so
that rows of other services are left out, and named. The sign alone does not tell the currency (a
file of an Australian account has `$` too), so that it is asked for, unless it is one that only one
currency has. Days are Google's, which are cut in the account's zone, usually Pacific time. Tokens
are not read: the SKU's text tells them in words of no fixed grammar. The invoice's *cost table* is
another file, tells whole months, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from plimsoll.domain.errors import CurrencyUnknown
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Charge
from plimsoll.sources import cells as cell
from plimsoll.sources.cells import Cells
from plimsoll.sources.fields import money
from plimsoll.sources.imports import Entry, FileFormat, Given

UNITS = Decimal(1)
"""Amounts count whole units of the currency."""

SERVICES = ("gemini api", "generative language api", "vertex ai", "gemini enterprise")
"""How the names of the services begin whose SKUs are tokens of models."""

_SUBTOTAL = re.compile(r"(Unrounded subtotal|Subtotal) \((.{1,4})\)")
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "A$": "AUD", "CA$": "CAD", "US$": "USD"}
_SHARED = {"¥": "CNY or --currency JPY"}
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)


def _fits(header: Iterable[str]) -> bool:
    return any(_SUBTOTAL.fullmatch(name) for name in header)


def _read(cells: Cells, given: Given) -> Iterable[Entry]:
    if not cells["Date"]:
        return given.leave_out(say("without a date are sums, and left out"))
    day = cell.day(cells, "Date")
    service = cells["Service description"]
    if not service.lower().startswith(SERVICES):
        return given.leave_out(
            say(
                "of {service} are left out, being no AI model",
                service=service or say("no service"),
            )
        )
    column, currency = _money_column(given)
    cost = {column: cell.amount_text(cells, column, grouped=True)}
    billed, text = money(cost, column, currency, unit=UNITS)
    details = [
        (name.lower().replace(" ", "_"), cells[name].replace(",", ""))
        for name in ("Usage amount", "Usage unit")
        if cells.get(name)
    ]
    who = Attribution(
        project=cells.get("Project ID") or None, line_item=cells["SKU description"] or None
    )
    return (Entry(day, Charge(who, billed, text, (("service", service), *details))),)


def _subtotal(header: Iterable[str]) -> tuple[str, str]:
    """The column of money, the one that is not rounded where it is there, and its sign."""
    found = {m[1]: (name, m[2]) for name in header if (m := _SUBTOTAL.fullmatch(name))}
    return found.get("Unrounded subtotal") or found["Subtotal"]


def _named(header: Iterable[str]) -> frozenset[str]:
    return frozenset(_subtotal(header)[:1])


def _money_column(given: Given) -> tuple[str, str]:
    column, sign = _subtotal(given.header)
    if sign in _SIGNS or _CODE.fullmatch(sign):
        return column, _SIGNS.get(sign, sign)
    if given.currency is None:
        raise CurrencyUnknown(
            say("The amounts are in “{sign}”, which several currencies share.", sign=sign),
            remedy=say("Say which one it is: --currency {get}.", get=_SHARED.get(sign, "USD")),
        )
    return column, given.currency


FORMAT = FileFormat(
    name="google_reports_csv",
    title=say("Google billing report"),
    provider="google",
    provider_title="Google",
    endpoint="cost",
    columns=frozenset({"Date", "Service description", "SKU description"}),
    others=frozenset({"Service ID", "SKU ID", "Usage amount", "Usage unit", "Project ID"}),
    bills_by=frozenset({"project", "line_item"}),
    revision_days=5,
    may_be_short=True,
    fits_also=_fits,
    named=_named,
    read=_read,
)
