"""`plimsoll estimate`: what a text would cost, by model, before it is sent."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from plimsoll.cli.session import Tenths, common, print_out, session_of
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import Money, decimal_text, shown
from plimsoll.domain.said import counted, say
from plimsoll.services.estimate import (
    Estimate,
    ModelEstimate,
    Offer,
    estimated,
    history,
    models_in_use,
)
from plimsoll.services.given import MOST_BYTES, Given, NotCounted, of_text, read_given

_MODELS = 5
_LONG = 5_000_000
"""Characters from which on the progress is told."""


@click.command("estimate")
@click.argument("file", required=False, default="-")
@click.option(
    "--model", "models", multiple=True, help="A model, as often as wanted; else those in use."
)
@common
@click.pass_context
def command(context: click.Context, file: str, models: tuple[str, ...]) -> None:
    """Count the tokens of FILE, a folder, or standard input (-), and what they would cost.

    Counts are exact for OpenAI's models and a range for others. A chat in JSON is counted with
    what its messages add. Nothing is sent anywhere.
    """
    session = session_of(context)
    given = _standard_input() if file == "-" else read_given(Path(file))
    now = session.clock.now()
    with session.program(who="estimate") as program:
        table = program.spend(history(now))
        chosen = tuple(dict.fromkeys(models)) or models_in_use(table, _MODELS)
        if not chosen:
            raise WrongUse(
                "No model has been used yet, so it must be said which.",
                remedy="Say --model NAME, as often as wanted.",
            )
        answer = estimated(
            given,
            chosen,
            table,
            program.prices,
            now=now,
            progress=Tenths("counted").hear if given.characters > _LONG else lambda _share: None,
            cancelled=lambda: False,
        )
    if session.as_json:
        session.answer(document(answer))
    else:
        _print(answer)


def _standard_input() -> Given:
    if sys.stdin is None:  # a pipe that nobody holds
        raise NotCounted(say("There is no standard input."))
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise NotCounted(
            say("More than {most} MB are not counted in one go.", most=MOST_BYTES // 10**6)
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise NotCounted(
            say("What came on standard input is not text, so it has no tokens to count.")
        )
    return of_text(text, title="standard input")


def document(answer: Estimate) -> dict[str, object]:
    """The document of `estimate --json`, schema 1: amounts are decimal text, null where unknown."""
    given = answer.given
    return {
        "schema": 1,
        "title": given.title,
        "at": answer.at.isoformat().replace("+00:00", "Z"),
        "characters": given.characters,
        "files": given.files,
        "skipped": given.skipped,
        "requests": given.requests,
        "messages": given.messages,
        "tools": given.tools,
        "left_out": given.left_out,
        "models": [_model(one) for one in answer.models],
    }


def _model(one: ModelEstimate) -> dict[str, object]:
    expected = one.expected
    return {
        "model": one.model,
        "encoding": one.tokenizer.encoding,
        "exact": one.exact,
        "tokens": one.counted,
        "tokens_low": one.low,
        "tokens_high": one.high,
        "expected_output": None
        if expected is None
        else {"tokens": expected.tokens, "requests": expected.requests, "of": expected.model},
        "prices": [
            {
                "provider": offer.provider,
                "currency": offer.currency,
                "input_low": _text(offer.input_low),
                "input_high": _text(offer.input_high),
                "total_low": _text(offer.total_low),
                "total_high": _text(offer.total_high),
                "words": offer.words,
            }
            for offer in one.offers
        ],
    }


def _text(amount: Money | None) -> str | None:
    return None if amount is None else decimal_text(amount.nanos)


def _what(given: Given) -> str:
    told = [f"{given.title}: {given.characters:,} characters"]
    if given.files > 1:
        told[0] += f" in {given.files:,} files"
    if given.skipped:
        told.append(f"{given.skipped:,} left out that are no text")
    if given.requests > 1:
        told.append(f"{given.requests:,} requests with {given.messages:,} messages")
    elif given.messages:
        told.append(counted(given.messages, "a chat of one message", "a chat of {count} messages"))
    return ", ".join(told)


def _print(answer: Estimate) -> None:
    given = answer.given
    print_out(_what(given))
    if given.left_out:
        print_out(
            f"Not counted: {given.left_out:,} of the chat's parts, no text (pictures, sound, files "
            "are priced by other rules)."
        )
    if given.tools:
        print_out(
            "Tools and calls of tools are counted as the JSON that they are; providers tell them "
            f"to their models in a form of their own ({given.tools:,} here)."
        )
    for one in answer.models:
        print_out("")
        print_out(f"{one.model}: {_tokens(one)}")
        if one.expected is not None:
            whose = one.expected.model or "all models"
            print_out(
                f"  expected answer: {one.expected.tokens:,} tokens "
                f"(mean of {one.expected.requests:,} requests of {whose})"
            )
        if not one.offers:
            print_out("  not priced: no list knows this model")
        for offer in one.offers:
            print_out(f"  {_offer(offer)}")


def _tokens(one: ModelEstimate) -> str:
    how = one.tokenizer
    if how.exact:
        quality = "exact" if one.exact else "approximation"
        return f"{one.low:,} tokens ({quality}, {how.encoding})"
    return (
        f"{one.low:,} to {one.high:,} tokens (approximation: {how.fewest} to {how.most} % of "
        f"{how.encoding}, as for English, Chinese and code)"
    )


def _offer(offer: Offer) -> str:
    if offer.input_low is None or offer.input_high is None:
        return f"{offer.provider}: not priced: {offer.words}"
    text = f"{offer.provider}: input {_between(offer.input_low, offer.input_high)}"
    if offer.total_low is not None and offer.total_high is not None:
        text += f", with the answer {_between(offer.total_low, offer.total_high)}"
    return text


def _between(low: Money, high: Money) -> str:
    least, most = (shown(amount.nanos, amount.currency, places=4) for amount in (low, high))
    return least if least == most else f"{least} to {most}"
