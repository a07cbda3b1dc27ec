"""OpenAI: organisation costs and usage, read with an admin key.

API facts: OpenAI's own OpenAPI document (github.com/openai/openai-openapi) and official clients.
Amounts are dollars. Costs come by UTC day, tokens by the hour, other units by UTC day. No delay is
documented; OpenAI's help page warns that data may lag, and those who reconcile it take recent days
as moving, so three days are asked again. Costs are the financial record; usage need not agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import REFUSED, MissingScope, NotOffered
from plimsoll.domain.said import say, together
from plimsoll.domain.usage import (
    BalanceReading,
    Charge,
    Name,
    NameKind,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    FieldError,
    Row,
    counter,
    money,
    named,
    readable,
    required_word,
    unix_instant,
    word,
)
from plimsoll.sources.paging import (
    Batch,
    Bucket,
    Pager,
    Report,
    Request,
    Style,
    slice_of,
    stretches,
    until_today,
    whole_days,
)
from plimsoll.sources.rows.openai import attribution, charge, completions, details
from plimsoll.sources.rows.openai_limits import spend_limits

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

DOLLARS = Decimal(1)
"""The unit of every amount in the costs endpoint; spend limits are cents (`rows.openai_limits`)."""

HOUR = timedelta(hours=1)

Item = UsageRecord | Charge
Reading = Callable[[Row, datetime, datetime], Item]


# -- reading rows ------------------------------------------------------------------------------


def _charge(row: Row, _start: datetime, _end: datetime) -> Charge:
    """A costs row."""
    amount = row.get("amount")
    if not isinstance(amount, dict):
        raise FieldError(
            "amount", say("is missing") if amount is None else say("is not an object"), amount
        )
    try:
        billed, text = money(amount, "value", amount.get("currency"), unit=DOLLARS)
    except FieldError as problem:
        raise FieldError(f"amount.{problem.name}", problem.problem, amount.get("value")) from None
    return charge(row, billed, text)


def _input_only(row: Row, start: datetime, end: datetime) -> UsageRecord:
    """An embeddings or moderations row: its tokens are input."""
    return UsageRecord(
        start,
        end,
        attribution(row),
        Tokens(input=counter(row, "input_tokens")),
        requests=counter(row, "num_model_requests"),
    )


def _units(name: str, unit: str, *, requests: bool = True, kept: tuple[str, ...] = ()) -> Reading:
    """How a row of billable units is read: its counter, the unit's name, and circumstances kept."""

    def read(row: Row, start: datetime, end: datetime) -> UsageRecord:
        return UsageRecord(
            start,
            end,
            attribution(row),
            requests=counter(row, "num_model_requests") if requests else None,
            units=((unit, Decimal(counter(row, name))),),
            details=details(*((circumstance, word(row, circumstance)) for circumstance in kept)),
        )

    return read


_images = _units("images", "images", kept=("size", "source"))
_speeches = _units("characters", "characters")
_transcriptions = _units("seconds", "seconds")
_stored = _units("usage_bytes", "bytes", requests=False)
_sessions = _units("num_sessions", "sessions", requests=False)
_file_searches = _units("num_requests", "searches", requests=False, kept=("vector_store_id",))
_web_searches = _units("num_requests", "searches", kept=("context_level",))


def _bucket(raw: Row) -> Bucket:
    """A bucket. Rows are in `results`; old documents and answers call the field `result`."""
    if raw.get("object", "bucket") != "bucket":
        raise FieldError("object", say("is not “bucket”"), raw.get("object"))
    rows = raw.get("results", raw.get("result"))
    if not isinstance(rows, list):
        raise FieldError("results", say("is not a list"), rows)
    return Bucket(unix_instant(raw, "start_time"), unix_instant(raw, "end_time"), rows)


def _unix(day: date) -> str:
    return str(int(day_start(day).timestamp()))


def _span(period: Period) -> tuple[tuple[str, str], ...]:
    return ("start_time", _unix(period.first)), ("end_time", _unix(period.last + ONE_DAY))


_STYLE = Style(_span, _bucket, group_by="group_by", envelope="page")


# -- what can be asked -------------------------------------------------------------------------

_BY_KEY = ("project_id", "user_id", "api_key_id")
_BY_MODEL = (*_BY_KEY, "model")

# Costs by key are newer than the rest, and refused with 400 for some organisations.
_COSTS_BY = (("project_id", "line_item", "api_key_id"), ("project_id", "line_item"))


def _hourly(name: str, read: Reading, *by: str) -> Report[Item]:
    return Report(f"/organization/usage/{name}", (by,), read, HOUR, limit=168)


def _daily(name: str, read: Reading, *by: str) -> Report[Item]:
    return Report(f"/organization/usage/{name}", (by,), read)


_REPORTS: dict[str, tuple[str, Report[Item]]] = {
    "costs": (say("Costs"), Report("/organization/costs", _COSTS_BY, _charge, limit=180)),
    "completions": (
        say("Completions"),
        _hourly("completions", completions, *_BY_MODEL, "batch", "service_tier"),
    ),
    "embeddings": (say("Embeddings"), _hourly("embeddings", _input_only, *_BY_MODEL)),
    "moderations": (say("Moderations"), _hourly("moderations", _input_only, *_BY_MODEL)),
    "images": (say("Images"), _daily("images", _images, *_BY_MODEL, "size", "source")),
    "audio_speeches": (say("Speeches"), _daily("audio_speeches", _speeches, *_BY_MODEL)),
    "audio_transcriptions": (
        say("Transcriptions"),
        _daily("audio_transcriptions", _transcriptions, *_BY_MODEL),
    ),
    "vector_stores": (say("Vector stores"), _daily("vector_stores", _stored, "project_id")),
    "code_interpreter_sessions": (
        say("Code interpreter sessions"),
        _daily("code_interpreter_sessions", _sessions, "project_id"),
    ),
    "file_search_calls": (
        say("File searches"),
        _daily("file_search_calls", _file_searches, *_BY_KEY, "vector_store_id"),
    ),
    "web_search_calls": (
        say("Web searches"),
        _daily("web_search_calls", _web_searches, *_BY_MODEL, "context_level"),
    ),
}

_ENDPOINTS = tuple(Endpoint(name, title) for name, (title, _) in _REPORTS.items())

_DIMENSIONS = {"project_id": "project", "api_key_id": "key", "line_item": "line_item"}
"""Our word for each grouping of the costs endpoint; the model comes with the line item."""

_USAGE_SCOPE = say(
    "Give the key the permission to read usage (api.usage.read), or use an admin key."
)
_NAMES_SCOPE = say(
    "Figures are complete; projects and keys show as ids. Names need the permission "
    "api.management.read."
)


@dataclass(slots=True)
class Organisation:
    """One OpenAI organisation behind a door; remembers which groupings it offers."""

    _pager: Pager
    _grouping: dict[str, int] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Costs first, then tokens, then other billable units."""
        return _ENDPOINTS

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Whole UTC days of one endpoint, as `base.Account.pull` promises."""
        _, report = _REPORTS[endpoint]
        begun = until_today(period, self._pager.door.clock.now())
        for stretch in stretches(begun, report.limit if endpoint == "costs" else 31):
            for day, items in whole_days(stretch, partial(self._ask, endpoint, report, stretch)):
                yield slice_of(endpoint, day, items, self._bills_by(endpoint))

    def _ask(self, endpoint: str, report: Report[Item], period: Period) -> Iterator[Batch[Item]]:
        known = self._grouping.get(endpoint, 0)
        if endpoint == "costs":
            report = replace(report, read=self._noting_ids(report.read))
        self._grouping[endpoint], batches = self._pager.buckets(report, period, known=known)
        return batches

    def _noting_ids(self, read: Reading) -> Reading:
        """Costs rows bear the organisation's id, which the documents do not mention."""

        def noted(row: Row, start: datetime, end: datetime) -> Item:
            identity = row.get("organization_id")
            if isinstance(identity, str) and identity:
                self._ids.add(identity)
            return read(row, start, end)

        return noted

    def organisation(self) -> str | None:
        """The id that the costs rows bore, once some were read, if they agreed on one."""
        return next(iter(self._ids)) if len(self._ids) == 1 else None

    def _bills_by(self, endpoint: str) -> frozenset[str]:
        if endpoint != "costs":
            return frozenset()
        grouping = _COSTS_BY[self._grouping.get(endpoint, 0)]
        return frozenset({"model", *(_DIMENSIONS[name] for name in grouping)})

    def names(self) -> tuple[Name, ...]:
        """Projects, archived ones too; each project's keys, hidden ones too; users.

        There is no list of keys across projects. A deleted key has no name any more.
        """
        listed = self._pager.listed_if_allowed
        found: list[Name] = []
        request = _list("/organization/projects", ("include_archived", "true"))
        for project in listed(request, after="after") or ():
            found.append(named(NameKind.PROJECT, project, "name"))
            found.extend(self._key_names(required_word(project, "id")))
        users = listed(_list("/organization/users"), after="after") or ()
        found.extend(named(NameKind.USER, user, "name", "email") for user in users)
        return tuple(found)

    def _key_names(self, project: str) -> Iterator[Name]:
        path = f"/organization/projects/{quote(project, safe='')}/api_keys"
        try:
            keys = tuple(
                self._pager.listed(_list(path, ("owner_project_access", "any")), after="after")
            )
        except NotOffered:
            keys = self._pager.listed_if_allowed(_list(path), after="after") or ()
        except MissingScope:
            keys = ()
        for key in keys:
            yield named(NameKind.KEY, key, "name", "redacted_value")

    def balances(self) -> tuple[BalanceReading, ...]:
        """OpenAI has no endpoint for prepaid credit that a key may read."""
        return ()

    def limits(self) -> tuple[SpendLimit, ...]:
        """The monthly limits of the organisation and its projects, as `base.Limits` promises."""
        return tuple(spend_limits(self._pager))

    def test(self) -> tuple[Finding, ...]:
        """Two cheap requests: one proves the usage scope, one the scope of names."""
        today = utc_day(self._pager.door.clock.now())
        costs = Request("/organization/costs", (("start_time", _unix(today)), ("limit", "1")))
        refusal: MissingScope | NotOffered | None = None
        try:
            next(self._pager.open([costs], most=1)[1])
        except REFUSED as error:
            refusal = error
        names = True
        try:
            self._pager.door.get("/organization/projects", (("limit", "1"),))
        except REFUSED:
            names = False
        if refusal and not names:
            raise refusal
        why = together([refusal.sentence, _USAGE_SCOPE]) if refusal else ""
        what = say("Names of projects, keys and users")
        return (
            readable(say("Costs and usage of the organisation"), ok=not refusal, remedy=why),
            readable(what, ok=names, remedy=_NAMES_SCOPE, essential=False),
        )


def _list(path: str, *params: tuple[str, str]) -> Request:
    return Request(path, (("limit", "100"), *params))


class OpenAI:
    """What can be known of OpenAI without asking it."""

    name = "openai"
    title = "OpenAI"
    base_url = "https://api.openai.com/v1"
    key_shape = KeyShape(
        label=say("OpenAI admin key"),
        prefixes=("sk-admin-",),
        wrong=(
            ("sk-svcacct-", say("This is a service account's key: it belongs to one project.")),
            (
                "sk-proj-",
                say("This is a project key: it runs models, but cannot read usage or costs."),
            ),
            ("sk-ant-", say("This is a key of Anthropic, not of OpenAI.")),
            ("sk-or-", say("This is a key of OpenRouter, not of OpenAI.")),
            (
                "sk-",
                say("This is an ordinary API key: it runs models, but cannot read usage or costs."),
            ),
        ),
        needs=say(
            "OpenAI's admin key starts with sk-admin-; an organisation owner makes "
            "it. Reading usage (api.usage.read) and, for names, "
            "api.management.read are enough."
        ),
        help_url="https://platform.openai.com/settings/organization/admin-keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(
        tokens=True, money=True, per_model=True, per_project=True, per_key=True, hourly=True
    )
    revision_days = 3
    about = About(
        figures=say(
            "Tokens by hour, model, project, key, user and tier, images, audio, "
            "searches and sessions; billed cost by UTC day, project, key and "
            "line item. No prepaid credit."
        )
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Organisation:
        """The organisation behind a door; there is nothing to set."""
        return Organisation(Pager(door, self.title, _STYLE))


CONNECTOR = OpenAI()
