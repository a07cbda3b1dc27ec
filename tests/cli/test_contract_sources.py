"""`source`, `sync` and `doctor` where keys, keyrings and servers are not as one wishes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from anthropic_on_loopback import LoopbackAnthropic
from openai_on_loopback import KEY, LoopbackOpenAI

OTHER = "sk-admin-another-0123456789abcdef"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A keyring that works until it is taken away: the items by their service."""
    from keyring.backend import KeyringBackend

    items: dict[str, str] = {}

    class Kept(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            return items.get(service)

        def set_password(self, service: str, username: str, password: str) -> None:
            items[service] = password

        def delete_password(self, service: str, username: str) -> None:
            del items[service]

    monkeypatch.setattr("plimsoll.services.vault._backend", Kept)
    return items


def _lose_the_keyring(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def gone() -> None:
        raise error

    monkeypatch.setattr("plimsoll.services.vault._backend", gone)


def _add(cli: Any, account: LoopbackOpenAI, name: str = "Work") -> None:
    words = ("source", "add", "openai", "--name", name, "--base-url", account.base_url)
    added = cli(*words, "--key-stdin", stdin=f"{KEY}\n")
    assert added.code == 0, added.err


def test_a_source_goes_also_when_the_keyring_is_gone(
    cli: Any, account: LoopbackOpenAI, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from plimsoll.domain.errors import VaultMissing

    _add(cli, account)
    _lose_the_keyring(monkeypatch, VaultMissing("There is no system keyring here."))
    removed = cli("source", "remove", "Work", "--json")
    assert removed.code == 0
    assert removed.json["removed"] == "Work"
    assert "could not be deleted" in removed.err
    assert "no system keyring" in removed.json["note"]
    assert cli("source", "list", "--json").json["sources"] == []


def test_a_locked_keyring_is_one_line_and_others_go_on(
    cli: Any, work: LoopbackOpenAI, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from plimsoll.domain.errors import VaultLocked

    work.cost(date(2026, 11, 10), "1.5", line_item="gpt-5, input")
    _add(cli, work, name="Locked")
    _lose_the_keyring(monkeypatch, VaultLocked("The system's keyring is locked."))
    synced = cli("sync", "--json")
    assert synced.code == 4
    assert synced.err == "Locked: The system's keyring is locked.\n"
    assert [source["ok"] for source in synced.json["sources"]] == [True, False]
    assert cli("source", "remove", "Locked").code == 1  # it can be unlocked, and then deleted


def test_a_variable_that_holds_no_key_is_told_and_breaks_no_list(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_KEY_WORK", "x")
    assert cli("source", "list", "--json").json["sources"][0]["key"] == "environment"
    examined = cli("doctor", "--json")
    assert examined.code == 1
    assert [s["name"] for s in examined.json["sources"]] == ["Work"]
    wrong = [check["sentence"] for check in examined.json["checks"] if check["ok"] is False]
    assert wrong == ["The environment variable PLIMSOLL_KEY_WORK does not hold a key."]


def test_a_blank_variable_counts_as_not_set(
    cli: Any, account: LoopbackOpenAI, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_KEY_WORK", " ")
    _add(cli, account)
    assert list(kept.values()) == [KEY]


def test_a_name_is_taken_without_the_blanks_around_it(
    cli: Any, account: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_KEY_WORK", KEY)
    added = cli("source", "add", "openai", "--name", " Work ", "--json")
    assert added.code == 0, added.err
    assert added.json["added"] == "Work"


def test_a_name_can_change_its_capitals(cli: Any, work: LoopbackOpenAI) -> None:
    assert cli("source", "edit", "Work", "--rename", "WORK").code == 0
    assert cli("source", "list", "--json").json["sources"][0]["name"] == "WORK"


def test_the_keyrings_key_never_reaches_an_address_it_was_not_given_for(
    cli: Any, account: LoopbackOpenAI, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(cli, account)
    moved = ("source", "edit", "Work", "--base-url", f"{account.base_url}/elsewhere")
    assert cli(*moved).code == 1  # a new address needs the key again
    monkeypatch.setenv("PLIMSOLL_KEY_WORK", OTHER)
    assert cli(*moved).code == 0  # which the environment gives
    monkeypatch.delenv("PLIMSOLL_KEY_WORK")
    account.requests.clear()
    synced = cli("sync")
    assert synced.code == 1
    assert "no key" in synced.err
    assert account.requests == []
    assert kept == {}


def test_what_failed_first_is_the_reason(cli: Any, work: LoopbackOpenAI) -> None:
    work.fault = lambda _path, _query: (200, {"Content-Type": "application/json"}, b"{}")
    synced = cli("sync", "--json")
    assert synced.code == 1
    assert "object is not “page”" in synced.json["sources"][0]["failure"]


def test_an_amount_that_is_none_reads_as_a_sentence(cli: Any, claude: LoopbackAnthropic) -> None:
    claude.cost(date(2026, 11, 19), "NaN")
    claude.tokens(datetime(2026, 11, 19, 5, tzinfo=UTC), fresh=10)
    synced = cli("sync", "--json")
    assert synced.code == 4
    assert "amount is not an amount." in synced.json["sources"][0]["failure"]


def test_cents_are_cents_and_priority_tokens_have_no_price(
    cli: Any, claude: LoopbackAnthropic
) -> None:
    claude.cost(date(2026, 11, 19), "123.45")
    claude.tokens(datetime(2026, 11, 19, 5, tzinfo=UTC), fresh=1000)
    claude.tokens(datetime(2026, 11, 19, 5, tzinfo=UTC), fresh=70, service_tier="priority")
    assert cli("sync").code == 0
    total = cli("spend", "--json").json["total"]
    assert [(a["billed"], a["estimated"]) for a in total["amounts"]] == [("1.2345", "0")]
    assert total["not_priced_tokens"] == 70
    assert total["requests"] is None


@pytest.mark.parametrize("status", [400, 403, 404])
def test_the_newer_api_is_optional(cli: Any, claude: LoopbackAnthropic, status: int) -> None:
    claude.newer_status = status
    claude.cost(date(2026, 11, 19), "100")
    assert cli("sync").code == 0
    assert cli("spend", "--json").json["total"]["amounts"][0]["billed"] == "1.00"
    tested = cli("source", "test", "Claude", "--json")
    assert tested.code == 0
    assert [f["what"] for f in tested.json["findings"] if not f["ok"]] == [
        "Costs by the newer API cannot be read.",
        "Messages usage by the newer API cannot be read.",
    ]


def test_the_default_workspace_is_null_in_both_generations(
    cli: Any, claude: LoopbackAnthropic
) -> None:
    claude.workspaces = [{"id": "wrkspc_1", "name": "Ops"}]
    claude.default_workspace = "wrkspc_default"
    claude.newer_cost(date(2026, 11, 10), "100.5", workspace_id="wrkspc_default")
    claude.newer_cost(date(2026, 11, 10), "50", workspace_id="wrkspc_1")
    claude.cost(date(2025, 11, 12), "999", workspace_id=None)  # older than the newer API answers
    assert cli("sync", "--since", "2025-11-01").code == 0
    words = ("spend", "--json", "--by", "project", "--from", "2025-11-01", "--to", "2026-11-30")
    rows = cli(*words).json["rows"]
    billed = {row["project"]: row["amounts"][0]["billed"] for row in rows}
    assert billed == {"Ops": "0.50", None: "10.995"}


def test_a_server_that_fails_slowly_uses_up_the_patience(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer comes within five seconds, but the failures add up to no more than thirty."""
    from plimsoll.sources.sockets import Deadline

    monkeypatch.setattr(Deadline, "elapsed", lambda _self: 4.0)
    monkeypatch.setattr("plimsoll.sources.patience.back_off", lambda _times: 0.0)
    work.fault = lambda _path, _query: (500, {}, b"")
    synced = cli("sync")
    assert synced.code == 1
    assert len(work.requests) <= 30 / 4


def test_a_slow_first_fill_is_not_ended_by_patience(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of prompt answers are no waiting, however long they take together."""
    from plimsoll.sources.sockets import Deadline

    monkeypatch.setattr(Deadline, "elapsed", lambda _self: 4.9)
    work.cost(date(2026, 11, 10), "1", line_item=None)
    synced = cli("sync")
    assert synced.code == 0, synced.err
    assert len(work.requests) > 100
    assert timedelta(seconds=4.9) * len(work.requests) > timedelta(minutes=8)
