"""The simulated Volcengine: Ark's bill, tokens and balance of one account, in yuan, with its truth.

What was used on a day of Beijing depends on the seed and the day alone. Every line costs its tokens
at the list price, a whole number of nano-yuan; the balance falls by the lines and is topped up. The
bill also lists what is none of Plimsoll's business.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from urllib.parse import parse_qsl

from plimsoll.demo.asking import Reply
from plimsoll.demo.story import hours_over
from plimsoll.domain.calendar import Period, month_of
from plimsoll.domain.money import NANO, decimal_text

BEIJING = timedelta(hours=8)
TOKENS_KEPT = 30
TOP_UP = 300 * NANO
LOW = 60 * NANO

_BILLING = ("QueryBalanceAcct", "ListBillDetail")


@dataclass(frozen=True, slots=True)
class Doubao:
    """One model: nano-yuan for a token read and written, and how many of each a day has."""

    model: str
    read_price: int
    written_price: int
    read_a_day: int
    written_a_day: int


MODELS = (
    Doubao("doubao-seed-2.1-turbo", 3_000, 15_000, 640_000, 90_000),
    Doubao("doubao-seed-2.1-lite", 800, 2_700, 1_900_000, 260_000),
)


@dataclass(frozen=True, slots=True)
class ArkLine:
    """What one model was used for on one day of Beijing; amounts in nano-yuan."""

    day: date
    model: Doubao
    requests: int
    read: int
    written: int

    @property
    def parts(self) -> tuple[tuple[str, int, int], ...]:
        """The two lines of the bill: what is counted, how many, and the amount."""
        model = self.model
        return (
            ("推理输入", self.read, self.read * model.read_price),
            ("推理输出", self.written, self.written * model.written_price),
        )

    @property
    def nanos(self) -> int:
        """What both lines cost."""
        return sum(amount for _, _, amount in self.parts)


class VolcengineApi:
    """One simulated account. `key` are the halves it demands, `ID:SECRET`."""

    def __init__(
        self, *, seed: int, first_day: date, key: str, now: Callable[[], datetime]
    ) -> None:
        self._seed = seed
        self._first = first_day
        self._identity = key.partition(":")[0]
        self._now = now

    # --- the truth ------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The demo's present day in Beijing."""
        return (self._now() + BEIJING).date()

    @property
    def told(self) -> Period:
        """The days of which tokens are told."""
        return Period(self.today - timedelta(days=TOKENS_KEPT), self.today)

    def lines(self, period: Period) -> Iterator[ArkLine]:
        """What Ark was used for on some days up to the demo's present, by model."""
        for day in period.days():
            if self._first <= day <= self.today:
                hours = hours_over(day, self._now() + BEIJING) if day == self.today else 24
                for model in MODELS:
                    line = _used(self._seed, day, model, hours)
                    if line.read or line.written:
                        yield line

    @property
    def balance(self) -> int:
        """Nano-yuan that can be spent at the demo's present."""
        left, today = TOP_UP, self.today
        for day in Period(self._first, today).days():
            if left < LOW:
                left += TOP_UP
            if day < today:
                left -= sum(_used(self._seed, day, model, 24).nanos for model in MODELS)
        return left - sum(line.nanos for line in self.lines(Period(today, today)))

    # --- answers --------------------------------------------------------------------------------

    def answer(self, _path: str, _query: str, _headers: Mapping[str, str]) -> Reply:
        """Refuse a GET: every question to Volcengine has a body."""
        return _error(405, "MethodNotAllowed", "Only POST is known.")

    def question(self, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one POST; `headers` are in lower case. Whose key signed it, and that the body is
        the one that was signed, is looked at; the signature itself is not computed anew.
        """
        proof = headers.get("authorization", "")
        if not proof.startswith(f"HMAC-SHA256 Credential={self._identity}/"):
            return _error(401, "InvalidAccessKey", "The access key is not known.")
        if headers.get("x-content-sha256") != hashlib.sha256(body).hexdigest():
            return _error(403, "SignatureDoesNotMatch", "The body is not the one that was signed.")
        action, asked = dict(parse_qsl(query)).get("Action", ""), json.loads(body or b"{}")
        known = {
            "QueryBalanceAcct": self._told_balance,
            "ListBillDetail": self._told_bill,
            "GetInferenceUsage": self._told_tokens,
        }.get(action)
        if known is None or path != ("/billing/" if action in _BILLING else "/"):
            return _error(404, "InvalidActionOrVersion", "There is no such action here.")
        told = {"ResponseMetadata": {"Action": action}, "Result": known(asked)}
        return Reply(200, json.dumps(told).encode())

    def _told_balance(self, _asked: Mapping[str, object]) -> dict[str, object]:
        left = decimal_text(self.balance)
        owed = {"ArrearsBalance": "0.00", "CreditLimit": "0.00", "FreezeAmount": "0.00"}
        return {"AccountID": 2100000007, "AvailableBalance": left, "CashBalance": left, **owed}

    def _told_bill(self, asked: Mapping[str, object]) -> dict[str, object]:
        month = month_of(date.fromisoformat(f"{asked['BillPeriod']}-01"))
        rows = [
            _row(line.day, line.model.model, *part)
            for line in self.lines(month)
            for part in line.parts
        ]
        if rows:
            server = {"Product": "ECS", "ProductZh": "云服务器"}
            rows.append({**rows[0], **server, "PayableAmount": "18.60"})
        first, size = int(str(asked["Offset"])), int(str(asked["Limit"]))
        return {"List": rows[first : first + size] or None, "Total": len(rows)}

    def _told_tokens(self, asked: Mapping[str, object]) -> dict[str, object]:
        days = Period(*(date.fromisoformat(str(asked[name])) for name in ("StartTime", "EndTime")))
        within = days.overlap(self.told)
        lines = list(self.lines(within)) if within else []
        columns: dict[str, list[object]] = {
            "Day": [line.day.isoformat() for line in lines],
            "ModelName": [line.model.model for line in lines],
            "ReqCnt": [str(line.requests) for line in lines],
            "InputTokens": [str(line.read) for line in lines],
            "OutputTokens": [str(line.written) for line in lines],
        }
        fields = [{"Metric": name, "Values": values} for name, values in columns.items()]
        return {"DataCount": len(lines), "Fields": fields}


@cache
def _used(seed: int, day: date, model: Doubao, hours: int) -> ArkLine:
    """A day's use, evenly over its hours; weekends are quiet."""
    words = f"plimsoll/{seed}/volcengine/{model.model}/{day.isoformat()}"
    dice = random.Random(words)  # noqa: S311 - a story, no secret
    share = (60 + dice.randrange(81)) * (3 if day.weekday() < 5 else 1) * hours
    read, written = (n * share // 7_200 for n in (model.read_a_day, model.written_a_day))
    return ArkLine(day, model, -(-read // 2_400), read, written)


def _row(day: date, model: str, element: str, count: int, nanos: int) -> dict[str, object]:
    amount = decimal_text(nanos)
    return {
        "BillPeriod": f"{day:%Y-%m}",
        "ExpenseDate": day.isoformat(),
        "Product": "ark",
        "ProductZh": "火山方舟",
        "ConfigName": model,
        "Element": element,
        "Count": decimal_text(count * NANO // 1_000),
        "Unit": "千tokens",
        "OriginalBillAmount": amount,
        "CouponAmount": "0.00",
        "PayableAmount": amount,
        "Currency": "CNY",
        "Project": "default",
    }


def _error(status: int, code: str, message: str) -> Reply:
    error = {"ResponseMetadata": {"Error": {"Code": code, "Message": message}}}
    return Reply(status, json.dumps(error).encode())
