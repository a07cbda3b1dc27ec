"""A budget as a burn-down: what is left day by day, the even pace, and when it is used up."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from plimsoll.domain.cadence import Cadence, Rolling
from plimsoll.services.burndown import BurnDay, BurnDown
from plimsoll.ui import theme as look
from plimsoll.ui.charts.burn_down_drawing import BurnDownDrawing, bounds_of, value_of
from plimsoll.ui.charts.canvas import (
    Canvas,
    Frame,
    draw_days,
    draw_grid,
    draw_nothing,
    plot_inside,
    steps_for,
    text_width,
)
from plimsoll.ui.charts.scale import Label, Tick, brief_money, day_labels, money_ticks
from plimsoll.ui.charts.tip import Tip, TipRow
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import short_day, tr, week_day

_MINUTES = 24 * 60


class BurnDownChart(Canvas):
    """A `BurnDown`: solid what is left, dashed and shaded what may be, the even pace beside it.

    Of rolling days it shows their sum against the limit.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What is left of the budget"), parent)
        self._burn: BurnDown | None = None
        self._data_changed()

    def show_burn(self, burn: BurnDown | None) -> None:
        """Show another budget; None shows that there is nothing."""
        self._burn = burn
        if burn is not None:
            self.setAccessibleName(tr("What is left of {name}", name=burn.budget.name))
        self._data_changed()

    def accessible_text(self) -> str:
        """The budget in one sentence: what is left, where it ends, when it is used up."""
        burn = self._burn
        now = _newest(burn) if burn else None
        if burn is None or now is None or now.used is None:
            return tr("Nothing has been used yet.")
        words = burn.budget.words
        if burn.rolls:
            of_limit = tr("{spent} of {limit}", spent=words(now.used), limit=words(burn.limit))
            parts = [of_limit, rolling_words(burn.budget.span)]
        else:
            parts = [_left_words(burn, now.used)]
        end = burn.days[-1]
        if end.median is not None and end.day >= burn.today:
            parts.append(tr("at the end {amount}", amount=_left_words(burn, end.median)))
        if burn.used_up_on is not None:
            parts.append(tr("used up on {day}", day=short_day(burn.used_up_on)))
        missing = sum(day.used is None and day.day < burn.today for day in burn.days)
        if missing:
            parts.append(tr("{count} days without data", count=missing))
        return tr(", ").join(parts) + tr(".")

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Day by day: what is left (of rolling days their sum), the even pace, the forecast."""
        burn = self._burn
        rolls = burn is not None and burn.rolls
        headers = (
            tr("Day"),
            tr("Sum of the days") if rolls else tr("Left"),
            tr("Even pace"),
            tr("Median"),
            tr("80% low"),
            tr("80% high"),
            tr("Final"),
        )
        if burn is None:
            return headers, ()

        def cell(used: int | None) -> str:
            return "" if used is None else burn.budget.words(value_of(burn, used))

        rows = []
        for day in burn.days:
            is_past = day.day <= burn.today
            left = tr("No data") if day.used is None and is_past else cell(day.used)
            ahead = (day.even, day.median, day.high80, day.low80)
            final = "" if day.final or not is_past else tr("Not final")
            rows.append((day.day.isoformat(), left, *map(cell, ahead), final))
        return headers, tuple(rows)

    def _count(self) -> int:
        return len(self._burn.days) if self._burn is not None else 0

    def _tip(self, index: int) -> Tip:
        burn = self._burn
        if burn is None:
            return Tip("")
        day = burn.days[index]
        title, note = week_day(day.day), ""
        if day.day == burn.today:
            title = tr("{day}, so far", day=title)
        if day.day > burn.today:
            note = tr("Forecast") if day.median is not None else ""
        elif not day.final:
            note = tr("Not final: can still change")
        return Tip(title, tuple(self._rows(burn, day)), note)

    @staticmethod
    def _rows(burn: BurnDown, day: BurnDay) -> Iterator[TipRow]:
        accent, words = look.current().colour("accent"), burn.budget.words
        if day.day <= burn.today:
            if day.used is None:
                yield TipRow(tr("No data"))
            elif burn.rolls:
                yield TipRow(tr("Used"), words(day.used), accent)
                yield TipRow(tr("Budget"), words(burn.limit), look.current().colour("warn"))
            else:
                yield TipRow(tr("Left"), words(burn.limit - day.used), accent)
        elif day.median is not None:
            yield TipRow(tr("Left, by the median"), _brief(burn, day.median), accent)
            for share, low, high, depth in (
                (tr("50% range"), day.high50, day.low50, 0.5),
                (tr("80% range"), day.high80, day.low80, 0.25),
            ):
                if low is not None and high is not None:
                    ends = {"low": _brief(burn, low), "high": _brief(burn, high)}
                    yield TipRow(share, tr("{low} to {high}", **ends), faded(accent, depth))
        else:
            yield TipRow(tr("Still to come"))
        if day.even is not None:
            yield TipRow(tr("Even pace"), _brief(burn, day.even), look.current().colour("other"))

    def _plot(self, rect: QRectF) -> QRectF:
        return plot_inside(rect, self._ticks(rect), top=16)

    def _ticks(self, rect: QRectF) -> tuple[Tick, ...]:
        burn = self._burn
        if burn is None:
            return ()
        low, high = bounds_of(burn)
        most = min(5, steps_for(rect.height() - 42))
        return money_ticks(low, high, currency=burn.budget.currency, most=most)

    def _anchor(self, index: int) -> QPointF:
        anchor = super()._anchor(index)
        return QPointF(anchor.x(), anchor.y() + 4)

    def _draw(
        self, painter: QPainter, rect: QRectF, theme: Theme, ratio: float, pointed: int | None
    ) -> None:
        burn = self._burn
        if burn is None or not burn.days:
            draw_nothing(painter, rect, theme, tr("No data in this period."))
            return
        frame = Frame(self._plot(rect), ratio)
        ticks = self._ticks(rect)
        drawing = BurnDownDrawing(painter, frame, theme, burn, ticks)
        draw_grid(painter, frame, theme, ticks, drawing.scale)
        labels, count = _labels(burn, frame.plot.width())
        draw_days(painter, frame, theme, labels, count, right=rect.right())
        drawing.everything(rect)
        if pointed is not None:
            drawing.pointer(pointed)


def rolling_words(span: Cadence) -> str:
    """`the last 30 days`; nothing for a period that does not roll."""
    if not isinstance(span, Rolling):
        return ""
    return tr("the last {count} days", count=span.days)


def _labels(burn: BurnDown, width: float) -> tuple[tuple[Label, ...], int]:
    """The words under the plot, and how many slots they are counted in: hours for a single day."""
    if len(burn.days) == 1:
        hours = tuple(Label(hour * 60, f"{hour:02}:00") for hour in range(0, 24, 6))
        return hours, _MINUTES
    days = tuple(day.day for day in burn.days)
    return day_labels(days, width=width, text_width=text_width), len(days)


def _newest(burn: BurnDown) -> BurnDay | None:
    return next((day for day in reversed(burn.days) if day.used is not None), None)


def _brief(burn: BurnDown, used: int) -> str:
    return brief_money(value_of(burn, used), burn.budget.currency)


def _left_words(burn: BurnDown, used: int) -> str:
    words = burn.budget.words
    if used > burn.limit:
        return tr("{amount} over", amount=words(used - burn.limit))
    return tr("{amount} of {limit} left", amount=words(burn.limit - used), limit=words(burn.limit))
