"""Log lines, tracebacks and copied texts show no key that the program has had in its hands."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from plimsoll.domain.redaction import Redactor
from plimsoll.domain.secret import Secret
from plimsoll.services import redaction
from plimsoll.services.redaction import RedactingFormatter, hide_from_now_on, redact

KEY = "moon-Q7vX2mPz9LkRt4WbNcYd8Hf3"


def fail_with(text: str) -> None:
    raise ValueError(text)


@pytest.fixture(autouse=True)
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", [])
    monkeypatch.setattr(redaction, "_redactor", Redactor())


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(RedactingFormatter("%(message)s"))
    logger = logging.getLogger("plimsoll.test")
    logger.addHandler(handler)
    yield logger, text
    logger.removeHandler(handler)


def test_a_key_is_hidden_once_it_is_registered() -> None:
    assert redact(f"a {KEY} b") == f"a {KEY} b"
    hide_from_now_on(Secret(KEY))
    assert redact(f"a {KEY} b") == "a *** b"


def test_several_keys_are_hidden_each_registered_once() -> None:
    for text in (KEY, KEY[::-1], KEY):
        hide_from_now_on(Secret(text))
    assert redact(f"{KEY} {KEY[::-1]}") == "*** ***"
    assert len(redaction._known) == 2


def test_messages_arguments_tracebacks_and_stacks_are_redacted(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, text = log
    hide_from_now_on(Secret(KEY))
    logger.warning("message %s", KEY, stack_info=True)
    try:
        fail_with(KEY)
    except ValueError:
        logger.exception("and a traceback")
    assert "message ***" in text.getvalue()
    assert "ValueError: ***" in text.getvalue()
    assert KEY not in text.getvalue()


def test_the_traceback_that_logging_keeps_for_other_handlers_is_redacted_too() -> None:
    hide_from_now_on(Secret(KEY))
    try:
        fail_with(KEY)
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "x", (), (type(error), error, error.__traceback__)
        )
    RedactingFormatter().format(record)
    assert record.exc_text is not None
    assert KEY not in record.exc_text
