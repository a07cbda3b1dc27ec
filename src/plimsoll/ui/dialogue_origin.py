"""*How do we know?* of dialogue against self-circulation: what a week is made of, by which rule."""

from __future__ import annotations

from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.services.dialogue import Dialogue
from plimsoll.ui.asked import Asked
from plimsoll.ui.dimensions import class_words
from plimsoll.ui.moments import grouped, period_words
from plimsoll.ui.widgets.own_loop import loop_words
from plimsoll.ui.words import tr


def lines_of_week(answer: Dialogue, index: int) -> tuple[tuple[str, str], ...]:
    """The tokens of a week by what they answered, and by who asked as each provider tells."""
    loop = answer.loops[index]
    lines = [(tr("Week"), period_words(answer.weeks[index]))]
    if loop is not None:
        lines.append((tr("Agents' logs"), loop_words(loop)))
    for told in answer.told:
        actors = told.weeks[index]
        if actors is None:
            continue
        parts = (
            (tr("People"), actors.person),
            (tr("Agents"), actors.agent),
            (tr("Programs"), actors.program),
            (tr("Not told"), actors.not_told),
        )
        counts = (
            tr("{name}: {count} tokens", name=name, count=grouped(count)) for name, count in parts
        )
        lines.append((told.source, "\n".join(counts)))
    lines.append((tr("How"), _rule(is_told=bool(answer.told))))
    return tuple(lines)


def asked_of_week(answer: Dialogue, index: int, currency: str) -> Asked:
    """The rows behind a week's own loop."""
    scope = Scope(((Dimension.CLASS, tuple(class_words())),))
    return Asked(Question(answer.weeks[index], scope=scope), (currency,))


def _rule(*, is_told: bool) -> str:
    logs = tr(
        "Agents' logs say what each call answered: a person, a tool's result, another agent, a"
        " program, or the agent's own upkeep. All but the first are its own loop."
    )
    if not is_told:
        return logs
    told = tr(
        "Anthropic tells by managed agent, kind of account, Claude Tag and product, Cursor by runs"
        " without a window. Keys and what has no word of ours are not told, never guessed. It is"
        " in no total."
    )
    return f"{logs}\n{told}"
