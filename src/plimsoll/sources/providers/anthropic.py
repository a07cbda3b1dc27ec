"""Anthropic: messages usage and costs of a Console organisation, read with an admin key.

Two generations of the API are one ledger; every day comes from one of them. The newer analytics
(beta: cost by key, request counts) is asked first, for the days it can answer; where this key may
not read it (400, 403, 404), and for older days, the reports that were there before are asked.
Facts: platform.claude.com (Usage and Cost Analytics API, Usage and Cost API, Admin API) and the
types of the official client `anthropic` 2.12.0. All amounts are cents, with fractions.

*The default workspace.* The older reports give null for it, the analytics its real id, and the
ledger has null for both. No answer says which id it is, but the client documents `include_default`
of the workspace list: the one workspace that is listed with it and not without is the default.
Where that decides nothing: the one id that the analytics has and the older report of the same days
has not, while that report has null; else the one id that the complete list has not (workspaces are
archived, never deleted). Where nothing decides, the id stays as the project: a row too many is
better than two workspaces wrongly merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.errors import KnownError, MissingScope, NotOffered
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Charge,
    Name,
    NameKind,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    FieldError,
    Row,
    counter,
    money,
    named,
    optional_counter,
    quantity,
    required_word,
    rfc3339_instant,
    row_of,
    word,
)
from plimsoll.sources.paging import (
    Batch,
    Bucket,
    Pager,
    Request,
    bucket_pages,
    row_pages,
    stretches,
    until_today,
    whole_days,
)

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

CENTS = Decimal("0.01")
"""The unit of every amount of both generations: `"123.45"` is one dollar and 23.45 cents."""

FIRST_NEWER_DAY = date(2026, 1, 1)
"""The newer API answers for no day before this one,"""

NEWER_DAYS = 364
"""and for none that began more than 365 days ago."""

MOST_DAYS = 31
"""Days that one request may span, in both generations."""

HOUR = timedelta(hours=1)

_BETA = MappingProxyType({"anthropic-beta": "analytics-usage-cost-2026-08-24"})
_PRIORITY = frozenset({"priority", "priority_on_demand"})
"""Service tiers that the cost report never shows: it documents only `standard` and `batch`, and
that Priority Tier is billed in another way."""

Item = UsageRecord | Charge
_REFUSED = (MissingScope, NotOffered)


# -- reading rows ------------------------------------------------------------------------------


def _usage(
    start: datetime, end: datetime, counts: Row, dims: Row, *, requests: int | None
) -> UsageRecord:
    """Token counts. Input here is what is neither read from nor written to the cache."""
    writes = row_of(counts.get("cache_creation"), "cache_creation")
    tools = counts.get("server_tool_use")
    searches = None
    if tools is not None:
        searches = optional_counter(row_of(tools, "server_tool_use"), "web_search_requests")
    tier = word(dims, "service_tier")
    return UsageRecord(
        start,
        end,
        Attribution(
            model=word(dims, "model"),
            project=word(dims, "workspace_id"),
            key=word(dims, "api_key_id"),
            tier=tier,
        ),
        Tokens(
            input=counter(counts, "uncached_input_tokens"),
            cache_read=counter(counts, "cache_read_input_tokens"),
            cache_write_5m=counter(writes, "ephemeral_5m_input_tokens"),
            cache_write_1h=counter(writes, "ephemeral_1h_input_tokens"),
            output=counter(counts, "output_tokens"),
        ),
        requests=requests,
        units=(("searches", Decimal(searches)),) if searches else (),
        details=_details(dims, "context_window", "inference_geo", "speed"),
        billed_elsewhere=tier in _PRIORITY,
    )


def _details(row: Row, *names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name in names if (text := word(row, name)) is not None)


def _older_usage(row: Row, start: datetime, end: datetime) -> Item:
    """A row of the messages usage report, which counts no requests."""
    return _usage(start, end, row, row, requests=None)


def _older_charge(row: Row, _start: datetime, _end: datetime) -> Item:
    """A row of the cost report; its description is the line item."""
    billed, text = money(row, "amount", row.get("currency"), unit=CENTS)
    return Charge(
        Attribution(
            model=word(row, "model"),
            project=word(row, "workspace_id"),
            tier=word(row, "service_tier"),
            line_item=word(row, "description"),
        ),
        billed,
        text,
        _details(row, "cost_type", "token_type", "context_window", "inference_geo"),
    )


def _newer_usage(start: datetime, end: datetime, row: Row, group: Row) -> Item:
    counts = row_of(row.get("usage"), "usage")
    return _usage(start, end, counts, group, requests=optional_counter(counts, "requests"))


def _newer_charge(_start: datetime, _end: datetime, row: Row, group: Row) -> Item:
    """A cost row: `amount` is after discounts, which is what is billed; list price kept beside."""
    cost = row_of(row.get("cost"), "cost")
    billed, text = money(cost, "amount", cost.get("currency"), unit=CENTS)
    parts = [part for name in ("cost_type", "token_type") if (part := word(group, name))]
    listed = quantity(cost, "list_amount")
    return Charge(
        Attribution(
            model=word(group, "model"),
            project=word(group, "workspace_id"),
            key=word(group, "api_key_id"),
            tier=word(group, "service_tier"),
            line_item=": ".join(parts) or None,
        ),
        billed,
        text,
        () if listed is None else (("list_amount", str(cost["list_amount"])),),
    )


def _bucket(raw: Row) -> Bucket:
    rows = raw.get("results")
    if not isinstance(rows, list):
        raise FieldError("results", "is not a list", rows)
    return Bucket(rfc3339_instant(raw, "starting_at"), rfc3339_instant(raw, "ending_at"), rows)


# -- what can be asked -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Report:
    """One endpoint of the ledger, as each generation of the API gives it.

    `older_by` are groupings, the finest first: the next is tried where one is answered with 400.
    """

    name: str
    title: str
    width: timedelta
    older_path: str
    older_limit: int
    older_by: tuple[tuple[str, ...], ...]
    older_read: Callable[[Row, datetime, datetime], Item]
    older_bills: frozenset[str]
    newer_path: str
    newer_by: tuple[str, ...]
    newer_read: Callable[[datetime, datetime, Row, Row], Item]
    newer_bills: frozenset[str]

    @property
    def _width_word(self) -> str:
        return "1h" if self.width == HOUR else "1d"

    def older(self, period: Period, grouping: tuple[str, ...]) -> Request:
        """Whole buckets of the older report; `limit` counts buckets."""
        return Request(
            self.older_path,
            (
                *_range(period),
                ("bucket_width", self._width_word),
                ("limit", str(self.older_limit)),
                *(("group_by[]", name) for name in grouping),
            ),
        )

    def newer(self, period: Period, *, limit: int = 1000) -> Request:
        """Rows of the analytics in order of time, oldest first; `limit` counts rows."""
        return Request(
            self.newer_path,
            (
                *_range(period),
                ("time_bucket_width", self._width_word),
                ("order_by", "time"),
                ("order", "asc"),
                ("limit", str(limit)),
                *(("group_by[]", name) for name in self.newer_by),
            ),
            _BETA,
        )

    def by_workspace(self, period: Period) -> Request:
        """The older report by day and workspace only."""
        return Request(
            self.older_path,
            (
                *_range(period),
                ("bucket_width", "1d"),
                ("limit", "31"),
                ("group_by[]", "workspace_id"),
            ),
        )

    def slice(self, day: date, items: list[Item], *, newer: bool) -> Slice:
        """The slice of one day."""
        return Slice(
            self.name,
            day,
            records=tuple(item for item in items if isinstance(item, UsageRecord)),
            charges=tuple(item for item in items if isinstance(item, Charge)),
            bills_by=self.newer_bills if newer else self.older_bills,
        )


def _range(period: Period) -> tuple[tuple[str, str], tuple[str, str]]:
    return (
        ("starting_at", f"{period.first.isoformat()}T00:00:00Z"),
        ("ending_at", f"{(period.last + ONE_DAY).isoformat()}T00:00:00Z"),
    )


_USAGE_BY = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")
"""Five groupings are the most that the analytics takes, not counting the two of its costs."""

_COST = _Report(
    name="cost",
    title="Costs",
    width=ONE_DAY,
    older_path="/v1/organizations/cost_report",
    older_limit=31,
    older_by=(("workspace_id", "description"),),
    older_read=_older_charge,
    older_bills=frozenset({"model", "project", "tier", "line_item"}),
    newer_path="/v1/organizations/analytics/cost",
    # token_type alone would leave out web search, code execution and session time
    newer_by=(*_USAGE_BY[:4], "cost_type", "token_type"),
    newer_read=_newer_charge,
    newer_bills=frozenset({"model", "project", "key", "tier", "line_item"}),
)
_MESSAGES = _Report(
    name="messages",
    title="Messages usage",
    width=HOUR,
    older_path="/v1/organizations/usage_report/messages",
    older_limit=168,
    # grouping by speed needs a beta header of its own
    older_by=((*_USAGE_BY, "inference_geo"), _USAGE_BY),
    older_read=_older_usage,
    older_bills=frozenset(),
    newer_path="/v1/organizations/analytics/usage",
    newer_by=_USAGE_BY,
    newer_read=_newer_usage,
    newer_bills=frozenset(),
)
_REPORTS = {report.name: report for report in (_COST, _MESSAGES)}


@dataclass(slots=True)
class _State:
    """What this session has learnt of one endpoint; None is not asked yet."""

    newer: bool | None = None
    refreshed: datetime | None = None
    older_refused: bool = False
    grouping: int = 0


@dataclass(slots=True)
class Organisation:
    """One Anthropic organisation behind a door; remembers which generation answers what."""

    _pager: Pager
    _states: dict[str, _State] = field(default_factory=lambda: {n: _State() for n in _REPORTS})
    _workspaces: _Workspaces = field(init=False)

    def __post_init__(self) -> None:
        self._workspaces = _Workspaces(self._pager)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Costs and messages usage. Where only the analytics answers, it reaches back a year."""
        first, _ = _newer_span(self._today())
        return tuple(
            Endpoint(r.name, r.title, first if self._states[r.name].older_refused else None)
            for r in _REPORTS.values()
        )

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Whole UTC days of one endpoint, as `base.Account.pull` promises.

        Where the older reports are refused and the analytics is not, days that only they could
        answer are left out.
        """
        report = _REPORTS[endpoint]
        begun = until_today(period, self._pager.door.clock.now())
        for newer, part in self._parts(report, begun) if begun else ():
            for stretch in stretches(part, MOST_DAYS):
                yield from (self._newer_days if newer else self._older_days)(report, stretch)

    def _parts(self, report: _Report, period: Period) -> Iterator[tuple[bool, Period]]:
        """The period cut into days of the older and of the newer API, in order."""
        first, last = _newer_span(self._today())
        newer = period.overlap(Period(first, last))
        if newer and self._newer_answers(report):
            last = self._last_refreshed(report, last)
            newer = period.overlap(Period(first, last)) if first <= last else None
        else:
            newer = None
        if newer is None:
            yield False, period
            return
        if period.first < newer.first:
            yield False, Period(period.first, newer.first - ONE_DAY)
        yield True, newer
        if newer.last < period.last:
            yield False, Period(newer.last + ONE_DAY, period.last)

    def _newer_answers(self, report: _Report) -> bool:
        """Whether this key may read the newer API: asked once, for yesterday, cheaply."""
        state = self._states[report.name]
        if state.newer is None:
            yesterday = self._today() - ONE_DAY
            try:
                _, pages = self._pager.open(
                    [report.newer(Period(yesterday, yesterday), limit=1)], most=1
                )
            except _REFUSED:
                state.newer = False
                return False
            page = next(pages)
            try:
                if page.body.get("data_refreshed_at") is not None:
                    state.refreshed = rfc3339_instant(page.body, "data_refreshed_at")
            except FieldError as problem:
                raise self._pager.refuse(problem, "") from None
            state.newer = True
        return state.newer

    def _last_refreshed(self, report: _Report, today: date) -> date:
        """The last day that the newer API has whole, or today's open one."""
        refreshed = self._states[report.name].refreshed
        if refreshed is None or utc_day(refreshed) >= today:
            return today
        return utc_day(refreshed) - ONE_DAY

    def _newer_days(self, report: _Report, period: Period) -> Iterator[Slice]:
        self._workspaces.load()
        seen: set[str] = set()
        try:
            for day, items in whole_days(period, partial(self._ask_newer, report, period, seen)):
                default = self._workspaces.default_among(seen, report, period)
                cleared = [_without_project(item, default) for item in items]
                yield report.slice(day, cleared, newer=True)
        except _REFUSED:
            self._states[report.name].newer = False
            yield from self._older_days(report, period)

    def _ask_newer(self, report: _Report, period: Period, seen: set[str]) -> Iterator[Batch[Item]]:
        def read(row: Row) -> tuple[datetime, datetime, object, Item]:
            start, end = rfc3339_instant(row, "starting_at"), rfc3339_instant(row, "ending_at")
            group = row_of(row.get("group"), "group")
            item = report.newer_read(start, end, row, group)
            if item.attribution.project is not None:
                seen.add(item.attribution.project)
            return start, end, repr(sorted(group.items())), item

        _, pages = self._pager.open([report.newer(period)], most=row_pages(period, report.width))
        return self._pager.rowed(pages, period=period, width=report.width, read_row=read)

    def _older_days(self, report: _Report, period: Period) -> Iterator[Slice]:
        state = self._states[report.name]
        try:
            for day, items in whole_days(period, partial(self._ask_older, report, period)):
                yield report.slice(day, items, newer=False)
        except _REFUSED:
            if not state.newer:
                raise
            state.older_refused = True

    def _ask_older(self, report: _Report, period: Period) -> Iterator[Batch[Item]]:
        state = self._states[report.name]
        requests = [report.older(period, by) for by in report.older_by[state.grouping :]]
        number, pages = self._pager.open(requests, most=bucket_pages(period, report.width))
        state.grouping += number
        return self._pager.bucketed(
            pages,
            period=period,
            width=report.width,
            read_bucket=_bucket,
            read_row=report.older_read,
        )

    def _today(self) -> date:
        return utc_day(self._pager.door.clock.now())

    def names(self) -> tuple[Name, ...]:
        """Workspaces (archived ones too), keys and users; the default workspace needs no name."""
        self._workspaces.load()
        listed, after = self._pager.listed_if_allowed, "after_id"
        keys = listed(_list("api_keys", "1000"), after=after) or ()
        users = listed(_list("users", "100"), after=after) or ()
        return (
            *(named(NameKind.PROJECT, entry, "name") for entry in self._workspaces.listed or ()),
            *(named(NameKind.KEY, entry, "name", "partial_key_hint") for entry in keys),
            *(named(NameKind.USER, entry, "name", "email") for entry in users),
        )

    def balances(self) -> tuple[BalanceReading, ...]:
        """Anthropic has no endpoint for prepaid credit."""
        return ()

    def test(self) -> tuple[Finding, ...]:
        """Whose key it is, and what it can read: reports, the newer API, names."""
        findings = [self._whose()]
        refusals: list[KnownError] = []
        for report in _REPORTS.values():
            newer = self._newer_answers(report)
            request = report.by_workspace(Period(self._today(), self._today()))
            try:
                next(self._pager.open([request], most=1)[1])
                findings.append(Finding(True, f"{report.title} can be read."))
            except _REFUSED as error:
                refusals.append(error)
                what = f"{report.title} cannot be read from the older report. {error.sentence}"
                findings.append(Finding(False, what, error.remedy, essential=not newer))
            findings.append(_newer_finding(report, answers=newer))
        if len(refusals) == len(_REPORTS) and not any(s.newer for s in self._states.values()):
            raise refusals[0]
        self._workspaces.load()
        return (*findings, _names_finding(listed=self._workspaces.listed is not None))

    def _whose(self) -> Finding:
        try:
            name = required_word(self._pager.door.get("/v1/organizations/me"), "name")
        except _REFUSED:
            return Finding(False, "The organisation's name cannot be read.", essential=False)
        except FieldError as problem:
            raise self._pager.refuse(problem, "") from None
        return Finding(True, f"The key belongs to {name}.", essential=False)


def _newer_finding(report: _Report, *, answers: bool) -> Finding:
    if answers:
        what = f"{report.title}: the newer analytics API can be read, which adds detail by key."
        return Finding(True, what, essential=False)
    what = f"{report.title}: the newer analytics API (beta) is not open to this key."
    remedy = "Nothing is missing from the totals: the older reports are used."
    return Finding(False, what, remedy, essential=False)


def _names_finding(*, listed: bool) -> Finding:
    if listed:
        return Finding(True, "Names of workspaces can be read.", essential=False)
    remedy = "Figures are complete; workspaces show as ids, the default one perhaps too."
    return Finding(False, "Workspaces cannot be listed.", remedy, essential=False)


def _newer_span(today: date) -> tuple[date, date]:
    return max(FIRST_NEWER_DAY, today - timedelta(days=NEWER_DAYS)), today


def _without_project(item: Item, default: str | None) -> Item:
    if default is None or item.attribution.project != default:
        return item
    return replace(item, attribution=replace(item.attribution, project=None))


# -- names -------------------------------------------------------------------------------------


def _list(what: str, limit: str, *params: tuple[str, str]) -> Request:
    return Request(f"/v1/organizations/{what}", (("limit", limit), *params))


@dataclass(slots=True)
class _Workspaces:
    """The organisation's workspaces, and which one is the default (see the module's docstring).

    `listed` are all but the default one, None where the list is refused.
    """

    pager: Pager
    listed: tuple[Row, ...] | None = None
    _default: str | None = None
    _loaded: bool = False
    _others: set[str] = field(default_factory=set)

    def load(self) -> None:
        """Read the list without the default workspace and with it, once a session."""
        if self._loaded:
            return
        archived = ("include_archived", "true")
        self.listed = self.pager.listed_if_allowed(
            _list("workspaces", "100", archived), after="after_id"
        )
        if self.listed is not None:
            whole = self.pager.listed_if_allowed(
                _list("workspaces", "100", archived, ("include_default", "true")), after="after_id"
            )
            more = _ids(whole or ()) - _ids(self.listed)
            self._default = more.pop() if len(more) == 1 else None
        self._loaded = True

    def default_among(self, seen: set[str], report: _Report, period: Period) -> str | None:
        """The default workspace's id, as far as anything tells which of `seen` it is."""
        if self._default is None and seen - self._others:
            self._default = self._by_older_report(seen, report, period) or self._by_absence(seen)
        return self._default

    def _by_older_report(self, seen: set[str], report: _Report, period: Period) -> str | None:
        def read(row: Row, _start: datetime, _end: datetime) -> str | None:
            return word(row, "workspace_id")

        try:
            _, pages = self.pager.open(
                [report.by_workspace(period)], most=bucket_pages(period, ONE_DAY)
            )
            batches = self.pager.bucketed(
                pages, period=period, width=ONE_DAY, read_bucket=_bucket, read_row=read
            )
            known = {workspace for batch in batches for _, workspace in batch.found}
        except _REFUSED:
            return None
        self._others |= {workspace for workspace in known if workspace is not None}
        strangers = seen - self._others
        return strangers.pop() if None in known and len(strangers) == 1 else None

    def _by_absence(self, seen: set[str]) -> str | None:
        if self.listed is None:
            return None
        strangers = seen - self._others - _ids(self.listed)
        return strangers.pop() if len(strangers) == 1 else None


def _ids(entries: tuple[Row, ...]) -> set[str]:
    return {required_word(entry, "id") for entry in entries}


# -- the connector -----------------------------------------------------------------------------


class Anthropic:
    """What can be known of Anthropic without asking it."""

    name = "anthropic"
    title = "Anthropic"
    base_url = "https://api.anthropic.com"
    key_shape = KeyShape(
        label="Anthropic admin key",
        prefixes=("sk-ant-admin",),
        wrong=(
            ("sk-ant-api", "This is an ordinary API key: it runs models, but cannot read costs."),
            ("sk-ant-oat", "This is a login token of Claude Code, not an admin key."),
            ("sk-proj-", "This is a key of OpenAI, not of Anthropic."),
            ("sk-admin-", "This is a key of OpenAI, not of Anthropic."),
            ("sk-or-", "This is a key of OpenRouter, not of Anthropic."),
            ("sk-", "This is a key of another provider, not of Anthropic."),
        ),
        needs="Anthropic's admin key starts with sk-ant-admin; an organisation admin makes it in "
        "the Console. Individual accounts have none.",
        help_url="https://platform.claude.com/settings/admin-keys",
    )
    key_header = KeyHeader("x-api-key")
    headers: Mapping[str, str] = MappingProxyType({"anthropic-version": "2023-06-01"})
    gives = Gives(
        tokens=True, money=True, per_model=True, per_project=True, per_key=True, hourly=True
    )
    revision_days = 2

    def open(self, door: Door, _settings: Mapping[str, str]) -> Organisation:
        """The organisation behind a door; there is nothing to set."""
        return Organisation(Pager(door, self.title))


CONNECTOR = Anthropic()
