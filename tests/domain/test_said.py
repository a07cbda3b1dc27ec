"""Sentences that remember how they were made: plain text for everybody, whole again when stored."""

from __future__ import annotations

import copy
import json
import pickle
import string

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import Said, again, counted, kept, say, together

NAMES = st.text(string.printable, max_size=12)
PLAIN = st.builds(
    lambda name, n: say("{name} has {n:,} of {{it}}.", name=name, n=n), NAMES, st.integers()
)
SENTENCES = st.recursive(
    PLAIN | st.builds(say, st.just("It is gone.")) | NAMES,
    lambda inner: (
        st.builds(lambda a: say("In {place}.", place=a), inner)
        | st.builds(together, st.lists(inner, min_size=1, max_size=3), st.sampled_from([" ", ", "]))
    ),
    max_leaves=6,
)


def made_of(text: str) -> object:
    """All that a sentence remembers."""
    if not isinstance(text, Said):
        return text
    values = {name: made_of(v) if isinstance(v, str) else v for name, v in text.values.items()}
    return (str(text), text.template, values, [made_of(part) for part in text.parts])


def test_a_sentence_is_its_english_text() -> None:
    sentence = say("{name} cost {count:,} tokens.", name="{odd}", count=1200)
    assert sentence == "{odd} cost 1,200 tokens."
    assert {sentence: 1}["{odd} cost 1,200 tokens."] == 1
    assert json.dumps(sentence) == '"{odd} cost 1,200 tokens."'
    assert type(str(sentence)) is str


def test_a_sentence_without_values_keeps_its_braces() -> None:
    assert say("Write {{name}} or {this}.") == "Write {{name}} or {this}."


def test_one_thing_is_not_counted_as_many() -> None:
    assert [counted(n, "1 day", "{count} days") for n in (1, 2)] == ["1 day", "2 days"]


def test_nothing_stands_between_nothing() -> None:
    assert together(["One.", "", say("Two.")]) == "One. Two."
    assert together([]) == ""


def test_an_error_is_one_text_of_what_happened_and_what_to_do() -> None:
    error = WrongUse(say("It is gone."), remedy=say("Add it again."))
    assert str(error) == "It is gone. Add it again."
    assert str(WrongUse("It is gone.")) == "It is gone."
    assert isinstance(error.words, Said)


@given(SENTENCES)
def test_a_stored_sentence_is_the_same_again(sentence: str) -> None:
    stored = again(str(sentence), kept(sentence))
    assert made_of(stored) == made_of(sentence)


@given(SENTENCES)
def test_a_copy_and_another_process_have_the_same_sentence(sentence: str) -> None:
    for copied in (copy.deepcopy(sentence), pickle.loads(pickle.dumps(sentence))):
        assert made_of(copied) == made_of(sentence)
        assert type(copied) is type(sentence)
