"""Track record: what the forecast did in past months, and how fast spend doubles, in words."""

from __future__ import annotations

from plimsoll.analysis.track_record import TrackRecord
from plimsoll.domain.money import shown
from plimsoll.services.outlook import Outlook
from plimsoll.ui.words import full_month, tr


def record_words(record: TrackRecord) -> str:
    """One line beside the forecast; where the run-rate was nearer, it says so."""
    count, held = len(record.months), record.held
    if record.miss is None or record.run_rate_miss is None:
        return tr(
            "In the last {count} months the 80% range held {held} of {count} times.",
            count=count,
            held=held,
        )
    words = tr(
        "In the last {count} months the 80% range held {held} of {count} times; typical miss"
        " {miss}%, the run-rate's {rate}%.",
        count=count,
        held=held,
        miss=round(record.miss * 100),
        rate=round(record.run_rate_miss * 100),
    )
    if record.beats_run_rate:
        return words
    return f"{words} {tr('Here the run-rate has been the better guess.')}"


def outlook_lines(outlook: Outlook) -> list[tuple[str, str]]:
    """The months one by one, and how fast spend doubles, for *How do we know?*."""
    lines = []
    if outlook.record is not None:
        months = [
            tr(
                "{month}: {actual}, forecast {median}",
                month=full_month(each.month.first),
                actual=shown(each.actual, outlook.currency, places=0),
                median=shown(each.median, outlook.currency, places=0),
            )
            for each in outlook.record.months
        ]
        lines.append((tr("Past months, seen from the same day"), "\n".join(months)))
    growth = outlook.doubling
    if growth is None:
        words = tr("not measurably growing")
    else:
        words = tr(
            "in about {days} days, 80% between {low} and {high}",
            days=round(growth.days),
            low=round(growth.low),
            high=round(growth.high),
        )
    lines.append((tr("Spend doubles"), words))
    return lines
