"""Redaction at the last gate: what leaves the program as text (log, report, clipboard) has no keys.

Keys are registered in memory when they are read from the vault; nothing here is ever written.
"""

from __future__ import annotations

import logging
import threading
import traceback
from types import TracebackType

from plimsoll.domain.redaction import Redactor
from plimsoll.domain.secret import Secret

_lock = threading.Lock()
_known: list[Secret] = []
_redactor = Redactor()


def hide_from_now_on(secret: Secret) -> None:
    """Register a key, so that `redact` and every log line hide it in all its forms."""
    global _redactor  # noqa: PLW0603 - the one registry of the process
    with _lock:
        if any(secret.reveal() == known.reveal() for known in _known):
            return
        _known.append(secret)
        _redactor = Redactor(_known)


def redact(text: str) -> str:
    """The text without any registered key, any piece of one, or anything that looks like a key."""
    return _redactor.redact(text)


def trace_of(error: BaseException, trace: TracebackType | None) -> str:
    """The traceback of a bug of ours, redacted, for its report."""
    return redact("".join(traceback.format_exception(type(error), error, trace)))


class RedactingFormatter(logging.Formatter):
    """A log formatter whose lines, tracebacks included, show no key.

    The traceback is redacted by itself, too, because `logging` keeps its text on the record, where
    the next handler finds it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, redacted as a whole: a key can come in through any argument."""
        return redact(super().format(record))

    def formatException(  # noqa: N802 - overrides logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The traceback's text, redacted, without the frames' local values."""
        return redact(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - overrides logging's name
        """The stack's text, redacted."""
        return redact(super().formatStack(stack_info))
