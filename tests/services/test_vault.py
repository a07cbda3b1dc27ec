"""The vault: the environment first, then a real keyring in every state it can be in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from plimsoll.domain.errors import NoKey, VaultLocked, VaultMissing, VaultProblem, VaultSilent
from plimsoll.domain.secret import Secret
from plimsoll.services import vault as vault_module
from plimsoll.services.environment_keys import from_environment, variable_of
from plimsoll.services.lane import Call, GivenUp, Lane
from plimsoll.services.vault import (
    LONGEST_ON_WINDOWS,
    KeyringVault,
    MemoryVault,
)

HERE = Path(__file__).parent
KEY = "sk-admin-vault-canary-1f6b0c2d"
OTHER = "sk-admin-vault-canary-77aa90be"
PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon")


def session(state: str, scenario: str, *arguments: str, seen: list[str] | None = None) -> Any:
    """What a scenario prints, run in a session of its own with a real Secret Service."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the Secret Service is Linux's keyring")
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    assert not missing, f"{' and '.join(missing)} not installed: run `python3 dev.py test`"
    run = subprocess.run(
        [
            "sh",
            str(HERE / "with_secret_service.sh"),
            state,
            sys.executable,
            str(HERE / "keyring_scenarios.py"),
            scenario,
            *arguments,
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    if seen is not None:
        seen.append(run.stderr)
    return json.loads(run.stdout)


def errors_in(answer: dict[str, Any]) -> dict[str, str]:
    return {
        name: value["error"]
        for name, value in answer.items()
        if isinstance(value, dict) and "error" in value
    }


ALL_FAIL = ("get", "put", "delete")


# --- a real Secret Service ---


def test_a_key_is_stored_read_replaced_and_deleted() -> None:
    answer = session("unlocked", "round_trip")
    assert answer["state"] is True
    assert answer["name"] == "SecretService Keyring"
    assert (answer["before"], answer["place_before"]) == (None, "none")
    assert (answer["stored"], answer["place"]) == (KEY, "keyring")
    assert answer["replaced"] == answer["another process"] == OTHER
    assert (answer["deleted"], answer["place_after"]) == (None, "none")
    assert answer["deleted twice"] == {"error": "none"}


def test_two_ledgers_never_touch_each_others_keys() -> None:
    assert session("unlocked", "two_ledgers") == {"unseen": None, "kept": KEY}


def test_the_environment_wins_and_then_the_keyring_is_not_asked() -> None:
    answer = session("unlocked", "environment_first")
    assert answer == {"key": OTHER, "place": "environment", "keyring stopped": OTHER}


def test_eight_threads_at_once_lose_nothing() -> None:
    assert session("unlocked", "many_threads") == {"failures": []}


def test_the_key_stands_in_no_file_as_it_is() -> None:
    answer = session("unlocked", "written_to_disk")
    assert answer["files"] > 0
    assert answer["hits"] == []


def test_a_locked_keyring_is_said_to_be_locked() -> None:
    answer = session("locked", "failing")
    assert answer["works"] is False
    assert "locked" in answer["sentence"]
    assert errors_in(answer) == dict.fromkeys(ALL_FAIL, "VaultLocked")


@pytest.mark.parametrize("state", ["locked", "empty"])
def test_looking_at_a_locked_or_missing_collection_opens_no_dialog(state: str) -> None:
    said: list[str] = []
    answer = session(state, "only_looked_at", seen=said)
    assert (answer["works"], answer["place"]) == (False, "none")
    assert "SystemPrompter" not in said[0]
    session(state, "failing", seen=said)
    assert "SystemPrompter" in said[1], "the prompt of a real call must be visible to this test"


def test_without_any_collection_there_is_no_key_and_storing_says_why() -> None:
    answer = session("empty", "no_collection")
    assert answer["key"] is None
    assert errors_in(answer) == {"get": "none", "put": "VaultLocked", "delete": "none"}
    assert "not been set up" in answer["sentence"]


def test_a_killed_daemon_comes_back_locked() -> None:
    answer = session("unlocked", "locked_with_an_item")
    assert errors_in(answer) == dict.fromkeys(ALL_FAIL, "VaultLocked")
    assert answer["place"] == "keyring", "attributes can be searched while it is locked"


def test_a_stopped_daemon_is_given_up_and_a_late_store_is_undone() -> None:
    answer = session("unlocked", "stopped")
    assert answer["works"] is False
    assert answer["place"] == "none"
    assert errors_in(answer) == dict.fromkeys([*ALL_FAIL, "replace"], "VaultSilent")
    assert answer["never kept"] is None
    assert answer["not replaced"] == KEY
    assert answer["works again"] is True


def test_a_bus_that_goes_away_is_a_missing_keyring() -> None:
    answer = session("unlocked", "bus_gone")
    assert answer["works"] is False
    assert errors_in(answer) == dict.fromkeys(ALL_FAIL, "VaultMissing")


@pytest.mark.parametrize(
    ("backend", "word"),
    [
        ("keyring.backends.null.Keyring", "keeps nothing"),
        ("keyring.backends.fail.Keyring", "keeps nothing"),
        ("no.such.module.Keyring", "ModuleNotFoundError"),
        ("keyring.backends.null.NoSuchClass", "AttributeError"),
    ],
)
def test_a_chosen_backend_that_cannot_keep_keys_is_a_missing_keyring(
    backend: str, word: str
) -> None:
    answer = session("unlocked", "another_backend", backend)
    assert answer["works"] is False
    assert word in answer["sentence"]
    assert errors_in(answer) == dict.fromkeys(ALL_FAIL, "VaultMissing")


@pytest.mark.parametrize("scenario", ["stopped", "locked_with_an_item"])
def test_no_error_holds_the_key(scenario: str) -> None:
    answer = session("unlocked", scenario)
    texts = [value["text"] for value in answer.values() if isinstance(value, dict)]
    assert len(texts) >= len(ALL_FAIL)
    assert not any(KEY in text or OTHER in text for text in texts)


# --- back ends that misbehave, in this process ---


class Drawer:
    """A keyring of our own, in the place of the platform's."""

    name = "Drawer"

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.calls: list[tuple[str, str]] = []

    def get_password(self, service: str, user: str) -> str | None:
        self.calls.append(("get", service))
        return self.held.get((service, user))

    def set_password(self, service: str, user: str, text: str) -> None:
        self.calls.append(("set", service))
        self.held[service, user] = text

    def delete_password(self, service: str, user: str) -> None:
        from keyring.errors import PasswordDeleteError

        if (service, user) not in self.held:
            raise PasswordDeleteError
        del self.held[service, user]


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Drawer:
    drawer = Drawer()
    monkeypatch.setattr(vault_module, "_backend", lambda: drawer)
    return drawer


def vault(**environ: str) -> KeyringVault:
    return KeyringVault("ledger-1", environ=environ, deadline=20)


def test_items_are_named_by_ledger_and_source_with_one_constant_user(drawer: Drawer) -> None:
    vault().put("uid-1", Secret(KEY))
    assert drawer.held == {("plimsoll/ledger-1/uid-1", "api-key"): KEY}


def test_a_backend_that_keeps_something_else_is_found_out(drawer: Drawer) -> None:
    drawer.set_password = lambda service, user, text: None  # type: ignore[method-assign]
    with pytest.raises(VaultMissing, match="keeps nothing"):
        vault().put("uid", Secret(KEY))


def test_a_key_that_will_not_go_is_not_said_to_be_gone(drawer: Drawer) -> None:
    vault().put("uid", Secret(KEY))
    drawer.delete_password = lambda service, user: None  # type: ignore[method-assign]
    with pytest.raises(VaultProblem, match="did not remove"):
        vault().delete("uid")


def test_any_exception_of_a_backend_becomes_a_sentence_without_its_text(drawer: Drawer) -> None:
    class BadDataError(Exception):
        pass

    def refuse(service: str, user: str, text: str) -> None:
        raise BadDataError(text)

    drawer.set_password = refuse  # type: ignore[method-assign]
    with pytest.raises(VaultProblem, match="BadDataError") as caught:
        vault().put("uid", Secret(KEY))
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_is_held_but_is_no_key_is_said_without_showing_it(drawer: Drawer) -> None:
    drawer.held["plimsoll/ledger-1/uid", "api-key"] = "two\nlines"
    with pytest.raises(NoKey) as caught:
        vault().get("uid", "work")
    assert "two" not in str(caught.value)


def test_a_set_variable_never_reaches_the_keyring(drawer: Drawer) -> None:
    secret = vault(PLIMSOLL_KEY_WORK=KEY).get("uid", "work")
    assert secret is not None
    assert secret.reveal() == KEY
    assert drawer.calls == []


def test_a_key_too_long_for_windows_is_said_to_be_and_not_cut(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault().put("uid-1", Secret("k" * 4096))
    monkeypatch.setattr(Drawer, "__module__", "keyring.backends.Windows")
    vault().put("uid-2", Secret("k" * LONGEST_ON_WINDOWS))
    with pytest.raises(VaultProblem, match="Windows' keyring holds keys of up to 1,280") as caught:
        vault().put("uid-3", Secret("k" * (LONGEST_ON_WINDOWS + 1)))
    assert "PLIMSOLL_KEY_" in caught.value.remedy
    assert ("plimsoll/ledger-1/uid-3", "api-key") not in drawer.held


# --- the environment ---


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("work", "PLIMSOLL_KEY_WORK"),
        ("OpenAI work-2.b", "PLIMSOLL_KEY_OPENAI_WORK_2_B"),
        ("büro 工作", "PLIMSOLL_KEY_B_RO___"),
        ("straße", "PLIMSOLL_KEY_STRA_E"),
    ],
)
def test_a_variable_is_the_name_in_capitals_and_underscores(name: str, variable: str) -> None:
    assert variable_of(name) == variable


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_variable_counts_as_not_set(blank: str) -> None:
    assert from_environment({"PLIMSOLL_KEY_WORK": blank}, "work") is None


def test_a_variable_that_cannot_be_a_key_is_named_but_not_shown() -> None:
    with pytest.raises(NoKey, match="PLIMSOLL_KEY_WORK") as caught:
        from_environment({"PLIMSOLL_KEY_WORK": "first-part second-part"}, "work")
    assert "second-part" not in str(caught.value)


# --- the demo's vault ---


def test_the_memory_vault_never_calls_the_keyring(drawer: Drawer) -> None:
    memory = MemoryVault()
    assert memory.place("demo", "uid") == "none"
    memory.put("uid", Secret(KEY))
    held = memory.get("uid", "demo")
    assert held is not None
    assert held.reveal() == KEY
    assert memory.place("demo", "uid") == "memory"
    assert memory.describe().works
    memory.delete("uid")
    memory.delete("uid")
    assert memory.get("uid", "demo") is None
    assert drawer.calls == []


# --- the thread that can be given up ---


def test_an_answer_and_an_error_come_back_to_the_asker() -> None:
    thread = Lane("test")
    assert thread.ask(lambda _: threading.current_thread().name, within=20) == "test"
    with pytest.raises(ZeroDivisionError):
        thread.ask(lambda _: 1 / 0, within=20)


def test_a_hanging_call_is_given_up_and_the_next_one_served_after_it() -> None:
    thread, release = Lane("test"), threading.Event()
    settled: list[bool] = []

    def hang(call: Call[None]) -> None:
        release.wait(20)
        settled.append(call.settle())

    with pytest.raises(GivenUp):
        thread.ask(hang, within=0.01)
    begun: list[str] = []
    with pytest.raises(GivenUp):
        thread.ask(lambda _: begun.append("too late"), within=0.01)
    release.set()
    assert thread.ask(lambda _: "served", within=20) == "served"
    assert settled == [False], "the work is told that nobody waits, so that it can be undone"
    assert begun == [], "a call that was given up before it began is never made"


def test_a_call_that_has_settled_is_waited_for_whatever_the_deadline() -> None:
    settled, release = threading.Event(), threading.Event()

    def settle_then_end(call: Call[str]) -> str:
        assert call.settle()
        settled.set()
        release.wait(20)
        return "done"

    call = Call(settle_then_end)
    worker = threading.Thread(target=call.run)
    worker.start()
    assert settled.wait(20)
    threading.Timer(0.05, release.set).start()
    assert call.result(0) == "done"
    worker.join(20)


def test_a_refusal_answers_every_call_that_was_already_waiting(drawer: Drawer) -> None:
    from keyring.errors import KeyringLocked

    def refuse(service: str, user: str) -> None:
        drawer.calls.append(("prompt", service))
        raise KeyringLocked

    drawer.get_password = refuse  # type: ignore[method-assign]
    subject = vault()
    hold, holding = threading.Event(), threading.Event()

    def wait(call: Call[None]) -> None:
        holding.set()
        hold.wait(20)

    blocker = threading.Thread(target=lambda: vault_module._THREAD.ask(wait, within=20))
    blocker.start()
    assert holding.wait(20)
    refusals: list[type[BaseException]] = []

    def ask(number: int) -> None:
        try:
            subject.get(f"uid-{number}", "work")
        except VaultProblem as problem:
            refusals.append(type(problem))

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for asker in askers:
        asker.start()
    while vault_module._THREAD._calls.qsize() < len(askers):
        pass
    hold.set()
    for thread in [blocker, *askers]:
        thread.join(20)
    assert refusals == [VaultLocked] * 4
    assert len(drawer.calls) == 1, "one dialog for all that were waiting"
    with pytest.raises(VaultLocked):
        subject.get("uid", "work")
    assert len(drawer.calls) == 2, "but whoever asks afterwards is asked again"


def test_silence_becomes_a_sentence_with_a_remedy(drawer: Drawer) -> None:
    release = threading.Event()
    drawer.get_password = lambda service, user: release.wait(20) and None  # type: ignore[assignment]
    hasty = KeyringVault("ledger-1", environ={}, deadline=0.01)
    try:
        with pytest.raises(VaultSilent, match="did not answer") as caught:
            hasty.get("uid", "work")
        assert "environment" in caught.value.remedy
        assert hasty.place("work", "uid") == "none"
    finally:
        release.set()
