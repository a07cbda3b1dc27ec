"""Words for a part of spend, by what it is and its name: `model gpt-5.5`, `project web`."""

from __future__ import annotations

from plimsoll.domain.question import Dimension
from plimsoll.domain.said import Said, say

_WORDS = {
    Dimension.PROVIDER: (say("provider"), say("Provider")),
    Dimension.SOURCE: (say("source"), say("Source")),
    Dimension.MODEL: (say("model"), say("Model")),
    Dimension.PROJECT: (say("project"), say("Project")),
    Dimension.KEY: (say("key"), say("Key")),
    Dimension.USER: (say("user"), say("User")),
    Dimension.AGENT: (say("agent"), say("Agent")),
}


def part_words(dimension: Dimension, name: str, *, begins: bool = False) -> Said:
    """A part by its dimension and name; with a capital where it `begins` a sentence."""
    small, capital = _WORDS.get(dimension, (dimension.value, dimension.value.capitalize()))
    return say("{what} {name}", what=capital if begins else small, name=name)
