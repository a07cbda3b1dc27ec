"""git, with real repositories: the user's own commits, each once, and nothing that a repository
asks for is ever run.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from git_kit import ME, OTHER, PROGRAM, Repository, forget_settings
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.work import NO_REPOSITORY, SILENT
from plimsoll.sources import git
from plimsoll.sources.git import Look, git_program, own_commits

PERIOD = Period(date(2026, 9, 14), date(2026, 11, 20))

pytestmark = pytest.mark.skipif(not PROGRAM, reason="there is no git on this machine")


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_settings(tmp_path, monkeypatch)


def look_at(repository: Repository) -> Look:
    found = own_commits(PROGRAM, str(repository.path), PERIOD, cancelled=lambda: False)
    assert found is not None
    return found


def days_of(repository: Repository) -> list[date]:
    look = look_at(repository)
    assert look.trouble == ""
    return sorted(look.commits.values())


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "shop")


# --- whose commits, and when ---


def test_only_the_users_own_commits_count_on_the_days_they_were_written(shop: Repository) -> None:
    shop.commit("2026-11-10T23:30:00-05:00")
    shop.commit("2026-11-12T00:30:00Z")
    shop.commit("2026-11-12T10:00:00Z", email=OTHER)
    shop.commit("2026-11-13T10:00:00Z", email=f"x{ME}")
    shop.commit("2026-11-14T10:00:00Z", email=ME.upper())
    assert days_of(shop) == [date(2026, 11, 11), date(2026, 11, 12), date(2026, 11, 14)]


def test_a_commit_that_was_rebased_later_stays_on_its_authors_day(shop: Repository) -> None:
    shop.commit("2026-09-14T00:00:00Z", committed="2026-11-19T10:00:00Z")
    shop.commit("2026-09-13T23:59:59Z", committed="2026-11-19T11:00:00Z")
    shop.commit("2026-11-21T00:00:00Z", committed="2026-11-19T12:00:00Z")
    assert days_of(shop) == [date(2026, 9, 14)], "what was written before or after is not asked for"


def test_all_local_branches_count_and_merges_do_not(shop: Repository) -> None:
    first = shop.commit("2026-11-02T10:00:00Z")
    shop.run("checkout", "-q", "-b", "fix")
    fix = shop.commit("2026-11-03T10:00:00Z")
    shop.run("checkout", "-q", "main")
    onward = shop.commit("2026-11-04T10:00:00Z")
    shop.run("merge", "-q", "--no-ff", "-m", "Merge", "fix", at="2026-11-05T10:00:00Z")
    shop.run("checkout", "-q", "-b", "other")
    other = shop.commit("2026-11-06T10:00:00Z")
    shop.run("checkout", "-q", "main")
    assert set(look_at(shop).commits) == {first, fix, onward, other}


def test_a_worktree_and_a_bare_repository_tell_the_same(shop: Repository, tmp_path: Path) -> None:
    mine = {shop.commit("2026-11-02T10:00:00Z"), shop.commit("2026-11-03T10:00:00Z")}
    shop.run("worktree", "add", "-q", "-b", "task", str(tmp_path / "task"))
    task = Repository(tmp_path / "task", init=False)
    mine.add(task.commit("2026-11-04T10:00:00Z"))
    assert set(look_at(shop).commits) == mine == set(look_at(task).commits)
    shop.run("clone", "-q", "--bare", ".", str(tmp_path / "shop.git"))
    assert set(look_at(Repository(tmp_path / "shop.git", init=False)).commits) == mine


def test_a_repository_without_any_commit_has_none(shop: Repository) -> None:
    assert look_at(shop) == Look()


# --- what cannot be counted is said, and is not zero ---


def test_without_an_address_nobody_can_tell_whose_commits_they_are(tmp_path: Path) -> None:
    nobody = Repository(tmp_path / "nobody", email=None)
    nobody.run("commit", "-q", "--allow-empty", "-m", "x", GIT_AUTHOR_EMAIL=ME, EMAIL=ME)
    assert "no user.email is set" in look_at(nobody).trouble
    assert look_at(nobody).commits == {}


def test_an_address_of_the_users_own_settings_holds_where_the_repository_sets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.write_text(f"[user]\n\temail = {ME}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))
    shared = Repository(tmp_path / "shared", email=None)
    shared.commit("2026-11-02T10:00:00Z")
    assert days_of(shared) == [date(2026, 11, 2)]


def test_a_shallow_clone_is_not_counted(shop: Repository, tmp_path: Path) -> None:
    for day in range(2, 6):
        shop.commit(f"2026-11-0{day}T10:00:00Z")
    shop.run("clone", "-q", "--depth", "1", f"file://{shop.path}", str(tmp_path / "shallow"))
    assert "shallow" in look_at(Repository(tmp_path / "shallow", init=False)).trouble


def test_a_folder_that_is_gone_or_no_repository_is_said_to_be(tmp_path: Path) -> None:
    def trouble(path: Path) -> str:
        look = own_commits(PROGRAM, str(path), PERIOD, cancelled=lambda: False)
        return look.trouble if look else "stopped"

    assert trouble(tmp_path / "gone") == "it is not there any more"
    (tmp_path / "plain").mkdir()
    assert trouble(tmp_path / "plain") == NO_REPOSITORY
    (tmp_path / "broken" / ".git").mkdir(parents=True)
    assert trouble(tmp_path / "broken") == NO_REPOSITORY


def test_a_folder_inside_a_repository_is_not_that_repository(shop: Repository) -> None:
    """Settings that are kept in a home folder under git are no project of every folder below."""
    shop.commit("2026-11-02T10:00:00Z")
    inside = shop.path / "notes"
    inside.mkdir()
    look = own_commits(PROGRAM, str(inside), PERIOD, cancelled=lambda: False)
    assert look == Look(trouble=NO_REPOSITORY)


def test_a_repository_of_somebody_else_stays_unread(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git's own refusal stands: only the user's own settings can trust such a folder."""
    shop.commit("2026-11-02T10:00:00Z")
    monkeypatch.setitem(git._SWITCHES, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # type: ignore[arg-type]
    assert "belongs to another user" in look_at(shop).trouble
    assert "safe.directory" in look_at(shop).trouble
    assert look_at(shop).commits == {}


def test_a_program_that_is_none_is_a_trouble(shop: Repository, tmp_path: Path) -> None:
    look = own_commits(str(tmp_path / "nothing"), str(shop.path), PERIOD, cancelled=lambda: False)
    assert look is not None
    assert "cannot be started" in look.trouble


def test_more_commits_than_anybody_writes_are_not_counted(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(2, 6):
        shop.commit(f"2026-11-0{day}T10:00:00Z")
    monkeypatch.setattr(git, "MOST_COMMITS", 4)
    assert len(days_of(shop)) == 4
    monkeypatch.setattr(git, "MOST_COMMITS", 3)
    assert "more than 3 commits" in look_at(shop).trouble


# --- time ---


@pytest.fixture
def slow(tmp_path: Path) -> str:
    """A program that answers nobody, as git does on a network disk that is gone."""
    program = tmp_path / "slow-git"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o700)
    return str(program)


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_a_repository_that_does_not_answer_is_left(
    slow: str, shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "PATIENCE", 0.2)
    assert own_commits(slow, str(shop.path), PERIOD, cancelled=lambda: False) == Look(
        trouble=SILENT
    )


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_a_sync_that_is_stopped_waits_for_no_repository(slow: str, shop: Repository) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    began = time.monotonic()
    assert own_commits(slow, str(shop.path), PERIOD, cancelled=cancelled) is None
    assert time.monotonic() - began < git.PATIENCE


# --- a repository that wants programs to be run ---


@pytest.fixture
def trap(tmp_path: Path) -> tuple[str, Callable[[], list[str]]]:
    """A program that writes down that it was run, and the list of what it wrote."""
    log, program = tmp_path / "ran", tmp_path / "trap"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {log}\nexit 1\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program), lambda: log.read_text().splitlines() if log.exists() else []


def set_traps(shop: Repository, trap: str) -> None:
    """Every setting by which a repository can make git run a program of its own."""
    hooks = shop.path / "hooks-of-mine"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"):
        shutil.copy(trap, hooks / name)
        shutil.copy(trap, shop.path / ".git" / "hooks" / name)
    for name, value in {
        "alias.rev-list": f"!{trap}",
        "alias.rev-parse": f"!{trap}",
        "alias.config": f"!{trap}",
        "core.alternateRefsCommand": trap,
        "core.askPass": trap,
        "core.editor": trap,
        "core.fsmonitor": trap,
        "core.gitProxy": trap,
        "core.hooksPath": str(hooks),
        "core.pager": trap,
        "core.sshCommand": trap,
        "credential.helper": f"!{trap}",
        "diff.external": trap,
        "extensions.partialClone": "origin",
        "gpg.program": trap,
        "gpg.ssh.program": trap,
        "interactive.diffFilter": trap,
        "log.showSignature": "true",
        "pager.config": trap,
        "pager.rev-list": trap,
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": trap,
        "remote.origin.url": f"ext::{trap} %S",
        "uploadpack.packObjectsHook": trap,
    }.items():
        shop.run("config", name, value)
    shop.run("config", "core.repositoryFormatVersion", "1")


def remotes(shop: Repository, trap: str) -> list[str]:
    """Addresses to fetch from, each of which makes git run a program of the repository's choice."""
    elsewhere = shop.path.parent / "elsewhere"
    if not elsewhere.exists():
        Repository(elsewhere)
    return [f"ext::{trap} %S", "ssh://host.invalid/shop", str(elsewhere)]


def lose(shop: Repository, commit: str) -> None:
    """Take a commit out of a repository, as if a partial clone had left it out."""
    lost = shop.path / ".git" / "objects" / commit[:2] / commit[2:]
    lost.chmod(0o600)
    lost.unlink()


def signed(shop: Repository) -> str:
    """A commit that bears a signature, on the branch."""
    plain = shop.run("cat-file", "commit", "HEAD")
    head, _, rest = plain.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    file = shop.path.parent / "signed"
    file.write_text(f"{head}\n{signature}\n\n{rest}\n")
    made = shop.run("hash-object", "-t", "commit", "-w", str(file))
    shop.run("update-ref", "refs/heads/main", made)
    return made


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_nothing_that_a_repository_asks_for_is_run(
    shop: Repository, trap: tuple[str, Callable[[], list[str]]]
) -> None:
    program, ran = trap
    first = shop.commit("2026-11-02T10:00:00Z")
    shop.commit("2026-11-03T10:00:00Z")
    mine = {first, signed(shop)}
    set_traps(shop, program)
    assert set(look_at(shop).commits) == mine
    assert ran() == []


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_what_a_partial_clone_left_out_is_not_fetched(
    shop: Repository, trap: tuple[str, Callable[[], list[str]]]
) -> None:
    """A missing commit would be fetched from wherever the repository says, by whatever it says."""
    program, ran = trap
    first = shop.commit("2026-11-02T10:00:00Z")
    shop.commit("2026-11-03T10:00:00Z")
    set_traps(shop, program)
    lose(shop, first)
    for url in remotes(shop, program):
        shop.run("config", "remote.origin.url", url)
        assert "could not read it" in look_at(shop).trouble
        assert look_at(shop).commits == {}
    assert ran() == []


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_the_traps_are_live(shop: Repository, trap: tuple[str, Callable[[], list[str]]]) -> None:
    """The same repository, asked without our care, runs them: else nothing above is proved."""
    program, ran = trap
    first = shop.commit("2026-11-02T10:00:00Z")
    shop.commit("2026-11-03T10:00:00Z")
    signed(shop)
    set_traps(shop, program)

    def careless(*arguments: str) -> list[str]:
        before = len(ran())
        subprocess.run(
            [PROGRAM, *arguments], cwd=shop.path, capture_output=True, check=False, timeout=60
        )
        return ran()[before:]

    assert careless("log", "-1"), "gpg.program, by log.showSignature"
    assert careless("status"), "core.fsmonitor"
    assert careless("update-ref", "refs/heads/other", "HEAD"), "a hook"
    lose(shop, first)
    for url in remotes(shop, program):
        shop.run("config", "remote.origin.url", url)
        assert careless("rev-list", "--all"), f"what was left out is fetched from {url}"


def test_nothing_is_written_into_a_repository(shop: Repository) -> None:
    shop.commit("2026-11-02T10:00:00Z")
    (shop.path / "new file").write_text("x")

    def state() -> dict[str, tuple[int, int]]:
        return {
            str(file.relative_to(shop.path)): (file.stat().st_size, file.stat().st_mtime_ns)
            for file in sorted(shop.path.rglob("*"))
        }

    before = state()
    assert len(days_of(shop)) == 1
    assert state() == before


# --- which git ---


def test_a_git_of_the_working_folder_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert git_program() is None
    monkeypatch.setenv("PATH", "")
    assert git_program() is None


def test_on_a_mac_the_stand_in_that_asks_to_install_tools_is_not_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/git")
    monkeypatch.setattr(git, "_APPLE_TOOLS", ("/nowhere/git",))
    assert git_program("darwin") is None
    monkeypatch.setattr(git, "_APPLE_TOOLS", ("/nowhere/git", "/"))
    assert git_program("darwin") == "/"
    assert git_program("linux") == "/usr/bin/git"


def test_neither_keys_nor_what_leads_elsewhere_reach_git() -> None:
    told = {
        "PATH": "/bin",
        "HOME": "/home/ada",
        "PLIMSOLL_KEY_CLAUDE": "sk-ant-admin",
        "GIT_DIR": "/elsewhere",
        "GIT_TRACE": "/tmp/trace",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_GLOBAL": "/home/ada/.gitconfig",
        "SSH_ASKPASS": "/bin/ask",
    }
    passed = git._environment(told, "/home/ada/shop")
    assert {"PATH", "HOME", "GIT_CONFIG_GLOBAL"} <= passed.keys()
    assert not {"PLIMSOLL_KEY_CLAUDE", "GIT_DIR", "GIT_TRACE", "GIT_CONFIG_COUNT"} & passed.keys()
    assert "SSH_ASKPASS" not in passed
    assert passed["GIT_CEILING_DIRECTORIES"] == "/home/ada"


def test_git_of_the_packaged_program_finds_the_libraries_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = {"LD_LIBRARY_PATH": "/opt/plimsoll/_internal", "LD_LIBRARY_PATH_ORIG": "/usr/local/lib"}
    assert git._environment(own, "/shop")["LD_LIBRARY_PATH"] == "/usr/local/lib"
    without = {"LD_LIBRARY_PATH": "/opt/plimsoll/_internal"}
    assert git._environment(without, "/shop")["LD_LIBRARY_PATH"] == "/opt/plimsoll/_internal"
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/plimsoll/_internal", raising=False)
    assert "LD_LIBRARY_PATH" not in git._environment(without, "/shop")


@given(
    told=st.lists(
        st.tuples(
            st.integers(-(10**11), 10**11),
            st.sampled_from([ME, ME.upper(), OTHER, f"{ME} ", ""]),
        ),
        max_size=20,
    )
)
def test_of_whatever_dates_and_authors_only_the_users_in_the_period_are_read(
    told: list[tuple[int, str]],
) -> None:
    """git lets anybody write any date: far ones, and ones before 1970, are of no day here."""
    lines, expected = [], {}
    for number, (seconds, email) in enumerate(told):
        name = f"{number:040x}"
        lines += [f"commit {name}", f"{name} {seconds} {email}"]
        if email.casefold() == ME and 0 <= seconds < 4_102_444_800:
            day = datetime.fromtimestamp(seconds, UTC).date()
            if day in PERIOD:
                expected[name] = day
    assert git._read("\n".join(lines).encode(), ME, PERIOD) == expected
