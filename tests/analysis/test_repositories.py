"""A folder is folded onto its repository only where that is sure; short names tell apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.analysis.projects import repositories, short_names


@pytest.mark.parametrize(
    ("path", "repository"),
    [
        ("/w/shop", "/w/shop"),
        ("/w/shop/.worktrees/fix", "/w/shop"),
        ("/w/shop/.worktrees/fix/src/deep", "/w/shop"),
        ("/w/shop/.claude/worktrees/brave-fox", "/w/shop"),
        ("/w/shop/.claude", "/w/shop/.claude"),
        ("/w/shop/worktrees/fix", "/w/shop/worktrees/fix"),
        ("/.worktrees/fix", "/.worktrees/fix"),
        ("C:\\w\\shop\\.worktrees\\fix", "C:\\w\\shop"),
        ("C:/w/shop/.claude/worktrees/fix", "C:/w/shop"),
    ],
)
def test_worktrees_inside_a_repository_are_the_repository(path: str, repository: str) -> None:
    assert repositories({path: None}) == {path: repository}


@pytest.mark.parametrize("ending", [".worktrees", "-worktrees", "_worktrees"])
def test_worktrees_beside_a_repository_are_it_only_where_it_is_known(ending: str) -> None:
    worktree = f"/w/shop{ending}/fix/src"
    assert repositories({worktree: None})[worktree] == worktree
    assert repositories({worktree: None, "/w/shop": None})[worktree] == "/w/shop"


def test_what_the_disk_told_stands_above_what_a_path_looks_like() -> None:
    told = {"/w/shop/.worktrees/fix": "/else/where", "/w/shop-worktrees/x": "/w/shop-worktrees/x"}
    assert repositories({**told, "/w/shop": None}) == {**told, "/w/shop": "/w/shop"}


def test_a_name_is_the_folders_and_has_its_parent_where_two_share_it() -> None:
    assert short_names(["/w/shop", "/x/shop", "/w/api"]) == {
        "/w/shop": "w/shop",
        "/x/shop": "x/shop",
        "/w/api": "api",
    }
    assert short_names(["/a/w/shop", "/b/w/shop", "/c"]) == {
        "/a/w/shop": "a/w/shop",
        "/b/w/shop": "b/w/shop",
        "/c": "c",
    }
    assert short_names(["/"]) == {"/": "/"}
    assert short_names(["C:\\w\\shop"]) == {"C:\\w\\shop": "shop"}


_PATHS = st.lists(
    st.lists(st.sampled_from(["a", "b", "shop", "src"]), min_size=1, max_size=4).map(
        lambda parts: "/" + "/".join(parts)
    ),
    unique=True,
)


@given(_PATHS)
def test_no_two_repositories_share_a_name(paths: list[str]) -> None:
    names = short_names(paths)
    assert len(set(names.values())) == len(paths)
    assert all(path.endswith(f"/{name}") for path, name in names.items())
