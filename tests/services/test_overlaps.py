"""No token is counted twice: whatever is added that sees the same traffic, the figures stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import NOW, TODAY, Bench, MadeUpAccount, SetClock, Truth, spread

from plimsoll.analysis.overlap import Reason, Relation
from plimsoll.domain.budget import Budget
from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import NotOffered, SurprisingAnswer, WrongUse
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger import answers, catalog, usage
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.not_priced import not_priced
from plimsoll.ledger.priced import priced_tokens
from plimsoll.services import budgets, overlaps
from plimsoll.services.figures import Need
from plimsoll.services.forecasts import forecast_table
from plimsoll.services.needs import needs_of

DAYS = tuple(TODAY - timedelta(days=back) for back in range(40, 0, -1))
WHOLE = Period(DAYS[0] - timedelta(days=5), TODAY)
MODELS = ("gpt-5-2026-02-01", "gpt-5-mini", "claude-opus-4-5-20251101")
BEHIND_A_GATEWAY = dict(
    zip(MODELS, ("openai/gpt-5", "openai/gpt-5-mini", "anthropic/claude-opus-4.5"), strict=True)
)
BUDGET = Budget(name="Team", nanos=500 * NANO, currency="USD")


@dataclass
class Traffic:
    """Tokens by day and model, and what they were billed for: a nano-dollar a token. Of a small
    model no price is known.
    """

    tokens: dict[tuple[date, str], int]
    billed: bool = True
    key: str | None = None

    @classmethod
    def drawn(cls, seed: int, **more: Any) -> Traffic:
        rng = Random(seed)
        places = [(day, model) for day in DAYS for model in MODELS if rng.random() < 0.8]
        return cls({place: rng.randrange(10_000, 9_000_000) for place in places}, **more)

    def part(self, days: Sequence[date], models: Sequence[str], **more: Any) -> Traffic:
        kept = {p: c for p, c in self.tokens.items() if p[0] in days and p[1] in models}
        return Traffic(kept, **more)

    def behind_a_gateway(self) -> Traffic:
        renamed = {(d, BEHIND_A_GATEWAY[m]): c for (d, m), c in self.tokens.items()}
        return Traffic(renamed, billed=False, key="gateway-key")

    def slices(self) -> list[PricedSlice]:
        return [*(self._calls(day) for day in DAYS), *(self._costs(day) for day in DAYS)]

    def _calls(self, day: date) -> PricedSlice:
        records = tuple(
            UsageRecord(
                start=day_start(day) + timedelta(hours=9),
                end=day_start(day) + timedelta(hours=10),
                attribution=Attribution(model=model, key=self.key),
                tokens=Tokens(input=count - count // 7, output=count // 7),
                requests=1,
            )
            for (on, model), count in self.tokens.items()
            if on == day
        )
        worth = (
            Computed(None if "mini" in str(r.attribution.model) else Money("USD", r.tokens.total))
            for r in records
        )
        return PricedSlice(Slice("calls", day, records), tuple(worth))

    def _costs(self, day: date) -> PricedSlice:
        charges = tuple(
            Charge(Attribution(model=model), Money("USD", count), str(count))
            for (on, model), count in self.tokens.items()
            if on == day and self.billed
        )
        return PricedSlice(Slice("costs", day, charges=charges, bills_by=frozenset({"model"})), ())


@dataclass
class Both:
    """Two keys of one account."""

    one: Traffic
    other: Traffic

    def slices(self) -> list[PricedSlice]:
        return [
            PricedSlice(
                replace(
                    a.slice,
                    records=a.slice.records + b.slice.records,
                    charges=a.slice.charges + b.slice.charges,
                ),
                a.computed + b.computed,
            )
            for a, b in zip(self.one.slices(), self.other.slices(), strict=True)
        ]


@dataclass
class Archive:
    """A ledger to which sources are added with all that they saw, as a sync does it."""

    ledger: Ledger
    held: dict[str, Traffic] = field(default_factory=dict)

    def add(
        self,
        name: str,
        seen: Traffic,
        *,
        whose: str | None = None,
        connector: str = "openai",
        **more: Any,
    ) -> Source:
        source = catalog.add_source(self.ledger, name=name, connector=connector, **more)
        self.sync(source, seen, whose=whose)
        return source

    def sync(self, source: Source, seen: Traffic | Both, *, whose: str | None = None) -> None:
        run = catalog.start_run(self.ledger, source.id)
        if whose is not None:
            overlaps.note_organisation(self.ledger, source, whose)
        usage.replace_slices(self.ledger, source.id, seen.slices(), revision_days=0)
        catalog.finish_run(self.ledger, run, ok=True)
        overlaps.look(self.ledger)

    def figures(self, scope: Scope | None = None) -> dict[str, Any]:
        """Everything that a second sight of the same traffic must not move."""
        asked = scope or Scope()
        by_model = answers.answer(
            self.ledger, Question(WHOLE, by=(Dimension.MODEL,), scope=asked), today=TODAY
        )
        local = Question(WHOLE, by=(Dimension.DAY,), scope=asked, zone="Asia/Shanghai")
        status = budgets.standing(self.ledger, BUDGET, now=NOW, table=forecast_table())
        return {
            "rows": by_model.rows,
            "total": by_model.total,
            "local days": answers.answer(self.ledger, local, today=TODAY).rows,
            "gaps": by_model.gaps,
            "not final": by_model.not_final_from,
            "forecast input": answers.daily(
                self.ledger, WHOLE, currency="USD", scope=asked, today=TODAY
            ),
            "chart": answers.spend_by(self.ledger, local, currency="USD"),
            "currencies": answers.currencies(self.ledger),
            "priced": priced_tokens(self.ledger, WHOLE),
            "not priced": not_priced(self.ledger),
            "budget": status,
        }

    def pairs(self) -> dict[tuple[str, str], str]:
        return {
            (o.payer, o.explainer): "asked" if o.is_open else "once" if o.counted_once else "both"
            for o in overlaps.all_overlaps(self.ledger)
        }


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(Ledger.open(tmp_path / "archive", clock=SetClock())) as ledger:
        yield Archive(ledger)


SEEN = Traffic.drawn(1)


# -- found -------------------------------------------------------------------------------------


def test_one_organisation_under_two_keys_is_counted_once_and_asked_about(archive: Archive) -> None:
    archive.add("Work", SEEN, whose="org-1")
    before = archive.figures()
    archive.add("Work again", SEEN, whose="org-1")
    assert archive.figures() == before
    (found,) = overlaps.all_overlaps(archive.ledger)
    assert (found.payer, found.explainer) == ("Work", "Work again")
    assert (found.reason, found.relation) == (Reason.ORGANISATION, Relation.SAME)
    assert found.counted_once
    assert found.is_open


def test_a_gateway_without_bills_explains_what_its_provider_billed(archive: Archive) -> None:
    archive.add("Gateway", SEEN.behind_a_gateway(), connector="openrouter")
    only_gateway = archive.figures()
    assert only_gateway["total"].amounts[0].estimated > 0
    archive.add("Work", SEEN)
    both = archive.figures()
    assert both["total"].amounts[0].estimated == 0, "the bill is the money, although it came later"
    assert both["total"].amounts[0].billed == sum(SEEN.tokens.values())
    assert both["total"].tokens == only_gateway["total"].tokens
    (found,) = overlaps.all_overlaps(archive.ledger)
    assert (found.payer, found.explainer, found.counted_once) == ("Work", "Gateway", True)
    assert "40 days" in found.evidence
    assert "100% of their tokens are equal" in found.evidence


def test_an_agents_log_explains_the_key_that_it_used(archive: Archive) -> None:
    mine, others = replace(SEEN, key="mine"), Traffic.drawn(2, key="others")
    work = catalog.add_source(archive.ledger, name="Work", connector="anthropic")
    archive.sync(work, Both(mine, others))
    before = archive.figures()
    archive.add("Laptop", replace(mine, billed=False), connector="claude-code", kind="agent")
    assert archive.figures() == before
    (found,) = overlaps.all_overlaps(archive.ledger)
    assert (found.payer, found.explainer, found.counted_once) == ("Work", "Laptop", True)
    assert (found.relation, found.part) == (Relation.PART, "key mine")
    assert "Work has more besides" in found.evidence


def test_two_providers_that_both_billed_are_asked_about_and_counted_both(archive: Archive) -> None:
    archive.add("Work", SEEN)
    archive.add("Router", Traffic(dict(SEEN.tokens)), connector="openrouter")
    (found,) = overlaps.all_overlaps(archive.ledger)
    assert (found.payer, found.counted_once, found.is_open) == ("Work", False, True)
    assert found.both_billed
    assert archive.figures()["total"].amounts[0].billed == 2 * sum(SEEN.tokens.values())


def test_separate_accounts_stay_apart(archive: Archive) -> None:
    for seed in range(12):
        archive.add(f"Account {seed}", Traffic.drawn(100 + seed, billed=seed % 2 == 0))
    assert overlaps.all_overlaps(archive.ledger) == ()


def test_two_organisations_are_apart_although_their_days_are_equal(archive: Archive) -> None:
    archive.add("Work", SEEN, whose="org-1")
    archive.add("Other", SEEN, whose="org-2")
    assert overlaps.all_overlaps(archive.ledger) == ()


def test_the_first_screen_asks_in_one_line_the_doubtful_first(archive: Archive) -> None:
    archive.add("Work", SEEN, whose="org-1")
    assert needs(archive) == []
    archive.add("Second", SEEN, whose="org-1")
    (need,) = needs(archive)
    assert need.kind == "hint"
    assert "counted once, paid by Work" in need.sentence
    archive.add("Router", Traffic(dict(SEEN.tokens)), connector="openrouter")
    (need,) = needs(archive)
    assert need.kind == "warning"
    assert "both are counted until you say" in need.sentence


def needs(archive: Archive) -> list[Need]:
    total = answers.answer(archive.ledger, Question(WHOLE), today=TODAY).total
    return [n for n in needs_of(archive.ledger, [], total) if "traffic" in n.sentence]


# -- the property ------------------------------------------------------------------------------

parts = st.tuples(
    st.sets(st.sampled_from(DAYS)), st.sets(st.sampled_from(MODELS)), st.booleans(), st.booleans()
)
doings = st.lists(
    st.tuples(st.sampled_from(["add", "sync", "remove", "forget", "rename"]), parts),
    min_size=1,
    max_size=6,
)


@given(first=st.booleans(), steps=doings)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_adding_what_sees_the_same_never_changes_a_figure(
    tmp_path_factory: pytest.TempPathFactory, first: bool, steps: list[Any]
) -> None:
    """In any order, any part of the days and models, under other names of models; removed,
    renamed, forgotten and added again.
    """
    with closing(Ledger.open(tmp_path_factory.mktemp("any") / "a", clock=SetClock())) as ledger:
        archive, names = Archive(ledger), iter(range(99))
        if first:  # what explains was there before what pays, and is asked to only explain
            early = archive.add(
                "Early", SEEN.part(DAYS[:30], MODELS).behind_a_gateway(), connector="openrouter"
            )
        archive.add("Work", SEEN, whose="org-1")
        if first:
            overlaps.explain(ledger, early.name, "Work")
        before = archive.figures()
        live: list[Source] = []
        for doing, (days, models, gateway, same_name) in steps:
            part = SEEN.part(tuple(days), tuple(models))
            if doing == "add":
                name = (
                    "Second"
                    if same_name and not any(s.name == "Second" for s in live)
                    else f"n{next(names)}"
                )
                if gateway:
                    made = catalog.add_source(ledger, name=name, connector="openrouter")
                    overlaps.explain(ledger, name, "Work")
                    archive.sync(made, part.behind_a_gateway())
                else:
                    made = archive.add(name, part, whose="org-1")
                live.append(made)
            elif live:
                one = live.pop(len(days) % len(live))
                if doing == "sync":
                    archive.sync(
                        one, part if one.connector == "openai" else part.behind_a_gateway()
                    )
                    live.append(one)
                elif doing == "rename":
                    live.append(
                        catalog.change_source(
                            ledger,
                            one.id,
                            name=f"n{next(names)}",
                            base_url=None,
                            settings=(),
                            key_tail="",
                        )
                    )
                else:
                    catalog.remove_source(ledger, one.id, forget=doing == "forget")
            assert archive.figures() == before


# -- asked once --------------------------------------------------------------------------------


def open_ones(archive: Archive) -> list[overlaps.Overlap]:
    return [found for found in overlaps.all_overlaps(archive.ledger) if found.is_open]


def test_an_answer_is_kept_and_never_asked_again(archive: Archive) -> None:
    archive.add("Work", SEEN, whose="org-1")
    second = archive.add("Second", SEEN, whose="org-1")
    (asked,) = open_ones(archive)
    overlaps.settle(archive.ledger, asked.id, once=False)
    assert open_ones(archive) == []
    assert archive.figures()["total"].amounts[0].billed == 2 * sum(SEEN.tokens.values())
    catalog.change_source(
        archive.ledger, second.id, name="Renamed", base_url=None, settings=(), key_tail=""
    )
    archive.sync(second, SEEN, whose="org-1")
    assert archive.pairs() == {("Work", "Renamed"): "both"}


def test_an_answer_survives_removing_and_adding_again(archive: Archive) -> None:
    archive.add("Work", SEEN, whose="org-1")
    second = archive.add("Second", SEEN, whose="org-1")
    overlaps.settle(archive.ledger, open_ones(archive)[0].id, once=True, payer="Second")
    assert archive.pairs() == {("Second", "Work"): "once"}
    catalog.remove_source(archive.ledger, second.id, forget=False)
    archive.add("Second", SEEN, whose="org-1")
    assert open_ones(archive) == []
    assert list(archive.pairs().values()) == ["once"]


def test_the_user_says_who_pays(archive: Archive) -> None:
    archive.add("Work", SEEN, whose="org-1")
    archive.add("Second", SEEN, whose="org-1")
    before = archive.figures()
    (asked,) = open_ones(archive)
    overlaps.settle(archive.ledger, asked.id, once=True, payer="Second")
    assert archive.pairs() == {("Second", "Work"): "once"}
    assert archive.figures()["total"] == before["total"]
    with pytest.raises(WrongUse):
        overlaps.settle(archive.ledger, asked.id, once=True, payer="Somebody")


def test_three_keys_of_one_account_are_counted_once_and_ask_two_questions(archive: Archive) -> None:
    archive.add("Work", SEEN, whose="org-1")
    before = archive.figures()
    for name in ("Second", "Third"):
        archive.add(name, SEEN, whose="org-1")
    assert archive.figures() == before
    assert [(o.payer, o.explainer) for o in open_ones(archive)] == [
        ("Work", "Second"),
        ("Work", "Third"),
    ]


def test_an_account_takes_over_from_several_files_of_its_own_at_once(archive: Archive) -> None:
    for name in ("File", "Again", "Once more"):
        archive.add(name, SEEN, whose="org-1", kind="file")
    before = archive.figures()
    archive.add("Work", SEEN, whose="org-1")
    assert archive.figures()["total"] == before["total"]
    paid_by_work = [o for o in overlaps.all_overlaps(archive.ledger) if o.payer == "Work"]
    assert [o.explainer for o in paid_by_work if o.counted_once] == ["File", "Again", "Once more"]


def test_a_gateway_in_front_of_two_accounts_explains_both(archive: Archive) -> None:
    mine = SEEN.part(DAYS, MODELS[:2])
    theirs = SEEN.part(DAYS, MODELS[2:])
    archive.add("OpenAI", mine)
    archive.add("Anthropic", theirs, connector="anthropic")
    before = archive.figures()
    gateway = archive.add("Gateway", SEEN.behind_a_gateway(), connector="openrouter")
    assert {(o.payer, o.counted_once) for o in open_ones(archive)} == {
        ("OpenAI", False),
        ("Anthropic", False),
    }, "each of them saw only a part: nothing is assumed that would lose the rest"
    for payer in ("OpenAI", "Anthropic"):
        overlaps.explain(archive.ledger, gateway.name, payer)
    assert archive.figures() == before


# -- none is lost ------------------------------------------------------------------------------


def test_days_of_which_the_payer_knows_nothing_are_told_by_the_other(archive: Archive) -> None:
    archive.add("Work", SEEN.part(DAYS[20:], MODELS), whose="org-1")
    archive.add("Older", SEEN, whose="org-1")
    assert archive.figures()["total"].amounts[0].billed == sum(SEEN.tokens.values())


def test_a_key_that_is_replaced_takes_over_and_old_days_stay(archive: Archive) -> None:
    old = archive.add("Old key", SEEN, whose="org-1")
    before = archive.figures()["total"]
    catalog.remove_source(archive.ledger, old.id, forget=False)
    new = archive.add("New key", SEEN.part(DAYS[30:], MODELS), whose="org-1")
    assert archive.figures()["total"] == before
    (found,) = overlaps.all_overlaps(archive.ledger)
    assert (found.payer, found.explainer_removed) == ("New key", True), "who is still asked pays"
    grown = {**SEEN.tokens, (DAYS[-1], MODELS[0]): 5}
    archive.sync(new, Traffic(grown).part(DAYS[30:], MODELS), whose="org-1")
    assert archive.figures()["total"].tokens.total == sum(grown.values()), "its days are current"


def test_removing_the_one_that_pays_turns_the_two_round(archive: Archive) -> None:
    work = archive.add("Work", SEEN, whose="org-1")
    archive.add("Second", SEEN, whose="org-1")
    before = archive.figures()["total"]
    catalog.remove_source(archive.ledger, work.id, forget=False)
    assert archive.pairs() == {("Second", "Work"): "asked"}
    assert archive.figures()["total"] == before
    catalog.remove_source(
        archive.ledger, catalog.source_named(archive.ledger, "Second").id, forget=True
    )
    assert archive.figures()["total"] == before, "what was kept counts again"


def test_a_key_of_another_organisation_takes_the_assumption_back(archive: Archive) -> None:
    archive.add("Work", SEEN, whose="org-1")
    second = archive.add("Second", SEEN, whose="org-1")
    other = Traffic.drawn(77)
    archive.sync(second, other, whose="org-2")
    assert archive.pairs() == {}
    assert archive.figures()["total"].tokens.total == sum(SEEN.tokens.values()) + sum(
        other.tokens.values()
    )


# -- by name -----------------------------------------------------------------------------------


def test_asked_for_by_name_it_shows_its_tokens_and_their_worth_and_no_money(
    archive: Archive,
) -> None:
    archive.add("Work", SEEN, whose="org-1")
    archive.add("Second", SEEN, whose="org-1")
    table = answers.answer(
        archive.ledger,
        Question(WHOLE, scope=Scope(((Dimension.SOURCE, ("Second",)),))),
        today=TODAY,
    )
    (amounts,) = table.total.amounts
    assert (amounts.billed, amounts.estimated, amounts.plan) == (0, 0, 0)
    assert table.total.tokens.total == sum(SEEN.tokens.values())
    assert amounts.worth == sum(c for (_, m), c in SEEN.tokens.items() if "mini" not in m)
    assert table.total.not_priced_tokens == 0
    both = Scope(((Dimension.SOURCE, ("Second", "Work")),))
    assert archive.figures(both)["total"] == archive.figures()["total"]


# -- said by hand ------------------------------------------------------------------------------


def test_what_was_said_by_hand_holds_and_can_be_undone(archive: Archive) -> None:
    archive.add("Work", SEEN)
    before = archive.figures()
    archive.add("Log", Traffic.drawn(5, billed=False), connector="openrouter")
    overlaps.explain(archive.ledger, "Log", "Work")
    assert archive.figures()["total"] == before["total"]
    overlaps.explain(archive.ledger, "Log", "")
    assert archive.figures()["total"] != before["total"]
    with pytest.raises(WrongUse):
        overlaps.explain(archive.ledger, "Log", "")


@pytest.mark.parametrize(
    ("name", "payer"), [("Work", "Work"), ("Work", "Nobody"), ("Nobody", "Work")]
)
def test_nonsense_is_refused(archive: Archive, name: str, payer: str) -> None:
    archive.add("Work", SEEN)
    with pytest.raises(WrongUse):
        overlaps.explain(archive.ledger, name, payer)


def test_sources_never_explain_each_other_in_a_ring(archive: Archive) -> None:
    for seed, name in enumerate("ABC"):
        archive.add(name, Traffic.drawn(200 + seed))
    overlaps.explain(archive.ledger, "B", "A")
    overlaps.explain(archive.ledger, "C", "B")
    with pytest.raises(WrongUse):
        overlaps.explain(archive.ledger, "A", "C")
    overlaps.explain(archive.ledger, "A", "B")
    assert archive.pairs() == {("B", "A"): "once", ("B", "C"): "once"}, "two turn round freely"


# -- while it syncs ----------------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "bench")
    yield made
    made.close()


class TellsLater(MadeUpAccount):
    """Its answers bear the account's id; before the first of them it is not known."""

    def organisation(self) -> str | None:
        return self.whose if self.asked else None


@pytest.mark.parametrize("kind", [MadeUpAccount, TellsLater])
def test_not_even_while_it_is_filled_is_anything_counted_twice(
    bench: Bench, kind: type[MadeUpAccount]
) -> None:
    truth = spread(100)
    bench.sync(MadeUpAccount(truth, whose="org-1"))
    whole = bench.days(date(2026, 1, 1))
    bench.source = catalog.add_source(bench.ledger, name="Second", connector="openai")
    looks: list[Any] = []
    bench.sync(
        kind(truth, whose="org-1"),
        progress=lambda _progress: looks.append(bench.days(date(2026, 1, 1))),
    )
    assert len(looks) > 5
    assert all(look == whole for look in looks)
    assert bench.days(date(2026, 1, 1)) == whole


@pytest.mark.parametrize(
    "error", [SurprisingAnswer("What is that?"), NotOffered("No.", status=404)]
)
def test_an_id_that_cannot_be_read_fails_no_sync(bench: Bench, error: Exception) -> None:
    class Shy(MadeUpAccount):
        def organisation(self) -> str | None:
            raise error

    outcome = bench.sync(Shy(Truth(money={DAYS[-1]: NANO})))
    assert outcome.failure == ""
    assert bench.days(DAYS[0])
