"""Words at the edges of what can be asked, and folders that cannot be looked into."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI


@pytest.mark.parametrize("since", ["0001-01-01", "1969-12-31"])
def test_since_before_there_was_anything_asks_from_the_first_day_there_can_be(
    cli: Any, work: LoopbackOpenAI, since: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plimsoll.services.pulling.EARLIEST", date(2026, 1, 1))
    work.cost(date(2026, 1, 1), "1.25", line_item=None)
    synced = cli("sync", "--since", since)
    assert synced.code == 0, synced.err
    asked = cli("spend", "--from", "2026-01-01", "--json").json
    assert asked["total"]["amounts"][0]["billed"] == "1.25"
    assert asked["gaps"] == []


def test_a_source_named_twice_is_asked_once(cli: Any, work: LoopbackOpenAI) -> None:
    synced = cli("sync", "Work", "Work", "--json")
    assert [source["source"] for source in synced.json["sources"]] == ["Work"]


def test_a_focus_report_is_never_an_ordinary_table(cli: Any, tmp_path: Path) -> None:
    from plimsoll.reports.base import format_names

    if "focus_csv" in format_names():
        pytest.skip("there is such a format")
    written = cli("report", str(tmp_path / "November.focus.csv"))
    assert written.code == 2
    assert ".focus.csv" in written.err
    assert list(tmp_path.glob("November*")) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions are other things elsewhere")
def test_the_doctor_tells_of_a_folder_that_cannot_be_looked_into(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at, look = tmp_path / "data", Path.stat

    def refuse(path: Path, **how: bool) -> os.stat_result:
        if looked_at in path.parents:
            raise PermissionError(13, "Permission denied")
        return look(path, **how)

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr("plimsoll.ledger.database.Ledger.open", _refused)
    examined = cli("doctor", "--json")
    assert examined.code == 1
    wrong = [check["name"] for check in examined.json["checks"] if check["ok"] is False]
    assert wrong == ["archive"]


def _refused(*_: object, **__: object) -> None:
    from plimsoll.domain.errors import LedgerUnreadable

    raise LedgerUnreadable("The archive cannot be opened (Permission denied).")


def test_an_output_that_is_full_is_told_in_a_sentence(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(text: str) -> None:
        raise OSError(28, "No space left on device")

    for words in (("spend",), ("spend", "--json"), ("spend", "--csv")):
        with monkeypatch.context() as patched:
            patched.setattr("plimsoll.cli.session.click.echo", _only_messages(full))
            ran = cli(*words)
        assert ran.code == 1
        assert ran.err == (
            "The answer could not be written to standard output (No space left on device).\n"
        )


def _only_messages(refuse: Any) -> Any:
    import sys

    def echo(text: str = "", *, err: bool = False, **_: object) -> None:
        if not err:
            refuse(text)
        sys.stderr.write(f"{text}\n")

    return echo


@pytest.mark.parametrize("inside", ["", "this-is-a-demo", "plimsoll.db"])
def test_the_demo_lives_where_the_environment_says_unless_real_figures_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    from plimsoll.cli import demo

    if inside:
        (tmp_path / inside).touch()
    monkeypatch.setenv("PLIMSOLL_DATA_DIR", str(tmp_path))
    folder = demo._folder_of_the_environment()
    assert folder == (None if inside == "plimsoll.db" else tmp_path)
