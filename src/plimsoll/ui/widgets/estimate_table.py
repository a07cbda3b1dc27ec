"""An estimate as a table: a line for each model and price list, currencies apart."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from plimsoll.domain.money import Money, shown
from plimsoll.services.estimate import Estimate, ModelEstimate, Offer
from plimsoll.services.given import Given
from plimsoll.ui.moments import brief, grouped
from plimsoll.ui.widgets.table import Column, Table
from plimsoll.ui.words import counted, in_words, tr

_PLACES = 4
"""Decimals of an amount: a single text costs less than a cent."""

Sorted = tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class EstimateLine:
    """One model by one list; without an `offer` nobody lists the model."""

    model: ModelEstimate
    offer: Offer | None

    @property
    def basis(self) -> str:
        """How its tokens were counted, where the answer's length comes from, and the price."""
        price = in_words(self.offer.words) if self.offer else tr("No list knows this model.")
        return tr(" ").join((_count_words(self.model), _answer_words(self.model), price)).strip()


class EstimateTable(Table):
    """Models, tokens, and what they cost, least first within a currency."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_columns(), wide=0, parent=parent)
        self.setAccessibleName(tr("What it would cost"))
        self.setMinimumHeight(150)

    def show_estimate(self, estimate: Estimate) -> None:
        """Show an estimate, in the order of its models."""
        self.show_rows(
            [
                EstimateLine(model, offer)
                for model in estimate.models
                for offer in model.offers or (None,)
            ]
        )
        self.let_sort(0, descending=False)


def given_words(given: Given) -> str:
    """What was given: `notes: 1 204 characters in 3 files; 2 files that are no text left out`."""
    said = [tr("{name}: {count} characters", name=given.title, count=grouped(given.characters))]
    if given.files > 1:
        said.append(tr("{count} files", count=grouped(given.files)))
    if given.requests > 1:
        said.append(
            tr(
                "{requests} requests with {messages} messages",
                requests=grouped(given.requests),
                messages=grouped(given.messages),
            )
        )
    elif given.messages:
        said.append(counted(given.messages, "a chat of one message", "a chat of {count} messages"))
    if given.skipped:
        said.append(
            counted(
                given.skipped,
                "one file that is no text was left out",
                "{count} files that are no text were left out",
            )
        )
    if given.left_out:
        said.append(
            counted(
                given.left_out,
                "one part that is no text is not counted",
                "{count} parts that are no text are not counted",
            )
        )
    return " · ".join(said)


def _columns() -> tuple[Column[EstimateLine], ...]:
    return (
        Column(tr("Model"), lambda line: line.model.model, sort=lambda line: line.model.model),
        Column(
            tr("Tokens"),
            lambda line: _span(grouped(line.model.low), grouped(line.model.high)),
            sort=lambda line: line.model.high,
            numeric=True,
        ),
        Column(
            tr("Counted"),
            lambda line: tr("Exact") if line.model.exact else tr("Approximate"),
            role=lambda line: "" if line.model.exact else "muted",
            tip=lambda line: _count_words(line.model),
        ),
        Column(tr("Price list"), lambda line: line.offer.provider if line.offer else "–"),
        Column(
            tr("Input"),
            lambda line: _money(_least(line), _most(line)),
            sort=lambda line: _sorted(_most(line)),
            numeric=True,
        ),
        Column(
            tr("Answer"),
            lambda line: f"≈ {brief(line.model.expected.tokens)}" if line.model.expected else "–",
            sort=lambda line: line.model.expected and line.model.expected.tokens,
            numeric=True,
            tip=lambda line: _answer_words(line.model),
        ),
        Column(
            tr("With the answer"),
            lambda line: _with_answer(line.offer),
            sort=lambda line: _sorted(line.offer.total_high if line.offer else None),
            numeric=True,
        ),
    )


def _least(line: EstimateLine) -> Money | None:
    return line.offer.input_low if line.offer else None


def _most(line: EstimateLine) -> Money | None:
    return line.offer.input_high if line.offer else None


def _with_answer(offer: Offer | None) -> str:
    if offer is None or offer.total_low is None:
        return "–"
    return _money(offer.total_low, offer.total_high)


def _money(low: Money | None, high: Money | None) -> str:
    if low is None or high is None:
        return tr("Not priced")
    return _span(*(shown(money.nanos, money.currency, places=_PLACES) for money in (low, high)))


def _span(low: str, high: str) -> str:
    return low if low == high else tr("{low} to {high}", low=low, high=high)


def _sorted(amount: Money | None) -> Sorted:
    """Amounts of two currencies are not compared: one currency stands after the other."""
    return (amount.currency, amount.nanos) if amount else None


def _count_words(model: ModelEstimate) -> str:
    how = model.tokenizer
    if model.exact:
        return tr("Counted exactly, by {encoding}.", encoding=how.encoding)
    if how.exact:
        return tr(
            "Counted by {encoding}. Tools are counted as the JSON that they are, and what is no"
            " text is not counted.",
            encoding=how.encoding,
        )
    return tr(
        "An approximation: {fewest} to {most}% of what {encoding} counts, as for English, Chinese"
        " and code. Other languages and tables of figures may lie beyond.",
        fewest=how.fewest,
        most=how.most,
        encoding=how.encoding,
    )


def _answer_words(model: ModelEstimate) -> str:
    expected = model.expected
    if expected is None:
        return tr("No answer is expected: too few counted requests in the last 90 days.")
    if expected.model is None:
        return tr(
            "Expected answer: {tokens} tokens, the mean of {count} requests of all your models.",
            tokens=grouped(expected.tokens),
            count=grouped(expected.requests),
        )
    return tr(
        "Expected answer: {tokens} tokens, the mean of your {count} requests of this model.",
        tokens=grouped(expected.tokens),
        count=grouped(expected.requests),
    )
