"""OpenRouter: what its activity cost by day, model and endpoint, and what is left of the credits.

API facts: https://openrouter.ai/docs/api (activity, credits, keys, workspaces, key). Amounts are
dollars. Activity tells the last 30 UTC days that are over, to management keys only; history beyond
that exists only where it was kept. One answer tells no keys: each key's own activity is asked for,
and what no key accounts for stays without one. What a call under somebody's own key cost at the
provider behind (BYOK) is not OpenRouter's money: it is kept as a detail and never added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.errors import REFUSED, KnownError, MissingScope, NotOffered, PageLoop
from plimsoll.domain.money import Money, nanos_of
from plimsoll.domain.said import say, together
from plimsoll.domain.usage import BalanceReading, Name, NameKind, Slice
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    flag,
    list_of,
    readable,
    required_word,
    row_of,
    surprise,
    word,
)
from plimsoll.sources.rows import openrouter as openrouter_rows
from plimsoll.sources.rows.openrouter import Part, dollars, key_limit, read_row, split_by_key

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

DEPTH = timedelta(days=30)
"""How many days that are over the activity reaches back."""

KEYS_ON_A_PAGE = 100
MOST_KEYS = 60
"""Keys whose own activity is asked for; with more of them money is told by model only."""

_BAD_PARAMETER = (400, 422)
_MANAGEMENT = say("Activity and the names of keys need a management key, made at openrouter.ai.")


@dataclass(slots=True)
class Team:
    """One OpenRouter account behind a door; what it has answered is asked for once."""

    _door: Door
    _days: dict[date, list[Part]] | None = None
    _keys: dict[str, Row] | None = None
    _workspaces: dict[str, str] = field(default_factory=dict)
    _by_workspace: bool = True
    _homes: set[str] = field(default_factory=set)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The activity, which reaches back 30 days."""
        return (Endpoint("activity", say("Activity"), self._told().first),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days that are over, 30 at most, as `base.Account.pull` promises; today is not told."""
        asked = period.overlap(self._told())
        if asked is None:
            return
        if self._days is None:
            self._days = self._read_days()
        for day in asked.days():
            parts = self._days.get(day, [])
            yield Slice(
                endpoint,
                day,
                records=tuple(part.record() for part in parts),
                charges=tuple(part.charge() for part in parts),
                bills_by=self._bills_by(parts),
            )

    def _told(self) -> Period:
        today = utc_day(self._door.clock.now())
        return Period(today - DEPTH, today - ONE_DAY)

    def _bills_by(self, parts: Sequence[Part]) -> frozenset[str]:
        cut = {"model", "line_item"}
        cut |= {"project"} if self._by_workspace else set()
        return frozenset(cut | ({"key"} if any(part.key for part in parts) else set()))

    # -- activity --------------------------------------------------------------------------------

    def _read_days(self) -> dict[date, list[Part]]:
        told = self._told()
        days = self._ask_activity(told)
        mine = self._ask_by_key(told, self._keys_in_use(told, days))
        return {
            day: split_by_key(parts, {key: found.get(day, []) for key, found in mine.items()})
            for day, parts in days.items()
        }

    def _ask_by_key(self, told: Period, keys: Sequence[str]) -> dict[str, dict[date, list[Part]]]:
        """Each key's own activity; nothing where that is refused: the days stay whole then."""
        grouped = self._by_workspace
        try:
            return {key: self._ask_activity(told, key) for key in keys}
        except REFUSED:
            self._by_workspace = grouped
            return {}

    def _ask_activity(self, told: Period, key: str | None = None) -> dict[date, list[Part]]:
        """The rows of the days told, of the whole account or of one key."""
        params = () if key is None else (("api_key_hash", key),)
        try:
            body = self._ask_by_workspace(params)
        except MissingScope as refusal:
            raise MissingScope(refusal.sentence, remedy=_MANAGEMENT) from None
        days: dict[date, list[Part]] = {}
        where = ""
        try:
            for index, raw in enumerate(list_of(body, "data")):
                where = f"data[{index}]"
                day, part = read_row(row_of(raw, "row"), key, last=told.last + ONE_DAY)
                if told.first <= day <= told.last:
                    days.setdefault(day, []).append(part)
        except FieldError as problem:
            raise surprise("OpenRouter", problem, where=where, remedy=DAYS_STAY) from None
        return days

    def _ask_by_workspace(self, params: tuple[tuple[str, str], ...]) -> Row:
        """Rows for each workspace, or over all of them where the grouping is not known."""
        if self._by_workspace:
            try:
                return self._door.get("/activity", (*params, ("group_by", "workspace")))
            except NotOffered as refusal:
                if refusal.status not in _BAD_PARAMETER:
                    raise
                self._by_workspace = False
        return self._door.get("/activity", params)

    def _keys_in_use(self, told: Period, days: Mapping[date, list[Part]]) -> tuple[str, ...]:
        """The keys that can have had a share in the days told; none where they are too many."""
        if not days:
            return ()
        self._load_keys({part.project for parts in days.values() for part in parts})
        used = [key for key, entry in (self._keys or {}).items() if _was_used(entry, told.first)]
        return tuple(used) if len(used) <= MOST_KEYS else ()

    # -- names -----------------------------------------------------------------------------------

    def names(self) -> tuple[Name, ...]:
        """Workspaces, and keys of all of them, disabled and expired ones too."""
        self._load_keys(set())
        keys = ((key, word(e, "name") or word(e, "label")) for key, e in (self._keys or {}).items())
        return (
            *(Name(NameKind.PROJECT, id_, name) for id_, name in self._workspaces.items()),
            *(Name(NameKind.KEY, key, name or key) for key, name in keys),
        )

    def organisation(self) -> str | None:
        """The default workspace, which every account has one of: that of the keys that are listed
        where no workspace is named. None before keys were listed, or where there is no key.
        """
        return next(iter(self._homes)) if len(self._homes) == 1 else None

    def _load_keys(self, seen: set[str | None]) -> None:
        """Ask for workspaces and keys once; a key that may not read them leaves ids."""
        if self._keys is not None:
            return
        listed = self._listed("/workspaces", "id", (("limit", str(KEYS_ON_A_PAGE)),))
        self._workspaces = {
            identity: word(entry, "name") or word(entry, "slug") or identity
            for identity, entry in (listed or {}).items()
        }
        keys = self._list_keys(())
        self._homes = {home for entry in (keys or {}).values() if (home := _home_of(entry))}
        for workspace in sorted({*self._workspaces, *(id_ for id_ in seen if id_)}):
            if keys is not None:
                keys |= self._list_keys((("workspace_id", workspace),)) or {}
        self._keys = keys or {}

    def _list_keys(self, params: tuple[tuple[str, str], ...]) -> dict[str, Row] | None:
        """Keys by their hash: of the default workspace unless another is named."""
        every = (*params, ("include_disabled", "true"))
        with_expired = self._listed("/keys", "hash", (*every, ("include_expired", "true")))
        return with_expired if with_expired is not None else self._listed("/keys", "hash", every)

    def _listed(
        self, path: str, identity: str, params: tuple[tuple[str, str], ...]
    ) -> dict[str, Row] | None:
        """Every entry of a list by its identity; None where this key may not read it."""
        found: dict[str, Row] = {}
        while True:
            here = (*params, ("offset", str(len(found)))) if found else params
            try:
                body = self._door.get(path, here)
            except REFUSED:
                return found or None
            where, before = "", len(found)
            try:
                page = list_of(body, "data")
                for index, raw in enumerate(page):
                    where = f"data[{index}]"
                    entry = row_of(raw, "entry")
                    found[required_word(entry, identity)] = entry
            except FieldError as problem:
                raise surprise("OpenRouter", problem, where=where, remedy=DAYS_STAY) from None
            if len(page) < KEYS_ON_A_PAGE:
                return found
            if len(found) == before:
                raise PageLoop(say("OpenRouter sent a page of a list again."), remedy=DAYS_STAY)

    def limits(self) -> tuple[SpendLimit, ...]:
        """The limits of keys that come round, as `base.Limits` promises.

        A limit that never comes round is a purse and no budget; and one that counts what calls
        under somebody's own key cost elsewhere is not on the money that is told here. What `/key`
        says of an ordinary key is not asked: such a key cannot read any activity to hold it to.
        """
        self._load_keys(set())
        try:
            found = [key_limit(key, entry) for key, entry in (self._keys or {}).items()]
        except FieldError as problem:
            raise surprise("OpenRouter", problem, where="keys", remedy=DAYS_STAY) from None
        return tuple(limit for limit in found if limit is not None)

    # -- credits and the key itself ---------------------------------------------------------------

    def balances(self) -> tuple[BalanceReading, ...]:
        """Credits less usage, in dollars; nothing where this key may not read them."""
        try:
            body = self._door.get("/credits")
        except REFUSED:
            return ()
        where = ""
        try:
            data = row_of(body.get("data"), "data")
            where = "data"
            bought, used = dollars(data, "total_credits"), dollars(data, "total_usage")
        except FieldError as problem:
            raise surprise("OpenRouter", problem, where=where, remedy=DAYS_STAY) from None
        reading = BalanceReading(
            self._door.clock.now(),
            Money(openrouter_rows.CURRENCY, nanos_of(bought - used)),
            ever_added=nanos_of(bought),
            ever_spent=nanos_of(used),
        )
        return (reading,)

    def test(self) -> tuple[Finding, ...]:
        """What kind of key it is, and what it can read: activity, credits, names of keys."""
        whose = self._kind_of_key()
        yesterday = (("date", self._told().last.isoformat()),)
        asked = {"/activity": yesterday, "/credits": (), "/keys": ()}
        refusals: dict[str, KnownError] = {}
        for path, params in asked.items():
            try:
                self._door.get(path, params)
            except REFUSED as refusal:
                refusals[path] = refusal
        if len(refusals) == len(asked):
            raise refusals["/activity"]
        why = refusals.get("/activity")
        return (
            whose,
            readable(
                say("Activity (tokens and cost by day, model and key)"),
                ok=why is None,
                remedy=together([why.sentence if why else "", _MANAGEMENT]),
            ),
            readable(
                say("The balance of the credits"),
                ok="/credits" not in refusals,
                remedy=say("OpenRouter shows credits to management keys and to some others."),
                essential=False,
            ),
            readable(
                say("Names of keys"),
                ok="/keys" not in refusals,
                remedy=_MANAGEMENT,
                essential=False,
            ),
        )

    def _kind_of_key(self) -> Finding:
        """Ordinary and management keys look the same; only OpenRouter can tell them apart."""
        try:
            body = self._door.get("/key")
        except REFUSED:
            return readable(say("The kind of the key"), ok=False, essential=False)
        try:
            data = row_of(body.get("data"), "data")
            management = flag(data, "is_management_key") or flag(data, "is_provisioning_key")
        except FieldError as problem:
            raise surprise("OpenRouter", problem, remedy=DAYS_STAY) from None
        kind = say("a management key") if management else say("an ordinary API key")
        return Finding(True, say("The key is {kind}.", kind=kind), essential=False)


def _home_of(entry: Row) -> str | None:
    home = entry.get("workspace_id")
    return home if isinstance(home, str) and home else None


def _was_used(entry: Row, first: date) -> bool:
    """Whether a key can have been used since a day; where nothing is said, it can."""
    last = entry.get("last_used_at")
    if isinstance(last, str) and last[:10] < first.isoformat():
        return False
    spent = [entry.get(name) for name in ("usage", "byok_usage")]
    return any(amount != 0 for amount in spent)


class OpenRouter:
    """What can be known of OpenRouter without asking it."""

    name = "openrouter"
    title = "OpenRouter"
    base_url = "https://openrouter.ai/api/v1"
    key_shape = KeyShape(
        label=say("OpenRouter management key"),
        prefixes=("sk-or-",),
        wrong=(
            ("sk-admin-", say("This is a key of OpenAI, not of OpenRouter.")),
            ("sk-proj-", say("This is a key of OpenAI, not of OpenRouter.")),
            ("sk-ant-", say("This is a key of Anthropic, not of OpenRouter.")),
            ("sk-", say("This is a key of another provider, not of OpenRouter.")),
        ),
        needs=say(
            "OpenRouter's keys start with sk-or-v1-. A management key reads "
            "activity, credits and keys, and cannot run models; an ordinary key "
            "may read the credits at most."
        ),
        help_url="https://openrouter.ai/settings/management-keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(
        tokens=True,
        money=True,
        balance=True,
        per_model=True,
        per_project=True,
        per_key=True,
        gateway=True,
    )
    revision_days = 2
    """Activity tells days that are over, and no document says that a late call cannot come in."""
    about = About(
        figures=say(
            "Activity of the last 30 UTC days that are over, by model, workspace "
            "and key; older days only where they were kept. The balance is "
            "credits less usage, in dollars."
        )
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Team:
        """The account behind a door; there is nothing to set."""
        return Team(door)


CONNECTOR = OpenRouter()
