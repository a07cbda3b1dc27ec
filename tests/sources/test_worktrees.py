"""The repository of a folder is read from git's own files, where the folder is still there."""

from __future__ import annotations

from pathlib import Path

from plimsoll.sources.logs.worktrees import repository_of


def repository(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    return folder


def worktree(folder: Path, of: Path, name: str) -> Path:
    own = of / ".git" / "worktrees" / name
    own.mkdir(parents=True)
    (own / "commondir").write_text("../..\n")
    folder.mkdir(parents=True)
    (folder / ".git").write_text(f"gitdir: {own}\n")
    return folder


def test_a_worktree_anywhere_is_the_repository_that_it_was_made_from(tmp_path: Path) -> None:
    shop = repository(tmp_path / "work" / "shop")
    far = worktree(tmp_path / "elsewhere" / "fix", shop, "fix")
    (far / "src").mkdir()
    for folder in (shop, far, far / "src"):
        assert repository_of(str(folder), home=tmp_path) == str(shop)


def test_a_worktree_of_a_bare_repository_is_that(tmp_path: Path) -> None:
    bare = tmp_path / "shop.git"
    own = bare / "worktrees" / "main"
    own.mkdir(parents=True)
    (own / "commondir").write_text("../..\n")
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / ".git").write_text(f"gitdir: {own}\n")
    assert repository_of(str(tmp_path / "main"), home=tmp_path) == str(bare)


def test_a_submodule_is_a_repository_of_its_own(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    (shop / "lib").mkdir()
    (shop / "lib" / ".git").write_text("gitdir: ../.git/modules/lib\n")
    assert repository_of(str(shop / "lib"), home=tmp_path) == str(shop / "lib")


def test_a_home_folder_under_git_does_not_swallow_what_is_in_it(tmp_path: Path) -> None:
    home = repository(tmp_path / "home")
    (home / "notes").mkdir()
    assert repository_of(str(home / "notes"), home=home) == str(home / "notes")
    assert repository_of(str(home), home=home) == str(home)


def test_of_a_folder_that_is_gone_nothing_is_said(tmp_path: Path) -> None:
    assert repository_of(str(tmp_path / "gone"), home=tmp_path) is None
    assert repository_of("shop", home=tmp_path) is None


def test_a_broken_pointer_leaves_the_folder_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / ".git").write_bytes(b"\xff\xfe")
    assert repository_of(str(tmp_path / "odd"), home=tmp_path) == str(tmp_path / "odd")
