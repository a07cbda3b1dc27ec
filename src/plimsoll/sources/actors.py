"""Actors: an account whose provider tells whether people, agents or programs asked for tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from plimsoll.domain.actors import ActorDay
    from plimsoll.domain.calendar import Period


@runtime_checkable
class TellsActors(Protocol):
    """An account of which it is a question of its own who asked for its tokens.

    Where it comes along with usage, it stands on the slice (`Slice.actors`) instead.
    """

    def actors(self, periods: Sequence[Period]) -> Iterator[ActorDay]:
        """Whole days (UTC) of these periods, each at most once, the newest stretch first, so that
        what came before an error is good.

        Days that the provider does not answer for are left out, never empty. Where this key may
        not ask (400, 403, 404, 410) there are none, which is no failure.
        """
        ...
