"""The simulated OpenRouter: activity, credits, keys and workspaces of one account, with its truth.

What was used on a day depends on the seed and the day alone. Every amount is a whole number of
nano-dollars. Activity is told for the last 30 UTC days that are over, as the real one does.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl

from plimsoll.demo.asking import Reply
from plimsoll.demo.story import hours_over
from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.money import NANO, amount_of
from plimsoll.domain.usage import Tokens

DEPTH = timedelta(days=30)
TOP_UP = 100 * NANO
"""Credits are bought by the hundred dollars whenever fewer than `LOW` are left."""

LOW = 25 * NANO


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://northwind.example/{name}"))


HOME, RESEARCH = _id("workspace/northwind"), _id("workspace/research")
WORKSPACES = {HOME: "Northwind", RESEARCH: "Research"}


@dataclass(frozen=True, slots=True)
class GatewayKey:
    """An API key; `share` of 100 is how much of the traffic is its own, `limit` the dollars that it
    may spend in a month, None where it may spend any.
    """

    name: str
    workspace: str
    share: int
    disabled: bool = False
    deleted: bool = False
    limit: int | None = None

    @property
    def hash(self) -> str:
        """The key's hash, by which activity is asked for."""
        return hashlib.sha256(f"northwind/{self.name}".encode()).hexdigest()


KEYS = (
    GatewayKey("Model bench", HOME, 50, limit=60),
    GatewayKey("Translation trial", HOME, 25, disabled=True),
    GatewayKey("Paper reading", RESEARCH, 20),
    GatewayKey("Weekend prototype", RESEARCH, 5, deleted=True),
)


@dataclass(frozen=True, slots=True)
class GatewayModel:
    """A model behind one provider; prices are nano-dollars a token."""

    model: str
    provider: str
    fresh: int
    cached: int
    output: int
    kilo_tokens: int

    @property
    def endpoint(self) -> str:
        """The endpoint's id."""
        return _id(f"endpoint/{self.model}/{self.provider}")


MODELS = (
    GatewayModel("deepseek/deepseek-v4-pro-0813", "DeepSeek", 660, 22, 1980, 2600),
    GatewayModel("deepseek/deepseek-v4-pro-0813", "Fireworks", 660, 22, 1980, 700),
    GatewayModel("moonshotai/kimi-k3.1-pro", "Moonshot AI", 2000, 200, 10000, 400),
    GatewayModel("qwen/qwen3.5-plus", "Alibaba", 400, 40, 1200, 900),
)


@dataclass(frozen=True, slots=True)
class Used:
    """What one key used of one model on one day."""

    day: date
    key: GatewayKey
    model: GatewayModel
    tokens: Tokens
    requests: int

    @property
    def nanos(self) -> int:
        """What it cost, in nano-dollars."""
        tokens, model = self.tokens, self.model
        return (
            tokens.input * model.fresh
            + tokens.cache_read * model.cached
            + tokens.output * model.output
        )


class OpenRouterApi:
    """One simulated account, and what is true of it. `key` is the management key it demands."""

    def __init__(
        self, *, seed: int, first_day: date, key: str, now: Callable[[], datetime]
    ) -> None:
        self._seed = seed
        self._first = first_day
        self._key = key
        self._now = now
        self._told: dict[date, tuple[Used, ...]] = {}
        self._lock = threading.Lock()

    # --- the truth -----------------------------------------------------------------------------

    @property
    def told(self) -> Period:
        """The days that the activity answers for at the demo's present."""
        today = utc_day(self._now())
        return Period(today - DEPTH, today - ONE_DAY)

    def used(self, period: Period) -> Iterator[Used]:
        """Everything used on some days, as if they were over."""
        for day in period.days():
            if day < self._first:
                continue
            with self._lock:
                if day not in self._told:
                    self._told[day] = tuple(_day(self._seed, day))
            yield from self._told[day]

    def credits(self) -> tuple[int, int]:
        """Nano-dollars bought and used, the part of today that is over included."""
        now = self._now()
        today, bought, spent = utc_day(now), TOP_UP, 0
        for day in Period(self._first, today).days():
            share = hours_over(day, now) if day == today else 24
            spent += sum(used.nanos for used in self.used(Period(day, day))) * share // 24
            while bought - spent < LOW:
                bought += TOP_UP
        return bought, spent

    @property
    def balance(self) -> int:
        """Nano-dollars that can still be spent."""
        bought, spent = self.credits()
        return bought - spent

    # --- answers -------------------------------------------------------------------------------

    def answer(self, path: str, query: str, headers: Mapping[str, str]) -> Reply:
        """Answer one GET of a path below the base address; `headers` are in lower case."""
        if headers.get("authorization") != f"Bearer {self._key}":
            return _refusal(401, "No auth credentials found")
        asked = dict(parse_qsl(query))
        answers: dict[str, Callable[[Mapping[str, str]], Reply]] = {
            "/activity": self._activity,
            "/credits": self._credits,
            "/key": self._whose,
            "/keys": self._keys,
            "/workspaces": self._workspaces,
        }
        known = answers.get(path)
        return known(asked) if known else _refusal(404, "Not Found")

    def _credits(self, _asked: Mapping[str, str]) -> Reply:
        bought, spent = self.credits()
        return _reply({"total_credits": _dollars(bought), "total_usage": _dollars(spent)})

    def _whose(self, _asked: Mapping[str, str]) -> Reply:
        whose = {"label": "sk-or-v1-dem...emo", "usage": 0, "limit": None}
        return _reply({**whose, "is_management_key": True, "is_provisioning_key": True})

    def _workspaces(self, _asked: Mapping[str, str]) -> Reply:
        return _reply([{"id": i, "name": name} for i, name in WORKSPACES.items()])

    def _activity(self, asked: Mapping[str, str]) -> Reply:
        period, only = self.told, asked.get("date")
        if only is not None:
            if only not in {day.isoformat() for day in period.days()}:
                return _refusal(400, "Date must be within the last 30 (completed) UTC days")
            period = Period(date.fromisoformat(only), date.fromisoformat(only))
        by_workspace = asked.get("group_by") == "workspace"
        rows: dict[tuple[object, ...], list[Used]] = {}
        for used in self.used(period):
            workspace = used.key.workspace
            if asked.get("api_key_hash", used.key.hash) != used.key.hash:
                continue
            if asked.get("workspace_id", workspace) == workspace:
                group = workspace if by_workspace else None
                rows.setdefault((used.day, used.model, group), []).append(used)
        return _reply([_row(found, by_workspace=by_workspace) for found in rows.values()])

    def _keys(self, asked: Mapping[str, str]) -> Reply:
        """Keys that still are; of the default workspace unless another one is named."""
        workspace = asked.get("workspace_id", HOME)
        found = [
            {
                "hash": key.hash,
                "name": key.name,
                "label": f"sk-or-v1-{key.hash[:3]}...{key.hash[-3:]}",
                "disabled": key.disabled,
                "limit": key.limit,
                "limit_reset": None if key.limit is None else "monthly",
                "include_byok_in_limit": False,
                "usage": _dollars(self._used_by(key)),
                "workspace_id": key.workspace,
            }
            for key in KEYS
            if key.workspace == workspace
            and not key.deleted
            and (not key.disabled or asked.get("include_disabled") == "true")
        ]
        return _reply(found[int(asked.get("offset", 0)) :][:100])

    def _used_by(self, key: GatewayKey) -> int:
        days = Period(self._first, utc_day(self._now()) - ONE_DAY)
        return sum(used.nanos for used in self.used(days) if used.key is key)


def _day(seed: int, day: date) -> Iterator[Used]:
    """A day's traffic: working days are busy, weekends are not."""
    dice = random.Random(f"plimsoll/{seed}/openrouter/{day.isoformat()}")  # noqa: S311 - a story
    busy = (100 if day.weekday() < 5 else 30) * (80 + dice.randrange(41))
    for model in MODELS:
        for key in KEYS:
            level = busy * key.share * (70 + dice.randrange(61))
            thousand = model.kilo_tokens * level // 100_000_000
            if not thousand:
                continue
            cached = thousand * dice.randrange(300, 600)
            output = thousand * dice.randrange(80, 200)
            tokens = Tokens(
                input=thousand * 1000 - cached,
                cache_read=cached,
                output=output,
                reasoning=output * dice.randrange(60) // 100,
            )
            yield Used(day, key, model, tokens, 1 + thousand // 6)


def _row(found: list[Used], *, by_workspace: bool) -> dict[str, object]:
    """One row of the activity: what several keys used of a model at one provider."""
    first, tokens = found[0], Tokens()
    for used in found:
        tokens += used.tokens
    row: dict[str, object] = {
        "date": first.day.isoformat(),
        "model": first.model.model,
        "model_permaslug": f"{first.model.model}-20260901",
        "endpoint_id": first.model.endpoint,
        "provider_name": first.model.provider,
        "usage": _dollars(sum(used.nanos for used in found)),
        "byok_usage_inference": 0,
        "requests": sum(used.requests for used in found),
        "prompt_tokens": tokens.input + tokens.cache_read,
        "completion_tokens": tokens.output,
        "reasoning_tokens": tokens.reasoning,
        "cached_tokens": tokens.cache_read,
    }
    return {**row, "workspace_id": first.key.workspace} if by_workspace else row


def _dollars(nanos: int) -> float:
    """Dollars as the JSON number that the real one writes; exact to the nano-dollar here."""
    return float(amount_of(nanos))


def _reply(data: object) -> Reply:
    return Reply(200, json.dumps({"data": data}).encode())


def _refusal(status: int, message: str) -> Reply:
    return Reply(status, json.dumps({"error": {"code": status, "message": message}}).encode())
