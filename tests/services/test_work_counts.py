"""Work week by week: only whole weeks count, each beside the money that fits and no other."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from agent_kit import Desk
from log_kit import answer, prompt, usage
from made_up import NOW, TODAY, SetClock

from plimsoll.analysis.efficiency import Kind, Measure, whole_weeks
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.usage import Attribution, Charge, PricedSlice, Slice
from plimsoll.domain.work import COMMITS, LINES_ACCEPTED, PULL_REQUESTS, Cost, Done, WorkDay
from plimsoll.ledger import catalog, commits
from plimsoll.ledger import usage as stored
from plimsoll.ledger.accounts import Source
from plimsoll.ledger.reported_work import save_work
from plimsoll.services.commits import count_commits
from plimsoll.services.doctor import examine
from plimsoll.services.efficiency_answers import Basis
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from git_kit import PROGRAM, Repository, forget_settings

WEEKS = whole_weeks(TODAY)
LATEST = WEEKS[-1]
F = Fraction


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    opened = Program(tmp_path, clock=SetClock(NOW), vault=MemoryVault())
    yield opened
    opened.close()


def source(program: Program, name: str, connector: str = "anthropic") -> Source:
    return catalog.add_source(program.ledger, name=name, connector=connector)


def report(program: Program, of: Source, period: Period, *parts: Done) -> None:
    """The same parts on every day of a period."""
    days = [WorkDay(day, parts) for day in period.days()]
    save_work(program.ledger, of.id, days, asked_on=TODAY)


def per_unit(program: Program) -> dict[tuple[str, str, Cost], Measure]:
    return {
        (one.origin, one.name, one.cost): one
        for one in program.efficiency().measures
        if one.kind is Kind.COST_PER_UNIT
    }


def api(count: int, nanos: int | None, *, pulls: int = 0) -> Done:
    cost = None if nanos is None else Money("USD", nanos)
    return Done(((COMMITS, count), (PULL_REQUESTS, pulls)), cost)


# --- providers ---


def test_a_providers_own_estimate_is_divided_by_what_it_counted(program: Program) -> None:
    claude = source(program, "Claude")
    report(program, claude, Period(WEEKS[0].first, LATEST.last), api(4, 2 * NANO, pulls=1))
    found = per_unit(program)
    commits_ = found["Claude", COMMITS, Cost.ESTIMATED]
    assert commits_.values == (F(NANO, 2),) * 9
    assert commits_.divided[-1] == (14 * NANO, 28)
    assert found["Claude", PULL_REQUESTS, Cost.ESTIMATED].values == (F(2 * NANO),) * 9


def test_what_a_plan_covers_is_a_measure_of_its_own_and_never_mixed_in(program: Program) -> None:
    claude = source(program, "Claude")
    plan = Done(((COMMITS, 30),), Money("USD", 9 * NANO), is_plan=True)
    report(program, claude, LATEST, api(4, 2 * NANO), plan)
    found = per_unit(program)
    assert found["Claude", COMMITS, Cost.ESTIMATED].latest == F(NANO, 2)
    assert found["Claude", COMMITS, Cost.PLAN].latest == F(9 * NANO, 30)


def test_under_plans_alone_nothing_is_said_to_be_owed(program: Program) -> None:
    plan = Done(((COMMITS, 30),), Money("USD", 9 * NANO), is_plan=True)
    report(program, source(program, "Claude"), LATEST, plan)
    assert set(per_unit(program)) == {("Claude", COMMITS, Cost.PLAN)}


def test_a_week_with_a_day_that_was_not_asked_has_no_value(program: Program) -> None:
    claude = source(program, "Claude")
    report(program, claude, Period(WEEKS[-2].first + timedelta(days=1), LATEST.last), api(4, NANO))
    values = per_unit(program)["Claude", COMMITS, Cost.ESTIMATED].values
    assert values == (*[None] * 8, F(NANO, 4))


def test_a_day_without_any_work_is_a_day_of_a_known_week(program: Program) -> None:
    claude = source(program, "Claude")
    report(program, claude, LATEST)
    report(program, claude, Period(LATEST.last, LATEST.last), api(4, 2 * NANO))
    found = per_unit(program)["Claude", COMMITS, Cost.ESTIMATED]
    assert found.divided[-1] == (2 * NANO, 4)


def test_a_day_whose_cost_is_not_told_leaves_its_week_without_a_cost(program: Program) -> None:
    claude = source(program, "Claude")
    report(program, claude, Period(WEEKS[-2].first, LATEST.last), api(4, NANO))
    report(program, claude, Period(LATEST.first, LATEST.first), api(4, None))
    values = per_unit(program)["Claude", COMMITS, Cost.ESTIMATED].values
    assert values[-2:] == (F(NANO, 4), None)


def bill(program: Program, of: Source, period: Period, nanos: int) -> None:
    catalog.set_endpoints(program.ledger, of.id, ["events"])
    made = [
        PricedSlice(
            Slice("events", day, charges=(Charge(Attribution(), Money("USD", nanos), "1"),))
        )
        for day in period.days()
    ]
    stored.replace_slices(program.ledger, of.id, made, revision_days=0)


def test_without_an_estimate_it_is_what_that_account_spent_and_no_other(program: Program) -> None:
    cursor, other = source(program, "Cursor", "cursor"), source(program, "Other")
    bill(program, cursor, LATEST, NANO)
    bill(program, other, LATEST, 50 * NANO)
    report(program, cursor, LATEST, Done(((LINES_ACCEPTED, 100),)))
    found = per_unit(program)["Cursor", LINES_ACCEPTED, Cost.SOURCE]
    assert found.latest == F(NANO, 100)
    assert found.values[:-1] == (None,) * 8


def test_a_week_of_which_the_money_is_not_known_is_not_divided(program: Program) -> None:
    cursor = source(program, "Cursor", "cursor")
    bill(program, cursor, Period(WEEKS[-2].first, WEEKS[-2].last), NANO)
    bill(program, cursor, Period(LATEST.first + timedelta(days=2), LATEST.last), NANO)
    report(program, cursor, Period(WEEKS[-2].first, LATEST.last), Done(((LINES_ACCEPTED, 100),)))
    values = per_unit(program)["Cursor", LINES_ACCEPTED, Cost.SOURCE].values
    assert values[-2:] == (F(NANO, 100), None)


def test_what_is_reported_is_no_spend(program: Program) -> None:
    report(program, source(program, "Claude"), LATEST, api(4, 2 * NANO))
    kinds = {one.kind for one in program.efficiency().measures if one.latest is not None}
    assert kinds == {Kind.COST_PER_UNIT}


def test_an_action_on_units_of_one_account_looks_at_that_account_only(program: Program) -> None:
    """Another account that costs much more than usual is not what made these lines dearer."""
    cursor, other = source(program, "Cursor", "cursor"), source(program, "Other")
    before = Period(WEEKS[0].first, WEEKS[-2].last)
    for of, usual, now in ((cursor, 1, 3), (other, 10, 90)):
        bill(program, of, before, usual * NANO)
        bill(program, of, LATEST, now * NANO)
    report(program, cursor, Period(WEEKS[0].first, LATEST.last), Done(((LINES_ACCEPTED, 100),)))
    (finding,) = (one for one in program.efficiency().findings if one.measure.cost is Cost.SOURCE)
    assert finding.action is not None
    assert finding.action.source == "Cursor"
    assert finding.action.saving == Money("USD", 14 * NANO)
    assert [share.source for share in finding.shares] == ["Cursor"]


def test_the_list_tells_counts_origins_and_what_was_not_told(program: Program) -> None:
    from plimsoll.ledger.reported_work import note_trouble

    claude = source(program, "Claude")
    report(program, claude, LATEST, api(4, 2 * NANO, pulls=1))
    note_trouble(
        program.ledger, claude.id, asked_on=TODAY, is_offered=False, sentence="Not offered."
    )
    listed = program.work_reported()
    assert listed.weeks == WEEKS
    told = {(line.origin, line.name): line.counts[-2:] for line in listed.lines}
    assert told == {("Claude", COMMITS): (None, 28), ("Claude", PULL_REQUESTS): (None, 7)}
    assert listed.notes == ("Claude did not tell on 20 November what was done. Not offered.",)


# --- git ---

LATER = datetime(2026, 9, 9, 9, tzinfo=UTC)
"""The logs are of 2 September: a Wednesday of the latest whole week."""

pytestmark = pytest.mark.skipif(not PROGRAM, reason="there is no git on this machine")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    forget_settings(tmp_path, monkeypatch)
    made = Desk(tmp_path)
    clock_of(made).instant = LATER
    yield made
    made.close()


def clock_of(desk: Desk) -> SetClock:
    clock = desk.program.clock
    assert isinstance(clock, SetClock)
    return clock


def worked_in(desk: Desk, *repositories: Repository, **settings: str) -> None:
    """A million tokens of output of Opus in each: $25 at list price."""
    desk.logs.claude(
        prompt(0),
        *(
            answer(str(n), n + 1, usage(fresh=0, out=10**6), cwd=str(one.path))
            for n, one in enumerate(repositories)
        ),
    )
    desk.add(**settings)


def test_commits_stand_beside_the_list_price_of_the_agents_tokens_there(
    desk: Desk, tmp_path: Path
) -> None:
    shop, far = Repository(tmp_path / "shop"), Repository(tmp_path / "far")
    for day in (1, 2, 2, 5, 8):
        shop.commit(f"2026-09-0{day}T10:00:00Z")
    far.commit("2026-09-02T10:00:00Z")
    worked_in(desk, shop)
    desk.sync()
    found = per_unit(desk.program)["git", COMMITS, Cost.WORTH]
    assert found.divided[-1] == (25 * NANO, 4), "nobody worked in the other one"
    assert found.latest == F(25 * NANO, 4)


def test_under_a_flat_plan_it_is_the_same_list_price(desk: Desk, tmp_path: Path) -> None:
    shop = Repository(tmp_path / "shop")
    shop.commit("2026-09-02T10:00:00Z")
    worked_in(desk, shop, money="plan")
    desk.sync()
    assert per_unit(desk.program)["git", COMMITS, Cost.WORTH].latest == 25 * NANO


def weeks_of_work(desk: Desk, *repositories: Repository, dear: Repository) -> None:
    """A commit and $25 of tokens a week in each, for nine weeks; the last week of one costs $75."""
    lines = []
    for week in range(9):
        for number, one in enumerate(repositories):
            day = date(2026, 9, 2) + timedelta(weeks=week)
            one.commit(f"{day}T10:00:00Z")
            out = 3 * 10**6 if week == 8 and one is dear else 10**6
            told = answer(f"{week}{number}", 1, usage(fresh=0, out=out), cwd=str(one.path))
            lines.append({**told, "timestamp": f"{day}T12:00:0{number}.000Z"})
    desk.logs.claude(prompt(0), *lines)
    clock_of(desk).instant = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("money", ["api", "plan"])
def test_where_commits_cost_more_than_usual_the_project_is_named(
    desk: Desk, tmp_path: Path, money: str
) -> None:
    shop, site = Repository(tmp_path / "shop"), Repository(tmp_path / "site")
    site.run("commit", "-q", "--allow-empty", "-m", "of its own", at="2026-01-01T00:00:00Z")
    weeks_of_work(desk, shop, site, dear=site)
    desk.add(money=money)
    desk.sync()
    (finding,) = (
        one for one in desk.program.efficiency().findings if one.measure.cost is Cost.WORTH
    )
    assert finding.measure.values == (*[F(25 * NANO)] * 8, F(50 * NANO))
    action = finding.action
    assert action is not None
    assert (action.source, action.value) == ("claude-code", "site")
    assert action.saving == Money("USD", 50 * NANO)
    assert (action.now, action.usual) == (75 * NANO, 25 * NANO)
    assert action.basis is (Basis.LIST if money == "api" else Basis.PLAN)
    assert finding.shares == (), "what agents' tokens are worth is no money of a source"


def test_where_an_account_pays_for_the_agent_its_tokens_are_worth_the_same(
    desk: Desk, tmp_path: Path
) -> None:
    shop = Repository(tmp_path / "shop")
    shop.commit("2026-09-02T10:00:00Z")
    worked_in(desk, shop)
    desk.sync()
    desk.add_account("Team")
    desk.charge("Team")
    desk.program.say_payer("claude-code", "Team")
    assert per_unit(desk.program)["git", COMMITS, Cost.WORTH].latest == 25 * NANO


def test_two_clones_are_two_projects_and_a_commit_in_both_is_one(
    desk: Desk, tmp_path: Path
) -> None:
    shop = Repository(tmp_path / "east" / "shop")
    shop.commit("2026-09-02T10:00:00Z")
    shop.run("clone", "-q", ".", str(tmp_path / "shop"))
    clone = Repository(tmp_path / "shop", init=False)
    clone.commit("2026-09-03T10:00:00Z")
    worked_in(desk, shop, clone)
    desk.sync()
    assert per_unit(desk.program)["git", COMMITS, Cost.WORTH].divided[-1] == (50 * NANO, 2)


def test_a_repository_that_cannot_be_counted_is_in_neither_and_is_told(
    desk: Desk, tmp_path: Path
) -> None:
    shop, nobody = Repository(tmp_path / "shop"), Repository(tmp_path / "nobody", email=None)
    shop.commit("2026-09-02T10:00:00Z")
    worked_in(desk, shop, nobody)
    desk.sync()
    assert per_unit(desk.program)["git", COMMITS, Cost.WORTH].divided[-1] == (25 * NANO, 1)
    (note,) = desk.program.work_reported().notes
    assert str(nobody.path) in note
    assert "no user.email is set there" in note
    told = examine(tmp_path / "data", clock=desk.program.clock, environ={})
    assert [check.sentence for check in told.checks if check.name == "work"] == [note]
    assert all(check.ok is not False for check in told.checks if check.name == "work")


def test_a_repository_with_tokens_that_have_no_price_is_in_neither(
    desk: Desk, tmp_path: Path
) -> None:
    shop, odd = Repository(tmp_path / "shop"), Repository(tmp_path / "odd")
    for number in range(2):
        shop.commit(f"2026-09-0{number + 2}T10:00:00Z")
    odd.commit("2026-09-02T11:00:00Z")
    desk.logs.claude(
        prompt(0),
        answer("1", 1, usage(fresh=0, out=10**6), cwd=str(shop.path)),
        answer("2", 2, usage(fresh=0, out=10**6), cwd=str(odd.path)),
        answer("3", 3, usage(), cwd=str(odd.path), model="made-up-model-nobody-lists"),
    )
    desk.add()
    desk.sync()
    assert per_unit(desk.program)["git", COMMITS, Cost.WORTH].divided[-1] == (25 * NANO, 2)


def test_many_that_are_gone_for_one_reason_are_one_note(desk: Desk, tmp_path: Path) -> None:
    """Agents make clones and throw them away."""
    gone = [Repository(tmp_path / f"clone-{number}") for number in range(5)]
    worked_in(desk, *gone)
    desk.sync()
    for one in gone:
        shutil.rmtree(one.path)
    clock_of(desk).instant = LATER + timedelta(hours=1)
    desk.sync()
    (note,) = desk.program.work_reported().notes
    first = ", ".join(str(one.path) for one in gone[:3])
    assert note == f"Commits in {first} and 2 more are not counted: it is not there any more."


def test_a_folder_in_no_repository_has_no_commits_and_no_note(desk: Desk, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    desk.logs.claude(prompt(0), answer("1", 1, usage(), cwd=str(plain)))
    desk.add()
    desk.sync()
    listed = desk.program.work_reported()
    assert (listed.lines, listed.notes) == ((), ())


def test_git_is_asked_once_an_hour_and_what_went_is_gone(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plimsoll.sources import git

    looked: list[str] = []
    look = git.own_commits

    def noted(program: str, folder: str, *rest: object, **more: object) -> object:
        looked.append(folder)
        return look(program, folder, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(git, "own_commits", noted)
    shop = Repository(tmp_path / "shop")
    shop.commit("2026-09-02T10:00:00Z")
    shop.commit("2026-09-03T10:00:00Z")
    worked_in(desk, shop)
    desk.sync()
    shop.run("reset", "-q", "--hard", "HEAD~1")
    desk.sync()
    assert looked == [str(shop.path)], "not again within the hour"
    clock_of(desk).instant = LATER + timedelta(hours=1)
    desk.sync()
    assert len(looked) == 2, "also where no log has grown"
    assert per_unit(desk.program)["git", COMMITS, Cost.WORTH].divided[-1] == (25 * NANO, 1)


def test_a_disk_that_does_not_answer_costs_two_waits_and_a_day_of_peace(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plimsoll.domain.work import SILENT
    from plimsoll.sources import git
    from plimsoll.sources.git import Look

    asked: list[str] = []

    def silent(_program: str, folder: str, *_rest: object, **_more: object) -> Look:
        asked.append(Path(folder).name)
        return Look(trouble=SILENT)

    monkeypatch.setattr(git, "own_commits", silent)
    worked_in(desk, *(Repository(tmp_path / name) for name in "abc"))
    desk.sync()
    assert asked == ["a", "b"]
    desk.sync()
    assert asked == ["a", "b", "c"], "the rest the next time"
    clock_of(desk).instant = LATER + timedelta(hours=23)
    desk.sync()
    assert asked == ["a", "b", "c"]
    clock_of(desk).instant = LATER + timedelta(hours=24)
    desk.sync()
    assert sorted(asked[3:]) == ["a", "b"]


def test_only_where_agents_worked_lately_is_git_asked(desk: Desk, tmp_path: Path) -> None:
    shop = Repository(tmp_path / "shop")
    worked_in(desk, shop)
    clock_of(desk).instant = LATER + timedelta(days=90)
    desk.sync()
    assert commits.known_repositories(desk.program.ledger) == {}


def test_without_git_that_is_said_and_nothing_is_zero(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Repository(tmp_path / "shop")
    worked_in(desk, shop)
    monkeypatch.setenv("PATH", str(tmp_path))
    desk.sync()
    assert ("git", COMMITS, Cost.WORTH) not in per_unit(desk.program)
    assert desk.program.work_reported().notes == (
        "There is no git on this machine: commits are not counted.",
    )


def test_a_stopped_sync_asks_no_git(desk: Desk, tmp_path: Path) -> None:
    shop = Repository(tmp_path / "shop")
    shop.commit("2026-09-02T10:00:00Z")
    worked_in(desk, shop)
    desk.sync()
    clock_of(desk).instant = LATER + timedelta(hours=2)
    before = commits.known_repositories(desk.program.ledger)
    count_commits(desk.program.ledger, now=desk.program.clock.now(), cancelled=lambda: True)
    assert commits.known_repositories(desk.program.ledger) == before


def test_forgetting_the_agent_forgets_what_git_counted_for_it(desk: Desk, tmp_path: Path) -> None:
    shop = Repository(tmp_path / "shop")
    shop.commit("2026-09-02T10:00:00Z")
    worked_in(desk, shop)
    desk.sync()
    assert list(commits.known_repositories(desk.program.ledger)) == [str(shop.path)]
    desk.program.remove_source("claude-code", forget=True)
    assert commits.known_repositories(desk.program.ledger) == {}
    with desk.program.ledger.reading() as connection:
        assert connection.execute("SELECT count(*) FROM git_commit").fetchone() == (0,)


def test_a_week_is_known_only_where_it_was_over_when_git_was_asked(
    desk: Desk, tmp_path: Path
) -> None:
    shop = Repository(tmp_path / "shop")
    shop.commit("2026-09-02T10:00:00Z")
    worked_in(desk, shop)
    clock_of(desk).instant = datetime(2026, 9, 6, 23, tzinfo=UTC)
    desk.sync()
    shop.run("config", "--unset", "user.email")
    clock_of(desk).instant = LATER
    desk.sync()
    assert ("git", COMMITS, Cost.WORTH) not in per_unit(desk.program)
    assert date(2026, 9, 6) in whole_weeks(LATER.date())[-1]
