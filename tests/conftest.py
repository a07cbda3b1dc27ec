"""What every test stands on: no display, no network, and nothing of the user's own.

Qt draws off screen on Linux, so that a test run neither needs a display nor steals the focus. Home,
data folders, session bus and keyring are replaced before anything is imported. A connection to
anywhere but this machine fails the test that made it, even if the code under test hides the error.

Properties are tried with other examples at every run. Where `CI` is set, as `.ci/run` does,
hypothesis takes its own profile for that, whose examples are the same each time: what a change must
pass does not turn red by a rare example that another change brought.
"""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine makes an example slow, and none of them wrong.
settings.register_profile("in no hurry", settings.default, deadline=None)
settings.load_profile("in no hurry")

_HOME = Path(tempfile.mkdtemp(prefix="plimsoll-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)

_FOLDERS = {
    "HOME": "",
    "USERPROFILE": "",
    "APPDATA": "roaming",
    "LOCALAPPDATA": "local",
    "XDG_DATA_HOME": "data",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "run",
}
_LEADING_OUT = ("PLIMSOLL_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def _isolate() -> None:
    for name, folder in _FOLDERS.items():
        path = _HOME / folder
        path.mkdir(mode=0o700, exist_ok=True)
        os.environ[name] = str(path)
    for name in [name for name in os.environ if name.upper().startswith(_LEADING_OUT)]:
        del os.environ[name]
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    if sys.platform.startswith("linux"):
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={_HOME / 'run' / 'no-bus'}"
        os.environ["LC_ALL"] = "C.UTF-8"
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


_isolate()

# --- no network beyond this machine ---

_reached: list[str] = []


def _is_here(host: object) -> bool:
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(text, str) or text in {"", "localhost"} or text.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # not a tuple: a local socket
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        _reached.append(f"{event} {host}")
        raise OSError(f"the tests reach nothing beyond this machine: {host}")


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def _nothing_reached_beyond_this_machine() -> Iterator[None]:
    _reached.clear()
    yield
    reached = list(_reached)
    _reached.clear()
    assert not reached, f"reached beyond this machine: {', '.join(reached)}"
