"""The words of efficiency: what to try and what it would have saved, or why there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from plimsoll.analysis.efficiency import Kind, Measure
from plimsoll.domain.money import NANO, Money, shown
from plimsoll.domain.question import Dimension
from plimsoll.domain.said import say, together
from plimsoll.domain.work import (
    COMMITS,
    LINES_ACCEPTED,
    LINES_ADDED,
    PULL_REQUESTS,
    Cost,
)
from plimsoll.services.efficiency_answers import Action, Basis, LeftOut, Quiet

_MILLION = 10**6
_PLACES = 4
"""Decimals of less than one unit of a currency: a request costs less than a cent."""


def small_money(money: Money) -> str:
    """An amount, with more decimals where it is small."""
    return shown(money.nanos, money.currency, places=_PLACES if abs(money.nanos) < NANO else None)


def share_words(share: Fraction) -> str:
    """A share in percent."""
    return say("{number}%", number=f"{float(share) * 100:.1f}")


def part_words(action: Action) -> str:
    """Where to look: a model, a project or an agent of a source, or the whole of it."""
    given = {"name": action.value, "source": action.source}
    match action.part:
        case Dimension.PROJECT:
            return say("project {name} ({source})", **given)
        case Dimension.AGENT:
            return say("agent {name} ({source})", **given)
        case Dimension.SOURCE:
            return action.source
        case _:
            return say("{name} ({source})", **given)


def unit_cost_words(measure: Measure) -> str:
    """What is measured: the cost of each unit of work."""
    ours = {
        COMMITS: say("Cost per commit"),
        PULL_REQUESTS: say("Cost per pull request"),
        LINES_ADDED: say("Cost per line added"),
        LINES_ACCEPTED: say("Cost per line accepted"),
    }
    if measure.origin and measure.name in ours:
        return ours[measure.name]
    return say("Cost per unit of {name}", name=measure.name)


def divided_words(measure: Measure) -> str:
    """Who counted the units of work of a measure, and which money is divided by them."""
    return {
        Cost.SPENT: say("all that was spent"),
        Cost.SOURCE: say("what {source} spent", source=measure.origin),
        Cost.ESTIMATED: say("as {source} estimates it, paid by use", source=measure.origin),
        Cost.PLAN: say("as {source} estimates it, under a plan: not owed", source=measure.origin),
        Cost.WORTH: say("agents' tokens in the same repositories, at list price"),
    }[measure.cost]


def action_words(action: Action, *, count: Callable[[int], str] = "{:,}".format) -> str:
    """What to try, and what it would have saved by which money."""
    return together([_what(action, count), _hint(action), saving_words(action)])


def _what(action: Action, count: Callable[[int], str]) -> str:
    now, usual = (_value(action, value) for value in (action.now, action.usual))
    given = {
        "part": part_words(action),
        "tokens": count(action.tokens),
        "now": now,
        "usual": usual,
        "name": action.name,
    }
    return {
        Kind.OUTPUT_PER_MONEY: say(
            "To try: a million tokens of output of {part} cost {now}, usually {usual}.", **given
        ),
        Kind.COST_PER_REQUEST: say(
            "To try: a request of {part} cost {now}, usually {usual}.", **given
        ),
        Kind.CACHE_HITS: say(
            "To try: {tokens} fewer tokens of {part} came from the cache than usual.", **given
        ),
        Kind.CACHE_SAVED: say(
            "To try: the cache saved {now} of the full input price of {part}, usually {usual}.",
            **given,
        ),
        Kind.WRITES_UNREAD: say(
            "To try: {part} wrote {tokens} tokens to the cache that nobody read in time.", **given
        ),
        Kind.REASONING: say("To try: {part} reasoned {tokens} tokens more than usual.", **given),
        Kind.OWN_LOOP: say(
            "To try: {now} of the tokens of {part} answered no person, usually {usual}.", **given
        ),
        Kind.COST_PER_UNIT: say(
            "To try: for each unit of {name}, {part} cost {now}, usually {usual}.", **given
        ),
    }[action.kind]


def _hint(action: Action) -> str:
    """Where to look. A model is what it is; a project or a source may have changed its models."""
    is_model = action.part is Dimension.MODEL
    return {
        Kind.OUTPUT_PER_MONEY: say(
            "Look at whether its prompts grew, and whether all of its work needs this model."
        )
        if is_model
        else say("Look at whether its prompts grew, or it asks dearer models."),
        Kind.COST_PER_REQUEST: say("Look at whether its prompts or its answers grew.")
        if is_model
        else say("Look at whether its prompts or its answers grew, or it asks dearer models."),
        Kind.CACHE_HITS: say("Look at what changes at the beginning of its prompts."),
        Kind.CACHE_SAVED: say(
            "Keep the beginning of its prompts alike, and ask again before the cache ends."
        ),
        Kind.WRITES_UNREAD: say("Write less, or for longer."),
        Kind.REASONING: say("Ask for less where it is not needed."),
        Kind.OWN_LOOP: say("Look at which steps its agents repeat by themselves."),
        Kind.COST_PER_UNIT: say("Look at which of this work needs this model.")
        if is_model
        else say("Look at what it was used for."),
    }[action.kind]


def saving_words(action: Action) -> str:
    """What it would have saved, and by what money that is said."""
    amount = small_money(action.saving)
    return {
        Basis.BILLED: say(
            "At its own usual that week would have cost {amount} less, by what was billed.",
            amount=amount,
        ),
        Basis.ESTIMATED: say(
            "At its own usual that week would have cost {amount} less, by what is estimated.",
            amount=amount,
        ),
        Basis.BILLED_AND_ESTIMATED: say(
            "At its own usual that week would have cost {amount} less, by what is billed and"
            " estimated.",
            amount=amount,
        ),
        Basis.PLAN: say(
            "What lies beyond its usual was worth {amount} at list price: under a plan, and not"
            " owed.",
            amount=amount,
        ),
        Basis.PARTLY_PLAN: say(
            "What lies beyond its usual was worth {amount} at list price; a part of it is under a"
            " plan, and not owed.",
            amount=amount,
        ),
        Basis.LIST: say("In that week it would have saved {amount} at list price.", amount=amount),
    }[action.basis]


def quiet_words(quiet: Quiet) -> str:
    """Why there is nothing to try."""
    return {
        Quiet.USUAL: say("Nothing to try: it is as usual."),
        Quiet.COSTS_NOTHING: say(
            "Nothing to try: it differs from the usual on the side that costs nothing."
        ),
        Quiet.TOO_SHORT: say("Nothing to try yet: too few weeks say what is usual."),
        Quiet.NOT_KNOWN: say("Nothing to try: this week's value is not known."),
        Quiet.PARTS_NOT_KNOWN: say(
            "Nothing to try: no part of it has money, prices and enough weeks of its own that are"
            " all known."
        ),
        Quiet.NO_PART: say(
            "Nothing to try in one place: no part that has a usual of its own lies beyond it. What"
            " changed is which parts were used."
        ),
        Quiet.TOO_SMALL: say(
            "Nothing to try: less than a hundredth of the week's spend could be saved."
        ),
        Quiet.INDICATOR: say("Nothing to try: it is an indicator, and tells of no money."),
    }[quiet]


def left_out_words(why: LeftOut) -> str:
    """Why days of a source are not in a measure."""
    return {
        LeftOut.TWO_CURRENCIES: say("money in two currencies"),
        LeftOut.NOT_PRICED: say("tokens without a price"),
        LeftOut.PART_NOT_PRICED: say("their tokens without a price"),
        LeftOut.PLAN: say("under a plan: not owed"),
        LeftOut.NO_MONEY: say("no money is known"),
        LeftOut.NO_TOKENS: say("money without tokens"),
        LeftOut.NO_REQUESTS: say("requests are not counted"),
        LeftOut.NO_REASONING: say("reasoning is not told"),
        LeftOut.NO_LIST_PRICE: say("no list price is known"),
        LeftOut.PAID_ELSEWHERE: say("another source pays for it, and it counts there"),
    }[why]


def _value(action: Action, value: Fraction | None) -> str:
    """A part's own value: money for a million tokens, a request or a unit, or a share."""
    if value is None:
        return "–"
    if action.kind in {Kind.OUTPUT_PER_MONEY, Kind.COST_PER_REQUEST, Kind.COST_PER_UNIT}:
        times = _MILLION if action.kind is Kind.OUTPUT_PER_MONEY else 1
        return small_money(Money(action.saving.currency, round(value * times)))
    return share_words(value)
