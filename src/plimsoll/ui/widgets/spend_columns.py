"""The columns of the table of what was spent: every kind of number in its own, those of sessions
with who worked where and when.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from plimsoll.domain.money import shown
from plimsoll.domain.question import Amounts, Dimension
from plimsoll.services.agent_work import AgentWork, Session
from plimsoll.services.breakdown import Breakdown, SpendLine
from plimsoll.services.own_loop import Loop
from plimsoll.ui import theme as look
from plimsoll.ui.dimensions import called, title_of
from plimsoll.ui.moments import at_any_time, brief, grouped, share_words
from plimsoll.ui.widgets.own_loop import loop_words
from plimsoll.ui.widgets.table import Column
from plimsoll.ui.words import tr

SWATCH = 10

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class SpendRow:
    """A line as the table shows it: its words, more of them in a tip, the colour that it has in the
    chart, if any; of agents' calls how much was their own loop, and which session it is.
    """

    line: SpendLine
    name: str
    colour: QColor | None = None
    is_total: bool = False
    tip: str = ""
    loop: Loop | None = None
    session: Session | None = None

    @property
    def amounts(self) -> Amounts | None:
        """Its money, where some is known."""
        return self.line.amounts


def rows_of(answer: Breakdown, *, coloured: Collection[str]) -> list[SpendRow]:
    """The lines of an answer; only words in `coloured` have a colour of their own in the chart."""
    work = answer.agents
    loops = work.loop.by_value if work is not None else {}
    sessions = work.sessions if work is not None else {}
    rows = []
    for line in answer.lines:
        words = called(answer.by, line.value, work)
        session = sessions.get(line.value or "") if answer.by is Dimension.SESSION else None
        rows.append(
            SpendRow(
                line,
                f"{'↳ ' * session.depth}{words}" if session is not None else words,
                _colour_of(answer.by, line.value, words, coloured),
                tip=_more_of(answer.by, line.value, work),
                loop=loops.get(line.value) if line.counts else None,
                session=session,
            )
        )
    return rows


def totals_of(answer: Breakdown) -> list[SpendRow]:
    """A line for each currency; what is told of all together stands on the first."""
    loop = answer.agents.loop.total if answer.agents is not None else None
    return [
        SpendRow(line, tr("Total"), is_total=True, loop=loop if line.counts else None)
        for line in answer.totals
    ]


def _more_of(by: Dimension, value: str | None, work: AgentWork | None) -> str:
    """What a name stands for: the folders of a project, a session's whole title and its id."""
    if value is None or work is None:
        return ""
    if by is Dimension.PROJECT:
        return "\n".join(work.folders.get(value, ()))
    return f"{called(by, value, work)}\n{value}" if by is Dimension.SESSION else ""


def _colour_of(
    by: Dimension, value: str | None, words: str, coloured: Collection[str]
) -> QColor | None:
    if by in {Dimension.DAY, Dimension.MONTH}:
        return None
    if value is None:
        return look.series_colour(None)
    return look.series_colour(words, other=words not in coloured)


def _swatch(colour: QColor | None) -> QPixmap | None:
    """The colour of a value as it stands in the chart's legend."""
    if colour is None:
        return None
    picture = QPixmap(2 * SWATCH, 2 * SWATCH)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(0, 0, SWATCH, SWATCH, 3, 3)
    painter.end()
    return picture


def shape_of(answer: Breakdown) -> tuple[object, ...]:
    """What decides which columns there are: the dimension, currencies apart, kinds of numbers."""
    money = [total.amounts for total in answer.totals if total.amounts is not None]
    return (
        answer.by,
        len(money) > 1,
        any(amounts.plan for amounts in money),
        any(amounts.billed for amounts in money),
        any(total.not_priced_tokens for total in answer.totals),
        answer.agents is not None and bool(answer.agents.loop.by_value),
    )


def columns_of(answer: Breakdown) -> Sequence[Column[SpendRow]]:
    """The columns that an answer needs."""
    by, several, plan, billed, not_priced, loop = shape_of(answer)
    in_several = bool(several)
    columns: list[Column[SpendRow]] = [
        Column(
            title_of(answer.by),
            lambda row: row.name,
            lambda row: (
                row.name.lstrip("↳ ").casefold() if row.session is not None else row.line.value
            ),
            tip=lambda row: row.tip,
            mark=lambda row: _swatch(row.colour),
        )
    ]
    if by is Dimension.SESSION:
        columns += _session_columns()
    if several:
        columns.append(Column(tr("Currency"), _currency))
    if by is not Dimension.SESSION:
        columns.append(_money_column(tr("Spent"), _spent, several=in_several))
    if by is not Dimension.SESSION or billed:
        columns.append(_money_column(tr("Billed"), _billed, several=in_several))
    columns.append(_money_column(tr("Estimated"), _estimated, several=in_several))
    if plan:
        columns.append(_money_column(tr("Plan"), _plan, several=in_several))
    columns += [
        _money_column(tr("Worth"), _worth, several=in_several, role="faint"),
        _count_column(tr("Tokens"), _tokens, show=brief),
        _count_column(tr("Requests"), lambda row: row.line.requests, show=grouped),
    ]
    if not_priced:
        columns.append(
            _count_column(tr("Not priced"), lambda row: row.line.not_priced_tokens, show=brief)
        )
    if loop:
        columns.append(_loop_column())
    return columns


def _tokens(row: SpendRow) -> int | None:
    """None where nobody counted any: of a bill without usage, or of what a balance lost."""
    counted = row.line.tokens.total
    return None if row.line.requests is None and not counted else counted


def _session_columns() -> tuple[Column[SpendRow], ...]:
    """Where, by whom and when a session was."""

    def project(row: SpendRow) -> str:
        return _and_more(row.session.projects) if row.session is not None else ""

    def agent(row: SpendRow) -> str:
        return row.session.agent if row.session is not None else ""

    def models(row: SpendRow) -> str:
        return _and_more(row.session.models) if row.session is not None else ""

    def when(row: SpendRow) -> str:
        return at_any_time(row.session.began) if row.session is not None else ""

    def until(row: SpendRow) -> str:
        session = row.session
        if session is None:
            return ""
        first, last = at_any_time(session.began), at_any_time(session.ended)
        return tr("{first} to {last}", first=first, last=last)

    return (
        Column(tr("Project"), project, role=_muted),
        Column(tr("Agent"), agent, role=_muted),
        Column(
            tr("Model"),
            models,
            tip=lambda row: "\n".join(row.session.models) if row.session is not None else "",
            role=_muted,
        ),
        Column(
            tr("When"),
            when,
            lambda row: row.session.began if row.session is not None else None,
            tip=until,
            role=_muted,
        ),
    )


def _muted(_row: SpendRow) -> str:
    return "muted"


def _and_more(names: Sequence[str]) -> str:
    """The first of several, and how many others there are."""
    if len(names) < 2:
        return "".join(names)
    return tr("{name} +{count}", name=names[0], count=len(names) - 1)


def _loop_column() -> Column[SpendRow]:
    title = tr("Own loop")

    def share_of(row: SpendRow) -> float | None:
        return row.loop.share if row.loop is not None else None

    def show(row: SpendRow) -> str:
        share = share_of(row)
        return NOTHING if share is None else share_words(share)

    return Column(
        title,
        show,
        share_of,
        numeric=True,
        tip=lambda row: loop_words(row.loop) if row.loop is not None else "",
        role=lambda row: "faint" if share_of(row) is None else "",
        says=lambda row: f"{row.name}, {title}: {show(row)}",
    )


def _money_column(
    title: str, read: Callable[[SpendRow], int | None], *, several: bool, role: str = ""
) -> Column[SpendRow]:
    def show(row: SpendRow) -> str:
        nanos = read(row)
        return NOTHING if nanos is None or row.amounts is None else shown(nanos, _currency(row))

    def sort(row: SpendRow) -> object:
        nanos = read(row)
        return (_currency(row), nanos) if several and nanos is not None else nanos

    return Column(
        title,
        show,
        sort,
        numeric=True,
        role=lambda row: role or ("faint" if read(row) is None else ""),
        says=lambda row: f"{row.name}, {title}: {show(row)}",
    )


def _count_column(
    title: str, read: Callable[[SpendRow], int | None], *, show: Callable[[int], str]
) -> Column[SpendRow]:
    def count_of(row: SpendRow) -> int | None:
        """Nothing is said of none: the fewer figures, the easier the others are read."""
        return (read(row) or None) if row.line.counts else None

    def words(row: SpendRow) -> str:
        count = count_of(row)
        return NOTHING if count is None else show(count)

    def exact(row: SpendRow) -> str:
        count = count_of(row)
        return "" if count is None else grouped(count)

    return Column(
        title,
        words,
        count_of,
        numeric=True,
        tip=exact,
        role=lambda row: "faint" if count_of(row) is None else "",
        says=lambda row: f"{row.name}, {title}: {exact(row) or NOTHING}",
    )


def _currency(row: SpendRow) -> str:
    return row.amounts.currency if row.amounts is not None else ""


def _spent(row: SpendRow) -> int | None:
    return row.amounts.spent if row.amounts is not None and row.line.is_owed else None


def _billed(row: SpendRow) -> int | None:
    return (row.amounts.billed or None) if row.amounts is not None else None


def _estimated(row: SpendRow) -> int | None:
    return (row.amounts.estimated or None) if row.amounts is not None else None


def _plan(row: SpendRow) -> int | None:
    return (row.amounts.plan or None) if row.amounts is not None else None


def _worth(row: SpendRow) -> int | None:
    return (row.amounts.worth or None) if row.amounts is not None else None
