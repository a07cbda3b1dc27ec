"""Anthropic: messages usage and costs of a Console organisation, read with an admin key.

Two generations of the API are one ledger; every day comes from one of them. The newer analytics
(beta: cost by key, request counts) is asked first, for the days it can answer; where this key may
not read it (400, 403, 404), and for older days, the reports that were there before are asked.
Facts: platform.claude.com (Usage and Cost Analytics API, Usage and Cost API, Admin API) and the
types of the official client `anthropic` 2.12.0. All amounts are cents, with fractions. The default
workspace is null in the ledger, whichever generation a row came from: see `rows.workspaces`.
Figures are there within 5 minutes as a rule, so two days are asked again; only Enterprise's move
for 30 days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.errors import REFUSED, KnownError
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    BalanceReading,
    Name,
    NameKind,
    Slice,
)
from plimsoll.sources import fields, paging
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import Row, row_of, word
from plimsoll.sources.paging import Batch, Report, Request
from plimsoll.sources.rows.anthropic import (
    Item,
    newer_charge,
    newer_usage,
    older_charge,
    older_usage,
)
from plimsoll.sources.rows.anthropic_actors import GROUPS, actor_days
from plimsoll.sources.rows.anthropic_limits import spend_limits
from plimsoll.sources.rows.anthropic_work import claude_code_days, claude_code_finding
from plimsoll.sources.rows.workspaces import Workspaces

if TYPE_CHECKING:
    from plimsoll.domain.actors import ActorDay
    from plimsoll.domain.budget import SpendLimit
    from plimsoll.domain.work import WorkDay
    from plimsoll.sources.http import Door

FIRST_NEWER_DAY = date(2026, 1, 1)
"""The newer API answers for no day before this one,"""

NEWER_DAYS = 364
"""and for none that began more than 365 days ago."""

MOST_DAYS = 31
"""Days that one request may span, in both generations."""

HOUR = timedelta(hours=1)

_BETA = MappingProxyType({"anthropic-beta": "analytics-usage-cost-2026-08-24"})

_instant = fields.rfc3339_instant


def _bucket(raw: Row) -> paging.Bucket:
    rows = raw.get("results")
    if not isinstance(rows, list):
        raise fields.FieldError("results", say("is not a list"), rows)
    return paging.Bucket(_instant(raw, "starting_at"), _instant(raw, "ending_at"), rows)


def _span(period: Period) -> tuple[tuple[str, str], ...]:
    return (
        ("starting_at", f"{period.first.isoformat()}T00:00:00Z"),
        ("ending_at", f"{(period.last + ONE_DAY).isoformat()}T00:00:00Z"),
    )


_STYLE = paging.Style(_span, _bucket, group_by="group_by[]")


def _analytics(
    path: str, period: Period, width: str, by: Sequence[str], limit: int = 1000
) -> Request:
    order = (("time_bucket_width", width), ("order_by", "time"), ("order", "asc"))
    groups = (("group_by[]", name) for name in by)
    return Request(path, (*_span(period), *order, ("limit", str(limit)), *groups), _BETA)


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """One endpoint of the ledger: both generations, and what each cuts its charges by.

    The analytics gives pages of single rows, each with its own bucket as wide as the older one.
    """

    name: str
    title: str
    older: Report[Item]
    newer_path: str
    newer_by: tuple[str, ...]
    newer_read: Callable[[datetime, datetime, Row, Row], Item]
    older_bills: frozenset[str] = frozenset()
    newer_bills: frozenset[str] = frozenset()

    def newer(self, period: Period, *, limit: int = 1000) -> Request:
        """Rows of the analytics in order of time, the oldest first; `limit` counts rows."""
        width = "1d" if self.older.width == ONE_DAY else "1h"
        return _analytics(self.newer_path, period, width, self.newer_by, limit)

    @property
    def by_workspace(self) -> Report[str | None]:
        """The older report by day and workspace only: the cheapest question it can answer."""
        return Report(
            self.older.path, (("workspace_id",),), lambda row, _s, _e: word(row, "workspace_id")
        )


_BY = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")
"""Five groupings are the most that the analytics takes, cost_type and token_type not counted."""

_ENDPOINTS = {
    "cost": _Endpoint(
        "cost",
        say("Costs"),
        Report("/v1/organizations/cost_report", (("workspace_id", "description"),), older_charge),
        "/v1/organizations/analytics/cost",
        # token_type alone would leave out web search, code execution and session time
        (*_BY[:4], "cost_type", "token_type"),
        newer_charge,
        older_bills=frozenset({"model", "project", "tier", "line_item"}),
        newer_bills=frozenset({"model", "project", "key", "tier", "line_item"}),
    ),
    "messages": _Endpoint(
        "messages",
        say("Messages usage"),
        # grouping by speed needs a beta header of its own
        Report(
            "/v1/organizations/usage_report/messages",
            ((*_BY, "inference_geo"), _BY),
            older_usage,
            HOUR,
            limit=168,
        ),
        "/v1/organizations/analytics/usage",
        _BY,
        newer_usage,
    ),
}

_WHO = say("Who asked (people, agents or programs; an indicator)")
_NOT_TOLD = say(
    "Nothing is missing from the totals; the share of agents and programs is not known."
)
_NOT_NEWER = say(
    "It is in beta and not open to every key. Nothing is missing from the totals: "
    "the reports are used, which tell costs by workspace and model but not by key."
)
_NO_NAMES = say("Figures are complete; workspaces show as ids, the default one perhaps too.")


@dataclass(slots=True)
class _Learnt:
    """What this session has learnt of one endpoint; None is not asked yet."""

    newer: bool | None = None
    refreshed: datetime | None = None
    older_refused: bool = False
    grouping: int = 0


@dataclass(slots=True)
class Organisation:
    """One Anthropic organisation behind a door; remembers which generation answers what."""

    _pager: paging.Pager
    _workspaces: Workspaces
    _learnt: dict[str, _Learnt] = field(default_factory=lambda: {n: _Learnt() for n in _ENDPOINTS})

    def _first_newer_day(self) -> date:
        return max(FIRST_NEWER_DAY, self._today() - timedelta(days=NEWER_DAYS))

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Costs and messages usage. Where only the analytics answers, it reaches back a year."""
        first = self._first_newer_day()
        return tuple(
            Endpoint(name, e.title, first if self._learnt[name].older_refused else None)
            for name, e in _ENDPOINTS.items()
        )

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Whole UTC days of one endpoint, as `base.Account.pull` promises.

        Where the older reports are refused and the analytics is not, days that only they could
        answer are left out.
        """
        asked = _ENDPOINTS[endpoint]
        begun = paging.until_today(period, self._pager.door.clock.now())
        for newer, part in self._parts(asked, begun) if begun else ():
            for stretch in paging.stretches(part, MOST_DAYS):
                yield from (self._newer_days if newer else self._older_days)(asked, stretch)

    def _parts(self, asked: _Endpoint, period: Period) -> Iterator[tuple[bool, Period]]:
        """The period cut into days of the older and of the newer API, in order."""
        first, newer = self._first_newer_day(), None
        if period.last >= first and self._newer_answers(asked):
            last = self._newest_whole_day(asked)
            newer = period.overlap(Period(first, last)) if first <= last else None
        if newer is None:
            yield False, period
            return
        if period.first < newer.first:
            yield False, Period(period.first, newer.first - ONE_DAY)
        yield True, newer
        if newer.last < period.last:
            yield False, Period(newer.last + ONE_DAY, period.last)

    def _newer_answers(self, asked: _Endpoint) -> bool:
        """Whether this key may read the newer API: asked once, for yesterday, cheaply."""
        learnt = self._learnt[asked.name]
        if learnt.newer is None:
            yesterday = Period(self._today() - ONE_DAY, self._today() - ONE_DAY)
            try:
                _, pages = self._pager.open([asked.newer(yesterday, limit=1)], most=1)
            except REFUSED:
                learnt.newer = False
                return False
            body = next(pages).body
            try:
                if body.get("data_refreshed_at") is not None:
                    learnt.refreshed = _instant(body, "data_refreshed_at")
            except fields.FieldError as problem:
                raise self._pager.refuse(problem, "") from None
            learnt.newer = True
        return learnt.newer

    def _newest_whole_day(self, asked: _Endpoint) -> date:
        """The last day that the newer API has whole, or today, which nobody has whole."""
        refreshed, today = self._learnt[asked.name].refreshed, self._today()
        if refreshed is None or utc_day(refreshed) >= today:
            return today
        return utc_day(refreshed) - ONE_DAY

    def _newer_days(self, asked: _Endpoint, period: Period) -> Iterator[Slice]:
        seen: set[str] = set()
        self._workspaces.load()
        try:
            ask = partial(self._ask_newer, asked, period, seen)
            for day, items in paging.whole_days(period, ask):
                self._workspaces.find_default(seen, partial(self._older_workspaces, asked, period))
                kept = [self._workspaces.cleared(item) for item in items]
                yield paging.slice_of(asked.name, day, kept, asked.newer_bills)
        except REFUSED:
            self._learnt[asked.name].newer = False
            yield from self._older_days(asked, period)

    def _ask_newer(self, asked: _Endpoint, period: Period, seen: set[str]) -> Iterator[Batch[Item]]:
        def read(row: Row) -> tuple[datetime, datetime, object, Item]:
            start, end = _instant(row, "starting_at"), _instant(row, "ending_at")
            group = row_of(row.get("group"), "group")
            item = asked.newer_read(start, end, row, group)
            if item.attribution.project is not None:
                seen.add(item.attribution.project)
            return start, end, repr(sorted(group.items())), item

        request = asked.newer(period)
        return self._pager.rows(request, period, width=asked.older.width, read=read)

    def _older_workspaces(self, asked: _Endpoint, period: Period) -> set[str | None] | None:
        try:
            _, batches = self._pager.buckets(asked.by_workspace, period)
            return {workspace for batch in batches for _, workspace in batch.found}
        except REFUSED:
            return None

    def _older_days(self, asked: _Endpoint, period: Period) -> Iterator[Slice]:
        learnt = self._learnt[asked.name]
        try:
            for day, items in paging.whole_days(period, partial(self._ask_older, asked, period)):
                yield paging.slice_of(asked.name, day, items, asked.older_bills)
        except REFUSED:
            if not learnt.newer:
                raise
            learnt.older_refused = True

    def _ask_older(self, asked: _Endpoint, period: Period) -> Iterator[Batch[Item]]:
        learnt = self._learnt[asked.name]
        learnt.grouping, batches = self._pager.buckets(asked.older, period, known=learnt.grouping)
        return batches

    def _today(self) -> date:
        return utc_day(self._pager.door.clock.now())

    def names(self) -> tuple[Name, ...]:
        """Workspaces (archived ones too), keys and users; the default workspace needs no name."""
        self._workspaces.load()
        keys, users = self._list("api_keys", "1000"), self._list("users", "100")
        workspaces = self._workspaces.listed or ()
        return (
            *(fields.named(NameKind.PROJECT, entry, "name") for entry in workspaces),
            *(fields.named(NameKind.KEY, entry, "name", "partial_key_hint") for entry in keys),
            *(fields.named(NameKind.USER, entry, "name", "email") for entry in users),
        )

    def _list(self, what: str, limit: str) -> tuple[Row, ...]:
        request = Request(f"/v1/organizations/{what}", (("limit", limit),))
        return self._pager.listed_if_allowed(request, after="after_id") or ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """Anthropic has no endpoint for prepaid credit."""
        return ()

    def limits(self) -> tuple[SpendLimit, ...]:
        """The limits of the organisation and its workspaces, as `base.Limits` promises."""
        return tuple(spend_limits(self._pager, self._workspaces))

    def work(self, period: Period) -> Iterator[WorkDay]:
        """What Claude Code did, as `base.Works` promises."""
        return claude_code_days(self._pager, period)

    def actors(self, periods: Sequence[Period]) -> Iterator[ActorDay]:
        """Who asked for the tokens, as `actors.TellsActors` promises, for up to a year."""
        usage = _ENDPOINTS["messages"]
        if not self._newer_answers(usage):
            return
        first, last = self._first_newer_day(), self._newest_whole_day(usage)
        if first <= last:
            ask = partial(_analytics, usage.newer_path, width="1d", by=GROUPS)
            within = Period(first, last)
            yield from actor_days(self._pager, periods, within=within, at_once=MOST_DAYS, ask=ask)

    def _who_asked(self) -> Iterator[Finding]:
        """Whether this key may ask who asked, tried for yesterday, cheaply; nothing where the newer
        API is not open to it, which is said already.
        """
        usage, yesterday = _ENDPOINTS["messages"], self._today() - ONE_DAY
        if not self._newer_answers(usage):
            return
        asked = _analytics(usage.newer_path, Period(yesterday, yesterday), "1d", GROUPS, limit=1)
        ok = True
        try:
            next(self._pager.open([asked], most=1)[1])
        except REFUSED:
            ok = False
        yield fields.readable(_WHO, ok=ok, remedy=_NOT_TOLD, essential=False)

    def test(self) -> tuple[Finding, ...]:
        """Whose key it is, and what it can read: reports, the newer API, Claude Code, names."""
        findings = [self._whose()]
        refusals: list[KnownError] = []
        for asked in _ENDPOINTS.values():
            newer, older = self._newer_answers(asked), True
            try:
                today = Period(self._today(), self._today())
                next(self._pager.open([asked.by_workspace.request(today, _STYLE)], most=1)[1])
            except REFUSED as error:
                older = False
                refusals.append(error)
            why = "" if older else str(refusals[-1])
            reports, newest = (
                say("{title} by the reports", title=asked.title),
                say("{title} by the newer API", title=asked.title),
            )
            findings += [
                fields.readable(reports, ok=older, remedy=why, essential=not newer),
                fields.readable(newest, ok=newer, remedy=_NOT_NEWER, essential=False),
            ]
        if len(refusals) == len(_ENDPOINTS) and not any(k.newer for k in self._learnt.values()):
            raise refusals[0]
        findings.append(claude_code_finding(self._pager, self._today() - ONE_DAY))
        self._workspaces.load()
        listed, what = self._workspaces.listed is not None, say("Names of workspaces and keys")
        names = fields.readable(what, ok=listed, remedy=_NO_NAMES, essential=False)
        return (*findings, names, *self._who_asked())

    def organisation(self) -> str | None:
        """The id of the organisation that the key belongs to; None where it may not be asked."""
        return self._workspaces.whose()[0]

    def _whose(self) -> Finding:
        _, name = self._workspaces.whose()
        if name is None:
            return fields.readable(say("The organisation's name"), ok=False, essential=False)
        return Finding(True, say("The key belongs to {name}.", name=name), essential=False)


class Anthropic:
    """What can be known of Anthropic without asking it."""

    name = "anthropic"
    title = "Anthropic"
    base_url = "https://api.anthropic.com"
    key_shape = KeyShape(
        label=say("Anthropic admin key"),
        prefixes=("sk-ant-admin",),
        wrong=(
            (
                "sk-ant-api",
                say("This is an ordinary API key: it runs models, but cannot read costs."),
            ),
            ("sk-ant-oat", say("This is a login token of Claude Code, not an admin key.")),
            ("sk-proj-", say("This is a key of OpenAI, not of Anthropic.")),
            ("sk-admin-", say("This is a key of OpenAI, not of Anthropic.")),
            ("sk-or-", say("This is a key of OpenRouter, not of Anthropic.")),
            ("sk-", say("This is a key of another provider, not of Anthropic.")),
        ),
        needs=say(
            "An organisation's admin makes it in the Console. Individual accounts have none."
        ),
        help_url="https://platform.claude.com/settings/admin-keys",
    )
    key_header = KeyHeader("x-api-key")
    headers: Mapping[str, str] = MappingProxyType({"anthropic-version": "2023-06-01"})
    gives = Gives(
        tokens=True, money=True, per_model=True, per_project=True, per_key=True, hourly=True
    )
    revision_days = 2
    about = About(
        figures=say(
            "Cost by key, and who asked, where the newer analytics API may be read; what "
            "Claude Code did: commits, pull requests and lines added. No balance."
        )
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Organisation:
        """The organisation behind a door; there is nothing to set."""
        pager = paging.Pager(door, self.title, _STYLE)
        return Organisation(pager, Workspaces(pager))


CONNECTOR = Anthropic()
