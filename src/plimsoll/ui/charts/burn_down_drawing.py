"""One pass of painting a burn-down: the pace, the fan, the line, and where nothing is left."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from plimsoll.services.burndown import BurnDay, BurnDown
from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import LABEL_SIZE, Frame, hatching
from plimsoll.ui.charts.line_drawing import LineDrawing
from plimsoll.ui.charts.scale import Scale, Tick, brief_money
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import short_day, tr

_FAR = 3
"""A limit this many times above the sums of rolling days would flatten them: it is only named."""

_DASHES = (3.2, 2.6)


def value_of(burn: BurnDown, used: int) -> int:
    """What is drawn of a used amount: what is left, or of rolling days the amount itself."""
    return used if burn.rolls else burn.limit - used


def bounds_of(burn: BurnDown) -> tuple[int, int]:
    """The lowest and the highest value to be drawn; a range that falls deep is cut off."""
    used = [day.used for day in burn.days if day.used is not None]
    if burn.rolls:
        top = max(used, default=0)
        is_near = not top or top < burn.limit <= _FAR * top
        return 0, burn.limit if is_near else top
    certain = [burn.limit - amount for amount in (*used, *_medians(burn))]
    lowest = min(
        (burn.limit - day.high80 for day in burn.days if day.high80 is not None), default=0
    )
    return min(0, *certain, max(lowest, -burn.limit // 2)), max(burn.limit, *certain, 0)


def _medians(burn: BurnDown) -> list[int]:
    return [day.median for day in burn.days if day.median is not None]


class BurnDownDrawing(LineDrawing):
    """One pass of painting a burn-down. A day's amount lies at the day's end, today's at its hour,
    the whole limit at the left edge; sums of rolling days lie in the middle of their day.
    """

    def __init__(
        self,
        painter: QPainter,
        frame: Frame,
        theme: Theme,
        burn: BurnDown,
        ticks: tuple[Tick, ...],
    ) -> None:
        plot = frame.plot
        low, high = ticks[0].value, ticks[-1].value
        scale = Scale(low, high, frame.crisp(plot.bottom()), frame.crisp(plot.top()))
        super().__init__(painter, frame, theme, scale)
        self.burn = burn
        self.slot = plot.width() / len(burn.days)
        self.lines: list[QPointF] = []

    def everything(self, rect: QRectF) -> None:
        """All of it, from the back to the front; words stay inside `rect`."""
        self._area()
        self._limit()
        if not self.burn.rolls:
            self._pace()
            self._fan()
            self._today()
        self._gaps()
        self._actual()
        if not self.burn.rolls:
            self._ahead()
            self._end_label(rect)
            self._used_up()
        self._name_lines()

    def at(self, index: int, used: int) -> QPointF:
        """Where a used amount of a day lies."""
        return QPointF(self._x(index), self._y(value_of(self.burn, used)))

    def pointer(self, index: int) -> None:
        """A hairline and a dot at the pointed day."""
        day = self.burn.days[index]
        used = day.used if day.used is not None and day.day <= self.burn.today else day.median
        x, line = self.frame.crisp(self._x(index)), self.frame.hairline
        plot = self.frame.plot
        upright = QRectF(x - line / 2, plot.top(), line, plot.height())
        self.painter.fillRect(upright, faded(self.theme.colour("faint"), 0.4))
        if used is not None:
            self._dot(self.at(index, used), filled=True)

    # -- places ------------------------------------------------------------------------------

    def _x(self, index: int) -> float:
        left = self.frame.plot.left()
        if self.burn.rolls:
            return left + (index + 0.5) * self.slot
        is_today = self.burn.days[index].day == self.burn.today
        return left + (index + (self.burn.today_elapsed if is_today else 1.0)) * self.slot

    def _y(self, value: int) -> float:
        """The height of a value, inside the plot: what falls deeper lies on its edge."""
        return self.scale.position(min(max(value, self.scale.low), self.scale.high))

    @property
    def _zero(self) -> float:
        return self.scale.position(0)

    @property
    def _start(self) -> QPointF:
        return QPointF(self.frame.plot.left(), self._y(self.burn.limit))

    def _known(self) -> list[tuple[int, BurnDay, int]]:
        return [
            (place, day, day.used)
            for place, day in enumerate(self.burn.days)
            if day.used is not None and day.day <= self.burn.today
        ]

    def _now(self) -> QPointF:
        """Where the forecast begins: at what is left now, or at the whole limit."""
        known = self._known()
        return self.at(known[-1][0], known[-1][2]) if known else self._start

    # -- parts -------------------------------------------------------------------------------

    def _limit(self) -> None:
        """The load line: nothing left, or the limit of rolling days."""
        value = self.burn.limit if self.burn.rolls else 0
        if not self.scale.low <= value <= self.scale.high:
            return
        thick = round((3 if self.theme.high_contrast else 1.5) * self.frame.ratio)
        height = thick / self.frame.ratio
        y = self.frame.crisp(self.scale.position(value) - height / 2)
        plot = self.frame.plot
        self.painter.fillRect(
            QRectF(plot.left(), y, plot.width(), height), self.theme.colour("warn")
        )

    def _area(self) -> None:
        """A breath of colour between the line and nothing; hatched on days that can change."""
        light = faded(self.theme.colour("accent"), 0.10 if self.theme.dark else 0.07)
        before = None if self.burn.rolls else self._start
        for place, day in enumerate(self.burn.days):
            if day.used is None or day.day > self.burn.today:
                before = None
                continue
            here = self.at(place, day.used)
            if before is not None:
                foot = (QPointF(here.x(), self._zero), QPointF(before.x(), self._zero))
                self.painter.setPen(Qt.PenStyle.NoPen)
                self.painter.setBrush(light)
                self.painter.drawPolygon(QPolygonF([before, here, *foot]))
                if not day.final:
                    self._hatch(before, here)
            before = here

    def _hatch(self, before: QPointF, here: QPointF) -> None:
        ends = (before.y(), here.y())
        near = max(ends) if max(ends) <= self._zero else min(ends)
        top, bottom = sorted((near, self._zero))
        box = QRectF(before.x(), top, here.x() - before.x(), bottom - top)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        self.painter.setPen(QPen(faded(self.theme.colour("accent"), 0.45), 1.1))
        self.painter.drawLines(list(hatching(box)))

    def _gaps(self) -> None:
        """Dots where days have no answer: unknown, which is not nothing."""
        dot = 2 * self.frame.hairline
        y = self.frame.crisp(self._zero) - 3 - dot
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for place, day in enumerate(self.burn.days):
            if day.used is not None or day.day > self.burn.today:
                continue
            left = self.frame.plot.left() + place * self.slot
            x = -(-left // (2 * dot)) * 2 * dot
            while x < left + self.slot:
                spot = QRectF(self.frame.crisp(x), y, dot, dot)
                self.painter.fillRect(spot, self.theme.colour("faint"))
                x += 2 * dot
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)

    def _pace(self) -> None:
        end = QPointF(self.frame.plot.right(), self._zero)
        self._stroke([self._start, end], QPen(faded(self.theme.colour("other"), 0.9), 1.2))

    def _fan(self) -> None:
        """Both ranges from now on, the narrow one darker because it lies on the wide one."""
        days = [(place, day) for place, day in self._to_come() if day.low50 is not None]
        self._range([(place, day.low80, day.high80) for place, day in days])
        self._range([(place, day.low50, day.high50) for place, day in days])

    def _to_come(self) -> list[tuple[int, BurnDay]]:
        """Today and the days after it, as far as a forecast speaks of them."""
        return [
            (place, day)
            for place, day in enumerate(self.burn.days)
            if day.median is not None and day.day >= self.burn.today
        ]

    def _range(self, ends: Sequence[tuple[int, int | None, int | None]]) -> None:
        upper = [self._ahead_at(place, least) for place, least, _ in ends if least is not None]
        lower = [self._ahead_at(place, most) for place, _, most in ends if most is not None]
        if upper:
            colour = faded(self.theme.colour("accent"), 0.15 if self.theme.dark else 0.12)
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(colour)
            self.painter.drawPolygon(QPolygonF([self._now(), *upper, *reversed(lower)]))

    def _ahead_at(self, place: int, used: int) -> QPointF:
        """A forecast lies at the end of its day, today's too."""
        x = self.frame.plot.left() + (place + 1) * self.slot
        return QPointF(x, self._y(value_of(self.burn, used)))

    def _today(self) -> None:
        """A dotted upright: left of it happened, right of it is forecast."""
        place = next((i for i, d in enumerate(self.burn.days) if d.day == self.burn.today), None)
        if place is None:
            return
        x, dot = self.frame.crisp(self._x(place)), self.frame.hairline
        colour = faded(self.theme.colour("faint"), 0.75)
        y = self.frame.plot.top()
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        while y < self.frame.plot.bottom():
            self.painter.fillRect(QRectF(x - dot / 2, y, dot, 2 * dot), colour)
            y += 4 * dot
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)

    def _actual(self) -> None:
        """The solid line, broken where days have no answer, red below nothing."""
        run = [] if self.burn.rolls else [self._start]
        for place, day in enumerate(self.burn.days):
            if day.day > self.burn.today:
                break
            if day.used is None:
                self._line(run)
                run = []
            else:
                run.append(self.at(place, day.used))
        self._line(run)

    def _line(self, points: Sequence[QPointF]) -> None:
        self.lines += points
        if self.burn.rolls:
            self._stroke(list(points), QPen(self.theme.colour("accent"), 2.0))
            return
        for piece, below in _split(points, self._zero):
            self._stroke(piece, QPen(self.theme.colour("bad" if below else "accent"), 2.0))

    def _ahead(self) -> None:
        """The dashed median, amber below nothing, and the open dot where it begins."""
        ahead = [
            self._ahead_at(place, day.median)
            for place, day in self._to_come()
            if day.median is not None
        ]
        if not ahead:
            return
        begin = self._now()
        self.lines += ahead
        for piece, below in _split([begin, *ahead], self._zero):
            pen = QPen(self.theme.colour(self._role_below(below)), 2.0)
            pen.setDashPattern(list(_DASHES))
            self._stroke(piece, pen)
        self._dot(begin, filled=False, role=self._role_below(begin.y() > self._zero))

    def _role_below(self, below: bool) -> str:
        """The colour of what is forecast: amber where it falls below nothing, red once it did."""
        if not below:
            return "accent"
        return "bad" if self._now().y() > self._zero else "warn"

    def _used_up(self) -> None:
        """A mark on the load line at the day on which nothing is left, and its date."""
        day = self.burn.used_up_on
        place = next((i for i, d in enumerate(self.burn.days) if d.day == day), None)
        if day is None or place is None:
            return
        is_used_up = (self.burn.days[place].used or 0) >= self.burn.limit
        role = "bad" if is_used_up else "warn"
        middle = QPointF(self._crossing(place), self._zero)
        self.painter.setPen(QPen(self.theme.colour("card"), 2.0))
        self.painter.setBrush(self.theme.colour(role))
        self.painter.drawEllipse(middle, 5.0, 5.0)
        past, coming = (
            tr("Used up on {day}", day=short_day(day)),
            tr("Runs out on {day}", day=short_day(day)),
        )
        words = past if is_used_up else coming
        width = QFontMetricsF(look.font(LABEL_SIZE, 600)).horizontalAdvance(words)
        plot = self.frame.plot
        # Before the crossing nothing is drawn below, and after it nothing above.
        before = max(middle.x() - width - 2, plot.left() + 4)
        after = min(middle.x() + 8, plot.right() - width)
        for left, base in ((before, self._zero + 20), (after, self._zero - 11)):
            taken = self._heights(left, left + width)
            if self._is_free(base, width, left, taken):
                self._words(words, left, base, role, 600)
                return
        self._words(words, before, self._zero - 11, role, 600)

    def _crossing(self, place: int) -> float:
        """Where the line, or the median after it, reaches nothing within a day."""
        right = self.frame.plot.left() + (place + 1) * self.slot
        for before, here in pairwise([self._start, *self.lines]):
            if before.y() < self._zero <= here.y() and here.x() <= right + 0.5:
                share = (self._zero - before.y()) / (here.y() - before.y())
                return before.x() + share * (here.x() - before.x())
        return right

    def _end_label(self, rect: QRectF) -> None:
        """What is left at the end, in bold, kept inside the chart and off the lines."""
        end = self.burn.days[-1]
        used = end.used if end.used is not None and end.day < self.burn.today else end.median
        if used is None:
            return
        point = self._ahead_at(len(self.burn.days) - 1, used)
        self._dot(point, filled=True, role=self._role_below(used >= self.burn.limit))
        words = brief_money(value_of(self.burn, used), self.burn.budget.currency)
        width = QFontMetricsF(look.font(LABEL_SIZE, 600)).horizontalAdvance(words)
        left = min(point.x() - width / 2, rect.right() - width - 2)
        beside = point.x() - width - 12
        places = [(left, point.y() + step) for step in (-11, 20, -30, 36)]
        for x, base in (*places, (beside, point.y() + 16), (beside, point.y() - 8)):
            if self._is_free(base, width, x, self._heights(x - 2, x + width)):
                self._words(words, x, base, "text", 600)
                return
        self._words(words, left, point.y() - 11, "text", 600)

    def _name_lines(self) -> None:
        """The pace, or the limit of rolling days, by name, where there is room."""
        plot = self.frame.plot
        if self.burn.rolls:
            amount = brief_money(self.burn.limit, self.burn.budget.currency)
            words, role, y = tr("Budget {amount}", amount=amount), "warn", plot.top() + 16
            if self.burn.limit > self.scale.high:
                words = tr("{budget}, above this chart", budget=words)
            else:
                y = self.scale.position(self.burn.limit) - 6
            self._words(words, plot.left() + 6, y, role, 500)
            return
        words, size = tr("Even pace"), 11
        width = QFontMetricsF(look.font(size)).horizontalAdvance(words)
        now = self._now().x()
        for share in (0.5, 0.36, 0.62, 0.8, 0.2):
            left = plot.left() + share * plot.width()
            base = self._start.y() + share * (self._zero - self._start.y()) - 6
            taken = [p.y() for p in self.lines if left - self.slot <= p.x() <= left + width]
            if self._is_free(base, width, left, taken) and not left - 4 < now < left + width + 4:
                self._words(words, left, base, "faint", 400, size=size)
                return

    def _heights(self, left: float, right: float) -> list[float]:
        """The heights of the lines, the load line and the pace too, between two places."""
        near = [p.y() for p in self.lines if left - self.slot <= p.x() <= right + self.slot]
        plot, start = self.frame.plot, self._start.y()
        pace = [
            start + (x - plot.left()) / plot.width() * (self._zero - start)
            for x in (left, (left + right) / 2, right)
            if not self.burn.rolls
        ]
        return [*near, *pace, self._zero]


def _split(points: Sequence[QPointF], level: float) -> list[tuple[list[QPointF], bool]]:
    """A line cut where it crosses a level: its pieces, and whether each lies below it."""
    pieces: list[tuple[list[QPointF], bool]] = []
    for before, here in pairwise(points):
        ends = [before, here]
        if (before.y() - level) * (here.y() - level) < 0:
            share = (level - before.y()) / (here.y() - before.y())
            cut = QPointF(before.x() + share * (here.x() - before.x()), level)
            ends = [before, cut, here]
        for start, end in pairwise(ends):
            below = (start.y() + end.y()) / 2 > level
            if pieces and pieces[-1][1] == below:
                pieces[-1][0].append(end)
            else:
                pieces.append(([start, end], below))
    return pieces
