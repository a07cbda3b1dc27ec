"""Files that really cannot be read, for whoever runs the tests: modes do not bind a superuser."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_VERSION = 0x20080522
_OVERRIDE = 0b110
"""Linux's capabilities to read and search whatever the modes say."""


@contextmanager
def modes_bind() -> Iterator[None]:
    """Within the block modes bind this thread, and those that it starts."""
    if os.name != "posix":
        pytest.skip("modes of POSIX")
    if os.geteuid() != 0:
        yield
        return
    if not sys.platform.startswith("linux"):
        pytest.skip("modes do not bind this user")
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()  # twice effective, permitted, inheritable
    if libc.capget(header, held):
        pytest.skip("modes do not bind this user")
    lowered = (ctypes.c_uint32 * 6)(*held)
    lowered[0] &= ~_OVERRIDE
    assert libc.capset(header, lowered) == 0
    try:
        yield
    finally:
        assert libc.capset(header, held) == 0
