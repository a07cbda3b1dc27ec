"""What pays for an agent's tokens: asked until it is said, with a guess that reads no secret, and
an API key's calls counted once where an account's bill holds them already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from agent_kit import CLAUDE, CODEX, NOW, PERIOD, Desk
from log_kit import answer, prompt, usage

from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Question
from plimsoll.domain.subscription import Subscription
from plimsoll.ledger import accounts
from plimsoll.services import money_hints
from plimsoll.services.answers import SourceCard
from plimsoll.services.money_hints import MoneyQuestion, money_question
from plimsoll.sources.logs.agent import Place

SECRET = "sk-proj-never-to-be-kept-anywhere"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name in ("ANTHROPIC_API_KEY", "CODEX_HOME", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    made = Desk(tmp_path)
    yield made
    made.close()


def add(desk: Desk, word: str, **settings: str) -> None:
    root = desk.logs.home / ".logs"
    root.mkdir(parents=True, exist_ok=True)
    desk.program.add_source(word, name=word, key=None, settings={"root": str(root), **settings})


def asked(desk: Desk, word: str, **environ: str) -> MoneyQuestion | None:
    source = accounts.source_named(desk.program.ledger, word)
    place = Place(environ, desk.logs.home, "linux")
    return money_question(desk.program.ledger, source, place, today=NOW.date())


def card(desk: Desk, name: str) -> SourceCard:
    return next(card for card in desk.program.source_cards() if card.name == name)


def write(desk: Desk, below: str, **members: object) -> None:
    path = desk.logs.home / below
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(members))


def test_without_a_sign_it_is_asked_without_a_guess(desk: Desk) -> None:
    add(desk, CLAUDE)
    assert asked(desk, CLAUDE) == MoneyQuestion()


@pytest.mark.parametrize(
    ("members", "paid"),
    [
        ({"OPENAI_API_KEY": SECRET, "tokens": None}, "api"),
        ({"OPENAI_API_KEY": None, "tokens": {"access_token": SECRET}}, "plan"),
        ({"OPENAI_API_KEY": None, "tokens": None}, ""),
        ({}, ""),
    ],
)
def test_codex_tells_by_the_names_of_what_it_keeps(
    desk: Desk, members: dict[str, object], paid: str
) -> None:
    add(desk, CODEX)
    write(desk, ".codex/auth.json", **members)
    question = asked(desk, CODEX)
    assert question is not None
    assert question.paid == paid
    assert SECRET not in repr(question)


def test_no_value_of_a_file_outlives_its_parsing(desk: Desk) -> None:
    write(desk, "auth.json", tokens={"access_token": SECRET}, list=[{"deep": SECRET}])
    found = money_hints._members(desk.logs.home / "auth.json")
    assert found == {"tokens", "list"}


def test_claude_code_tells_by_a_key_before_a_login(desk: Desk) -> None:
    add(desk, CLAUDE)
    write(desk, ".claude/.credentials.json", claudeAiOauth={"accessToken": SECRET})
    assert asked(desk, CLAUDE) == MoneyQuestion(
        paid="plan", because=".credentials.json: claudeAiOauth"
    )
    by_key = asked(desk, CLAUDE, ANTHROPIC_API_KEY=SECRET)
    assert by_key == MoneyQuestion(paid="api", because="ANTHROPIC_API_KEY")


@pytest.mark.parametrize("content", ["", "[1]", "{", '"text"', "\x00"])
def test_a_file_that_is_something_else_says_nothing(desk: Desk, content: str) -> None:
    add(desk, CODEX)
    (desk.logs.home / ".codex").mkdir(parents=True, exist_ok=True)
    (desk.logs.home / ".codex/auth.json").write_text(content)
    assert asked(desk, CODEX) == MoneyQuestion()


def test_a_subscription_or_a_plan_answers_it(desk: Desk) -> None:
    add(desk, CLAUDE)
    add(desk, CODEX, money="plan")
    assert asked(desk, CODEX) is None
    made = Subscription(CLAUDE, "Max", Money("USD", 100 * NANO), date(2026, 9, 1))
    desk.program.set_subscription(made)
    assert asked(desk, CLAUDE) is None
    assert card(desk, CLAUDE).note == ""


# --- whose bill ---


def read(desk: Desk) -> None:
    desk.logs.claude(prompt(0), answer("1", 1, usage(0, out=1000)))
    desk.add(CLAUDE, "Claude")
    for name in ("Work", "Home"):
        desk.add_account(name)
    desk.program.sync(["Claude"])


def test_accounts_of_the_provider_that_answered_are_asked_about(desk: Desk) -> None:
    read(desk)
    assert card(desk, "Claude").money_question == MoneyQuestion(
        asks_account=True, accounts=("Work", "Home")
    )


def test_the_account_that_is_named_pays_and_nothing_counts_twice(desk: Desk) -> None:
    """Work's account saw more than the logs: nobody but the user could know."""
    read(desk)
    desk.charge("Work")
    before = desk.program.spend(Question(PERIOD)).total.amounts[0]
    assert (before.billed, before.estimated > 0) == (5 * NANO, True)
    desk.program.say_payer("Claude", "Work")
    after = desk.program.spend(Question(PERIOD)).total.amounts[0]
    assert (after.billed, after.estimated) == (5 * NANO, 0)
    assert card(desk, "Claude").explains == ("Work",)
    assert card(desk, "Claude").money_question is None


def test_none_of_them_is_an_answer_too_and_a_new_account_is_asked_about(desk: Desk) -> None:
    read(desk)
    desk.program.say_payer("Claude", None)
    assert card(desk, "Claude").money_question is None
    assert card(desk, "Claude").explains == ()
    desk.add_account("New")
    assert card(desk, "Claude").money_question == MoneyQuestion(
        asks_account=True, accounts=("New",)
    )
