"""Verdicts: what a provider's own error codes mean, be they inside HTTP 200 or beside a status.

Many providers answer a refusal with status 200 and a code in the body; others use 400 for all and
tell the reason in a word. A connector declares where the code stands and which HTTP status each
stands for; from there on the refusal is treated as that status would be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plimsoll.sources.wire import Reply

OWN_ERROR = 0
"""The status that is given to a refusal inside HTTP 200 whose code is not known."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Where one provider tells its verdict, and what it means.

    `code` and `message` are the names that lead to them, from the outermost object inwards. Codes
    are compared as text (`0` and `"0"`, `true` and `"true"` are one); a code that is absent or null
    is the empty text. `fine` are those of a real answer. `stands_for` names the HTTP status of the
    others, by the whole code or by its part before the first point (`AuthFailure` for
    `AuthFailure.SecretIdNotFound`): 401 the key is refused, 403 it may not read this, 404 not
    offered, 429 asked too often or out of money, 500 the provider failed.
    """

    code: tuple[str, ...]
    message: tuple[str, ...]
    fine: frozenset[str]
    stands_for: Mapping[str, int]

    def judge(self, reply: Reply) -> Reply:
        """The answer with the status that its code stands for, and only its message for a body; the
        answer itself where it is a real one, or where its body tells nothing.
        """
        try:
            body = json.loads(reply.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return reply
        code = _text(_at(body, self.code))
        if reply.status == 200 and code in self.fine:
            return reply
        # AWS writes `com.amazonaws.service#Reason`
        known = code.rpartition("#")[2]
        status = self.stands_for.get(known) or self.stands_for.get(known.partition(".")[0])
        if status is None and reply.status != 200:
            return reply
        told = {"message": _text(_at(body, self.message)), "code": known}
        return replace(reply, status=status or OWN_ERROR, body=json.dumps(told).encode())


def _at(value: object, names: tuple[str, ...]) -> object:
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _text(value: object) -> str:
    """A code or a message as text: null is empty, what is no single value a question mark."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else "?"
