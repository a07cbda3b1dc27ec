"""What a workload of the demo is: its rhythm, its size, its models and how they take over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from plimsoll.demo.company import Home, Key, Person
from plimsoll.demo.prices import LIST_PRICES


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a workload spreads over the hours of a day (UTC), and what is left of it at weekends.

    `personal` workloads follow people: they fall away on holidays and when somebody is out.
    """

    hours: tuple[float, ...]
    weekend: float
    personal: bool = False
    grows: bool = True


@dataclass(frozen=True, slots=True)
class Stint:
    """A model's time in a workload: it ramps up from `first` and fades away from `fades`.

    `appetite` is how much more is asked of it than of its forerunner.
    """

    model: str
    first: date
    ramp: int = 0
    fades: date | None = None
    fade: int = 0
    appetite: float = 1.0

    def share_on(self, story_day: date) -> float:
        """How much of the workload's ordinary volume this model carries on a day."""
        age = (story_day - self.first).days
        if age < 0:
            return 0.0
        share = 1.0 if age >= self.ramp else (age + 1) / (self.ramp + 1)
        if self.fades is not None:
            past = (story_day - self.fades).days
            if past >= 0:
                share *= 0.0 if past >= self.fade else 1 - (past + 1) / (self.fade + 1)
        return share * self.appetite


@dataclass(frozen=True, slots=True)
class Series:
    """One unchanging combination of dimensions: every hourly count of the story belongs to one.

    `means` are the counts of one call, in the order of the endpoint's counters after the calls
    themselves (see `COUNTERS`). `details` are dimensions that only some endpoints have. `bill` is
    how OpenAI's bill differs from what usage tells: `batch`, `free` or `regional`.
    """

    number: int
    endpoint: str
    stint: Stint
    rhythm: Rhythm
    volume: float
    means: tuple[float, ...] = ()
    project: str | None = None
    key: str | None = None
    user: str | None = None
    model: str | None = None
    tier: str = "default"
    batch: bool = False
    context: str | None = None
    geo: str | None = None
    bill: str = ""
    details: dict[str, str] = field(default_factory=dict)


COUNTERS: dict[str, tuple[str, ...]] = {
    "completions": (
        "calls",
        "fresh",
        "cached",
        "written",
        "output",
        "audio_in",
        "audio_cached",
        "audio_out",
    ),
    "embeddings": ("calls", "fresh"),
    "moderations": ("calls", "fresh"),
    "images": ("calls", "images"),
    "audio_speeches": ("calls", "characters"),
    "audio_transcriptions": ("calls", "seconds"),
    "vector_stores": ("bytes",),
    "code_interpreter_sessions": ("sessions",),
    "file_search_calls": ("searches",),
    "web_search_calls": ("calls", "searches"),
    "messages": ("calls", "fresh", "cached", "written_5m", "written_1h", "output", "searches"),
    "code_execution": ("spans",),
}
"""What is counted in each hour of a series, by endpoint."""

CACHE_STEP = 128
"""OpenAI caches prompts in steps of this many tokens; half prices need even counts, too."""


def _spread(*weights: float) -> tuple[float, ...]:
    total = sum(weights)
    return tuple(weight / total for weight in weights)


OFFICE = Rhythm(
    _spread(0, 0, 0, 0, 0, 0, 1, 5, 10, 12, 11, 7, 8, 11, 12, 10, 6, 3, 0, 0, 0, 0, 0, 0),
    weekend=0.05,
    personal=True,
)
CODING = Rhythm(
    _spread(0, 0, 0, 0, 0, 0, 1, 6, 10, 12, 11, 7, 9, 12, 12, 10, 7, 4, 0, 2, 0, 0, 0, 0),
    weekend=0.12,
    personal=True,
)
SERVICE = Rhythm(
    _spread(2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 8, 8, 8, 8, 8, 7, 7, 6, 6, 5, 4, 3, 3), weekend=0.6
)
NIGHTLY = Rhythm(
    _spread(0, 4, 6, 5, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), weekend=0.45
)
RUNAWAY = Rhythm(_spread(*[1.0] * 24), weekend=1.0, grows=False)
STEADY = Rhythm(_spread(*[1.0] * 24), weekend=1.0)


@dataclass(frozen=True, slots=True)
class Where:
    """Who runs a workload, as far as the provider knows."""

    home: Home | None = None
    key: Key | None = None
    user: Person | None = None


class Workloads:
    """Collects the series of one provider and numbers them."""

    def __init__(self) -> None:
        self.series: list[Series] = []

    def add(
        self,
        endpoint: str,
        where: Where,
        stints: Iterable[Stint],
        *,
        rhythm: Rhythm,
        volume: float,
        means: Sequence[float] = (),
        tier: str = "default",
        batch: bool = False,
        bill: str = "",
        details: dict[str, str] | None = None,
    ) -> None:
        """One workload: a series for each model that ever carried it."""
        person = where.user or (where.key.owner if where.key else None)
        for stint in stints:
            anthropic = endpoint in ("messages", "code_execution")
            user = None
            if person is not None:
                user = person.anthropic_id if anthropic else person.openai_id
            model = stint.model or None
            self.series.append(
                Series(
                    number=len(self.series),
                    endpoint=endpoint,
                    stint=stint,
                    rhythm=rhythm,
                    volume=volume,
                    means=_without_writes(endpoint, model, tuple(means)),
                    project=where.home.id if where.home else None,
                    key=where.key.id if where.key else None,
                    user=user,
                    model=model,
                    tier=tier,
                    batch=batch,
                    context="0-200k" if endpoint == "messages" else None,
                    geo=_geo(model) if anthropic else None,
                    bill=bill,
                    details=details or {},
                )
            )


def _without_writes(
    endpoint: str, model: str | None, means: tuple[float, ...]
) -> tuple[float, ...]:
    """Older OpenAI models charge nothing for cache writes and count them as fresh input."""
    if endpoint != "completions" or model is None:
        return means
    if LIST_PRICES[model][-1][1].cache_write_5m:
        return means
    return (means[0] + means[2], means[1], 0.0, *means[3:])


def _geo(model: str | None) -> str | None:
    return "global" if model and model.endswith(("4-8", "5-5")) else None


def since(stints: Iterable[Stint], first: date, ramp: int = 10) -> tuple[Stint, ...]:
    """The stints of a workload that began later than its models: nothing before `first`."""
    kept = []
    for stint in stints:
        if stint.fades is not None and (first - stint.fades).days >= stint.fade:
            continue
        if stint.first >= first:
            kept.append(stint)
        else:
            kept.append(replace(stint, first=first, ramp=ramp))
    return tuple(kept)
