"""Token classes, questions' values and secrets keep what they promise."""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import EVERYTHING, Amounts, DaySpend, Dimension, Question, Row, Scope
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Tokens

COUNTS = st.integers(0, 10**15)
TOKENS = st.builds(Tokens, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
AMOUNTS = st.builds(Amounts, st.just("USD"), *[st.integers(-(10**18), 10**18)] * 4)


class TestTokens:
    @given(TOKENS)
    def test_the_five_classes_sum_to_the_total_and_reasoning_is_beside_it(self, tokens):
        assert tokens.total == sum(
            getattr(tokens, field.name) for field in fields(tokens) if field.name != "reasoning"
        )
        assert replace(tokens, reasoning=0).total == tokens.total

    @given(TOKENS, TOKENS, TOKENS)
    def test_adding_loses_nothing_in_any_order(self, a, b, c):
        assert (a + b) + c == a + (b + c)
        assert a + b == b + a
        assert (a + b).total == a.total + b.total
        assert a + Tokens() == a


class TestAmounts:
    @given(AMOUNTS, AMOUNTS)
    def test_kinds_of_evidence_are_added_apart(self, a, b):
        both = a + b
        assert (both.billed, both.estimated) == (a.billed + b.billed, a.estimated + b.estimated)
        assert (both.plan, both.worth) == (a.plan + b.plan, a.worth + b.worth)

    @given(AMOUNTS)
    def test_plan_and_worth_are_never_owed(self, amounts):
        assert amounts.spent == amounts.billed + amounts.estimated
        assert replace(amounts, plan=0, worth=0).spent == amounts.spent

    def test_two_currencies_are_never_added(self):
        with pytest.raises(ValueError, match="CNY"):
            Amounts("USD") + Amounts("CNY")

    def test_a_rows_spend_is_of_one_currency(self):
        row = Row((), amounts=(Amounts("USD", billed=3, plan=9), Amounts("CNY", estimated=5)))
        assert (row.spent("USD"), row.spent("CNY"), row.spent("EUR")) == (3, 5, 0)

    def test_a_days_spend_is_billed_and_estimated(self):
        assert DaySpend(date(2026, 11, 1), billed=3, estimated=4).spent == 7


class TestQuestions:
    def test_a_question_asks_for_everything_unless_told(self):
        question = Question(Period(date(2026, 11, 1), date(2026, 11, 30)))
        assert question.scope == EVERYTHING
        assert not question.scope
        assert question.zone == "UTC"

    def test_a_scope_with_a_condition_is_a_scope(self):
        assert Scope(((Dimension.MODEL, (None,)),))

    def test_values_can_be_keys_of_a_cache(self):
        assert len({Row(("a",)), Row(("a",)), Row(("b",))}) == 2


TEXT = "sk-admin-" + "x7Qz" * 8


class TestSecret:
    SECRET = Secret(f"  {TEXT}\n")

    def test_only_reveal_shows_it(self):
        assert self.SECRET.reveal() == TEXT
        for shown in (
            str(self.SECRET),
            repr(self.SECRET),
            f"{self.SECRET}",
            f"{self.SECRET!r:>40}",
            f"{self.SECRET:50}",
            f"{(self.SECRET,)} {[self.SECRET]} { {'key': self.SECRET} }",
        ):
            assert "x7Qz" not in shown

    @pytest.mark.parametrize(
        "carry", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"]
    )
    def test_it_is_never_carried_away(self, carry):
        with pytest.raises(TypeError) as caught:
            carry(self.SECRET)
        assert "x7Qz" not in str(caught.value)

    def test_it_has_no_other_attributes(self):
        assert not hasattr(self.SECRET, "__dict__")

    @pytest.mark.parametrize(
        "text", ["", "short", "two words of it", "tab\tinside-it", "ünïcödé-key", "a" * 4097]
    )
    def test_what_cannot_be_a_key_is_refused_without_being_shown(self, text):
        with pytest.raises(ValueError, match="a key is one line") as caught:
            Secret(text)
        assert not text or text not in str(caught.value)

    def test_a_service_accounts_file_is_kept_on_one_line(self):
        held = Secret('{\n  "type": "service_account",\n  "key": "-----BEGIN X-----\\nabc"\n}\n')
        assert held.reveal() == '{"type":"service_account","key":"-----BEGIN X-----\\nabc"}'
        assert not held.is_pair

    @pytest.mark.parametrize(
        "text", ['{"a": 1', '{"a": x7Qz}', "{}}", '{"a": "%s"}' % ("b" * 17000)]
    )
    def test_half_a_file_is_refused_without_being_shown(self, text):
        with pytest.raises(ValueError, match="whole JSON object") as caught:
            Secret(text)
        assert caught.value.__context__ is None
        assert "x7Qz" not in str(caught.value)

    def test_a_pair_has_two_halves(self):
        assert Secret("AKIDEXAMPLE:wJalrXUt").is_pair
        assert not any(
            Secret(text).is_pair for text in ("AKIDEXAMPLE", ":wJalrXUt", "AKIDEXAMPLE:")
        )

    def test_beginnings_and_the_tail(self):
        assert self.SECRET.starts_with("sk-ant-", "sk-admin-")
        assert not self.SECRET.starts_with("sk-proj-")
        assert self.SECRET.tail == "x7Qz"
