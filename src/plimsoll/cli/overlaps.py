"""Overlaps in words and documents, for the commands that tell of them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plimsoll.services.overlaps import Overlap


def overlap_remedy(overlap: Overlap) -> str:
    """How the question about two sources is answered on the command line."""
    edit = f"plimsoll source edit {shlex.quote(overlap.explainer)} --set"
    once = f"`{edit} {shlex.quote(f'explains={overlap.payer}')}`"
    return f"Count it once with {once}, or both with `{edit} explains=`."


def overlap_document(overlap: Overlap) -> dict[str, object]:
    """Two sources that see the same traffic, for `source list --json` and `sync --json`."""
    return {
        "payer": overlap.payer,
        "explainer": overlap.explainer,
        "counted_once": overlap.counted_once,
        "asked": overlap.is_open,
        "reason": overlap.reason.value,
        "relation": overlap.relation.value,
        "days": overlap.days,
        "equal_percent": f"{overlap.equal:f}",
        "days_equal_to_the_token": overlap.to_the_token,
        "evidence": overlap.evidence,
    }
