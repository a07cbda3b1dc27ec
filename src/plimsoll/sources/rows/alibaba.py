"""What Alibaba Cloud answers: refusals by their codes, amounts, and items of the bill."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Charge
from plimsoll.sources.fields import FieldError, Row, money, quantity, required_word, word
from plimsoll.sources.verdicts import Verdicts

UNITS = Decimal(1)
"""Amounts count whole yuan (or dollars, abroad), never fen or cents."""

VERDICTS = Verdicts(
    code=("Code",),
    message=("Message",),
    fine=frozenset({"200", "Success"}),
    stands_for={
        "InvalidAccessKeyId": 401,
        "SignatureDoesNotMatch": 401,
        "IncompleteSignature": 401,
        "InvalidTimeStamp": 401,
        "NotAuthorized": 403,
        "InvalidOwner": 403,
        "NoPermission": 403,
        "Forbidden": 403,
        "NotApplicable": 404,
        "InvalidAction": 404,
        "Throttling": 429,
        "InternalError": 500,
        "ServiceUnavailable": 500,
    },
)

_CODES = frozenset({"sfm", "bailian", "dashscope"})
_COMMODITIES = ("sfm_", "bailian", "dashscope")
_NAMES = ("百炼", "model studio", "dashscope", "bailian")
"""How Model Studio's lines are told from the rest of the cloud: the product's code, the beginning
of the commodity's code, or a part of the product's name.
"""

_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


class Sold(NamedTuple):
    """What an item says of its model: `workspace` and `model`, None where it does not tell."""

    workspace: str | None
    model: str | None


def ungrouped(row: Row, name: str) -> Row:
    """A row whose amount `name` has no commas between its thousands; any other comma stays."""
    value = row.get(name)
    if isinstance(value, str) and _GROUPED.fullmatch(value):
        return {**row, name: value.replace(",", "")}
    return row


def bill_item(row: Row, day: date) -> Charge | None:
    """A billing item of one day; None where it is none of Model Studio's."""
    if not is_ours(row):
        return None
    told = word(row, "BillingDate")
    if told is not None and told[:10] != day.isoformat():
        raise FieldError("BillingDate", say("is not the day that was asked for"), told)
    currency = required_word(row, "Currency")
    amount, text = money(ungrouped(row, "PretaxAmount"), "PretaxAmount", currency, unit=UNITS)
    sold = _sold(word(row, "InstanceID"))
    names = ("BillingItem", "BillingItemCode", "ProductDetail", "ProductName", "CommodityCode")
    line = next((told for name in names if (told := word(row, name))), None)
    details = {
        "product": word(row, "ProductDetail"),
        "instance": word(row, "InstanceID"),
        "kind": word(row, "Item"),
        "quantity": _used(row),
        "quantity_unit": word(row, "UsageUnit"),
        "list_amount": quantity(ungrouped(row, "PretaxGrossAmount"), "PretaxGrossAmount"),
        "coupon": quantity(ungrouped(row, "DeductedByCoupons"), "DeductedByCoupons"),
    }
    of = Attribution(model=sold.model, project=sold.workspace, line_item=line)
    return Charge(of, amount, text, details=tuple((k, v) for k, v in details.items() if v))


def is_ours(row: Row) -> bool:
    """Whether an item of the cloud's bill is Model Studio's."""
    codes = [(word(row, name) or "").casefold() for name in ("ProductCode", "PipCode")]
    commodity = (word(row, "CommodityCode") or "").casefold()
    product = (word(row, "ProductName") or "").casefold()
    return (
        any(code in _CODES for code in codes)
        or commodity.startswith(_COMMODITIES)
        or any(name in product for name in _NAMES)
    )


def _sold(instance: str | None) -> Sold:
    """Read out of `n;workspace;model;kind;…`; what is written in another way tells nothing."""
    parts = [part.strip() for part in (instance or "").split(";")]
    if len(parts) < 4:
        return Sold(None, None)
    return Sold(parts[1] or None, parts[2] or None)


def _used(row: Row) -> str | None:
    if row.get("Usage") in (None, "", "-"):
        return None
    return quantity(ungrouped(row, "Usage"), "Usage")
