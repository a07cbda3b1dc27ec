"""Alerts reach the user's own program and address once each, and their failures stay quiet."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from made_up import Bench

from plimsoll.domain.budget import Alert, Budget, Threshold, ThresholdKind
from plimsoll.domain.delivery import CLAIM, PAUSES, Channel, DeliveryState
from plimsoll.domain.errors import CommandFailed, VaultLocked, WrongUse
from plimsoll.domain.secret import Secret
from plimsoll.ledger import budgets as stored
from plimsoll.ledger import deliveries as kept
from plimsoll.services import settings
from plimsoll.services.alert_command import arguments_of, program_of, run
from plimsoll.services.alert_document import made_up_document
from plimsoll.services.deliveries import NAME, UID, Sent, Ways, deliver, send_test, set_webhook
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault
from webhook_on_loopback import TOKEN, Webhook, webhook_on_loopback

NOW = datetime.fromisoformat("2026-11-20T09:30:00+00:00")
FIFTY = Threshold(ThresholdKind.ACTUAL, Decimal(50))

WRITE = "import os, sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
"""A program that appends its standard input to a file."""


class Road:
    """A real archive with alerts on their way, a clock that a test sets, and where they go."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(folder)
        self.ledger = self.bench.ledger
        self.clock = self.bench.clock
        self.clock.instant = NOW
        self.vault = MemoryVault()
        self.ways = Ways()
        self.fired = 0

    def fire(self, *channels: Channel) -> Alert:
        """One alert, told now."""
        self.fired += 1
        name = f"Budget {self.fired}"
        stored.save_budget(self.ledger, Budget(name, 100, "USD", thresholds=(FIFTY,)))
        with self.ledger.writing() as connection:
            connection.execute(
                "INSERT INTO alert (budget, edition, kind, percent, probability, first, last,"
                " fired_at, sentence, notified, told_at) VALUES (?, 1, 'actual', '50', '0', 0, 1,"
                " 0, ?, 1, 0)",
                (name, f"{name}: half of it spent."),
            )
            row = connection.execute("SELECT max(id) FROM alert").fetchone()[0]
            document = made_up_document(self.clock.now()) | {"budget": name}
            for _ in range(2):  # whoever comes second finds the row
                kept.queue(
                    connection,
                    f"alert:{row}",
                    channels=channels,
                    document=json.dumps(document),
                    now=self.clock.now(),
                )
        return next(a for a in stored.alerts(self.ledger) if a.number == row)

    def deliver(self, *, cancelled: Callable[[], bool] = lambda: False) -> tuple[Sent, ...]:
        return deliver(
            self.ledger, lambda: self.vault, self.ways, clock=self.clock, cancelled=cancelled
        )

    def of(self, alert: Alert) -> Any:
        (delivery,) = kept.deliveries_of(self.ledger, "alert")[alert.number]
        return delivery

    def to(self, server: Webhook) -> None:
        self.vault.put(UID, Secret(server.address))
        self.ways = Ways(webhook=server.host)


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    road = Road(tmp_path / "data")
    yield road
    road.bench.close()


def command(code: str, *more: object) -> str:
    words = (sys.executable, "-c", code, *map(str, more))
    return " ".join(f'"{word}"' for word in words)


# --- a command -----------------------------------------------------------------------------------


def test_a_command_gets_each_alert_once_as_json_on_its_standard_input(
    road: Road, tmp_path: Path
) -> None:
    road.ways = Ways(command=command(WRITE, tmp_path / "told"))
    alerts = [road.fire(Channel.COMMAND) for _ in range(3)]
    assert road.deliver() == (Sent(Channel.COMMAND),) * 3
    assert road.deliver() == ()
    told = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert [document["budget"] for document in told] == [alert.budget for alert in alerts]
    assert {road.of(alert).state for alert in alerts} == {DeliveryState.DELIVERED}
    assert len({document["id"] for document in told}) == 1, "a test's id is its instant's"


def test_a_command_sees_no_key(tmp_path: Path) -> None:
    seen = tmp_path / "environment"
    code = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"
    environ = {"PATH": "/usr/bin", "PLIMSOLL_KEY_WORK": "sk-1", "PLIMSOLL_KEY_ALERT_WEBHOOK": "x"}
    run((sys.executable, "-c", code, str(seen)), "{}", cancelled=lambda: False, environ=environ)
    names = set(json.loads(seen.read_text()))
    assert "PATH" in names
    assert not [name for name in names if name.startswith("PLIMSOLL_KEY_")]


def test_a_command_that_fails_is_not_run_again_and_says_why(road: Road, tmp_path: Path) -> None:
    code = f"{WRITE}; sys.exit('No room for sk-proj-{'a' * 30}')"
    road.ways = Ways(command=command(code, tmp_path / "told"))
    alert = road.fire(Channel.COMMAND)
    (sent,) = road.deliver()
    assert "ended with 1: “No room for ***”" in sent.trouble
    assert "-c" not in sent.trouble, "arguments may hold what should not be shown"
    road.clock.instant += timedelta(days=1)
    assert road.deliver() == ()
    assert (tmp_path / "told").read_text().count("schema") == 1
    assert road.of(alert).state is DeliveryState.FAILED


def test_a_command_that_never_ends_is_stopped_with_what_it_started() -> None:
    started = (
        "import subprocess, sys, signal;"
        "subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
        "signal.pause()"
    )
    with pytest.raises(CommandFailed, match=r"longer than 0.5 s"):
        run((sys.executable, "-c", started), "{}", cancelled=lambda: False, patience=0.5)


def test_a_command_is_not_waited_for_when_the_program_ends(tmp_path: Path) -> None:
    code = "import sys; sys.stdin.read()"
    run((sys.executable, "-c", code), "{}", cancelled=lambda: True)


def test_a_program_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(CommandFailed, match=r"no-such-program could not be started"):
        run(("/nowhere/no-such-program", "secret"), "{}", cancelled=lambda: False)


def test_a_command_is_split_without_a_shell() -> None:
    assert arguments_of("notify 'a b' \"c d\" $HOME;rm", windows=False) == (
        *("notify", "a b", "c d", "$HOME;rm"),
    )
    on_windows = r'"C:\Program Files\tell.exe" --to=C:\logs "it' 's"'
    assert arguments_of(on_windows, windows=True) == (
        *(r"C:\Program Files\tell.exe", r"--to=C:\logs", "its"),
    )
    for wrong, windows in (("tell 'a", False), ('tell "a', True), ("", False), ("  ", True)):
        with pytest.raises(WrongUse):
            arguments_of(wrong, windows=windows)
    assert program_of("/usr/bin/tell --token secret") == "tell"
    assert "secret" not in program_of("tell 'secret")


# --- a webhook -----------------------------------------------------------------------------------


def test_a_webhook_gets_each_alert_once(road: Road) -> None:
    with webhook_on_loopback(200) as server:
        road.to(server)
        first, second = road.fire(Channel.WEBHOOK), road.fire(Channel.WEBHOOK)
        assert road.deliver() == (Sent(Channel.WEBHOOK),) * 2
        road.clock.instant += timedelta(days=2)
        assert road.deliver() == ()
        assert [body["budget"] for body in server.came] == [first.budget, second.budget]


@pytest.mark.parametrize("recovers_after", [1, 2, 3, 4])
def test_a_webhook_has_three_tries_later_and_later(road: Road, recovers_after: int) -> None:
    with webhook_on_loopback(*[503] * recovers_after, 204) as server:
        road.to(server)
        alert = road.fire(Channel.WEBHOOK)
        tries = [NOW, NOW + PAUSES[0], NOW + PAUSES[0] + PAUSES[1]]
        for instant in tries:
            road.clock.instant = instant - timedelta(seconds=1)
            assert road.deliver() == ()
            road.clock.instant = instant
            road.deliver()
        road.clock.instant += timedelta(days=9)
        assert road.deliver() == ()
        assert len(server.came) == min(recovers_after + 1, 3)
        assert len({body["id"] for body in server.came}) == 1
        taken = recovers_after < 3
        assert road.of(alert).state is (DeliveryState.DELIVERED if taken else DeliveryState.FAILED)
        assert bool(road.of(alert).trouble) is not taken
        assert TOKEN[-8:] not in road.of(alert).trouble


def test_a_try_that_was_cut_off_is_made_again(road: Road) -> None:
    with webhook_on_loopback(200) as server:
        road.to(server)
        alert = road.fire(Channel.WEBHOOK, Channel.COMMAND)
        for channel in Channel:
            assert kept.claim(road.ledger, channel, now=road.clock.now())
        assert road.deliver() == (), "somebody is at it"
        road.clock.instant += CLAIM
        assert road.deliver() == (Sent(Channel.WEBHOOK),), "a command may have done its work"
        ways = kept.deliveries_of(road.ledger, "alert")[alert.number]
        assert [way.state for way in ways] == [DeliveryState.FAILED, DeliveryState.DELIVERED]


def test_a_clock_that_was_set_back_holds_nothing_up(road: Road) -> None:
    with webhook_on_loopback(503, 200) as server:
        road.to(server)
        road.fire(Channel.WEBHOOK)
        assert road.deliver()[0].trouble
        road.clock.instant -= timedelta(days=30)
        assert road.deliver() == (Sent(Channel.WEBHOOK),)


def test_a_service_that_asks_to_wait_is_left_alone_so_long(road: Road) -> None:
    with webhook_on_loopback(429, 200, Retry_After="1200") as server:
        road.to(server)
        road.fire(Channel.WEBHOOK)
        road.deliver()
        road.clock.instant += timedelta(seconds=1199)
        assert road.deliver() == ()
        road.clock.instant += timedelta(seconds=1)
        assert road.deliver() == (Sent(Channel.WEBHOOK),)


def test_a_keyring_that_is_locked_uses_up_no_try(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> Secret:
        raise VaultLocked("The system's keyring is locked.")

    with webhook_on_loopback(200) as server:
        road.to(server)
        alert = road.fire(Channel.WEBHOOK)
        with monkeypatch.context() as patch:
            patch.setattr(road.vault, "get", locked)
            for _ in range(5):
                assert "locked" in road.deliver()[0].trouble
                road.clock.instant += PAUSES[0]
        assert road.of(alert).tries == 0
        assert road.deliver() == (Sent(Channel.WEBHOOK),)


def test_what_was_turned_off_is_not_sent_when_it_is_turned_on_again(road: Road) -> None:
    with webhook_on_loopback(200) as server:
        alert = road.fire(Channel.WEBHOOK)
        assert road.deliver() == ()
        road.to(server)
        assert road.deliver() == ()
        assert road.of(alert).trouble == "It was turned off before this was sent."


def test_a_removed_budget_takes_what_is_on_its_way_with_it(road: Road) -> None:
    alert = road.fire(Channel.WEBHOOK)
    stored.remove_budget(road.ledger, alert.budget)
    assert kept.deliveries_of(road.ledger, "alert") == {}
    assert not kept.has_due(road.ledger, now=NOW)


def test_nothing_is_claimed_once_the_program_ends(road: Road) -> None:
    with webhook_on_loopback(200) as server:
        road.to(server)
        alert = road.fire(Channel.WEBHOOK)
        assert road.deliver(cancelled=lambda: True) == ()
        assert road.of(alert).tries == 0


# --- what leaves ---------------------------------------------------------------------------------


def test_an_alert_tells_its_figures_and_nothing_of_keys(road: Road) -> None:
    """What `alerts.evaluate` puts on its way, by the figures of the archive."""
    from made_up import MadeUpAccount, spread

    from plimsoll.services import alerts
    from plimsoll.services.forecasts import forecast_table

    road.bench.sync(MadeUpAccount(spread(60, until=date(2026, 11, 20))))
    spent = road.bench.days(date(2026, 11, 1))
    assert spent
    stored.save_budget(road.ledger, Budget("Team", 2_000_000, "USD", thresholds=(FIFTY,)))
    fired = alerts.evaluate(
        road.ledger, now=NOW, table=forecast_table(), channels=frozenset(Channel)
    )
    assert [alert.budget for alert in fired] == ["Team"]
    with road.ledger.reading() as connection:
        rows = connection.execute("SELECT firing, channel, document FROM delivery").fetchall()
    assert {(firing, channel) for firing, channel, _ in rows} == {
        (f"alert:{fired[0].number}", "command"),
        (f"alert:{fired[0].number}", "webhook"),
    }
    document = json.loads(rows[0][2])
    assert document == json.loads(rows[1][2])
    assert set(document) == set(made_up_document(NOW))
    assert (document["schema"], document["test"], document["ended"]) == (1, False, False)
    assert (document["budget"], document["threshold"]) == ("Team", "actual:50")
    assert (document["from"], document["to"]) == ("2026-11-01", "2026-11-30")
    assert (document["at"], document["currency"]) == ("2026-11-20T09:30:00Z", "USD")
    assert document["amount"] == "0.002"
    assert Decimal(document["spent"]) >= Decimal(document["amount"]) / 2
    assert document["sentence"] == fired[0].sentence
    assert (
        alerts.evaluate(road.ledger, now=NOW, table=forecast_table(), channels=frozenset(Channel))
        == ()
    )
    with road.ledger.reading() as connection:
        assert connection.execute("SELECT count(*) FROM delivery").fetchone()[0] == 2


# --- setting it up -------------------------------------------------------------------------------


def test_the_settings_hold_the_host_and_the_vault_the_address(tmp_path: Path) -> None:
    vault = MemoryVault()
    address = Secret(f"https://hooks.slack.com/services/{TOKEN}")
    set_webhook(tmp_path, lambda: vault, address)
    assert settings.load(tmp_path).alert_webhook == "hooks.slack.com"
    assert TOKEN not in (tmp_path / settings.FILE).read_text()
    kept_address = vault.get(UID, NAME)
    assert kept_address is not None
    assert kept_address.reveal() == address.reveal()
    with pytest.raises(WrongUse):
        set_webhook(tmp_path, lambda: vault, Secret("http://elsewhere.example/x"))
    assert settings.load(tmp_path).alert_webhook == "hooks.slack.com"
    set_webhook(tmp_path, lambda: vault, None)
    assert settings.load(tmp_path).alert_webhook == ""
    assert vault.get(UID, NAME) is None


def test_other_choices_do_not_turn_off_an_address_that_was_set_meanwhile(road: Road) -> None:
    program = Program(road.ledger.path.parent, clock=road.clock, vault=road.vault)
    before = program.settings()
    program.set_alert_webhook(Secret(f"https://hooks.slack.com/services/{TOKEN}"))
    program.save_settings(replace(before, theme="dark"))
    program.close()
    kept_now = settings.load(program.data_dir)
    assert (kept_now.theme, kept_now.alert_webhook) == ("dark", "hooks.slack.com")


def test_a_test_goes_through_every_channel_that_is_on(road: Road, tmp_path: Path) -> None:
    def tested() -> tuple[Sent, ...]:
        return send_test(lambda: road.vault, road.ways, clock=road.clock, cancelled=lambda: False)

    assert tested() == ()
    with webhook_on_loopback(404) as server:
        road.to(server)
        told = command(WRITE, tmp_path / "told")
        road.ways = Ways(command=told, webhook=road.ways.webhook)
        ran, posted = tested()
        assert ran == Sent(Channel.COMMAND)
        assert "status 404" in posted.trouble
        assert json.loads((tmp_path / "told").read_text())["test"] is True
        assert server.came[0]["test"] is True
    road.vault.delete(UID)
    assert "not in the keyring" in tested()[1].trouble
