"""The truth of the demo: exact totals straight from the story, to hold a ledger against.

Nothing here goes through the answers' code: hours are added and priced a second time, in decimal
arithmetic. Every single amount of the story is a whole number of nano-dollars, so rounding each
charge once changes nothing, however the provider was asked to group it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from plimsoll.demo import company, lab, prices
from plimsoll.demo.prices import Rates, rates_on
from plimsoll.demo.story import LAB, ORGANISATIONS, Cell, Story, hours_billed, hours_over
from plimsoll.demo.workloads import COUNTERS, Series
from plimsoll.domain.usage import Tokens

USAGE_DIMENSIONS = (
    "day",
    "month",
    "hour",
    "provider",
    "endpoint",
    "project",
    "key",
    "user",
    "model",
    "tier",
    "unit",
)
BILLED_DIMENSIONS = ("day", "month", "provider", "project", "key", "model", "tier", "line_item")

_FIRST_ANALYTICS_DAY = date(2026, 1, 1)
_MILLION = Decimal(1_000_000)
_NANO = Decimal(1_000_000_000)
_KINDS = (
    ("fresh", "input", "input", "uncached_input_tokens"),
    ("cached", "cache_read", "cached input", "cache_read_input_tokens"),
    (
        "written",
        "cache_write_5m",
        "cache write",
        "",
    ),
    ("written_5m", "cache_write_5m", "", "cache_creation.ephemeral_5m_input_tokens"),
    ("written_1h", "cache_write_1h", "", "cache_creation.ephemeral_1h_input_tokens"),
    ("output", "output", "output", "output_tokens"),
    ("audio_in", "audio_input", "audio input", ""),
    ("audio_cached", "audio_cache_read", "cached audio input", ""),
    ("audio_out", "audio_output", "audio output", ""),
)
"""Counter, field of `Rates`, OpenAI's word in a line item, Anthropic's token type."""

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Count:
    """What one series counted in one hour."""

    day: date
    hour: int
    provider: str
    series: Series
    counts: dict[str, int]

    def value(self, dimension: str, unit: str | None = None) -> object:
        """The value of a usage dimension; the default workspace is None."""
        series = self.series
        found: dict[str, object] = {
            "day": self.day,
            "month": f"{self.day:%Y-%m}",
            "hour": datetime(self.day.year, self.day.month, self.day.day, self.hour, tzinfo=UTC),
            "provider": self.provider,
            "endpoint": series.endpoint,
            "project": _project_of(series),
            "key": series.key,
            "user": series.user,
            "model": series.model,
            "tier": _tier_of(series),
            "unit": unit,
        }
        return found[dimension]


@dataclass(frozen=True, slots=True)
class _Charged:
    """One amount that a provider charges for one series, with what it says of it."""

    day: date
    provider: str
    nanos: int
    values: dict[str, str | None]

    def value(self, dimension: str) -> object:
        """The value of a billed dimension; None where the provider does not bill by it."""
        if dimension == "day":
            return self.day
        if dimension == "month":
            return f"{self.day:%Y-%m}"
        return self.provider if dimension == "provider" else self.values[dimension]


class Truth:
    """What the simulated organisations used and were billed, as of the demo's present.

    Days are UTC, first and last both included; amounts are nano-dollars. Every answer is a dict
    from the values of the asked dimensions, in their order, to a sum. Projects, keys and users are
    ids (`names` has their names); Anthropic's default workspace is None, as in the ledger.
    """

    def __init__(self, story: Story, *, now: Callable[[], datetime], analytics: bool) -> None:
        self._story = story
        self._now = now
        self._analytics = analytics

    @property
    def first_day(self) -> date:
        """The first day on which anything was used."""
        return self._story.first_day

    @property
    def analytics_first(self) -> date | None:
        """The first day that Anthropic's analytics answers for; None where it answers 403."""
        if not self._analytics:
            return None
        today = self._now().astimezone(UTC).date()
        return max(_FIRST_ANALYTICS_DAY, today - timedelta(days=364))

    def billed(
        self, provider: str | None, first: date, last: date, by: Sequence[str] = ()
    ) -> dict[Key, int]:
        """Nano-dollars that the provider's costs show at the demo's present.

        `provider` is the story's word for an organisation, `lab` for Harbour Lab's at OpenAI; None
        is all of them. By `key` and `model`, Anthropic's days before `analytics_first` (all of them
        without the analytics) are as the older report has them: no key at all, and
        web searches without a model. Nobody bills by user: that is a `ValueError`.
        """
        _check(by, BILLED_DIMENSIONS)
        sums: dict[Key, int] = {}
        for charged in self._charges(provider, first, last):
            key = tuple(charged.value(dimension) for dimension in by)
            sums[key] = sums.get(key, 0) + charged.nanos
        return sums

    def tokens(
        self, provider: str | None, first: date, last: date, by: Sequence[str] = ()
    ) -> dict[Key, Tokens]:
        """Tokens by class; audio stands inside `input`, `cache_read` and `output`."""
        _check(by, USAGE_DIMENSIONS)
        sums: dict[Key, list[int]] = {}
        for count in self._counts(provider, first, last):
            classes = _classes(count)
            if any(classes):
                into = sums.setdefault(tuple(count.value(d) for d in by), [0] * 5)
                for index, tokens in enumerate(classes):
                    into[index] += tokens
        return {key: Tokens(*classes) for key, classes in sums.items()}

    def requests(
        self, provider: str | None, first: date, last: date, by: Sequence[str] = ()
    ) -> dict[Key, int]:
        """Requests as the providers' rows count them, summed over endpoints.

        At OpenAI, requests with a web search are counted in `completions` and again in
        `web_search_calls`. Anthropic counts none for days before `analytics_first`.
        """
        _check(by, USAGE_DIMENSIONS)
        sums: dict[Key, int] = {}
        since = self.analytics_first
        for count in self._counts(provider, first, last):
            untold = count.provider == "anthropic" and (since is None or count.day < since)
            calls = 0 if untold else count.counts.get("calls", 0)
            if calls:
                key = tuple(count.value(dimension) for dimension in by)
                sums[key] = sums.get(key, 0) + calls
        return sums

    def units(
        self, provider: str | None, first: date, last: date, by: Sequence[str] = ("unit",)
    ) -> dict[Key, int]:
        """Billable units that are not tokens: images, characters, seconds, sessions, searches.

        `bytes` are what a vector store keeps: one level a day, as daily answers have it.
        """
        _check(by, USAGE_DIMENSIONS)
        sums: dict[Key, int] = {}
        for count in self._counts(provider, first, last):
            for unit in ("images", "characters", "seconds", "sessions", "searches", "bytes"):
                quantity = count.counts.get(unit, 0)
                if quantity and not (unit == "bytes" and count.hour):
                    key = tuple(count.value(dimension, unit) for dimension in by)
                    sums[key] = sums.get(key, 0) + quantity
        return sums

    def names(self, provider: str) -> dict[str, str]:
        """The name of every project, key and user id that the provider's lists hold."""
        homes: tuple[company.Home, ...]
        if ORGANISATIONS[provider] == "openai":
            organisation = lab.ORGANISATION if provider == LAB else company.NORTHWIND
            homes, keys = organisation.projects, organisation.keys
            people = {person.openai_id: person.name for person in organisation.people}
        else:
            homes = tuple(h for h in company.WORKSPACES if h is not company.DEFAULT_WORKSPACE)
            keys = company.ANTHROPIC_KEYS
            people = {person.anthropic_id: person.name for person in company.PEOPLE}
        listed = {key.id: key.name for key in keys if not key.deleted}
        return {home.id: home.name for home in homes} | listed | people

    def causes(self, first: date, last: date) -> dict[str, int]:
        """Why the lab's bill differs from its tokens at list price: nano-dollars by cause, billed
        less computed, at the demo's present. They sum to the whole difference.
        """
        found: dict[str, int] = {}
        now = self._now()
        for name, day in _days(LAB, max(first, self.first_day), last):
            told, by_number = self._story.day(name, day), self._story.series[name]
            whole, over = hours_billed(name, day, now), hours_over(day, now)
            for endpoint, cells in told.cells.items():
                for number, counts in _sums(endpoint, cells[:whole]).items():
                    series = by_number[number]
                    billed = sum(c.nanos for c in self._openai(day, series, counts, whole))
                    cause, worth = _LAB_CAUSES[_lab_kind(series)], self._worth(day, series, counts)
                    found[cause] = found.get(cause, 0) + billed - worth
                for number, counts in _sums(endpoint, cells[whole:over]).items():
                    worth = self._worth(day, by_number[number], counts)
                    found["not_final"] = found.get("not_final", 0) - worth
        return {cause: nanos for cause, nanos in found.items() if nanos}

    def _worth(self, day: date, series: Series, counts: dict[str, int]) -> int:
        """Nano-dollars at list price, as far as one is known to everybody."""
        if _lab_kind(series) in ("tool", "own model"):
            return 0
        rates = rates_on(series.model or "", self._story.story_day(day))
        return _nanos(sum((amount for _, amount in _token_dollars(counts, rates)), Decimal(0)))

    # --- telling -------------------------------------------------------------------------------

    def _counts(self, provider: str | None, first: date, last: date) -> Iterator[_Count]:
        """Every hour of every series that the usage reports show."""
        now = self._now()
        for name, day in _days(provider, max(first, self.first_day), last):
            told, by_number = self._story.day(name, day), self._story.series[name]
            for endpoint, hours in told.cells.items():
                if endpoint == "code_execution":
                    continue  # it is in Anthropic's costs only
                counters = COUNTERS[endpoint]
                for hour in range(hours_over(day, now)):
                    for number, counts in hours[hour]:
                        named = dict(zip(counters, counts, strict=True))
                        series = by_number[number]
                        yield _Count(day, hour, ORGANISATIONS[name], series, named)

    def _charges(self, provider: str | None, first: date, last: date) -> Iterator[_Charged]:
        now = self._now()
        for name, day in _days(provider, max(first, self.first_day), last):
            hours = hours_billed(name, day, now)
            told, by_number = self._story.day(name, day), self._story.series[name]
            for endpoint, cells in told.cells.items():
                for number, named in _sums(endpoint, cells[:hours]).items():
                    series = by_number[number]
                    if ORGANISATIONS[name] == "openai":
                        yield from self._openai(day, series, named, hours)
                    else:
                        yield from self._anthropic(day, series, named)

    def _openai(
        self, day: date, series: Series, counts: dict[str, int], hours: int
    ) -> Iterator[_Charged]:
        factor, ending = Decimal(1), ""
        mode = series.bill or ("batch" if series.batch else series.tier)
        if mode in ("batch", "flex", "priority"):
            factor, ending = Decimal(2) if mode == "priority" else Decimal("0.5"), f", {mode}"
        elif mode in ("regional", "free"):  # no line item names them
            factor = Decimal("1.1") if mode == "regional" else Decimal(0)
        dollars: dict[str, Decimal] = {}
        if series.endpoint in ("completions", "embeddings"):
            rates = rates_on(series.model or "", self._story.story_day(day))
            for counter, amount in _token_dollars(counts, rates):
                word = next(word for name, _, word, _ in _KINDS if name == counter)
                dollars[f"{series.model}, {word}{ending}"] = amount * factor
        else:
            item, price, counter = _unit_price(series)
            quantity = Decimal(counts.get(counter, 0))
            if counter == "bytes":  # a level in every hour, charged when the day is over
                if hours < 24:
                    return
                quantity /= 24 * 1024**3
            dollars[item] = quantity * price
        for item, amount in dollars.items():
            if amount:
                front, comma, _ = item.partition(",")
                values = {
                    "project": series.project,
                    "key": series.key,
                    "model": front if comma else None,
                    "tier": None,
                    "line_item": item,
                }
                yield _Charged(day, "openai", _nanos(amount), values)

    def _anthropic(self, day: date, series: Series, counts: dict[str, int]) -> Iterator[_Charged]:
        if series.tier == "priority":
            return
        story_day = self._story.story_day(day)
        factor = Decimal("0.5") if series.tier == "batch" else Decimal(1)
        discount = Decimal("0.96") if story_day >= date(2026, 7, 1) else Decimal(1)
        since = self.analytics_first
        newer = since is not None and day >= since
        amounts: list[tuple[str, str | None, Decimal]] = []
        if series.endpoint == "code_execution":
            amounts.append(("code_execution", None, counts["spans"] * Decimal("0.05") / 20))
        else:
            rates = rates_on(series.model or "", story_day)
            for counter, dollars in _token_dollars(counts, rates):
                kind = next(kind for name, _, _, kind in _KINDS if name == counter)
                amounts.append(("tokens", kind, dollars * factor))
            amounts.append(("web_search", None, counts["searches"] * Decimal("0.01")))
        for cost_type, token_type, amount in amounts:
            if not amount:
                continue
            described = token_type is not None or newer
            tool = series.endpoint == "code_execution"
            values = {
                "project": _project_of(series),
                "key": series.key if newer else None,
                "model": series.model if described and not tool else None,
                "tier": series.tier if described and not tool else None,
                "line_item": ": ".join(filter(None, (cost_type, token_type))) if newer else None,
            }
            yield _Charged(day, "anthropic", _nanos(amount * discount), values)


_LAB_CAUSES = {
    "tool": "not_tokens",
    "own model": "price_unknown",
    "batch": "tier",
    "free": "free_tier",
    "regional": "price_differs",
    "": "",
}
"""Why each kind of the lab's series is billed otherwise than at list price."""


def _lab_kind(series: Series) -> str:
    if series.endpoint != "completions":
        return "tool"
    return "own model" if series.model == prices.FINE_TUNED else series.bill


def _sums(endpoint: str, hours: Sequence[Sequence[Cell]]) -> dict[int, dict[str, int]]:
    """The counters of each series over some hours, by their names."""
    sums: dict[int, dict[str, int]] = {}
    for cells in hours:
        for number, counts in cells:
            into = sums.setdefault(number, dict.fromkeys(COUNTERS[endpoint], 0))
            for name, count in zip(COUNTERS[endpoint], counts, strict=True):
                into[name] += count
    return sums


def _check(by: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in by if name not in known]
    if unknown:
        raise ValueError(f"the truth has no {', '.join(unknown)} here")


def _days(provider: str | None, first: date, last: date) -> Iterator[tuple[str, date]]:
    if provider not in (None, *ORGANISATIONS):
        raise ValueError(f"there is no {provider} in the demo")
    for name in ORGANISATIONS if provider is None else (provider,):
        for offset in range((last - first).days + 1):
            yield name, first + timedelta(days=offset)


def _project_of(series: Series) -> str | None:
    return None if series.project == company.DEFAULT_WORKSPACE.id else series.project


def _tier_of(series: Series) -> str | None:
    """The tier of a row that has tokens, batch where it is one."""
    if series.endpoint not in ("completions", "messages"):
        return None
    return "batch" if series.batch else series.tier


def _classes(count: _Count) -> tuple[int, ...]:
    """Our five disjoint classes, in the order of `Tokens`."""
    counts = count.counts
    return (
        counts.get("fresh", 0) + counts.get("audio_in", 0),
        counts.get("cached", 0) + counts.get("audio_cached", 0),
        counts.get("written", 0) + counts.get("written_5m", 0),
        counts.get("written_1h", 0),
        counts.get("output", 0) + counts.get("audio_out", 0),
    )


def _token_dollars(counts: dict[str, int], rates: Rates) -> Iterator[tuple[str, Decimal]]:
    """Each counter's list price, before batch, tier and discount."""
    for counter, rate, _, _ in _KINDS:
        tokens = counts.get(counter, 0)
        if tokens:
            yield counter, Decimal(tokens) * getattr(rates, rate) / _MILLION


def _unit_price(series: Series) -> tuple[str, Decimal, str]:
    """Line item, dollars a unit and the counter of what is sold by the unit."""
    match series.endpoint:
        case "images":
            size = series.details["size"]
            return f"{series.model}, image output", prices.IMAGE[size], "images"
        case "audio_speeches":
            return f"{series.model}, input", prices.SPEECH_CHARACTER, "characters"
        case "audio_transcriptions":
            return f"{series.model}, audio", prices.TRANSCRIBED_SECOND, "seconds"
        case "vector_stores":
            return "file search storage", prices.STORED_GIB_DAY, "bytes"
    tools = {
        "code_interpreter_sessions": ("code interpreter sessions", Decimal("0.03"), "sessions"),
        "file_search_calls": ("file search tool calls", Decimal("0.0025"), "searches"),
        "web_search_calls": ("web search tool calls", Decimal("0.01"), "searches"),
        "moderations": ("", Decimal(0), "calls"),
    }
    return tools[series.endpoint]


def _nanos(dollars: Decimal) -> int:
    exact = dollars * _NANO
    if exact != int(exact):
        raise ValueError(f"${dollars} is no whole number of nano-dollars")
    return int(exact)
