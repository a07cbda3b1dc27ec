"""Overlaps: sources that see the same traffic are found, counted once, and asked about once.

The rule of who pays stands in `analysis.overlap.who_pays`. What is certain is assumed at once, so
that nothing is counted twice; what is only likely changes nothing until somebody answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import combinations

from plimsoll.analysis.overlap import (
    LOOK_BACK,
    Kind,
    Likeness,
    Party,
    Reason,
    Relation,
    likeness,
    same_rows,
    who_pays,
)
from plimsoll.domain.calendar import utc_day
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import counted, say, together
from plimsoll.domain.usage import NameKind
from plimsoll.ledger import (
    account_changes,
    accounts,
    log_files,
    overlaps,
    runs,
    subscriptions,
    usage,
)
from plimsoll.ledger.accounts import AGENT, FALLS, FILE, Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.imported_twice import imported_twice
from plimsoll.ledger.overlaps import Pair, State
from plimsoll.ledger.traffic import Traffic, traffic
from plimsoll.services.account_words import MONEY
from plimsoll.sources.base import provider

EXPLAINS = "explains"
"""The setting of every source that says whose traffic it only explains."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two sources that see, or seem to see, the same traffic, by their names.

    `counted_once` says whether the explainer is left out of totals now, `is_open` whether the user
    has still to be asked. The evidence is in `reason`, `relation` (how the explainer's traffic lies
    to the payer's), `days` that were compared, `equal` in per cent of them, `to_the_token` days;
    `part` is what the explainer is equal to. `both_billed`: both have charges of their own, from
    different providers. A removed source's figures stay, and it may bear another one's name.
    """

    id: int
    payer: str
    explainer: str
    counted_once: bool
    is_open: bool
    reason: Reason
    relation: Relation
    days: int
    equal: Decimal
    to_the_token: int
    part: str
    both_billed: bool
    payer_removed: bool
    explainer_removed: bool
    found_at: datetime
    decided_at: datetime | None
    by_an_imported_bill: bool = False

    @property
    def evidence(self) -> str:
        """Why it is thought so, in one sentence with numbers."""
        if self.reason is Reason.SAID:
            return say("You said so.")
        if self.reason is Reason.ORGANISATION:
            return say(
                "{payer} and {explainer} are one account at their provider.",
                payer=self.payer,
                explainer=self.explainer,
            )
        if self.reason is Reason.ROWS:
            return counted(
                self.days,
                "On the day that both hold, their rows are the same.",
                "On the {count} days that both hold, their rows are the same.",
            )
        if not self.days and self.by_an_imported_bill:
            return say(
                "{payer} is a bill of the provider whose balance {explainer} reads.",
                payer=self.payer,
                explainer=self.explainer,
            )
        if not self.days:
            return say(
                "All calls of {explainer} go to the provider that {payer} prepays.",
                explainer=self.explainer,
                payer=self.payer,
            )
        exact = whole = ""
        if self.to_the_token:
            exact = say(", on {count} of them to the token", count=self.to_the_token)
        if self.relation is not Relation.SAME:
            more = self.payer if self.relation is Relation.PART else self.explainer
            whole = say("; {name} has more besides", name=more)
        return say(
            "On {count} days {equal}% of their tokens are equal{exact}{whole}.",
            count=self.days,
            equal=str(self.equal),
            exact=exact,
            whole=whole,
        )

    @property
    def sentence(self) -> str:
        """What is done about it, or asked."""
        both = together([self.payer, self.explainer], " and ")
        if not self.is_open:
            if self.counted_once:
                return say(
                    "{explainer} explains what {payer} pays.",
                    explainer=self.explainer,
                    payer=self.payer,
                )
            return say("{both} are counted both.", both=both)
        if self.counted_once:
            return say(
                "{both} see the same traffic: it is counted once, paid by {payer}.",
                both=both,
                payer=self.payer,
            )
        return say(
            "{both} seem to see the same traffic: both are counted until you say.", both=both
        )


def all_overlaps(ledger: Ledger) -> tuple[Overlap, ...]:
    """Every pair, answered ones too, of which a source is still asked; those to be asked first."""
    known = {source.id: source for source in accounts.sources(ledger, removed=True)}
    billing = overlaps.billing_sources(ledger)
    pairs = overlaps.overlaps(ledger)
    found = [
        _overlap(
            ledger,
            pair,
            known,
            billing,
            is_open=pair.state.is_open and not _is_settled(pair, pairs),
        )
        for pair in pairs
        if any(known[number].removed_at is None for number in pair.both)
    ]
    return tuple(sorted(found, key=lambda overlap: not overlap.is_open))


def payers_by_name(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """For every source that is asked and explains others, the names of those that pay."""
    found: dict[str, tuple[str, ...]] = {}
    for overlap in all_overlaps(ledger):
        if overlap.counted_once and not overlap.explainer_removed:
            found[overlap.explainer] = (*found.get(overlap.explainer, ()), overlap.payer)
    return found


def _is_settled(pair: Pair, pairs: Iterable[Pair]) -> bool:
    """Whether both only explain what one and the same third source pays: then it does not matter
    how they lie to each other.
    """
    payers: dict[int, set[int]] = {number: set() for number in pair.both}
    for other in pairs:
        if other.state.counts_once and other.explainer in payers:
            payers[other.explainer].add(other.payer)
    one, other_one = payers.values()
    return bool((one & other_one) - pair.both)


def _overlap(
    ledger: Ledger, pair: Pair, known: dict[int, Source], billing: frozenset[int], *, is_open: bool
) -> Overlap:
    payer, explainer = known[pair.payer], known[pair.explainer]
    return Overlap(
        id=pair.id,
        payer=payer.name,
        explainer=explainer.name,
        counted_once=pair.state.counts_once,
        is_open=is_open,
        reason=pair.reason,
        relation=pair.relation,
        days=pair.days,
        equal=_percent(pair.equal),
        to_the_token=pair.to_the_token,
        part=_part_in_words(ledger, pair),
        both_billed=pair.both <= billing and payer.connector != explainer.connector,
        payer_removed=payer.removed_at is not None,
        explainer_removed=explainer.removed_at is not None,
        found_at=pair.found_at,
        decided_at=pair.decided_at,
        by_an_imported_bill=payer.kind == FILE and explainer.kind == "provider",
    )


def _part_in_words(ledger: Ledger, pair: Pair) -> str:
    """`key key_12` by the name that its own source has for it: `key Frontend`."""
    word, _, identity = pair.part.partition(" ")
    if not identity:
        return ""
    large = pair.payer if pair.relation is Relation.PART else pair.explainer
    with ledger.reading() as connection:
        names = runs.names_in(connection, large, NameKind(word))
    return f"{word} {names.get(identity, identity)}"


def _percent(share: float) -> Decimal:
    """A share in per cent with one decimal, cut: what is not all is never 100."""
    percent = Decimal(repr(share)) * 100
    return percent.quantize(Decimal("0.1"), rounding=ROUND_DOWN).normalize() + 0


# -- finding -----------------------------------------------------------------------------------


def look(ledger: Ledger, *, known: Collection[int] = ()) -> tuple[Overlap, ...]:
    """Compare every two sources that nobody has answered for, and keep what is found; those that
    are counted once now, and are not among the `known` numbers.
    """
    today = utc_day(ledger.clock.now())
    answered = {pair.both for pair in overlaps.overlaps(ledger) if not pair.state.is_open}
    twice = _imported_twice(ledger, answered)
    found = [
        (one, other, likely)
        for one, other in combinations(traffic(ledger, today=today), 2)
        if (both := frozenset({one.source_id, other.source_id})) not in answered
        if one.asked or other.asked
        if (likely := twice.get(both) or _likeness(one, other)) is not None
    ]
    for _ in found:  # pairs turn round one by one: what would make a ring may soon make none
        before = overlaps.overlaps(ledger)
        for one, other, likely in found:
            _keep(ledger, one, other, likely)
        if overlaps.overlaps(ledger) == before:
            break
    _look_at_prepaid(ledger, answered, today - timedelta(days=LOOK_BACK))
    return tuple(o for o in all_overlaps(ledger) if o.counted_once and o.id not in known)


def _imported_twice(
    ledger: Ledger, answered: Collection[frozenset[int]]
) -> dict[frozenset[int], Likeness]:
    """Files that were imported under two names."""
    return {
        frozenset({pair.one, pair.other}): same_rows(
            len(pair.days),
            tokens=pair.tokens,
            nanos=pair.most_billed,
            same_file=pair.same_file,
            more=(pair.more_in_one, pair.more_in_other),
        )
        for pair in imported_twice(ledger, but=answered)
    }


def _look_at_prepaid(ledger: Ledger, answered: Collection[frozenset[int]], since: date) -> None:
    """A prepaid balance pays for every call to its provider, and tells neither tokens nor an
    organisation to compare: an agent that calls nobody else is taken to explain it.
    """
    prepaid = [
        source
        for source in accounts.sources(ledger)
        if source.kind != AGENT and usage.coverage(ledger, source.id).keys() == {FALLS}
    ]
    if not prepaid:
        return
    _look_at_imported_bills(ledger, answered, prepaid)
    under_a_plan = {made.source for made in subscriptions.subscriptions(ledger)}
    for agent in accounts.sources(ledger):
        if agent.kind != AGENT or dict(agent.settings).get(MONEY) == "plan":
            continue
        if agent.name in under_a_plan:
            continue
        called = log_files.providers_of_calls(ledger, agent.id, since=since)
        paying = [source for source in prepaid if called == {source.connector}]
        if len(paying) == 1 and frozenset({paying[0].id, agent.id}) not in answered:
            likely = Likeness(Relation.PART, Reason.SERIES, certain=True)
            overlaps.propose(
                ledger, payer=paying[0].id, explainer=agent.id, likely=likely, assumed=True
            )


def _look_at_imported_bills(
    ledger: Ledger, answered: Collection[frozenset[int]], prepaid: Collection[Source]
) -> None:
    """An imported bill tells exactly what a prepaid balance lost: where there is one of each of a
    provider, the bill pays on its days.
    """
    files = [source for source in accounts.sources(ledger) if source.kind == FILE]
    for wallet in prepaid:
        others = [s for s in prepaid if s.connector == wallet.connector]
        bills = [s for s in files if s.connector == wallet.connector]
        if len(others) == len(bills) == 1 and frozenset({wallet.id, bills[0].id}) not in answered:
            likely = Likeness(Relation.SAME, Reason.SERIES, certain=True)
            overlaps.propose(
                ledger, payer=bills[0].id, explainer=wallet.id, likely=likely, assumed=True
            )


def _likeness(one: Traffic, other: Traffic) -> Likeness | None:
    """By tokens, or by money where one of the two tells no tokens."""
    if one.tokens.whole and other.tokens.whole:
        return likeness(one.tokens, other.tokens)
    return likeness(one.money, other.money)


def _keep(ledger: Ledger, one: Traffic, other: Traffic, likely: Likeness) -> None:
    verdict = who_pays(_party(one), _party(other), likely)
    payer, explainer = (one, other) if verdict.first_pays else (other, one)
    seen = likely.turned if verdict.first_pays else likely  # from the explainer's side
    overlaps.propose(
        ledger,
        payer=payer.source_id,
        explainer=explainer.source_id,
        likely=seen,
        assumed=verdict.assumed,
    )


def _party(one: Traffic) -> Party:
    kind = Kind.TELLS
    if one.kind == "provider":
        kind = Kind.GATEWAY if provider(one.connector).gives.gateway else Kind.ACCOUNT
    return Party(one.connector, kind, one.bills, one.source_id, one.asked)


def note_organisation(ledger: Ledger, source: Source, organisation: str) -> None:
    """Keep the provider's own id of a source's account, and assume at once that it sees the same as
    the other sources of that account: before its figures are stored, so that no total ever holds
    them twice.
    """
    if account_changes.note_organisation(ledger, source.id, organisation):
        look(ledger)


# -- answering ---------------------------------------------------------------------------------


def settle(ledger: Ledger, overlap_id: int, *, once: bool, payer: str | None = None) -> None:
    """Keep the user's answer: the two are counted `once`, paid by `payer` (by its name; the one
    that is proposed unless named), or both are owed. Raises `WrongUse` where it is not known.
    """
    pair = next((p for p in overlaps.overlaps(ledger) if p.id == overlap_id), None)
    if pair is None:
        raise WrongUse(say("This question is no longer there: one of the sources was removed."))
    names = {source.id: source.name for source in accounts.sources(ledger, removed=True)}
    paying = pair.payer
    if payer is not None and payer != names[pair.payer]:
        if payer != names[pair.explainer]:
            raise WrongUse(say("{payer} is neither of the two sources.", payer=payer))
        paying = pair.explainer
    (other,) = pair.both - {paying}
    overlaps.settle(ledger, payer=paying, explainer=other, once=once)


def explain(ledger: Ledger, name: str, payer: str) -> None:
    """Let a source only explain what another one pays; with an empty name, let it count by itself.

    Raises `WrongUse` for an unknown source, for itself, or where there is nothing to undo.
    """
    source = accounts.source_named(ledger, name)
    if payer:
        paying = accounts.source_named(ledger, payer)
        if paying.id == source.id:
            raise WrongUse(say("A source cannot explain itself."))
        overlaps.settle(ledger, payer=paying.id, explainer=source.id, once=True)
        return
    mine = [
        pair
        for pair in overlaps.overlaps(ledger)
        if pair.explainer == source.id and pair.state is not State.SEPARATE
    ]
    if not mine:
        raise WrongUse(
            say("{name} explains no other source: it counts by itself already.", name=name)
        )
    for pair in mine:
        overlaps.settle(ledger, payer=pair.payer, explainer=source.id, once=False)


def take_explains(settings: Mapping[str, str] | None) -> tuple[dict[str, str], str | None]:
    """Settings without the one that every source has, and that one, None where it is not among
    them: it is kept beside the sources and not with one of them.
    """
    rest = dict(settings or {})
    return rest, rest.pop(EXPLAINS, None)
