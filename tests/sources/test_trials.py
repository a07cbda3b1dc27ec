"""Trials: what can be read is told beside what cannot, and a key that reads nothing is refused."""

from __future__ import annotations

from typing import NoReturn

import pytest
from fake_door import refused

from plimsoll.domain.errors import KeyRejected, MissingScope, NotOffered
from plimsoll.sources.trials import each_tried


def fail(error: Exception) -> NoReturn:
    raise error


def test_what_may_not_be_asked_is_told_beside_what_may() -> None:
    bill, balance = each_tried(
        {"The bill": lambda: None, "The balance": lambda: fail(MissingScope("may not"))},
        essential="The bill",
        remedy="Give it the policy.",
    )
    assert (bill.ok, bill.essential) == (True, True)
    assert (balance.ok, balance.essential) == (False, False)
    assert balance.remedy == "Give it the policy."


def test_a_key_that_reads_nothing_is_refused_for_the_first_reason() -> None:
    tries = {"a": lambda: fail(refused(404)), "b": lambda: fail(MissingScope("may not"))}
    with pytest.raises(NotOffered):
        each_tried(tries, essential="a", remedy="")


def test_a_key_that_is_no_key_ends_the_test_at_once() -> None:
    asked: list[str] = []
    tries = {"a": lambda: fail(KeyRejected("no")), "b": lambda: asked.append("b")}
    with pytest.raises(KeyRejected):
        each_tried(tries, essential="a", remedy="")
    assert asked == []
