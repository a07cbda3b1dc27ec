"""`plimsoll alert deliver`: alerts of a sync reach a program and an address once, from cron too."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

from webhook_on_loopback import TOKEN, webhook_on_loopback

VARIABLE = "PLIMSOLL_KEY_ALERT_WEBHOOK"
TENTH = date(2026, 11, 10)
WRITE = "import os, sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def over_half(cli: Any, work: LoopbackOpenAI) -> None:
    """A budget that the next sync finds crossed."""
    work.cost(TENTH, "60", line_item=None)
    made = cli("budget", "set", "Team", "--amount", "100", "--warn", "50", "--warn-forecast", "")
    assert made.code == 0, made.err


def test_nothing_is_delivered_before_it_is_asked_for(cli: Any, work: LoopbackOpenAI) -> None:
    over_half(cli, work)
    said = cli("alert", "deliver", "--json").json
    assert said == {"schema": 1, "command": None, "webhook": None, "sent": []}
    assert "go nowhere else" in cli("alert", "deliver").out
    assert cli("alert", "deliver", "--test").code == 2
    assert cli("sync", "--json").json["alerts"]
    (alert,) = cli("alert", "list", "--json").json["alerts"]
    assert alert["deliveries"] == []


def test_a_sync_runs_the_command_once_for_a_new_alert(
    cli: Any, work: LoopbackOpenAI, tmp_path: Path
) -> None:
    over_half(cli, work)
    told = tmp_path / "told"
    words = f"'{sys.executable}' -c \"{WRITE}\" '{told}'"
    set_up = cli("alert", "deliver", "--command", words, "--json")
    assert set_up.json["command"] == Path(sys.executable).name
    (sent,) = cli("sync", "--json").json["alerts"]
    (document,) = map(json.loads, told.read_text().splitlines())
    assert (document["budget"], document["threshold"]) == ("Team", "actual:50")
    assert (document["spent"], document["amount"], document["currency"]) == (
        "60.00",
        "100.00",
        "USD",
    )
    assert document["sentence"] == sent["sentence"]
    for again in (("sync",), ("budget", "check"), ("sync",)):
        cli(*again)
    assert len(told.read_text().splitlines()) == 1
    (alert,) = cli("alert", "list", "--json").json["alerts"]
    (way,) = alert["deliveries"]
    assert (way["by"], way["state"], way["trouble"]) == ("command", "delivered", None)
    assert cli("alert", "deliver", "--off").out.startswith("Alerts are told in the window")


def test_the_list_says_when_and_why_an_alert_was_not_delivered_in_whole_sentences(
    cli: Any, work: LoopbackOpenAI
) -> None:
    over_half(cli, work)
    cli("alert", "deliver", "--command", f"'{sys.executable}' -c 'raise SystemExit(3)'")
    cli("sync")
    (line,) = cli("alert", "list").out.splitlines()
    assert line.startswith("2026-11-20 09:30 UTC  Team: $60.00 spent")
    assert ". Not delivered by command: The command" in line
    assert ".," not in line


def test_a_period_that_was_over_is_listed_once_whatever_it_passed(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("budget", "set", "Team", "--amount", "100", "--warn", "50,80", "--warn-forecast", "")
    cli("sync")
    work.cost(date(2026, 11, 25), "90", line_item=None)
    monkeypatch.setenv("PLIMSOLL_NOW", "2026-12-10T09:30:00+00:00")
    assert len(cli("sync", "--json").json["alerts"]) == 1
    assert len(cli("alert", "list", "--json").json["alerts"]) == 2
    (line,) = cli("alert", "list").out.splitlines()
    assert line.endswith("Team: November closed at 90% of $100.00; 50% and 80% were passed.")


def test_the_address_of_a_webhook_shows_nowhere(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    over_half(cli, work)
    with webhook_on_loopback(200, 500, 500) as webhook:
        monkeypatch.setenv(VARIABLE, webhook.address)
        ran = [
            cli("alert", "deliver", "--webhook"),
            cli("alert", "deliver", "--webhook", "--json"),
            cli("alert", "deliver", "--test"),
        ]
        assert ran[1].json["webhook"] == webhook.host
        assert "it was taken" in ran[2].out
        ran += [cli("sync"), cli("alert", "list"), cli("alert", "list", "--json"), cli("doctor")]
        assert [came["test"] for came in webhook.came] == [True, False]
        assert f"did not reach the webhook: {webhook.host} is not working" in ran[3].err
        assert "Not delivered by webhook" in ran[4].out
        assert "the last did not arrive" in ran[6].out
        assert "its whole address is in the environment" in ran[6].out
        ran.append(cli("alert", "deliver", "--test"))
        assert ran[-1].code == 1
        shown = "".join(one.out + one.err for one in ran)
        files = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    for piece in (TOKEN, TOKEN[-8:], "/services/", "?a=b"):
        assert piece not in shown
        assert not any(piece.encode() in content for content in files)


def test_a_check_delivers_too(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart in between neither loses nor repeats what waits for another try."""
    over_half(cli, work)
    with webhook_on_loopback(503, 200) as webhook:
        monkeypatch.setenv(VARIABLE, webhook.address)
        cli("alert", "deliver", "--webhook")
        cli("sync")
        monkeypatch.setenv("PLIMSOLL_NOW", "2026-11-20T09:36:00+00:00")
        assert cli("budget", "check").code == 3
        assert cli("budget", "check").code == 3
        assert len(webhook.came) == 2
        assert len({came["id"] for came in webhook.came}) == 1


@pytest.mark.parametrize("address", ["", "http://example.com/secret", "no address, secret"])
def test_what_is_no_address_is_refused(cli: Any, address: str) -> None:
    refused = cli("alert", "deliver", "--webhook", stdin=address + "\n")
    assert refused.code == 2
    assert "secret" not in refused.err
    assert cli("alert", "deliver", "--json").json["webhook"] is None
    assert cli("alert", "deliver", "--command", "say 'never closed").code == 2
