"""Which workspace of an Anthropic organisation is the default one, told by what is left out.

The older reports give null for the default workspace, the newer analytics its real id, and the
ledger has null for both. No answer says which id it is, but the official client (`anthropic`
2.12.0, `types/organization/workspace_list_params.py`) documents `include_default` of the workspace
list: the one workspace that is listed with it and not without it is the default. Where that decides
nothing: the one id that the analytics has and the older report of the same days has not, while that
report has null; else the one id that the complete list has not, because workspaces are archived and
never deleted. Where nothing decides, ids stay as they are: a row too many is better than two
workspaces wrongly made one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from plimsoll.domain.errors import REFUSED
from plimsoll.domain.usage import Charge, UsageRecord
from plimsoll.sources.fields import Row, required_word
from plimsoll.sources.paging import Pager, Request

Item = TypeVar("Item", UsageRecord, Charge, UsageRecord | Charge)

_PATH = "/v1/organizations/workspaces"
_ME = "/v1/organizations/me"


@dataclass(slots=True)
class Workspaces:
    """The workspaces that a key can list, and the default one among the ids that were seen.

    `listed` are all but the default workspace, archived ones too; None where the list is refused
    or was not asked for yet.
    """

    pager: Pager
    listed: tuple[Row, ...] | None = None
    default: str | None = None
    _loaded: bool = False
    _whose: tuple[str | None, str | None] | None = None
    _others: set[str] = field(default_factory=set)

    def whose(self) -> tuple[str | None, str | None]:
        """The id and the name of the organisation, each None where it is not told."""
        if self._whose is None:
            try:
                body = self.pager.door.get(_ME)
            except REFUSED:
                body = {}
            identity, name = (body.get(word) for word in ("id", "name"))
            self._whose = (
                identity if isinstance(identity, str) else None,
                name if isinstance(name, str) else None,
            )
        return self._whose

    def load(self) -> None:
        """Read the list without the default workspace and with it, once a session."""
        if self._loaded:
            return
        self.listed = self._list()
        if self.listed is not None:
            more = _ids(self._list(("include_default", "true")) or ()) - _ids(self.listed)
            self.default = more.pop() if len(more) == 1 else None
        self._loaded = True

    def find_default(
        self, seen: set[str], older_report: Callable[[], set[str | None] | None]
    ) -> None:
        """Find out which of the ids in `seen` is the default workspace, if it is not known yet.

        `older_report` gives the workspaces that the older report has for the same days, None for
        the default one among them; or None where that report is refused. It is asked only where
        the lists decide nothing.
        """
        self.load()
        if self.default is not None or seen <= self._others:
            return
        known = older_report()
        if known is not None:
            self._others |= {workspace for workspace in known if workspace is not None}
        strangers = seen - self._others
        if known is None or None not in known or len(strangers) != 1:
            strangers -= _ids(self.listed) if self.listed is not None else strangers
        self.default = strangers.pop() if len(strangers) == 1 else None

    def cleared(self, item: Item) -> Item:
        """A record or charge as the ledger keeps it: without the default workspace's id."""
        if self.default is None or item.attribution.project != self.default:
            return item
        return replace(item, attribution=replace(item.attribution, project=None))

    def _list(self, *more: tuple[str, str]) -> tuple[Row, ...] | None:
        params = (("limit", "100"), ("include_archived", "true"), *more)
        return self.pager.listed_if_allowed(Request(_PATH, params), after="after_id")


def _ids(entries: tuple[Row, ...]) -> set[str]:
    return {required_word(entry, "id") for entry in entries}
