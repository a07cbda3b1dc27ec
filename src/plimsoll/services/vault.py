"""The vault: keys in the system's keyring or in the environment, and nowhere else.

The only room that imports `keyring`. A key can come from two places, in this order:

1. the environment variable `PLIMSOLL_KEY_<NAME>`; where it is set, the keyring is not asked;
2. the system's keyring, under the service `plimsoll/<ledger id>/<source uid>`, so that two data
   directories never touch each other's keys. One service and one constant user name for each
   source, because Windows keeps several users under one service badly (jaraco/keyring#355).

There is no third place: no file. A keyring may prompt, hang or lie, so every call runs on one
thread that is given up after a deadline, what is stored is read back, and looking at its state
(`describe`, `place`) never opens a dialog on Linux. macOS may ask whether the program may read its
items, after each update of a program that is not signed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, ParamSpec, Protocol, TypeVar

from plimsoll.domain.errors import (
    KeyProblem,
    NoKey,
    VaultLocked,
    VaultMissing,
    VaultProblem,
    VaultSilent,
)
from plimsoll.domain.said import say, together
from plimsoll.domain.secret import Secret
from plimsoll.services.environment_keys import from_environment, variable_of
from plimsoll.services.lane import Call, GivenUp, Lane
from plimsoll.services.secret_service import collection_state, holds

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Place = Literal["environment", "keyring", "memory", "none"]
"""Where a source's key comes from; `memory` in the demo only."""

USER = "api-key"
"""The constant user name of every item."""

INTERACTIVE_SECONDS = 30.0
"""How long a call may take: a person may be typing the keyring's password."""

LOOK_SECONDS = 5.0
"""How long a look that never prompts may take."""

_OURS = {
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
    "darwin": ("keyring.backends.macOS.Keyring",),
}
_OURS_ELSEWHERE = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.libsecret.Keyring",
)
"""The platforms' own stores. Others (files, terminals) are used only when the user's own keyring
configuration names them."""

_KEEPS_NOTHING = ("keyring.backends.null", "keyring.backends.fail")
_NOT_A_KEYRING = ("keyrings.alt",)
"""Back ends that write plain or weakly hidden text, or ask on the terminal."""

LONGEST_ON_WINDOWS = 1280
"""Characters that an item of Windows' Credential Manager holds: 2,560 bytes of UTF-16."""

_INSTEAD = say("Set PLIMSOLL_KEY_<NAME> in the environment instead.")
_LOCKED = say("The system's keyring is locked, or its question was dismissed.")
_UNLOCK = say("Unlock the system's keyring, or set PLIMSOLL_KEY_<NAME> in the environment.")

_THREAD = Lane("keyring")
"""Every call to the keyring, of all vaults: eight threads at once made the Secret Service lose
items in 4 of 7 trials, one never did."""

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class VaultState:
    """Whether keys can be kept now. `name` is the keyring's own name, empty where there is none."""

    works: bool
    name: str
    sentence: str
    remedy: str = ""


class Vault(Protocol):
    """Where keys are kept. Methods raise `VaultProblem` or `KeyProblem`, never anything else."""

    @property
    def home(self) -> Literal["keyring", "memory"]:
        """Where a key that is put here stays."""
        ...

    def get(self, source_uid: str, name: str) -> Secret | None:
        """The key of a source, from the environment by its `name` or else from the keyring."""
        ...

    def environment_key(self, name: str) -> Secret | None:
        """The key that the environment holds for a source of this `name`; asks no keyring."""
        ...

    def put(self, source_uid: str, secret: Secret) -> None:
        """Keep a key and make sure that it was kept; on an error nothing has changed."""
        ...

    def delete(self, source_uid: str) -> None:
        """Forget a key; a key that is not there is no error."""
        ...

    def place(self, name: str, source_uid: str) -> Place:
        """Where the key of a source would come from now; never prompts, never raises."""
        ...

    def describe(self) -> VaultState:
        """Whether the keyring works; never prompts, never raises."""
        ...


class MemoryVault:
    """A vault that forgets everything at the end: the demo's."""

    home: Literal["keyring", "memory"] = "memory"

    def __init__(self) -> None:
        self._kept: dict[str, Secret] = {}

    def get(self, source_uid: str, name: str) -> Secret | None:  # noqa: ARG002 - as every vault
        """The key kept in this process; the environment is not looked at."""
        return self._kept.get(source_uid)

    def environment_key(self, name: str) -> Secret | None:  # noqa: ARG002 - as every vault
        """None: the environment is not looked at."""
        return None

    def put(self, source_uid: str, secret: Secret) -> None:
        """Keep a key until the process ends."""
        self._kept[source_uid] = secret

    def delete(self, source_uid: str) -> None:
        """Forget a key."""
        self._kept.pop(source_uid, None)

    def place(self, name: str, source_uid: str) -> Place:  # noqa: ARG002 - as every vault
        """`memory` or `none`."""
        return "memory" if source_uid in self._kept else "none"

    def describe(self) -> VaultState:
        """Always works."""
        return VaultState(True, "Memory", say("Keys are kept in memory until the program ends."))


class KeyringVault:
    """The system's keyring, with the environment before it.

    `deadline` is the number of seconds after which a call that asks for or changes a key is given
    up with `VaultSilent`; `environ` is where the variables of keys are read.
    """

    home: Literal["keyring", "memory"] = "keyring"

    def __init__(
        self,
        ledger_id: str,
        *,
        environ: Mapping[str, str] = os.environ,
        deadline: float = INTERACTIVE_SECONDS,
    ) -> None:
        self._ledger_id = ledger_id
        self._environ = environ
        self._deadline = deadline
        self._look_deadline = min(deadline, LOOK_SECONDS)

    def get(self, source_uid: str, name: str) -> Secret | None:
        """The environment's key, else the keyring's, else None."""
        secret = self.environment_key(name)
        if secret is not None:
            return secret
        service = self._service(source_uid)
        text = _ask(lambda call: _with_one_prompt(call, _read, service), within=self._deadline)
        if not text:
            return None
        try:
            return Secret(text)
        except ValueError:
            raise NoKey(
                say("What the keyring holds for {name} is not a key.", name=name),
                remedy=say("Enter the key again."),
            ) from None

    def environment_key(self, name: str) -> Secret | None:
        """The environment's key."""
        return from_environment(self._environ, name)

    def put(self, source_uid: str, secret: Secret) -> None:
        """Store, read back, and undo when the deadline has passed meanwhile."""
        service = self._service(source_uid)
        text = secret.reveal()
        _ask(
            lambda call: _with_one_prompt(call, _store, call, service, text),
            within=self._deadline,
        )

    def delete(self, source_uid: str) -> None:
        """Remove from the keyring, and look whether it is gone."""
        service = self._service(source_uid)
        _ask(lambda call: _with_one_prompt(call, _remove, service), within=self._deadline)

    def place(self, name: str, source_uid: str) -> Place:
        """`environment` where its variable is set, `keyring` where that holds an item, or `none`.

        On macOS a look could prompt, so a source without a variable is taken to be in the keychain.
        """
        if self._environ.get(variable_of(name), "").strip():
            return "environment"
        service = self._service(source_uid)
        try:
            held = _ask(lambda _: _holds(service), within=self._look_deadline)
        except (VaultProblem, KeyProblem):
            return "none"
        return "keyring" if held else "none"

    def describe(self) -> VaultState:
        """Look at the keyring without opening any dialog."""
        try:
            return _ask(lambda _: _look(), within=self._look_deadline)
        except VaultProblem as problem:
            return VaultState(False, "", problem.sentence, problem.remedy)

    def _service(self, source_uid: str) -> str:
        return f"plimsoll/{self._ledger_id}/{source_uid}"


# --- calls, each on the one thread --------------------------------------------------------------


def _ask(work: Callable[[Call[T]], T], *, within: float) -> T:
    """What `work` answers; every failure, a hang too, becomes one of ours."""
    try:
        return _THREAD.ask(work, within=within)
    except GivenUp:
        raise VaultSilent(
            say("The system's keyring did not answer within {seconds} s.", seconds=f"{within:g}"),
            remedy=together(
                [
                    say("It may be waiting for its password: answer its window, then try again."),
                    _INSTEAD,
                ]
            ),
        ) from None
    except Exception as error:  # noqa: BLE001 - back ends raise anything at all
        raise _explained(error) from None


_last_refusal = float("-inf")
"""When the keyring was last found locked, or its question dismissed; monotonic clock."""


def _with_one_prompt(call: Call[T], work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do not ask again on behalf of calls that were already waiting when the user refused.

    Four accounts that sync at once would otherwise open the same dialog four times.
    """
    global _last_refusal  # noqa: PLW0603 - touched by the one thread only
    if call.asked_at < _last_refusal:
        raise VaultLocked(_LOCKED, remedy=_UNLOCK)
    try:
        return work(*args, **kwargs)
    except Exception as error:
        if isinstance(_explained(error), VaultLocked):
            _last_refusal = time.monotonic()
        raise


def _read(service: str) -> str | None:
    backend = _backend()
    if _is_secret_service(backend) and collection_state() == "none yet":
        return None  # asking for a key would offer to create a keyring
    return backend.get_password(service, USER)


def _store(call: Call[None], service: str, text: str) -> None:
    backend = _backend()
    if _is_of_windows(backend) and len(text) > LONGEST_ON_WINDOWS:
        raise VaultProblem(
            say(
                "Windows' keyring holds keys of up to {longest_on_windows:,} characters, "
                "and this one has {count:,}.",
                longest_on_windows=LONGEST_ON_WINDOWS,
                count=len(text),
            ),
            remedy=_INSTEAD,
        )
    empty = _is_secret_service(backend) and collection_state() == "none yet"
    before = None if empty else backend.get_password(service, USER)
    backend.set_password(service, USER, text)
    if backend.get_password(service, USER) != text:
        raise VaultMissing(
            say("The keyring {name} took the key but keeps nothing.", name=_name(backend)),
            remedy=_INSTEAD,
        )
    if call.settle():
        return
    if before is None:
        backend.delete_password(service, USER)
    else:
        backend.set_password(service, USER, before)


def _is_of_windows(backend: KeyringBackend) -> bool:
    return type(backend).__module__ == "keyring.backends.Windows"


def _remove(service: str) -> None:
    from keyring.errors import PasswordDeleteError

    backend = _backend()
    if _is_secret_service(backend) and collection_state() == "none yet":
        return
    with suppress(PasswordDeleteError):  # most often: it was not there
        backend.delete_password(service, USER)
    if backend.get_password(service, USER) is not None:
        raise VaultProblem(
            say("The keyring did not remove the key."),
            remedy=say(
                "Remove the item {service} in the system's keyring program.", service=service
            ),
        )


def _holds(service: str) -> bool:
    backend = _backend()
    if _is_secret_service(backend):
        return holds({"service": service, "username": USER})
    return sys.platform == "darwin" or backend.get_password(service, USER) is not None


def _look() -> VaultState:
    backend = _backend()
    name = _name(backend)
    state = collection_state() if _is_secret_service(backend) else "unlocked"
    if state == "locked":
        return VaultState(False, name, say("The system's keyring is locked."), _UNLOCK)
    if state == "none yet":
        return VaultState(
            False,
            name,
            say("The system's keyring has not been set up: it has no collection to keep keys in."),
            together(
                [
                    say("Log in to the desktop once or create a keyring in its password program."),
                    _INSTEAD,
                ]
            ),
        )
    return VaultState(True, name, say("Keys are kept in {name}.", name=name))


def _backend() -> KeyringBackend:
    """The user's own choice (PYTHON_KEYRING_BACKEND, keyringrc.cfg), else the platform's store."""
    chosen = _configured()
    if chosen is not None:
        module = type(chosen).__module__
        if module.startswith(_KEEPS_NOTHING):
            raise VaultMissing(
                say("The chosen keyring {module} keeps nothing.", module=module),
                remedy=together([say("Choose another."), _INSTEAD]),
            )
        if module.startswith(_NOT_A_KEYRING) or "plaintext" in type(chosen).__name__.lower():
            raise VaultMissing(
                say("The chosen keyring {module} does not keep keys safely.", module=module),
                remedy=together([say("Choose another."), _INSTEAD]),
            )
        return chosen
    from keyring import core

    for candidate in _OURS.get(sys.platform, _OURS_ELSEWHERE):
        try:
            backend = core.load_keyring(candidate)
        except Exception:  # noqa: BLE001, S112 - not here; each says so in its own way
            continue
        if sys.platform == "win32":
            backend.persist = "local machine"  # type: ignore[attr-defined] # else keys roam
        return backend
    raise VaultMissing(say("There is no system keyring here."), remedy=_INSTEAD)


def _configured() -> KeyringBackend | None:
    from keyring import core

    try:
        return core.load_env() or core.load_config()
    except Exception as error:  # noqa: BLE001 - any module at all can be named there
        raise VaultMissing(
            say(
                "The keyring that is configured for this user cannot be used ({kind}).",
                kind=_kind(error),
            ),
            remedy=together([say("Check PYTHON_KEYRING_BACKEND and keyringrc.cfg."), _INSTEAD]),
        ) from None


def _is_secret_service(backend: KeyringBackend) -> bool:
    return type(backend).__module__ == "keyring.backends.SecretService"


def _name(backend: KeyringBackend) -> str:
    return str(backend.name)


def _kind(error: Exception) -> str:
    """The name of an error's type: its text could hold anything, even a key."""
    return type(error).__name__


def _explained(error: Exception) -> VaultProblem | KeyProblem:
    """The typed error for whatever a back end raised."""
    if isinstance(error, (VaultProblem, KeyProblem)):
        return error
    from keyring import errors

    if isinstance(error, (errors.NoKeyringError, OSError)) or (
        _kind(error) == "SecretServiceNotAvailableException"
    ):
        return VaultMissing(say("There is no system keyring here any more."), remedy=_INSTEAD)
    if isinstance(error, (errors.KeyringLocked, errors.InitError)) or _kind(error) in {
        "LockedException",
        "PromptDismissedException",
    }:
        return VaultLocked(_LOCKED, remedy=_UNLOCK)
    return VaultProblem(
        say("The system's keyring failed ({kind}).", kind=_kind(error)), remedy=_INSTEAD
    )
