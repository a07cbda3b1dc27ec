"""OpenRouter's activity rows: read strictly, and split among the keys that they came from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import ONE_DAY, Span, day_start
from plimsoll.domain.money import Money, NotAnAmount, decimal_text, nanos_of, read_amount
from plimsoll.domain.question import Dimension
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Charge, Tokens, UsageRecord
from plimsoll.sources.fields import (
    FieldError,
    Row,
    counter,
    flag,
    optional_counter,
    required_word,
    word,
)

CURRENCY = "USD"

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)([T ]00:00:00(\.0+)?Z?)?", re.ASCII)

Identity = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A row of one day, or one key's share of it.

    `nanos` are nano-dollars that OpenRouter took, `text` its own writing of them; `byok` are those
    that the provider behind took from somebody's own account there.
    """

    day: date
    model: str
    permaslug: str | None
    endpoint: str | None
    provider: str | None
    project: str | None
    key: str | None
    prompt: int
    completion: int
    reasoning: int
    cached: int
    requests: int | None
    nanos: int
    byok: int
    text: str

    @property
    def identity(self) -> Identity:
        """What a row is the row of, whoever's key it was."""
        return self.model, self.permaslug, self.endpoint, self.provider, self.project

    @property
    def counts(self) -> tuple[int, ...]:
        """All counters; requests that are not told count as none."""
        return self.prompt, self.completion, self.reasoning, self.cached, self.requests or 0

    def record(self) -> UsageRecord:
        """Tokens of the day. `cached` is a part of the prompt's tokens and reasoning of the output.

        Where answers came whole from OpenRouter's cache, `cached` counts other tokens than the
        prompt's and may exceed them: then nothing is taken off.
        """
        fresh = self.prompt - self.cached if self.cached <= self.prompt else self.prompt
        details = {
            "model_permaslug": self.permaslug,
            "endpoint_id": self.endpoint,
            "provider_name": self.provider,
            "byok_usage_inference": decimal_text(self.byok) if self.byok else None,
        }
        return UsageRecord(
            day_start(self.day),
            day_start(self.day + ONE_DAY),
            Attribution(model=self.model, project=self.project, key=self.key),
            Tokens(fresh, self.cached, output=self.completion, reasoning=self.reasoning),
            requests=self.requests,
            details=tuple((name, text) for name, text in details.items() if text),
        )

    def charge(self) -> Charge:
        """What OpenRouter took from the credits; the line item is the provider behind."""
        return Charge(
            Attribution(
                model=self.model, project=self.project, key=self.key, line_item=self.provider
            ),
            Money(CURRENCY, self.nanos),
            self.text,
        )


def dollars(row: Row, name: str) -> Decimal:
    """A required amount in dollars, number or text, exact."""
    if row.get(name) is None:
        raise FieldError(name, say("is missing"))
    try:
        amount = read_amount(row[name])
        nanos_of(amount)
    except NotAnAmount as problem:
        raise FieldError(name, str(problem).partition(":")[0], row[name]) from None
    return amount


def read_row(row: Row, key: str | None, *, last: date) -> tuple[date, Part]:
    """A row of the activity and its UTC day, which must not lie after `last`."""
    day = _day(row)
    if day > last:
        raise FieldError("date", say("lies in the future"), day.isoformat())
    completion = counter(row, "completion_tokens")
    reasoning = optional_counter(row, "reasoning_tokens") or 0
    if reasoning > completion:
        raise FieldError("reasoning_tokens", say("is more than all output"), reasoning)
    byok = row.get("byok_usage_inference")
    return day, Part(
        day=day,
        model=required_word(row, "model"),
        permaslug=word(row, "model_permaslug"),
        endpoint=word(row, "endpoint_id"),
        provider=word(row, "provider_name"),
        project=word(row, "workspace_id"),
        key=key,
        prompt=counter(row, "prompt_tokens"),
        completion=completion,
        reasoning=reasoning,
        cached=optional_counter(row, "cached_tokens") or 0,
        requests=optional_counter(row, "requests"),
        nanos=nanos_of(dollars(row, "usage")),
        byok=0 if byok is None else nanos_of(dollars(row, "byok_usage_inference")),
        text=str(row["usage"]),
    )


def _day(row: Row) -> date:
    text = row.get("date")
    found = _DAY.fullmatch(text) if isinstance(text, str) else None
    try:
        if found:
            return date.fromisoformat(found[1])
    except ValueError:
        pass
    raise FieldError("date", say("is not a day"), text)


def split_by_key(whole: Sequence[Part], mine: Mapping[str, Sequence[Part]]) -> list[Part]:
    """A day's rows cut by key: each key's own, and what none of them accounts for without a key.

    The parts always sum to the whole. Where the keys' rows claim more than there is, or rows that
    are not there, they cannot be believed and the day stays whole.
    """
    claims: dict[Identity, list[Part]] = {}
    for parts in mine.values():
        for part in parts:
            claims.setdefault(part.identity, []).append(part)
    rows: dict[Identity, list[Part]] = {}
    for part in whole:
        rows.setdefault(part.identity, []).append(part)
    if not claims or not claims.keys() <= rows.keys():
        return list(whole)
    cut: list[Part] = []
    for identity, found in rows.items():
        shares = _shares(found, claims.get(identity, []))
        if shares is None:
            return list(whole)
        cut += shares
    return cut


def _shares(found: Sequence[Part], claimed: Sequence[Part]) -> list[Part] | None:
    """The claims of keys on rows of one identity, and the rest; None where they are too much.

    Each amount was rounded by itself, so they may differ by a nano-dollar a claim: that is no rest,
    and goes to the largest claim.
    """
    if not claimed:
        return list(found)
    counts = [
        sum(one) - sum(other)
        for one, other in zip(
            zip(*(part.counts for part in found), strict=True),
            zip(*(part.counts for part in claimed), strict=True),
            strict=True,
        )
    ]
    nanos = sum(part.nanos for part in found) - sum(part.nanos for part in claimed)
    byok = sum(part.byok for part in found) - sum(part.byok for part in claimed)
    slack = len(found) + len(claimed)
    if min(counts) < 0 or nanos < -slack or byok < -slack:
        return None
    shares = sorted(claimed, key=lambda part: -part.nanos)
    if abs(nanos) <= slack:
        shares[0] = replace(shares[0], nanos=shares[0].nanos + nanos)
        nanos = 0
    if any(counts) or nanos:
        prompt, completion, reasoning, cached, requests = counts
        rest = replace(
            found[0],
            prompt=prompt,
            completion=completion,
            reasoning=min(reasoning, completion),
            cached=cached,
            requests=None if found[0].requests is None else requests,
            nanos=nanos,
            byok=max(byok, 0),
            text=decimal_text(nanos),
        )
        shares.append(rest)
    return shares


_RESETS = {"daily": Span.DAY, "weekly": Span.WEEK, "monthly": Span.MONTH}
"""UTC days, weeks from Monday on, calendar months."""


def key_limit(key: str, entry: Row) -> SpendLimit | None:
    """The limit of one key, in dollars; None where it has none that comes round."""
    span = _RESETS.get(word(entry, "limit_reset") or "")
    if entry.get("limit") is None or span is None or flag(entry, "disabled"):
        return None
    nanos = nanos_of(dollars(entry, "limit"))
    if nanos <= 0 or flag(entry, "include_byok_in_limit"):
        return None
    return SpendLimit(Money(CURRENCY, nanos), span, (Dimension.KEY, key))
