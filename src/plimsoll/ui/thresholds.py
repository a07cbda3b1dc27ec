"""Thresholds in words: what each watches, short enough for a line or a cell."""

from __future__ import annotations

from plimsoll.domain.budget import Threshold, ThresholdKind
from plimsoll.ui.words import tr


def threshold_words(threshold: Threshold) -> str:
    """What a threshold says once it holds: `80% crossed`, `100% foreseen`, `3× the even pace`."""
    percent = f"{threshold.percent:f}"
    if threshold.kind is ThresholdKind.ACTUAL:
        return tr("{percent}% crossed", percent=percent)
    if threshold.kind is ThresholdKind.FORECAST:
        return tr("{percent}% foreseen", percent=percent)
    return tr("{times}× the even pace", times=f"{threshold.times:f}")
