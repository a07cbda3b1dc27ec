"""What the connectors bring into the archive is, to the nano-unit, what the simulators know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from plimsoll.demo.agents import AgentLogs
from plimsoll.demo.agents import Used as Call
from plimsoll.demo.ark_bill import ArkLine
from plimsoll.demo.company import AGENT_KEYS
from plimsoll.demo.gateway import WORKSPACES, Used
from plimsoll.demo.server import DemoWorld
from plimsoll.demo.wallets import DOLLARS, KIMI, SILICON, YUAN
from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.usage import Tokens
from plimsoll.domain.work import COMMITS, LINES_ADDED, PULL_REQUESTS, Cost
from plimsoll.services import demonstration
from plimsoll.services.check_answers import AccountCheck, Cause, Status
from plimsoll.services.dialogue import dialogue
from plimsoll.services.own_loop import own_loop
from plimsoll.services.program import Program

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


class StandingClock:
    """The wall stands; waiting costs nothing."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Nobody waits here."""


@dataclass(frozen=True)
class Pulled:
    """A demo that was pulled whole, and the world that it was pulled from."""

    program: Program
    world: DemoWorld
    calls: tuple[Call, ...]
    """What the agents did, told where it was invented and not read from their logs."""
    failures: tuple[str, ...]


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulled]:
    worlds: list[DemoWorld] = []
    logs: list[AgentLogs] = []

    class WatchedWorld(DemoWorld):
        def __enter__(self) -> DemoWorld:
            worlds.append(self)
            return super().__enter__()

    class WatchedLogs(AgentLogs):
        def write(self, folder: Path) -> dict[str, Path]:
            logs.append(self)
            return super().write(folder)

    patch = pytest.MonkeyPatch()
    patch.setattr(demonstration, "DemoWorld", WatchedWorld)
    patch.setattr(demonstration, "AgentLogs", WatchedLogs)
    folder = tmp_path_factory.mktemp("demo") / "made"
    with demonstration.demonstration(
        folder, clock=StandingClock(), progress=lambda _progress: None, seed=11
    ) as (program, outcome):
        failures = tuple(s.failure for s in outcome.failed)
        yield Pulled(program, worlds[0], tuple(logs[0].used), failures)
    patch.undo()


YEAR = Period(date(2025, 10, 1), date(2026, 11, 23))


def test_every_source_came_whole(pulled: Pulled) -> None:
    assert pulled.failures == ()
    table = pulled.program.spend(Question(YEAR))
    first, told = pulled.world.truth.first_day, pulled.world.openrouter.told
    missing = [gap for gap in table.gaps if gap.period.last >= first]
    # OpenRouter tells thirty days that are over; balances were read every day; what agents did
    # before the logs that are still there is not known.
    agents = {"Claude Code", "Codex"}
    assert {gap.source for gap in missing} == {"Northwind OpenRouter", *agents}
    for agent in agents:
        mine = [gap.period for gap in missing if gap.source == agent]
        begun = min(c.at.date() for c in pulled.calls if c.agent in agent.lower().replace(" ", "-"))
        assert mine == [Period(YEAR.first, begun - ONE_DAY)]
    assert [gap.period for gap in missing if gap.source not in agents] == [
        Period(YEAR.first, told.first - ONE_DAY),
        Period(NOW.date(), NOW.date()),
    ]


@pytest.mark.parametrize(
    "by", [("provider",), ("provider", "day"), ("provider", "month"), ("provider", "model")]
)
def test_billed_equals_the_truth_to_the_nano_unit(pulled: Pulled, by: tuple[str, ...]) -> None:
    question = Question(YEAR, by=tuple(Dimension(word) for word in by))
    table = pulled.program.spend(question)
    ours = {row.key: sum(a.billed for a in row.amounts) for row in table.rows if row.amounts}
    theirs = pulled.world.truth.billed(None, YEAR.first, YEAR.last, by)
    plain = Counter({tuple(None if v is None else str(v) for v in k): n for k, n in theirs.items()})
    for used in pulled.world.openrouter.used(pulled.world.openrouter.told):
        plain[values_of(used, by)] += used.nanos
    for line in pulled.world.github.lines(YEAR):
        values = {"day": line.day.isoformat(), "month": f"{line.day:%Y-%m}", "model": line.model}
        plain[tuple({**values, "provider": "github"}[word] or None for word in by)] += line.net
    for ark in pulled.world.volcengine.lines(YEAR):
        plain[of_ark(ark, by, model=None)] += ark.nanos
    assert {k: n for k, n in ours.items() if n} == {k: n for k, n in plain.items() if n}


@pytest.mark.parametrize("by", [("provider", "day"), ("provider", "model"), ("provider", "hour")])
def test_tokens_equal_the_truth(pulled: Pulled, by: tuple[str, ...]) -> None:
    question = Question(YEAR, by=tuple(Dimension(word) for word in by))
    ours = {row.key: row.tokens for row in pulled.program.spend(question).rows if row.tokens.total}
    theirs = pulled.world.truth.tokens(None, YEAR.first, YEAR.last, by)
    plain = {
        tuple(
            value.isoformat().replace("+00:00", "Z")
            if isinstance(value, datetime)
            else None
            if value is None
            else str(value)
            for value in key
        ): tokens
        for key, tokens in theirs.items()
        if tokens.total
    }
    for used in pulled.world.openrouter.used(pulled.world.openrouter.told):
        key = values_of(used, by)
        plain[key] = plain.get(key, Tokens()) + used.tokens
    for ark in pulled.world.volcengine.lines(pulled.world.volcengine.told):
        key = of_ark(ark, by, model=ark.model.model)
        plain[key] = plain.get(key, Tokens()) + Tokens(input=ark.read, output=ark.written)
    for call in pulled.calls:
        key = told_of(call, by)
        plain[key] = plain.get(key, Tokens()) + call.tokens
    assert ours == plain


def of_ark(line: ArkLine, by: tuple[str, ...], *, model: str | None) -> tuple[str | None, ...]:
    """What the archive must say of a line of Ark's, whose bill names no model, and no hour."""
    day, month = line.day.isoformat(), f"{line.day:%Y-%m}"
    values = {"provider": "volcengine", "day": day, "month": month, "model": model}
    return tuple(values.get(word) for word in by)


def told_of(call: Call, by: tuple[str, ...]) -> tuple[str | None, ...]:
    """What the archive must say of an agent's call."""
    at = call.at
    folder = call.folder.removeprefix("/home/mira/northwind/")
    values = {
        "provider": call.agent,
        "agent": call.agent,
        "day": at.date().isoformat(),
        "hour": f"{at:%Y-%m-%dT%H:00:00Z}",
        "model": call.model,
        "class": call.answered,
        "session": call.session,
        "project": folder.partition("/")[0],
    }
    return tuple(values[word] for word in by)


@pytest.mark.parametrize(
    "by", [("agent", "class"), ("agent", "project"), ("session", "class"), ("agent", "day")]
)
def test_what_the_agents_did_is_told_to_the_token(pulled: Pulled, by: tuple[str, ...]) -> None:
    question = Question(
        YEAR,
        by=tuple(Dimension(word) for word in by),
        scope=Scope(((Dimension.AGENT, ("claude-code", "codex")),)),
    )
    ours = {row.key: row.tokens for row in pulled.program.spend(question).rows}
    plain: dict[tuple[str | None, ...], Tokens] = {}
    for call in pulled.calls:
        plain[told_of(call, by)] = plain.get(told_of(call, by), Tokens()) + call.tokens
    assert ours == plain
    assert len(pulled.calls) > 1000


def test_a_plan_pays_for_one_agent_and_the_other_is_estimated(pulled: Pulled) -> None:
    rows = pulled.program.spend(Question(YEAR, by=(Dimension.AGENT,))).rows
    money = {row.key[0]: row.amounts[0] for row in rows if row.key[0]}
    assert money["claude-code"].plan == money["claude-code"].worth > 0
    assert money["claude-code"].spent == 0
    assert money["codex"].estimated == money["codex"].worth > 0
    [standing] = pulled.program.sources_page().subscriptions
    assert standing.subscription.source == "Claude Code"


def test_the_agents_go_on_by_themselves_more_and_more(pulled: Pulled) -> None:
    first, last = (
        own_loop(pulled.program.ledger, Question(period), today=NOW.date())
        for period in (
            Period(date(2026, 9, 10), date(2026, 9, 30)),
            Period(date(2026, 11, 1), NOW.date()),
        )
    )
    assert first is not None
    assert last is not None
    assert (first.total.share or 0) + 0.03 < (last.total.share or 0)


def test_who_asked_adds_up_to_the_tokens_of_every_week_and_agents_take_over(
    pulled: Pulled,
) -> None:
    found = dialogue(pulled.program.ledger, today=NOW.date())
    (told,) = found.told
    assert told.source == "Northwind Anthropic"
    for week, actors in zip(found.weeks, told.weeks, strict=True):
        assert actors is not None
        question = Question(week, scope=Scope(((Dimension.SOURCE, (told.source,)),)))
        assert actors.total == pulled.program.spend(question).total.tokens.total
    first, last = told.weeks[0], told.weeks[-1]
    assert first is not None
    assert last is not None
    assert (first.share or 0) + Fraction(1, 10) < (last.share or 0)
    assert last.not_told


def values_of(used: Used, by: tuple[str, ...]) -> tuple[str | None, ...]:
    """What the archive must say of something used through the gateway, which tells no hours."""
    values = {
        "provider": "openrouter",
        "day": used.day.isoformat(),
        "month": f"{used.day:%Y-%m}",
        "model": used.model.model,
    }
    return tuple(values.get(word) for word in by)


def test_work_of_claude_code_stands_beside_what_its_keys_cost(pulled: Pulled) -> None:
    answer = pulled.program.efficiency()
    by_name = {m.name: m for m in answer.measures if m.cost is Cost.ESTIMATED}
    assert set(by_name) == {COMMITS, PULL_REQUESTS, LINES_ADDED}
    keys = {key.id for key in AGENT_KEYS}
    for week, *divided in zip(answer.weeks, *(m.divided for m in by_name.values()), strict=True):
        billed = pulled.world.truth.billed("anthropic", week.first, week.last, by=("key",))
        owed = sum(nanos for (key,), nanos in billed.items() if key in keys)
        assert {money for money, _ in divided} == {owed}
        assert all(units > 0 for _, units in divided)
    assert all(m.latest is not None and m.baseline is not None for m in by_name.values())


def test_the_gateway_s_money_is_cut_by_key_and_workspace(pulled: Pulled) -> None:
    told = pulled.world.openrouter.told
    question = Question(
        told,
        by=(Dimension.PROJECT, Dimension.KEY),
        scope=Scope(((Dimension.PROVIDER, ("openrouter",)),)),
    )
    rows = pulled.program.spend(question).rows
    ours = {row.key: sum(a.billed for a in row.amounts) for row in rows}
    theirs: Counter[tuple[str | None, ...]] = Counter()
    for used in pulled.world.openrouter.used(told):
        name = None if used.key.deleted else used.key.name
        theirs[WORKSPACES[used.key.workspace], name] += used.nanos
    assert ours == dict(theirs)


def test_balances_equal_the_truth_each_in_its_currency(pulled: Pulled) -> None:
    cards = {card.provider: card.balances for card in pulled.program.sources_page().cards}
    world = pulled.world
    assert cards["openrouter"] == (("USD", world.openrouter.balance),)
    for word, balances in (
        ("deepseek", world.deepseek.balances),
        ("moonshot", world.moonshot.balances),
        ("siliconflow", world.siliconflow.balances),
    ):
        assert sorted(cards[word]) == sorted((money.currency, money.nanos) for money in balances)
    assert {currency for currency, _ in cards["deepseek"]} == {"CNY", "USD"}
    assert {currency for currency, _ in cards["moonshot"]} == {"CNY"}
    assert {currency for currency, _ in cards["siliconflow"]} == {"CNY"}
    assert cards["volcengine"] == (("CNY", world.volcengine.balance),)
    assert cards["openai"] == ()


def checked(pulled: Pulled, period: Period) -> dict[str, AccountCheck]:
    return {account.source: account for account in pulled.program.check(period).accounts}


@pytest.mark.parametrize(
    "period",
    [
        Period(date(2026, 10, 1), date(2026, 10, 31)),
        Period(date(2026, 10, 14), date(2026, 10, 14)),
        Period(date(2026, 11, 1), NOW.date()),
        Period(date(2026, 5, 1), NOW.date()),
    ],
    ids=["a month", "a day", "this month so far", "all of it"],
)
def test_each_cause_of_the_lab_s_bill_is_named_with_its_true_amount(
    pulled: Pulled, period: Period
) -> None:
    lab = checked(pulled, period)["Harbour Lab OpenAI"]
    truth = pulled.world.truth
    assert lab.billed == truth.billed("lab", period.first, period.last)[()]
    told = truth.causes(period.first, period.last)
    assert {cause.cause.value: cause.amount for cause in lab.causes} == told
    assert (lab.status, lab.unexplained_parts) == (Status.EXPLAINED, 0)
    if period.last < date(2026, 11, 1):
        assert len(told) == 5


def test_the_other_bills_of_the_demo_are_explained_to_the_nano_unit(pulled: Pulled) -> None:
    period = Period(date(2026, 8, 1), NOW.date())
    accounts = checked(pulled, period)
    openai, claude = accounts["Northwind OpenAI"], accounts["Northwind Anthropic"]
    for account, word in ((openai, "openai"), (claude, "anthropic")):
        assert account.billed == pulled.world.truth.billed(word, period.first, period.last)[()]
        assert (account.status, account.unexplained_parts) == (Status.EXPLAINED, 0)
    gateway = accounts["Northwind OpenRouter"]
    assert {cause.cause for cause in gateway.causes} == {Cause.PRICE_UNKNOWN, Cause.GAP}
    found = {cause.cause: cause for cause in claude.causes}
    assert {t.percent for t in found[Cause.DISCOUNT].things} == {Decimal(4)}
    assert found[Cause.BILLED_ELSEWHERE].amount == 0
    nothing = {a.provider for a in accounts.values() if a.status is Status.NOTHING}
    months_with_tokens = Period(date(2026, 11, 1), NOW.date())
    ark = checked(pulled, months_with_tokens)["Northwind Volcengine"]
    assert (ark.status, ark.currency, ark.causes) == (Status.AGREES, "CNY", ())
    told_no_tokens = accounts["Northwind Volcengine"]
    assert told_no_tokens.status is Status.EXPLAINED
    assert {cause.cause for cause in told_no_tokens.causes} == {Cause.GAP}
    assert nothing == {"deepseek", "moonshot", "siliconflow", "github", "claude-code", "codex"}


def test_what_balances_lost_is_near_the_truth_and_never_more(pulled: Pulled) -> None:
    """A top-up hides what was spent of the same part between its two readings, a day of it here."""
    months = Period(date(2025, 12, 1), date(2026, 10, 31))
    table = pulled.program.spend(Question(months, (Dimension.PROVIDER,)))
    ours = {
        (row.key[0], amounts.currency): amounts.estimated
        for row in table.rows
        for amounts in row.amounts
    }
    for wallet in (YUAN, DOLLARS, KIMI, SILICON):
        truth = wallet.spent(months, seed=11) * NANO // 100
        derived = ours[wallet.provider, wallet.currency]
        assert 0.93 * truth < derived <= 1.001 * truth


def test_yuan_are_a_currency_of_their_own_on_the_first_screen(pulled: Pulled) -> None:
    first_screen = pulled.program.overview()
    assert first_screen.currencies == ("USD", "CNY")
    assert first_screen.today is not None
    assert not any("Moonshot" in need.sentence for need in first_screen.needs)


def test_a_demo_never_takes_the_place_of_real_figures(tmp_path: Path) -> None:
    (tmp_path / "plimsoll.db").write_text("somebody's figures")
    with (
        pytest.raises(WrongUse, match="not a demo"),
        demonstration.demonstration(
            tmp_path, clock=StandingClock(), progress=lambda _progress: None
        ),
    ):
        pass
    assert (tmp_path / "plimsoll.db").read_text() == "somebody's figures"
