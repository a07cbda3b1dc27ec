"""LiteLLM: tokens by day, model and key of a proxy of one's own, with its own estimate of the cost.

API facts: the proxy's source (litellm 1.110.2), `/user/daily/activity`. The answer for a whole
range (`/aggregated`) is asked first; older proxies have the paged form only, whose pages count
stored rows and not days: a day can go on on the next page, and a page's totals are the page's own.
Days are UTC. `prompt_tokens` hold what was read from a cache and written to it. `spend` is in
dollars, from the proxy's own price map, and zero for what that does not have: an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import MissingScope, NotOffered, PageLoop
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, BalanceReading, Name, NameKind, Slice
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    calendar_day,
    counter,
    flag,
    list_of,
    readable,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import until_today
from plimsoll.sources.rows.gateways import record_of, split_input, told_dollars

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

ON_A_PAGE = 1000
MOST_PAGES = 2000

_ACTIVITY = "/user/daily/activity"
_NO_KEY = "unattributed"


class Counts(NamedTuple):
    """What a model, or one key's share of it, was used for; `dollars` are the proxy's estimate."""

    prompt: int = 0
    completion: int = 0
    read: int = 0
    written: int = 0
    requests: int = 0
    dollars: Decimal = Decimal(0)

    def plus(self, other: Counts, sign: int = 1) -> Counts:
        """Both together; with the sign −1, what is left of it without the other."""
        return Counts(
            self.prompt + sign * other.prompt,
            self.completion + sign * other.completion,
            self.read + sign * other.read,
            self.written + sign * other.written,
            self.requests + sign * other.requests,
            self.dollars + sign * other.dollars,
        )

    @property
    def is_possible(self) -> bool:
        """Whether nothing that is counted is below zero."""
        return min(self.prompt, self.completion, self.read, self.written, self.requests) >= 0


Cell = tuple[str, str | None]
"""A model and a key; the key is None for the model as a whole."""

Days = dict[date, dict[Cell, Counts]]


@dataclass(slots=True)
class Proxy:
    """One LiteLLM proxy behind a door, as far as a key may see it."""

    _door: Door
    _is_paged: bool = False
    _user: tuple[tuple[str, str], ...] = ()
    _aliases: dict[str, str] = field(default_factory=dict)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The daily activity."""
        return (Endpoint("activity", say("Daily activity")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, as `base.Account.pull` promises."""
        asked = until_today(period, self._door.clock.now())
        if asked is None:
            return
        found = self._ask(asked)
        for day in asked.days():
            yield _slice(endpoint, day, found.get(day, {}))

    # -- asking ----------------------------------------------------------------------------------

    def _ask(self, days: Period) -> Days:
        """The activity of days: of everybody, else of this key's own user."""
        try:
            return self._ask_pages(days)
        except MissingScope:
            if self._user:
                raise
            self._user = self._own_user()
            if not self._user:
                raise
            return self._ask_pages(days)

    def _own_user(self) -> tuple[tuple[str, str], ...]:
        body = self._door.get("/key/info")
        with answer_of("LiteLLM", remedy=DAYS_STAY) as at:
            info = row_of(body.get("info"), "info")
            at.where = "info"
            user = word(info, "user_id")
        return (("user_id", user),) if user else ()

    def _ask_pages(self, days: Period) -> Days:
        span = (("start_date", days.first.isoformat()), ("end_date", days.last.isoformat()))
        found: Days = {}
        if not self._is_paged:
            try:
                body = self._door.get(f"{_ACTIVITY}/aggregated", (*span, *self._user))
            except NotOffered as refusal:
                if refusal.status != 404:
                    raise
                self._is_paged = True
            else:
                self._read(body, days, found)
                return found
        for page in range(1, MOST_PAGES + 1):
            here = (("page", str(page)), ("page_size", str(ON_A_PAGE)))
            body = self._door.get(_ACTIVITY, (*span, *self._user, *here))
            self._read(body, days, found)
            if not _goes_on(body, page):
                return found
        raise PageLoop(say("LiteLLM's activity does not end."), remedy=DAYS_STAY)

    def _read(self, body: Row, days: Period, found: Days) -> None:
        """Add a page's rows to what was found: a day can go on on the next page."""
        with answer_of("LiteLLM", remedy=DAYS_STAY) as at:
            for index, raw in enumerate(list_of(body, "results")):
                at.where = f"results[{index}]"
                row = row_of(raw, "row")
                day = calendar_day(row, "date")
                if day not in days:
                    raise FieldError("date", say("lies outside the days asked for"), str(day))
                breakdown = row_of(row.get("breakdown"), "breakdown")
                at.where = f"results[{index}].breakdown"
                models = row_of(breakdown.get("models"), "models")
                cells = found.setdefault(day, {})
                for model, told in models.items():
                    at.where = f"results[{index}].breakdown.models"
                    self._add(cells, model, row_of(told, "model"))

    def _add(self, cells: dict[Cell, Counts], model: str, told: Row) -> None:
        cells[model, None] = cells.get((model, None), Counts()).plus(_counts(told))
        for key, share in row_of(told.get("api_key_breakdown") or {}, "api_key_breakdown").items():
            mine = row_of(share, "share")
            cell = (model, key)
            cells[cell] = cells.get(cell, Counts()).plus(_counts(mine))
            alias = word(row_of(mine.get("metadata") or {}, "metadata"), "key_alias")
            if alias:
                self._aliases[key] = alias

    # -- the rest --------------------------------------------------------------------------------

    def names(self) -> tuple[Name, ...]:
        """The aliases of the keys that were in the activity."""
        return tuple(Name(NameKind.KEY, key, alias) for key, alias in self._aliases.items())

    def balances(self) -> tuple[BalanceReading, ...]:
        """None: what is left of a key's budget is no money."""
        return ()

    def organisation(self) -> None:
        """A proxy does not tell whose it is."""

    def test(self) -> tuple[Finding, ...]:
        """Today's activity, and whether it is everybody's or this key's own."""
        today = utc_day(self._door.clock.now())
        self._ask(Period(today, today))
        whose = say("of this key's own user only") if self._user else say("of all users")
        return (
            readable(say("Tokens by day, model and key, with the proxy's estimate"), ok=True),
            Finding(
                not self._user,
                say("The activity is that {whose}.", whose=whose),
                say("The master key, or the key of a proxy admin, sees everybody's."),
                essential=False,
            ),
        )


def _goes_on(body: Row, page: int) -> bool:
    with answer_of("LiteLLM", remedy=DAYS_STAY, where="metadata"):
        metadata = row_of(body.get("metadata"), "metadata")
        more = flag(metadata, "has_more")
        if more is None:
            more = page < counter(metadata, "total_pages")
        return more


def _counts(told: Row) -> Counts:
    metrics = row_of(told.get("metrics"), "metrics")
    return Counts(
        prompt=counter(metrics, "prompt_tokens"),
        completion=counter(metrics, "completion_tokens"),
        read=counter(metrics, "cache_read_input_tokens"),
        written=counter(metrics, "cache_creation_input_tokens"),
        requests=counter(metrics, "api_requests"),
        dollars=told_dollars(metrics, "spend") or Decimal(0),
    )


def _slice(endpoint: str, day: date, cells: Mapping[Cell, Counts]) -> Slice:
    """A day's models, cut by key where the keys' shares are no more than the whole; what the keys
    that are listed leave stays without a key.
    """
    shares: dict[str, dict[str, Counts]] = {}
    for (model, key), counts in cells.items():
        if key is not None:
            shares.setdefault(model, {})[key] = counts
    parts: list[tuple[str, str | None, Counts]] = []
    for (model, key), whole in cells.items():
        if key is not None:
            continue
        rest = whole
        for share in shares.get(model, {}).values():
            rest = rest.plus(share, -1)
        if not rest.is_possible:
            parts.append((model, None, whole))
            continue
        parts += [(model, who, share) for who, share in shares.get(model, {}).items()]
        parts.append((model, None, rest._replace(dollars=max(rest.dollars, Decimal(0)))))
    records = (
        record_of(
            day_start(day),
            day_start(day + ONE_DAY),
            Attribution(model=model or None, key=None if who in (None, "", _NO_KEY) else who),
            split_input(
                counts.prompt, read=counts.read, written=counts.written, output=counts.completion
            ),
            requests=counts.requests,
            dollars=counts.dollars,
            knows_classes=True,
            service=model.partition("/")[0] if "/" in model else "",
        )
        for model, who, counts in parts
    )
    return Slice(endpoint, day, records=tuple(record for record in records if record))


class LiteLLM:
    """What can be known of a LiteLLM proxy without asking it."""

    name = "litellm"
    title = "LiteLLM"
    base_url = "https://litellm.example.com"
    key_shape = KeyShape(
        label=say("LiteLLM key"),
        prefixes=("sk-", ""),
        wrong=not_of("LiteLLM", own=("sk-",)),
        needs=say(
            "The master key, or the key of a proxy admin, sees everybody's "
            "activity; any other key its own user's."
        ),
        help_url="https://docs.litellm.ai/docs/proxy/virtual_keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, per_model=True, per_key=True, gateway=True)
    revision_days = 1
    about = About(
        own_server=say("the address of your LiteLLM proxy"),
        figures=say(
            "Tokens and requests by UTC day, model and key, estimated at list "
            "price; where there is none, by the proxy's own price map. It bills "
            "nobody."
        ),
    )
    setting_names = ()

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The given address, without the `/v1` that clients put behind it."""
        self.about.check(self.title, settings, given)
        return (given or self.base_url).removesuffix("/v1")

    def open(self, door: Door, _settings: Mapping[str, str]) -> Proxy:
        """The proxy behind a door."""
        return Proxy(door)


CONNECTOR = LiteLLM()
