"""The simulated DeepSeek, Moonshot and SiliconFlow: prepaid balances that fall with use, and are
topped up.

None tells anything else. What was used on a day depends on the seed and the day alone; amounts
are whole fen or cents.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from plimsoll.demo.asking import Reply
from plimsoll.demo.story import hours_over
from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.money import NANO, Money

_HUNDREDTH = NANO // 100


@dataclass(frozen=True, slots=True)
class Wallet:
    """One prepaid balance; amounts in hundredths of the currency (fen, cents).

    It begins with `top_up`, loses about `a_day` on a working day, and gets `top_up` again whenever
    less than `low` is left.
    """

    provider: str
    currency: str
    top_up: int
    low: int
    a_day: int
    granted: int = 0

    def left(self, *, seed: int, first_day: date, now: datetime) -> int:
        """Hundredths left at an instant; a day is spent evenly over its hours."""
        left, today = self.top_up, utc_day(now)
        for day in Period(first_day, today).days():
            if left < self.low:
                left += self.top_up
            share = hours_over(day, now) if day == today else 24
            left -= self._spent_on(day, seed) * share // 24
        return left

    def spent(self, days: Period, *, seed: int) -> int:
        """The truth: hundredths spent on whole days."""
        return sum(self._spent_on(day, seed) for day in days.days())

    @cache  # noqa: B019 - a wallet is a constant, and its days are a year's
    def _spent_on(self, day: date, seed: int) -> int:
        words = f"plimsoll/{seed}/{self.provider}/{self.currency}/{day.isoformat()}"
        dice = random.Random(words)  # noqa: S311 - a story, no secret
        usual = self.a_day if day.weekday() < 5 else self.a_day // 3
        return usual * (60 + dice.randrange(81)) // 100


YUAN = Wallet("deepseek", "CNY", top_up=50_000, low=5_000, a_day=2_150, granted=1_000)
DOLLARS = Wallet("deepseek", "USD", top_up=5_000, low=600, a_day=85)
KIMI = Wallet("moonshot", "CNY", top_up=30_000, low=4_000, a_day=1_270, granted=1_500)
SILICON = Wallet("siliconflow", "CNY", top_up=10_000, low=1_500, a_day=330, granted=400)


class _Prepaid:
    """What they have in common: a key, a clock, and wallets."""

    wallets: tuple[Wallet, ...] = ()

    def __init__(
        self, *, seed: int, first_day: date, key: str, now: Callable[[], datetime]
    ) -> None:
        self._seed = seed
        self._first = first_day
        self._key = key
        self._now = now

    @property
    def balances(self) -> tuple[Money, ...]:
        """The truth: what can be spent at the demo's present, one amount a currency."""
        return tuple(Money(w.currency, self._left(w) * _HUNDREDTH) for w in self.wallets)

    def _left(self, wallet: Wallet) -> int:
        return wallet.left(seed=self._seed, first_day=self._first, now=self._now())

    def _may(self, headers: Mapping[str, str]) -> bool:
        return headers.get("authorization") == f"Bearer {self._key}"


class DeepSeekApi(_Prepaid):
    """One simulated DeepSeek account with a wallet in yuan and one in dollars."""

    wallets = (YUAN, DOLLARS)

    def answer(self, path: str, _query: str, headers: Mapping[str, str]) -> Reply:
        """Answer one GET of a path below the base address; `headers` are in lower case."""
        if not self._may(headers):
            message = "Authentication Fails, Your api key: ****demo is invalid"
            code = {"type": "authentication_error", "code": "invalid_request_error"}
            return _json(401, {"error": {"message": message, **code}})
        if path != "/user/balance":
            return _json(404, {"error": {"message": "Not Found"}})
        infos = []
        for wallet in self.wallets:
            left = self._left(wallet)
            granted = max(min(wallet.granted, left), 0)
            infos.append(
                {
                    "currency": wallet.currency,
                    "total_balance": _text(left),
                    "granted_balance": _text(granted),
                    "topped_up_balance": _text(left - granted),
                }
            )
        return _json(200, {"is_available": True, "balance_infos": infos})


class MoonshotApi(_Prepaid):
    """One simulated account at Moonshot's mainland site, in yuan."""

    wallets = (KIMI,)

    def answer(self, path: str, _query: str, headers: Mapping[str, str]) -> Reply:
        """Answer one GET of a path below the base address; `headers` are in lower case."""
        if not self._may(headers):
            kind = "invalid_authentication_error"
            return _json(401, {"error": {"message": "Invalid Authentication", "type": kind}})
        if path != "/users/me/balance":
            return _json(404, {"error": {"message": "Not Found"}})
        left = self._left(KIMI)
        voucher = max(min(KIMI.granted, left), 0)
        data = {
            "available_balance": left / 100,
            "voucher_balance": voucher / 100,
            "cash_balance": (left - voucher) / 100,
        }
        return _json(200, {"code": 0, "data": data, "scode": "0x0", "status": True})


class SiliconFlowApi(_Prepaid):
    """One simulated account at SiliconFlow's mainland site, in yuan."""

    wallets = (SILICON,)

    def answer(self, path: str, _query: str, headers: Mapping[str, str]) -> Reply:
        """Answer one GET of a path below the base address; `headers` are in lower case."""
        if not self._may(headers):
            return _json(401, "Invalid token")
        if path != "/user/info":
            return _json(404, "404 page not found")
        left = self._left(SILICON)
        gift = max(min(SILICON.granted, left), 0)
        amounts = {
            "balance": _text(gift),
            "chargeBalance": _text(left - gift),
            "totalBalance": _text(left),
        }
        data = {"id": "northwind", "status": "normal", **amounts}
        return _json(200, {"code": 20000, "message": "OK", "status": True, "data": data})


def _text(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _json(status: int, body: object) -> Reply:
    return Reply(status, json.dumps(body).encode())
