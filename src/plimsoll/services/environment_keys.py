"""Keys in the environment: the variable of each source, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.errors import NoKey
from plimsoll.domain.said import say
from plimsoll.domain.secret import Secret

VARIABLE = "PLIMSOLL_KEY_"


def variable_of(name: str) -> str:
    """The environment variable of a source: its name in capitals, other characters as `_`."""
    letters = (c.upper() if c.isascii() and c.isalnum() else "_" for c in name)
    return VARIABLE + "".join(letters)


def from_environment(environ: Mapping[str, str], name: str) -> Secret | None:
    """The key that the environment holds for a source; a blank variable counts as not set.

    Raises `NoKey` when the variable holds something that cannot be a key.
    """
    text = environ.get(variable_of(name), "")
    if not text.strip():
        return None
    try:
        return Secret(text)
    except ValueError as error:
        raise NoKey(
            say(
                "The environment variable {variable} does not hold a key.",
                variable=variable_of(name),
            ),
            remedy=say("Check its value: {error}.", error=error.args[0]),
        ) from None
