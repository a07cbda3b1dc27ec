"""Who asked for Anthropic's tokens: people, managed agents, service accounts, batches.

API facts: the analytics' usage (types of the official client `anthropic` 2.12.0). A usage row tells
the kind of identity that it is attributed to, the Claude Managed Agents agent in whose session it
was, the category of Claude Tag (in Slack) and the product. New words are added over time, so that a
word which is not known here is not told.

Sessions are not asked for: what they would tell of the question is told by their agent, in far
fewer rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from plimsoll.domain.actors import ActorDay, Actors, Who
from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.errors import REFUSED
from plimsoll.domain.said import say
from plimsoll.sources.fields import MOST, FieldError, Row, rfc3339_instant, row_of, word
from plimsoll.sources.paging import Batch, Pager, Request, stretches, whole_days
from plimsoll.sources.rows.anthropic import newer_usage

GROUPS = ("actor_type", "agent_id", "claude_tag_category", "product")

_TAGS = {
    "engaged": Who.PERSON,
    "dm": Who.PERSON,
    "proactive": Who.AGENT,
    "scheduled": Who.AGENT,
    "monitoring": Who.AGENT,
}
_PRODUCTS = {
    "managed_agents_api": Who.AGENT,
    "cc_security_autopatch": Who.AGENT,
    "message_batches_api": Who.PROGRAM,
}
_TYPES = {"user_actor": Who.PERSON, "service_account_actor": Who.PROGRAM}
"""An API key may be a person's or a program's, and so may an identity of a cloud (`user:` and
`serviceAccount:` are both federated): neither is guessed.
"""


def who_asked(group: Row) -> Who:
    """Who asked, by a row's dimensions: first what ran, then whose it was."""
    if word(group, "agent_id") is not None:
        return Who.AGENT
    tag = word(group, "claude_tag_category")
    if tag is not None:
        return _TAGS.get(tag, Who.NOT_TOLD)
    product, kind = word(group, "product") or "", word(group, "actor_type") or ""
    return _PRODUCTS.get(product) or _TYPES.get(kind) or Who.NOT_TOLD


def actor_days(
    pager: Pager,
    periods: Sequence[Period],
    *,
    within: Period,
    at_once: int,
    ask: Callable[[Period], Request],
) -> Iterator[ActorDay]:
    """Whole days of the periods as far as they lie `within` what can be answered, the newest
    stretch of `at_once` days first; none any more after a refusal.
    """
    kept = [cut for period in periods if (cut := period.overlap(within))]
    for period in sorted(kept, reverse=True):
        for stretch in reversed(list(stretches(period, at_once))):
            try:
                for day, parts in whole_days(stretch, partial(_ask, pager, stretch, ask(stretch))):
                    found = sum(parts, Actors())
                    if found.total > MOST:
                        problem = FieldError("tokens", say("is out of range"), found.total)
                        raise pager.refuse(problem, day.isoformat())
                    yield ActorDay(day, found)
            except REFUSED:
                return


def _ask(pager: Pager, period: Period, request: Request) -> Iterator[Batch[Actors]]:
    return pager.rows(request, period, width=ONE_DAY, read=_read)


def _read(row: Row) -> tuple[datetime, datetime, object, Actors]:
    start, end = rfc3339_instant(row, "starting_at"), rfc3339_instant(row, "ending_at")
    group = row_of(row.get("group"), "group")
    tokens = newer_usage(start, end, row, group).tokens.total
    return start, end, repr(sorted(group.items())), Actors.of(who_asked(group), tokens)
