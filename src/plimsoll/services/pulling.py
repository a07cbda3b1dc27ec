"""Pulling: one provider's account asked month by month, and what came stored in whole slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import (
    ONE_DAY,
    Period,
    month_name,
    month_of,
    previous_month,
    utc_day,
)
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import (
    Cancelled,
    KeyRejected,
    LedgerProblem,
    NoAnswer,
    NotOffered,
    OddValue,
    PlimsollError,
    RateLimited,
)
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.said import say
from plimsoll.domain.usage import PricedSlice, Slice
from plimsoll.ledger import actors, catalog, usage
from plimsoll.ledger.accounts import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.quotas import save_quotas
from plimsoll.ledger.spend_limits import save_limits
from plimsoll.services import overlaps
from plimsoll.services.days_to_ask import (
    days_to_ask,
    joined,
    missing,
    months_back,
    months_between,
    reachable,
    within_reach,
)
from plimsoll.services.falls import book_falls
from plimsoll.services.outcomes import SyncProgress, mistake_of
from plimsoll.sources.about import about_of
from plimsoll.sources.actors import TellsActors
from plimsoll.sources.base import Account, Connector, Endpoint, Works, limits_of, quotas_of

if TYPE_CHECKING:
    from plimsoll.domain.actors import ActorDay
    from plimsoll.services.pricing import Pricing

BEFORE_TOKENS = date(2018, 1, 1)
"""No provider sold a token before this day: a server that tells of months without end is not asked
for more.
"""

EMPTY_MONTHS = 12
"""A first fill walks back until this many months in a row held nothing."""

YEAR_DAYS = 365
"""Who asked is learnt for so many days: what is shown of it is a year, week by week."""

EARLIEST = date(2010, 1, 1)
"""No provider can be asked for an earlier day, whatever `--since` says."""

MANY_ODD_DAYS = 3
"""So many days of an endpoint that cannot be right are no accident: it is asked no further,"""

MANY_ODD_ANSWERS = 18
"""nor after so many answers: by halves, each of those days is found in six, from a month on."""

STOPS_THE_SOURCE = (RateLimited, NoAnswer, Cancelled, LedgerProblem, KeyRejected)
"""Errors after which asking this account again makes no sense in this sync."""

_ABSENT = (404, 405, 410)
"""HTTP statuses by which a provider says that this account has no such endpoint."""


@dataclass
class Run:
    """What one source's sync has done so far."""

    stored: int = 0
    failure: PlimsollError | None = None
    answered: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    absent: dict[str, PlimsollError] = field(default_factory=dict)
    odd_days: Counter[str] = field(default_factory=Counter)
    odd_answers: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Pull:
    """One account being pulled, month by month, the newest first."""

    ledger: Ledger
    source: Source
    connector: Connector
    account: Account
    book: Pricing
    run: Run
    clock: Clock
    progress: Callable[[SyncProgress], None]
    cancelled: Callable[[], bool]

    def everything(self, since: date | None) -> None:
        """Recent and missing days, then the walk back of a first fill, then names, balances and
        work.
        """
        today = utc_day(self.clock.now())
        since = since and max(since, EARLIEST)
        self._note_endpoints()
        self._note_organisation()
        months = list(self._wanted(since, today))
        for position, wanted in enumerate(months):
            self._month(wanted, share=position / len(months))
        if since is None:
            self._walk_back(today)
        self._names_and_balances()
        self._judge_absent()
        self._actors(since, today)
        self._work(today)

    def _note_endpoints(self) -> None:
        offered = [e for e in self.account.endpoints if e.name not in self.run.absent]
        catalog.set_endpoints(
            self.ledger,
            self.source.id,
            [endpoint.name for endpoint in offered],
            reach={endpoint.name: endpoint.reach for endpoint in offered},
        )

    def _note_organisation(self) -> None:
        """Learn whose account it is before anything of it is stored; what is only useful to know
        fails no sync.
        """
        try:
            organisation = self.account.organisation()
        except STOPS_THE_SOURCE:
            raise
        except PlimsollError:
            return
        if organisation is not None:
            overlaps.note_organisation(self.ledger, self.source, organisation)

    def _judge_absent(self) -> None:
        """An endpoint that this account does not have is no gap, as long as others answer."""
        if not self.run.absent:
            return
        if self.run.answered:
            self._note_endpoints()
        else:
            self.run.failure = self.run.failure or next(iter(self.run.absent.values()))

    def _wanted(self, since: date | None, today: date) -> Iterator[dict[str, list[Period]]]:
        """What to ask of each endpoint, by month, the newest first."""
        covered = usage.coverage(self.ledger, self.source.id)
        not_final = usage.not_final_days(self.ledger, self.source.id)
        asked = {
            endpoint.name: days_to_ask(
                covered.get(endpoint.name, ()),
                not_final.get(endpoint.name, ()),
                since=reachable(since, endpoint),
                today=today,
                revision_days=self.connector.revision_days,
            )
            for endpoint in self.account.endpoints
        }
        oldest = min((p.first for periods in asked.values() for p in periods), default=today)
        for month in months_back(today, oldest):
            yield {
                name: [cut for p in periods if (cut := p.overlap(month))]
                for name, periods in asked.items()
            }

    def _walk_back(self, today: date) -> None:
        """The first fill: older months until twelve in a row held nothing, or the API's limit."""
        source_id = self.source.id
        covered = usage.coverage(self.ledger, source_id)
        starts = [runs[0].first for runs in covered.values() if runs]
        if not starts:
            return
        month = month_of(max(starts))
        while True:
            past = Period(month.first, min(month.last, today))
            asked = {e.name: within_reach(past, e) for e in self.account.endpoints}
            if self.run.broken >= {name for name, periods in asked.items() if periods}:
                return
            self._month({n: self._missing(n, p) for n, p in asked.items()}, share=None)
            oldest_content = usage.first_day_with_content(self.ledger, source_id) or today
            if months_between(month.first, oldest_content) >= EMPTY_MONTHS:
                return
            month = previous_month(month.first)
            if month.last < BEFORE_TOKENS:
                return

    def _missing(self, endpoint: str, periods: list[Period]) -> list[Period]:
        """Leave out what an earlier, broken-off fill already brought."""
        covered = usage.coverage(self.ledger, self.source.id).get(endpoint, ())
        return [gap for period in periods for gap in missing(covered, period)]

    def _month(self, wanted: dict[str, list[Period]], *, share: float | None) -> None:
        """Ask every endpoint for its days of one month, and store what came in one transaction."""
        batch: list[Slice] = []
        try:
            for endpoint in self.account.endpoints:
                for period in wanted.get(endpoint.name, []):
                    if endpoint.name in self.run.broken:
                        break
                    self._say(endpoint, period, share)
                    self._endpoint(endpoint, period, batch)
        finally:
            self._store(batch)

    def _endpoint(self, endpoint: Endpoint, period: Period, batch: list[Slice]) -> None:
        try:
            for answer in self.account.pull(endpoint.name, period):
                batch.append(answer)  # what came before an error is kept
                self.run.answered.add(endpoint.name)
            self.run.answered.add(endpoint.name)
        except STOPS_THE_SOURCE:
            raise
        except NotOffered as error:
            self.run.broken.add(endpoint.name)
            if error.status in _ABSENT and not self._has_answered(endpoint):
                self.run.absent[endpoint.name] = error
            else:
                self.run.failure = self.run.failure or error
        except OddValue as error:
            self._around_it(endpoint, period, batch, error)
        except PlimsollError as error:
            self.run.broken.add(endpoint.name)
            self.run.failure = self.run.failure or error
        except Exception as bug:  # noqa: BLE001 - it rises when everything else was asked
            self.run.broken.add(endpoint.name)
            self.run.failure = mistake_of(self.source.name, bug)

    def _has_answered(self, endpoint: Endpoint) -> bool:
        """Whether the account was ever asked for days of an endpoint and told them: what is gone
        then is no endpoint that it does not have, but money or tokens that come no more.
        """
        if endpoint.name in self.run.answered:
            return True
        return bool(usage.coverage(self.ledger, self.source.id).get(endpoint.name))

    def _around_it(
        self, endpoint: Endpoint, period: Period, batch: list[Slice], error: OddValue
    ) -> None:
        """Ask again for the days that an odd value has cost, by halves, until it costs its own day
        only. That day stays as it was, and a day that is missing is asked for by the next sync.

        The sync has failed in any case: an account that tells a day otherwise when it is asked
        again may be wrong then, too, and whoever reads the figures must know.
        """
        self.run.failure = self.run.failure or error
        self.run.odd_answers[endpoint.name] += 1
        come = {answer.day for answer in batch if answer.endpoint == endpoint.name}
        left = [day for day in period.days() if day not in come]
        if len(left) == 1:
            self.run.odd_days[endpoint.name] += 1
        if not left or self._is_not_worth_it(endpoint):
            self.run.broken.add(endpoint.name)
        elif len(left) > 1:
            middle = left[len(left) // 2]
            for half in (Period(left[0], middle - ONE_DAY), Period(middle, left[-1])):
                if endpoint.name not in self.run.broken:
                    self._endpoint(endpoint, half, batch)

    def _is_not_worth_it(self, endpoint: Endpoint) -> bool:
        """Whether more questions would cost money, or would find one odd day after the other."""
        return (
            self.run.odd_days[endpoint.name] >= MANY_ODD_DAYS
            or self.run.odd_answers[endpoint.name] >= MANY_ODD_ANSWERS
            or bool(about_of(self.connector).costs_money)
        )

    def _store(self, batch: list[Slice]) -> None:
        if not batch:
            return
        self._note_organisation()
        priced = [self._price(answer) for answer in batch]
        stored = usage.replace_slices(
            self.ledger,
            self.source.id,
            priced,
            revision_days=self.connector.revision_days,
            edition=self.book.edition,
        )
        self.run.stored += stored.slices

    def _price(self, answer: Slice) -> PricedSlice:
        return PricedSlice(
            answer, tuple(self.book.compute(record, self.source) for record in answer.records)
        )

    def _names_and_balances(self) -> None:
        """What an account tells beside its days: one of these that fails costs no other."""
        self.progress(SyncProgress(self.source.name, say("names of projects and keys")))
        for ask in (self._names, self._balances, self._quotas, self._limits):
            try:
                ask()
            except STOPS_THE_SOURCE:
                raise
            except PlimsollError as error:
                self.run.failure = self.run.failure or error

    def _names(self) -> None:
        catalog.save_names(self.ledger, self.source.id, self.account.names())

    def _balances(self) -> None:
        readings = self.account.balances()
        if readings:
            catalog.save_balances(self.ledger, self.source.id, readings)
            book_falls(self.ledger, self.source, tells_itself=bool(self.account.endpoints))

    def _quotas(self) -> None:
        found: list[QuotaReading] = []
        try:
            for reading in quotas_of(self.account):
                found.append(reading)  # noqa: PERF402 - what came before an error is kept
        finally:
            save_quotas(self.ledger, self.source.id, found)

    def _limits(self) -> None:
        """Learn what limits are set at the provider; they are only offered, and fail no sync."""
        try:
            found = limits_of(self.account)
        except STOPS_THE_SOURCE:
            raise
        except PlimsollError:
            return
        save_limits(self.ledger, self.source.id, found)

    def _work(self, today: date) -> None:
        """What the provider counted of the account, last of all: it is only divided by."""
        if not isinstance(self.account, Works):
            return
        from plimsoll.services.work_reports import ask_for_work

        self.progress(SyncProgress(self.source.name, say("work that was done")))
        ask_for_work(
            self.ledger,
            self.source,
            self.account,
            revision_days=self.connector.revision_days,
            today=today,
            cancelled=self.cancelled,
        )

    def _actors(self, since: date | None, today: date) -> None:
        """Learn who asked for the tokens of the last year, where that is a question of its own: an
        indicator, whose trouble fails no sync.
        """
        if not isinstance(self.account, TellsActors):
            return
        self.progress(SyncProgress(self.source.name, say("who asked for the tokens")))
        known = actors.settled_days(self.ledger, self.source.id)
        year = Period(today - timedelta(days=YEAR_DAYS - 1), today).days()
        wanted = [day for day in year if day not in known or (since and day >= since)]
        came: list[ActorDay] = []
        try:
            for day in self.account.actors(joined([Period(day, day) for day in wanted])):
                came.append(day)  # noqa: PERF402 - what came before an error is kept
        except STOPS_THE_SOURCE:
            raise
        except PlimsollError:
            return
        finally:
            actors.save_actors(
                self.ledger, self.source.id, came, revision_days=self.connector.revision_days
            )

    def _say(self, endpoint: Endpoint, period: Period, share: float | None) -> None:
        if self.cancelled():
            raise Cancelled(say("The sync was stopped; what had come is kept."))
        sentence = say(
            "{title}, {month} {year}",
            title=endpoint.title,
            month=month_name(period.first),
            year=period.first.year,
            number=period.first.month,
        )
        self.progress(SyncProgress(self.source.name, sentence, share))
