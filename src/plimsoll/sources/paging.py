"""Following a provider's pages: cursors that must move on, buckets in order, days given whole.

A server that never stops, repeats itself or leaves out its envelope is refused, so that neither a
loop nor an error body can become spend. A cursor is a token that goes back as a parameter; it is
never an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import (
    REFUSED,
    Cancelled,
    NoAnswer,
    NotOffered,
    PageLoop,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
)
from plimsoll.domain.said import say
from plimsoll.domain.usage import Charge, Slice, UsageRecord
from plimsoll.sources.fields import DAYS_STAY, FieldError, Row, required_word, row_of, surprise

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

T = TypeVar("T")

MOST_EMPTY_PAGES = 5
"""Pages in a row without any bucket or row before a server counts as endless."""

SLACK = 10
"""Pages allowed beyond what a range of buckets can need."""

ROWS_PAGES_A_BUCKET = 20
"""Pages allowed for each bucket where a page holds rows rather than buckets."""

MOST_LIST_PAGES = 1000
"""Pages of a list of names."""

LONGEST_CURSOR = 4096

TRANSIENT = (RateLimited, NoAnswer, ProviderDown, Cancelled)
"""Errors that say nothing against what came before them."""

_EXPIRED = 410


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, page after page: only the cursor is ever added to it."""

    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One checked page: its entries and the whole envelope around them."""

    data: list[object]
    body: Row


@dataclass(frozen=True, slots=True)
class Bucket:
    """One time slot of an answer, `[start, end)` UTC, and its rows as they came."""

    start: datetime
    end: datetime
    rows: Sequence[object]


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """What one page brought, and the instant up to which nothing more can come."""

    found: list[tuple[date, T]]
    covered: datetime


@dataclass(frozen=True, slots=True)
class Style:
    """How one provider writes its reports of time buckets.

    `span` are the parameters for whole days, `group_by` the name that is repeated for each
    grouping, `envelope` the word that every page's `object` must be, or empty.
    """

    span: Callable[[Period], tuple[tuple[str, str], ...]]
    read_bucket: Callable[[Row], Bucket]
    group_by: str
    envelope: str = ""


@dataclass(frozen=True, slots=True)
class Report(Generic[T]):
    """One report of time buckets: how it is asked, and how its rows are read.

    `groupings` are tried in turn, the finest first, where one is answered with 400; `limit` is the
    most buckets that a page may hold.
    """

    path: str
    groupings: tuple[tuple[str, ...], ...]
    read: Callable[[Row, datetime, datetime], T]
    width: timedelta = ONE_DAY
    limit: int = 31

    def request(self, period: Period, style: Style, *, grouping: int = 0) -> Request:
        """The request for whole UTC days, by one of the groupings."""
        width = ("bucket_width", "1d" if self.width == ONE_DAY else "1h")
        by = tuple((style.group_by, name) for name in self.groupings[grouping])
        return Request(self.path, (*style.span(period), width, ("limit", str(self.limit)), *by))


@dataclass(frozen=True, slots=True)
class Pager:
    """Follows the pages behind one door; `title` is the provider's name in its sentences."""

    door: Door
    title: str
    style: Style

    def surprise(self, sentence: str, answer: str = "") -> SurprisingAnswer:
        """The error for an answer that cannot be trusted."""
        return SurprisingAnswer(
            say("{title} {sentence}", title=self.title, sentence=sentence),
            remedy=DAYS_STAY,
            answer=answer,
        )

    def refuse(self, problem: FieldError, where: str) -> SurprisingAnswer:
        """The error for one bad field, with its place in the answer."""
        return surprise(self.title, problem, where=where, remedy=DAYS_STAY)

    # -- cursors -------------------------------------------------------------------------------

    def open(self, requests: Sequence[Request], *, most: int) -> tuple[int, Iterator[Page]]:
        """Ask for the first page, then be ready for the rest: which request did, and its pages.

        Where the server refuses a request with 400, the next, humbler one is tried; if all are
        refused, the first refusal is raised.
        """
        refusal: NotOffered | None = None
        for number, request in enumerate(requests):
            try:
                first = self.door.get(request.path, request.params, headers=request.headers)
            except NotOffered as error:
                if error.status != 400:
                    raise
                refusal = refusal or error
                continue
            return number, self._follow(request, first, most)
        raise refusal or ValueError("nothing to ask")

    def _follow(self, request: Request, body: Row, most: int) -> Iterator[Page]:
        seen: set[str] = set()
        empty = 0
        for _ in range(most):
            page, cursor = self._checked(body)
            empty = 0 if page.data else empty + 1
            if empty > MOST_EMPTY_PAGES:
                raise self._loop(say("sent one empty page after another"))
            if cursor in seen:
                raise self._loop(say("came back to a page that was already read"))
            yield page
            if cursor is None:
                return
            seen.add(cursor)
            body = self.door.get(
                request.path, (*request.params, ("page", cursor)), headers=request.headers
            )
        raise self._loop(say("sent more pages than the days asked for can fill"))

    def _checked(self, body: Row) -> tuple[Page, str | None]:
        """The page, and the cursor of the next one, None after the last."""
        kind, expected = body.get("object"), self.style.envelope
        if expected and kind != expected:
            raise self.refuse(
                FieldError("object", say("is not “{expected}”", expected=expected), kind), ""
            )
        data, more, cursor = body.get("data"), body.get("has_more"), body.get("next_page")
        if not isinstance(data, list):
            raise self.refuse(FieldError("data", say("is not a list"), data), "")
        if not isinstance(more, bool):
            raise self.refuse(FieldError("has_more", say("is neither true nor false"), more), "")
        if cursor is not None and not isinstance(cursor, str):
            raise self.refuse(FieldError("next_page", say("is not text"), cursor), "")
        if not more:
            return Page(data, body), None
        if not cursor or len(cursor) > LONGEST_CURSOR:
            raise self._loop(say("says that there is more, but not where"))
        return Page(data, body), cursor

    def _loop(self, sentence: str) -> PageLoop:
        return PageLoop(
            say("{title} {sentence}.", title=self.title, sentence=sentence), remedy=DAYS_STAY
        )

    # -- buckets and rows ----------------------------------------------------------------------

    def buckets(
        self, report: Report[T], period: Period, *, known: int = 0
    ) -> tuple[int, Iterator[Batch[T]]]:
        """Ask for a report's days: which of its groupings was taken, and its pages.

        `known` is the first grouping worth trying, as an earlier call gave it back. Buckets must
        come oldest first, none twice, all inside the asked days.
        """
        left = range(known, len(report.groupings))
        requests = [report.request(period, self.style, grouping=number) for number in left]
        number, pages = self.open(requests, most=len(period) * (ONE_DAY // report.width) + SLACK)
        return known + number, self._bucketed(pages, report, period)

    def _bucketed(
        self, pages: Iterator[Page], report: Report[T], period: Period
    ) -> Iterator[Batch[T]]:
        frame = _Frame(period, report.width, self.door.clock.now())
        covered = frame.begin
        for page in pages:
            found: list[tuple[date, T]] = []
            for index, raw in enumerate(page.data):
                where = f"data[{index}]"
                try:
                    bucket = self.style.read_bucket(row_of(raw, "bucket"))
                    frame.check(bucket.start, bucket.end, after=covered)
                    day = utc_day(bucket.start)
                    for number, entry in enumerate(bucket.rows):
                        where = f"data[{index}].results[{number}]"
                        row = row_of(entry, "row")
                        found.append((day, report.read(row, bucket.start, bucket.end)))
                except FieldError as problem:
                    raise self.refuse(problem, where) from None
                covered = bucket.end
            yield Batch(found, covered)

    def rows(
        self,
        request: Request,
        period: Period,
        *,
        width: timedelta,
        read: Callable[[Row], tuple[datetime, datetime, object, T]],
    ) -> Iterator[Batch[T]]:
        """Pages of single rows, each with its own bucket and an identity.

        A page may end in the middle of a bucket, so only what lies before the newest row's bucket
        is certain, and only while rows come in order of time. A row that was on an earlier page
        means that pages overlap, and is refused.
        """
        most = len(period) * (ONE_DAY // width) * ROWS_PAGES_A_BUCKET + SLACK
        _, pages = self.open([request], most=most)
        frame = _Frame(period, width, self.door.clock.now())
        newest, in_order = frame.begin, True
        earlier: set[object] = set()
        for page in pages:
            found: list[tuple[date, T]] = []
            here: set[object] = set()
            for index, raw in enumerate(page.data):
                try:
                    start, end, identity, item = read(row_of(raw, "row"))
                    frame.check(start, end)
                except FieldError as problem:
                    raise self.refuse(problem, f"data[{index}]") from None
                if (start, identity) in earlier:
                    raise self._loop(say("sent a row again that was on an earlier page"))
                here.add((start, identity))
                in_order = in_order and start >= newest
                newest = max(newest, start)
                found.append((utc_day(start), item))
            earlier |= here
            yield Batch(found, newest if in_order else frame.begin)

    # -- lists of names ------------------------------------------------------------------------

    def listed(self, request: Request, *, after: str) -> Iterator[Row]:
        """Every entry of a list of names, each with an `id`; `after` is the cursor's parameter."""
        seen: set[str] = set()
        params = request.params
        for _ in range(MOST_LIST_PAGES):
            body = self.door.get(request.path, params, headers=request.headers)
            data = body.get("data")
            if not isinstance(data, list):
                raise self.refuse(FieldError("data", say("is not a list"), data), "")
            last = None
            for index, raw in enumerate(data):
                try:
                    entry = row_of(raw, "entry")
                    last = required_word(entry, "id")
                except FieldError as problem:
                    raise self.refuse(problem, f"data[{index}]") from None
                yield entry
            if body.get("has_more") is not True:
                return
            cursor = body.get("last_id") or last
            if not isinstance(cursor, str) or len(cursor) > LONGEST_CURSOR:
                raise self._loop(say("says that a list goes on, but not where"))
            if cursor in seen:
                raise self._loop(say("came back to a page that was already read"))
            seen.add(cursor)
            params = (*request.params, (after, cursor))
        raise self._loop(say("sent a list that never ends"))

    def listed_if_allowed(self, request: Request, *, after: str) -> tuple[Row, ...] | None:
        """A whole list of names, or None where this key may not read it."""
        try:
            return tuple(self.listed(request, after=after))
        except REFUSED:
            return None


class _Frame:
    """The asked days and the width of their buckets, to hold every bucket against."""

    __slots__ = ("begin", "now", "stop", "width")

    def __init__(self, period: Period, width: timedelta, now: datetime) -> None:
        self.begin = day_start(period.first)
        self.stop = day_start(period.last + ONE_DAY)
        self.width = width
        self.now = now

    def check(self, start: datetime, end: datetime, *, after: datetime | None = None) -> None:
        """Refuse a bucket outside the asked days, off the grid, too early or of the wrong length.

        Only the bucket that is still open may end early. Where hours were asked for, a whole day
        is right too: coarser than asked, but true.
        """
        if not self.begin <= start < self.stop:
            raise FieldError("start", say("lies outside the days asked for"), start.isoformat())
        if (start - self.begin) % self.width:
            raise FieldError(
                "start", say("is not at the beginning of an hour or day"), start.isoformat()
            )
        if after is not None and start < after:
            raise FieldError("start", say("comes twice or out of order"), start.isoformat())
        if end == start + self.width:
            return
        if end == start + ONE_DAY and (start - self.begin) % ONE_DAY == timedelta(0):
            return
        if not start < end < start + self.width or start + self.width <= self.now:
            raise FieldError("end", say("is not one hour or day after the start"), end.isoformat())


def whole_days(
    period: Period, ask: Callable[[], Iterator[Batch[T]]]
) -> Iterator[tuple[date, list[T]]]:
    """Every day of a range with what was found for it, in order, when the last page is in.

    After an error that says nothing against what came (the wait is over, the network is gone, the
    user stopped it) the days that were complete by then come first, then the error. An expired
    cursor (410) starts the range again, once.
    """
    for last_try in (False, True):
        found: dict[date, list[T]] = {day: [] for day in period.days()}
        covered = day_start(period.first)
        under_way = False
        try:
            for batch in ask():
                under_way = True
                for day, item in batch.found:
                    found[day].append(item)
                covered = batch.covered
        except TRANSIENT:
            for day, items in found.items():
                if day_start(day + ONE_DAY) <= covered:
                    yield day, items
            raise
        except NotOffered as error:
            if error.status == _EXPIRED and under_way and not last_try:
                continue
            raise
        yield from found.items()
        return


def stretches(period: Period | None, days: int) -> Iterator[Period]:
    """A period cut into ranges of at most `days` days, in order; nothing for None."""
    if period is None:
        return
    first = period.first
    while first <= period.last:
        last = min(period.last, first + timedelta(days=days - 1))
        yield Period(first, last)
        first = last + ONE_DAY


def until_today(period: Period, now: datetime) -> Period | None:
    """The part of a period that has begun: of a day to come nothing is known."""
    today = utc_day(now)
    if period.first > today:
        return None
    return Period(period.first, min(period.last, today))


def by_day(found: Iterable[tuple[date, T]]) -> dict[date, list[T]]:
    """What was found, each at its day; a day without anything is not there."""
    days: dict[date, list[T]] = {}
    for day, item in found:
        days.setdefault(day, []).append(item)
    return days


def slice_of(
    endpoint: str, day: date, items: Sequence[UsageRecord | Charge], bills_by: frozenset[str]
) -> Slice:
    """One day's slice from what was found for it, records and charges apart."""
    return Slice(
        endpoint,
        day,
        records=tuple(item for item in items if isinstance(item, UsageRecord)),
        charges=tuple(item for item in items if isinstance(item, Charge)),
        bills_by=bills_by,
    )
