"""Projects of agents: one short name for a repository and all its worktrees, also when they are
gone again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_kit import CLAUDE, CODEX, PERIOD, Desk
from log_kit import answer, counted, meta, prompt, turn, usage, vector

from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.services import projects


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def tokens(desk: Desk) -> dict[str | None, int]:
    rows = desk.rows(Dimension.PROJECT)
    return {name: row.tokens.total for (name,), row in rows.items()}


def repository(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    return folder


def worktree(folder: Path, of: Path) -> Path:
    own = of / ".git" / "worktrees" / folder.name
    own.mkdir(parents=True)
    (own / "commondir").write_text("../..\n")
    folder.mkdir(parents=True)
    (folder / ".git").write_text(f"gitdir: {own}\n")
    return folder


def test_worktrees_and_folders_inside_count_as_their_repository(desk: Desk, tmp_path: Path) -> None:
    shop = repository(tmp_path / "work" / "shop")
    far = worktree(tmp_path / "trees" / "fix-42", shop)
    (shop / "web").mkdir()
    folders = [shop, far, shop / "web", tmp_path / "work" / "shop" / ".worktrees" / "gone"]
    desk.logs.claude(
        prompt(0),
        *(answer(str(n), n + 1, usage(out=10**n), cwd=str(f)) for n, f in enumerate(folders)),
    )
    desk.add()
    desk.sync()
    assert tokens(desk) == {"shop": 1111 + 4 * 10}


def test_what_the_disk_told_once_stays_when_the_worktree_is_gone(
    desk: Desk, tmp_path: Path
) -> None:
    shop = repository(tmp_path / "work" / "shop")
    far = worktree(tmp_path / "trees" / "fix-42", shop)
    desk.logs.claude(prompt(0), answer("1", 1, cwd=str(far)))
    desk.add()
    desk.sync()
    shutil.rmtree(far)
    desk.logs.add(
        ".claude/projects/-home-dev-work-shop/5e551000-0000-4000-8000-000000000001.jsonl",
        answer("2", 2, cwd=str(far)),
    )
    desk.sync()
    assert tokens(desk) == {"shop": 220}


def test_two_agents_name_one_repository_alike_and_two_of_one_name_apart(
    desk: Desk, tmp_path: Path
) -> None:
    one, other = (repository(tmp_path / side / "shop") for side in ("east", "west"))
    desk.logs.claude(prompt(0), answer("1", 1, cwd=str(one)))
    desk.logs.codex(
        meta(0, cwd=str(other)),
        turn(1) | {"payload": {"model": "gpt-5.4", "cwd": str(other)}},
        counted(2, vector(50, out=5), vector(50, out=5)),
    )
    desk.add()
    desk.add(CODEX)
    desk.sync()
    assert tokens(desk) == {"east/shop": 110, "west/shop": 55}
    assert projects.folders_called(desk.program.ledger) == {
        "east/shop": (str(one),),
        "west/shop": (str(other),),
    }


def test_a_name_and_a_folder_both_filter(desk: Desk, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    desk.logs.claude(prompt(0), answer("1", 1, cwd=str(shop)), answer("2", 2, cwd="/gone/api"))
    desk.add()
    desk.sync()
    for value in ("shop", str(shop)):
        scope = Scope(((Dimension.PROJECT, (value,)),))
        assert desk.program.spend(Question(PERIOD, scope=scope)).total.tokens.total == 110


def test_a_disk_that_does_not_answer_holds_nothing_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event

    never = Event()
    monkeypatch.setattr(projects, "PATIENCE", 0.0)
    monkeypatch.setattr(projects, "repository_of", lambda *_, **__: never.wait())
    desk.logs.claude(prompt(0), answer("1", 1, cwd="/net/shop/.worktrees/fix"))
    desk.add()
    desk.sync()
    never.set()
    assert tokens(desk) == {"shop": 110}


def test_the_disk_is_asked_once_for_each_folder(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(projects, "repository_of", lambda path, **_: asked.append(path))
    desk.logs.claude(prompt(0), answer("1", 1, cwd="/gone/shop"), answer("2", 2, cwd="/gone/shop"))
    desk.add()
    for _ in range(3):
        desk.sync()
    assert asked == ["/gone/shop"]
    assert CLAUDE in {card.provider for card in desk.program.source_cards()}
