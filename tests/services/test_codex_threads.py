"""Codex's threads whose rollouts are gone are counted by their sums, which nothing prices, and
which give way to the rollout wherever it turns up: no token counts twice, whatever comes first.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_kit import CODEX, NOW, PERIOD, Desk
from made_up import SetClock
from sqlite_utils import Database

from plimsoll.domain.question import Dimension, Question, Row
from plimsoll.ledger import migrations
from plimsoll.ledger.not_priced import not_priced
from plimsoll.services.doctor import examine

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from log_kit import (
    OTHER,
    SECRET,
    SESSION,
    WORK,
    Insert,
    Json,
    asked,
    counted,
    entry,
    execute,
    meta,
    plus,
    turn,
    vector,
)

STATE = ".codex/state_5.sqlite"
NOON = 1_788_350_400
"""2 September 2026, 12:00 UTC, in seconds."""

ONE, TWO = vector(1000, 0, 50), vector(200, 1000, 60)
TOLD = 1050 + 1260

SCHEMA = """
    CREATE TABLE threads (
        id TEXT PRIMARY KEY, rollout_path TEXT NOT NULL, created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL, source TEXT NOT NULL, model_provider TEXT NOT NULL,
        cwd TEXT NOT NULL, title TEXT NOT NULL, sandbox_policy TEXT NOT NULL,
        approval_mode TEXT NOT NULL, tokens_used INTEGER NOT NULL DEFAULT 0,
        archived INTEGER NOT NULL DEFAULT 0, git_branch TEXT, first_user_message TEXT NOT NULL
    )
"""


def thread(number: str = SESSION, tokens: object = 5000, /, **more: Any) -> Insert:
    """One thread, as Codex's own source makes its table."""
    row: Json = {
        "id": number,
        "rollout_path": f"/gone/rollout-2026-09-02T12-00-00-{number}.jsonl",
        "created_at": NOON,
        "updated_at": NOON + 60,
        "source": "cli",
        "model_provider": "openai",
        "cwd": WORK,
        "title": SECRET,
        "sandbox_policy": "read-only",
        "approval_mode": "never",
        "tokens_used": tokens,
        "git_branch": "main",
        "first_user_message": f"{SECRET} {number}",
        **more,
    }
    return "threads", row


def session(number: str = SESSION, **more: Any) -> list[Json]:
    """A rollout of two calls and a web search."""
    search = {"type": "web_search_call", "id": f"ws_{number}", "status": "completed"}
    return [
        meta(0, number, **more),
        turn(1, f"turn-{number}"),
        asked(2),
        counted(3, ONE, ONE),
        entry("response_item", 4, search),
        counted(5, TWO, plus(ONE, TWO)),
    ]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.add(CODEX, name="Codex")
    yield made
    assert made.program.ledger.check() == ()
    made.close()


def state(desk: Desk, *threads: Insert) -> None:
    """Codex's list of threads as it is now."""
    desk.logs.database(STATE, SCHEMA, *threads)


def total(desk: Desk) -> Row:
    return desk.program.spend(Question(PERIOD)).total


def tokens(desk: Desk) -> int:
    desk.sync()
    return total(desk).tokens.total


def test_a_thread_without_a_rollout_is_one_sum_that_nothing_prices(desk: Desk) -> None:
    state(desk, thread())
    assert tokens(desk) == 5000
    row = total(desk)
    assert (row.requests, row.amounts, row.not_priced_tokens) == (None, (), 5000)
    [line] = not_priced(desk.program.ledger)
    assert (line.reason, line.model) == (
        "Only the sum of these tokens is known, not their classes.",
        None,
    )
    assert set(desk.rows(Dimension.SESSION, Dimension.BRANCH)) == {(SESSION, "main")}
    assert set(desk.rows(Dimension.PROJECT)) == {("shop",)}


def test_under_a_plan_it_is_not_priced_either(desk: Desk) -> None:
    state(desk, thread())
    desk.program.edit_source("Codex", settings={"money": "plan"})
    assert tokens(desk) == 5000
    assert all(not any((a.billed, a.estimated, a.plan, a.worth)) for a in total(desk).amounts)


def test_a_sum_that_rises_counts_by_what_it_rose(desk: Desk) -> None:
    state(desk, thread())
    assert tokens(desk) == 5000
    state(desk, thread(SESSION, 7000, updated_at=NOON + 90))
    assert tokens(desk) == 7000
    state(desk, thread(SESSION, 100, updated_at=NOON + 99))
    assert tokens(desk) == 7000


@pytest.mark.parametrize("place", ["plain", "packed", "archived", "page"])
def test_a_thread_whose_rollout_is_there_counts_by_it_alone(desk: Desk, place: str) -> None:
    path = desk.logs.codex(*session())
    if place == "packed":
        zstandard = pytest.importorskip("zstandard")
        packed = path.with_name(f"{path.name}.zst")
        packed.write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
        path.unlink()
    elif place == "archived":
        archive = desk.logs.home / ".codex" / "archived_sessions"
        archive.mkdir()
        path.rename(archive / path.name)
    elif place == "page":
        path.rename(path.with_name(path.name.replace(".jsonl", "_0.jsonl")))
    state(desk, thread(rollout_path=str(path)))
    assert tokens(desk) == TOLD
    assert total(desk).not_priced_tokens == 0


def test_a_sum_is_taken_back_when_the_rollout_appears(desk: Desk) -> None:
    state(desk, thread(), thread(OTHER, 300))
    assert tokens(desk) == 5300
    desk.logs.codex(*session())
    assert tokens(desk) == TOLD + 300
    assert total(desk).not_priced_tokens == 300
    state(desk, thread(SESSION, 9000), thread(OTHER, 300))
    assert tokens(desk) == TOLD + 300


def test_what_was_read_of_a_rollout_stays_and_no_sum_is_added_when_it_goes(desk: Desk) -> None:
    desk.logs.codex(*session())
    assert tokens(desk) == TOLD
    shutil.rmtree(desk.logs.home / ".codex" / "sessions")
    state(desk, thread())
    assert tokens(desk) == TOLD
    units = {unit: int(quantity) for unit, quantity in total(desk).units}
    assert units == {"searches": 1}, "searches are no sums of tokens, and stay"


def test_both_in_one_sync_count_once(desk: Desk) -> None:
    """The list names a place where the rollout is not: a home folder that was moved here."""
    state(desk, thread())
    desk.logs.codex(*session())
    assert tokens(desk) == TOLD


def test_forks_whose_rollouts_are_gone_are_not_added_to_what_they_copied(desk: Desk) -> None:
    prompt = {"first_user_message": SECRET}
    parent, fork = (
        thread(SESSION, 5000, **prompt),
        thread(OTHER, 4000, created_at=NOON + 9, **prompt),
    )
    state(desk, parent, fork)
    assert tokens(desk) == 5000
    grown = thread(OTHER, 6000, created_at=NOON + 9, updated_at=NOON + 99, **prompt)
    state(desk, parent, grown)
    assert tokens(desk) == 6000
    late = thread("third", 6100, created_at=NOON + 99, updated_at=NOON + 200, **prompt)
    state(desk, parent, grown, late)
    assert tokens(desk) == 6100
    desk.logs.codex(*session(OTHER, forked_from_id=SESSION), thread=OTHER)
    assert tokens(desk) == TOLD


def test_where_a_fork_turns_up_that_does_not_say_whose_it_is_no_sum_stays(desk: Desk) -> None:
    prompt = {"first_user_message": SECRET}
    parent = thread(SESSION, 5000, **prompt)
    state(desk, parent)
    assert tokens(desk) == 5000
    path = desk.logs.codex(*session(OTHER), thread=OTHER)
    fork = thread(OTHER, TOLD, created_at=NOON + 9, rollout_path=str(path), **prompt)
    state(desk, parent, fork)
    assert tokens(desk) == TOLD


def test_a_fork_whose_rollout_is_there_holds_what_it_copied_of_its_parent(desk: Desk) -> None:
    state(desk, thread())
    copied = [meta(0, OTHER), *session()]
    desk.logs.codex(*copied, thread=OTHER)
    assert tokens(desk) == TOLD


def test_programs_ask_the_same_again_and_again_and_fork_nothing(desk: Desk) -> None:
    same = {"source": "exec", "first_user_message": SECRET}
    state(desk, thread(SESSION, 5000, **same), thread(OTHER, 4000, **same))
    assert tokens(desk) == 9000
    assert set(desk.rows(Dimension.CLASS)) == {("headless",)}


@pytest.mark.parametrize(
    "damage", [{"tokens_used": -5}, {"tokens_used": "many"}, {"created_at": -1}]
)
def test_one_damaged_row_is_counted_and_stops_no_other(
    desk: Desk, tmp_path: Path, damage: Json
) -> None:
    row = {**damage, **({"updated_at": -1} if "created_at" in damage else {})}
    state(desk, thread(OTHER, 1, **row), thread())
    assert tokens(desk) == 5000
    checks = examine(tmp_path / "data", clock=SetClock(NOW), environ={}).checks
    assert any("1 calls with impossible figures" in check.sentence for check in checks)


def test_a_list_that_codex_writes_in_just_now_is_read_with_its_log(desk: Desk) -> None:
    state(desk, "PRAGMA journal_mode = WAL", thread())  # type: ignore[arg-type]
    assert tokens(desk) == 5000


def test_an_archive_from_before_keeps_its_calls_and_adds_no_sums_to_them(desk: Desk) -> None:
    desk.logs.codex(*session())
    assert tokens(desk) == TOLD
    with desk.program.ledger.writing() as connection:
        connection.execute("UPDATE session SET floor = 0")
        connection.execute("UPDATE call SET rank = 0 WHERE rank = 1 << 62")
        migrations.sums_of_threads_give_way(Database(connection, execute_plugins=False))
    shutil.rmtree(desk.logs.home / ".codex" / "sessions")
    state(desk, thread())
    assert tokens(desk) == TOLD
    assert dict(total(desk).units)["searches"] == 1


def test_nothing_that_was_asked_is_kept(desk: Desk, tmp_path: Path) -> None:
    state(desk, thread())
    desk.sync()
    kept = [path.read_bytes() for path in (tmp_path / "data").glob("plimsoll.db*")]
    assert any(SESSION.encode() in content for content in kept)
    assert not any(SECRET.encode() in content for content in kept)


def test_a_home_without_sessions_is_known_by_its_list(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    execute(made.logs.database(STATE, SCHEMA), [thread()])
    made.add(CODEX, name="Codex")
    assert tokens(made) == 5000
    made.close()
