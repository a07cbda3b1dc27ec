"""Needs: what the first screen asks its user to look at, at most three calm lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from plimsoll.domain.budget import BudgetStatus, Threshold, ThresholdKind
from plimsoll.domain.calendar import utc_day
from plimsoll.domain.question import Row
from plimsoll.domain.said import say
from plimsoll.ledger import accounts, runs
from plimsoll.ledger.database import Ledger
from plimsoll.services import budgets
from plimsoll.services.anomalies import Unusual
from plimsoll.services.figures import Need
from plimsoll.services.overlaps import all_overlaps
from plimsoll.services.prepaid import Prepaid
from plimsoll.services.restated import unseen_sentence
from plimsoll.services.run_out_words import run_out_sentence

PRESSING_PERCENT = 80
_SOON = timedelta(days=14)
NEEDS = 3


def needs_of(
    ledger: Ledger,
    statuses: Sequence[BudgetStatus],
    total: Row,
    unusual: Unusual | None = None,
    balances: Sequence[Prepaid] = (),
    *,
    first: str = "",
) -> tuple[Need, ...]:
    """At most three things, the most pressing first: `total` is the month so far, `unusual` a day
    of the last week that stands out, `first` a sentence about who spends for the first time.
    """
    needs = [
        *_source_needs(ledger),
        *_balance_needs(balances),
        *_overlap_needs(ledger),
        *_budget_needs(statuses),
    ]
    if unusual is not None:
        needs.append(Need("warning", unusual.sentence, "budgets"))
    changed = unseen_sentence(ledger)
    if changed:
        needs.append(Need("hint", changed, "check"))
    if total.not_priced_tokens:
        count = f"{total.not_priced_tokens:,}".replace(",", "\u202f")
        needs.append(
            Need(
                "hint",
                say("{count} tokens have no price; their cost is unknown.", count=count),
                "sources",
            )
        )
    if not statuses and any(amounts.spent > 0 for amounts in total.amounts):
        needs.append(Need("hint", say("No budget is set, so nothing can warn you."), "budgets"))
    if first:
        needs.append(Need("hint", first, "budgets"))
    order = {"failed": 0, "warning": 1, "hint": 2}
    return tuple(sorted(needs, key=lambda need: order[need.kind])[:NEEDS])


def _source_needs(ledger: Ledger) -> list[Need]:
    needs = []
    for source in accounts.sources(ledger):
        run = runs.last_run(ledger, source.id)
        if run is not None and run.ended_at is not None and not run.ok:
            needs.append(
                Need(
                    "failed", say("{name}: {what}", name=source.name, what=run.sentence), "sources"
                )
            )
    return needs


def _balance_needs(balances: Sequence[Prepaid]) -> list[Need]:
    """What is low or runs out soon, and credit that lapses unused in a fortnight."""
    needs = []
    for one in balances:
        soon = utc_day(one.read_at) + _SOON
        if one.is_pressing:
            needs.append(
                Need(
                    "warning",
                    say("{name}: {what}", name=one.source, what=run_out_sentence(one)),
                    "sources",
                )
            )
        elif any(credit.last <= soon for credit in one.run_out.lapsing):
            needs.append(
                Need(
                    "hint",
                    say("{name}: {what}", name=one.source, what=run_out_sentence(one)),
                    "sources",
                )
            )
    return needs


def _overlap_needs(ledger: Ledger) -> list[Need]:
    """One line, whatever is to be asked; amber where something may be counted twice until then."""
    asked = [overlap for overlap in all_overlaps(ledger) if overlap.is_open]
    if not asked:
        return []
    first = min(asked, key=lambda overlap: overlap.counted_once)
    return [Need("hint" if first.counted_once else "warning", first.sentence, "sources")]


def _budget_needs(statuses: Sequence[BudgetStatus]) -> list[Need]:
    needs = []
    for status in statuses:
        limit = status.budget.words(status.limit)
        if status.spent >= status.limit:
            needs.append(
                Need(
                    "failed",
                    say("{name} is over its {limit}.", name=status.budget.name, limit=limit),
                    "budgets",
                )
            )
        elif any(_is_pressing(threshold) for threshold in status.crossed):
            needs.append(
                Need(
                    "warning",
                    budgets.sentence_of(status, budgets.weightiest(status.crossed)),
                    "budgets",
                )
            )
    return needs


def _is_pressing(threshold: Threshold) -> bool:
    """Half of a budget in the middle of the month needs nobody; four fifths, or the odds, do."""
    return threshold.kind is ThresholdKind.FORECAST or threshold.percent >= PRESSING_PERCENT
