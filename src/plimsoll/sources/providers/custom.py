"""A custom source: any JSON endpoint, read by a mapping that its user writes (`sources/mapping`).

The mapping is kept with the source, as a text; the key goes to the mapping's own address only, in
the header that it names, over https unless the address is this machine. A row that cannot be read
stores nothing of its days. Where days cannot be asked for, the answer is about the days from its
first row on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import PageLoop, SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money, decimal_text, shown
from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading, Charge, Name, Slice, UsageRecord
from plimsoll.sources.about import About, Setting
from plimsoll.sources.address import check_base_url
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape, Tried
from plimsoll.sources.fields import BALANCE_STAYS, DAYS_STAY, FieldError, money, surprise
from plimsoll.sources.mapping import (
    OWNERS,
    AnswerMapping,
    BalanceMapping,
    RowsMapping,
    read_answer_mapping,
)
from plimsoll.sources.paging import slice_of, until_today
from plimsoll.sources.signing.signer import Signer

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

MAP = "map"
MOST_PAGES = 500
MOST_SHOWN = 20_000
MOST_LINES = 100
"""Characters of an answer, and rows of its meaning, that a trial shows."""

LARGEST_MAPPING = 20_000
"""Characters of a mapping: it is a page at most."""

Item = UsageRecord | Charge


@dataclass(frozen=True, slots=True)
class Mapped:
    """One account behind a door, and what its answers mean."""

    _door: Door
    _mapping: AnswerMapping

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows, where the mapping has any."""
        return (Endpoint("rows", say("Rows")),) if self._mapping.rows else ()

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days that have begun, as `base.Account.pull` promises."""
        rows = self._mapping.rows
        begun = until_today(period, self._door.clock.now())
        if rows is None or begun is None:
            return
        found = self._days(rows, begun)
        first = begun.first if rows.by_day else min(found, default=None)
        bills_by = frozenset(OWNERS) & rows.meaning.places.keys()
        for day in begun.days():
            if first is not None and day >= first:
                yield slice_of(endpoint, day, found.get(day, []), bills_by)

    def _days(self, rows: RowsMapping, period: Period) -> dict[date, list[Item]]:
        found: dict[date, list[Item]] = {}
        for answer in self._pages(rows, period):
            for day, item in self._read(rows, answer):
                if rows.by_day and day not in period:
                    raise self._wrong(
                        rows.meaning.places["day"], say("was not asked for"), str(day)
                    )
                found.setdefault(day, []).append(item)
        return found

    def _wrong(self, path: str, what: str, value: object) -> SurprisingAnswer:
        return surprise(self._mapping.title, FieldError(path, what, value), remedy=DAYS_STAY)

    def _pages(self, rows: RowsMapping, period: Period) -> Iterator[dict[str, object]]:
        """Every page, each cursor once."""
        seen: set[str] = set()
        cursor: tuple[tuple[str, str], ...] = ()
        for _ in range(MOST_PAGES):
            answer = self._ask(rows.ask, period, cursor)
            yield answer
            following = self._told(rows, answer)
            if following is None:
                return
            if following in seen:
                break
            seen.add(following)
            cursor = ((rows.next_param, following),)
        raise PageLoop(
            say("The pages of {title} do not end.", title=self._mapping.title), remedy=DAYS_STAY
        )

    def _told(self, rows: RowsMapping, answer: dict[str, object]) -> str | None:
        if rows.next is None:
            return None
        try:
            cursor = rows.next.of(answer)
        except FieldError as problem:
            raise surprise(self._mapping.title, problem, remedy=DAYS_STAY) from None
        if cursor is None or cursor == "":
            return None
        if isinstance(cursor, bool) or not isinstance(cursor, str | int) or len(str(cursor)) > 4096:
            raise self._wrong(rows.next.text, say("is no cursor"), cursor)
        return str(cursor)

    def _read(self, rows: RowsMapping, answer: object) -> list[tuple[date, Item]]:
        """What the rows of an answer mean."""
        found: list[tuple[date, Item]] = []
        at = ""
        try:
            for where, row in rows.rows.each(answer):
                at = where
                values = {place: path.of(row) for place, path in rows.paths.items()}
                found.extend(rows.meaning.read(values.get))
        except FieldError as problem:
            raise surprise(self._mapping.title, problem, where=at, remedy=DAYS_STAY) from None
        return found

    def _ask(
        self, ask: str, period: Period | None, more: tuple[tuple[str, str], ...] = ()
    ) -> dict[str, object]:
        """One answer; the days that are wanted stand in the question where the mapping says so."""
        parts = urlsplit(ask)
        places = _places(period) if period else {}
        params = [
            (name, value.format_map(places) if period else value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ]
        path = parts.path.format_map(places) if period else parts.path
        return self._door.get(path, (*params, *more))

    def names(self) -> tuple[Name, ...]:
        """Rows have their names in them."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """What is left, where the mapping says where it stands."""
        balance = self._mapping.balance
        if balance is None:
            return ()
        left = self._left(balance, self._ask(balance.ask, None))
        return (BalanceReading(self._door.clock.now(), left),)

    def _left(self, balance: BalanceMapping, answer: dict[str, object]) -> Money:
        try:
            currency = balance.currency
            if balance.currency_at is not None:
                told = balance.currency_at.of(answer)
                currency = told if isinstance(told, str) else None
            row = {balance.amount.text: balance.amount.of(answer)}
            return money(row, balance.amount.text, currency, unit=balance.unit)[0]
        except FieldError as problem:
            remedy = BALANCE_STAYS
            raise surprise(self._mapping.title, problem, remedy=remedy) from None

    def organisation(self) -> None:
        """A mapping does not tell whose account it is."""

    def test(self) -> tuple[Finding, ...]:
        """One request for each part of the mapping, and what the mapping makes of its answer."""
        findings = []
        if self._mapping.rows is not None:
            findings.append(self._tried(self._mapping.rows))
        if self._mapping.balance is not None:
            left = self._left(self._mapping.balance, self._ask(self._mapping.balance.ask, None))
            findings.append(
                Finding(True, say("{amount} is left.", amount=shown(left.nanos, left.currency)))
            )
        return tuple(findings)

    def trial(self) -> Tried:
        """One answer about the last seven days, or of the balance where there are no rows."""
        rows, balance = self._mapping.rows, self._mapping.balance
        ask = rows.ask if rows else balance.ask if balance else ""
        answer = self._ask(ask, _week(self._door.clock.now()) if rows else None)
        written = json.dumps(answer, indent=1, ensure_ascii=False, default=str)
        shown_answer = self._door.without_key(written)[:MOST_SHOWN]
        try:
            if rows:
                lines = [_line(day, item) for day, item in self._read(rows, answer)]
            else:
                left = self._left(balance, answer) if balance else None
                lines = (
                    [say("{amount} is left", amount=shown(left.nanos, left.currency))]
                    if left
                    else []
                )
        except SurprisingAnswer as problem:
            return Tried(ask, shown_answer, trouble=problem.sentence)
        return Tried(ask, shown_answer, tuple(lines[:MOST_LINES]))

    def _tried(self, rows: RowsMapping) -> Finding:
        answer = self._ask(rows.ask, _week(self._door.clock.now()))
        found = self._read(rows, answer)
        if not found:
            return Finding(True, say("The answer about the last seven days holds no row."))
        billed: dict[str, int] = {}
        tokens = 0
        for _, item in found:
            if isinstance(item, Charge):
                code = item.amount.currency
                billed[code] = billed.get(code, 0) + item.amount.nanos
            else:
                tokens += item.tokens.total
        sums = [
            say("{amount} billed", amount=shown(nanos, code))
            for code, nanos in sorted(billed.items())
        ]
        told = ", ".join([*sums, *([say("{tokens:,} tokens", tokens=tokens)] if tokens else [])])
        days = sorted({day for day, _ in found})
        return Finding(
            True,
            say(
                "Its first page tells {told}, from {first} to {last}.",
                told=told,
                first=str(days[0]),
                last=str(days[-1]),
            ),
        )


def _week(now: datetime) -> Period:
    """The last seven days, of which an answer is likely to hold something."""
    return Period(utc_day(now) - 6 * ONE_DAY, utc_day(now))


def _line(day: date, item: Item) -> str:
    """A row of usage or cost as a person reads it."""
    who = item.attribution
    named = [name for name in (who.model, who.project, who.key, who.user, who.line_item) if name]
    if isinstance(item, Charge):
        told = say(
            "{decimal_text} {currency} billed",
            decimal_text=decimal_text(item.amount.nanos),
            currency=item.amount.currency,
        )
    else:
        told = say("{total:,} tokens", total=item.tokens.total)
        if item.requests is not None:
            told = say("{told}, {requests:,} requests", told=told, requests=item.requests)
    return " · ".join([day.isoformat(), *named, told])


def _places(period: Period) -> dict[str, str]:
    return {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "first_unix": str(int(day_start(period.first).timestamp())),
        "end_unix": str(int(day_start(period.last + ONE_DAY).timestamp())),
    }


class Custom:
    """What can be known of a custom source without asking it: what its mapping says."""

    name = "custom"
    title = say("Custom source")
    base_url = "https://api.example.com"
    key_shape = KeyShape(
        label=say("key of the endpoint"),
        prefixes=("",),
        needs=say("Whatever key the endpoint takes; it goes to the address in the mapping only."),
        help_url="",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(
        tokens=True, money=True, balance=True, per_model=True, per_project=True, per_key=True
    )
    revision_days = 3
    about = About(
        settings=(
            Setting(
                MAP,
                say("Mapping"),
                say(
                    "a small TOML file that says where an endpoint has its rows or its "
                    "balance; it is read once and kept."
                ),
                required=True,
                example="FILE",
                is_text=True,
            ),
        ),
        setup=(
            say("Find an endpoint that answers in JSON with usage, cost or a balance."),
            say("Write a mapping: its address, and where the day, the cost and the tokens stand."),
        ),
        figures=say("Whatever the endpoint tells, as your mapping reads it."),
    )
    setting_names = (MAP,)

    def kept(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The settings as they are kept: with the mapping in the place of its file's name."""
        told = settings.get(MAP, "")
        if not told or "\n" in told:
            return dict(settings)
        path = FilePath(told).expanduser()
        try:
            with path.open(encoding="utf-8-sig") as file:
                text = file.read(LARGEST_MAPPING + 1)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or say("it is no UTF-8 text")
            raise WrongUse(
                say("The mapping {name} cannot be read: {reason}.", name=path.name, reason=reason)
            ) from None
        if len(text) > LARGEST_MAPPING:
            raise WrongUse(say("{name} is too long for a mapping.", name=path.name))
        read_answer_mapping(text)
        return {**settings, MAP: f"{text.strip()}\n"}

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the mapping's."""
        return given or check_base_url(_mapping(settings).address)

    def signer(self, settings: Mapping[str, str]) -> Signer:
        """The header that the mapping names."""
        mapping = _mapping(settings)
        return KeyHeader(mapping.header, mapping.scheme)

    def open(self, door: Door, settings: Mapping[str, str]) -> Mapped:
        """The account behind a door."""
        return Mapped(door, _mapping(settings))


def _mapping(settings: Mapping[str, str]) -> AnswerMapping:
    text = settings.get(MAP, "")
    if not text:
        raise WrongUse(
            say("A custom source needs a mapping."), remedy=say("Say --set {map}=FILE.", map=MAP)
        )
    return read_answer_mapping(text)


CONNECTOR = Custom()
