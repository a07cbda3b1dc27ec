"""What a session with a real keyring does, one scenario a run; prints one JSON object.

Run by `test_vault.py` under `with_secret_service.sh`, never by itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.secret import Secret
from plimsoll.services.vault import KeyringVault, Vault

KEY = "sk-admin-vault-canary-1f6b0c2d"
OTHER = "sk-admin-vault-canary-77aa90be"
DAEMON = int(os.environ["KEYRING_PID"])


def vault(ledger: str = "ledger-1", *, deadline: float = 20, **environ: str) -> KeyringVault:
    return KeyringVault(ledger, environ=environ, deadline=deadline)


def shown(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None


def error_of(work: Callable[[], object]) -> dict[str, str]:
    try:
        work()
    except PlimsollError as error:
        return {"error": type(error).__name__, "text": f"{error!r} {error}"}
    return {"error": "none"}


def everything_fails(subject: Vault) -> dict[str, object]:
    state = subject.describe()
    return {
        "works": state.works,
        "sentence": state.sentence,
        "place": subject.place("work", "uid"),
        "get": error_of(lambda: subject.get("uid", "work")),
        "put": error_of(lambda: subject.put("uid", Secret(KEY))),
        "delete": error_of(lambda: subject.delete("uid")),
    }


def round_trip() -> dict[str, object]:
    subject = vault()
    answer: dict[str, object] = {
        "state": subject.describe().works,
        "name": subject.describe().name,
        "before": shown(subject.get("uid", "work")),
        "place_before": subject.place("work", "uid"),
    }
    subject.put("uid", Secret(KEY))
    answer["stored"] = shown(subject.get("uid", "work"))
    answer["place"] = subject.place("work", "uid")
    subject.put("uid", Secret(OTHER))
    answer["replaced"] = shown(subject.get("uid", "work"))
    answer["another process"] = shown(vault().get("uid", "work"))
    subject.delete("uid")
    answer["deleted"] = shown(subject.get("uid", "work"))
    answer["place_after"] = subject.place("work", "uid")
    answer["deleted twice"] = error_of(lambda: subject.delete("uid"))
    return answer


def two_ledgers() -> dict[str, object]:
    first, second = vault("ledger-1"), vault("ledger-2")
    first.put("uid", Secret(KEY))
    unseen = shown(second.get("uid", "work"))
    second.put("uid", Secret(OTHER))
    second.delete("uid")
    return {"unseen": unseen, "kept": shown(first.get("uid", "work"))}


def environment_first() -> dict[str, object]:
    vault().put("uid", Secret(KEY))
    subject = vault(PLIMSOLL_KEY_WORK_1=OTHER)
    answer = {"key": shown(subject.get("uid", "work-1")), "place": subject.place("work-1", "uid")}
    os.kill(DAEMON, signal.SIGSTOP)
    answer["keyring stopped"] = shown(vault(PLIMSOLL_KEY_WORK_1=OTHER).get("uid", "work-1"))
    return answer


def many_threads() -> dict[str, object]:
    failures: list[str] = []

    def work(number: int) -> None:
        subject, key = vault(), Secret(f"{KEY}-{number}")
        for _ in range(5):
            try:
                subject.put(f"uid-{number}", key)
                if shown(subject.get(f"uid-{number}", "work")) != key.reveal():
                    failures.append("another key")
            except PlimsollError as error:
                failures.append(type(error).__name__)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"failures": failures}


def only_looked_at() -> dict[str, object]:
    subject = vault()
    state = subject.describe()
    return {"works": state.works, "sentence": state.sentence, "place": subject.place("work", "uid")}


def failing() -> dict[str, object]:
    """For a session that is locked from the start, or a keyring that is none."""
    return everything_fails(vault())


def no_collection() -> dict[str, object]:
    subject = vault()
    return everything_fails(subject) | {"key": shown(subject.get("uid", "work"))}


def locked_with_an_item() -> dict[str, object]:
    """A daemon that is killed comes back through D-Bus, locked."""
    vault().put("uid", Secret(KEY))
    os.kill(DAEMON, signal.SIGKILL)
    return everything_fails(vault())


def stopped() -> dict[str, object]:
    vault().put("old", Secret(KEY))
    os.kill(DAEMON, signal.SIGSTOP)
    hasty = vault(deadline=0.3)
    answer = everything_fails(hasty)
    answer["replace"] = error_of(lambda: hasty.put("old", Secret(OTHER)))
    os.kill(DAEMON, signal.SIGCONT)
    patient = vault()
    answer["never kept"] = shown(patient.get("uid", "work"))
    answer["not replaced"] = shown(patient.get("old", "work"))
    answer["works again"] = patient.describe().works
    return answer


def bus_gone() -> dict[str, object]:
    vault().put("uid", Secret(KEY))
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
    return everything_fails(vault())


def another_backend() -> dict[str, object]:
    os.environ["PYTHON_KEYRING_BACKEND"] = sys.argv[2]
    return everything_fails(vault())


def written_to_disk() -> dict[str, object]:
    """Every file of the session in which the key can be read as it is."""
    vault().put("uid", Secret(KEY))
    files = [path for path in Path(os.environ["HOME"]).rglob("*") if path.is_file()]
    return {
        "files": len(files),
        "hits": [str(path) for path in files if KEY.encode() in path.read_bytes()],
    }


if __name__ == "__main__":
    scenarios: dict[str, Callable[[], dict[str, object]]] = {
        name: thing for name, thing in globals().items() if callable(thing)
    }
    sys.stdout.write(json.dumps(scenarios[sys.argv[1]]()))
