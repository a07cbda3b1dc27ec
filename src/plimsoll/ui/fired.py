"""What fired, in the words of the list of alerts: of budgets and of balances, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plimsoll.domain.alerting import AlertState
from plimsoll.domain.delivery import Channel, Delivery, DeliveryState
from plimsoll.domain.prepaid import Warned, WarningKind
from plimsoll.services.answers import AlertLine, AlertList
from plimsoll.ui.moments import period_words
from plimsoll.ui.thresholds import threshold_words
from plimsoll.ui.words import counted, in_words, tr


@dataclass(frozen=True, slots=True)
class Fired:
    """One row: what it is of, what was crossed, in which period, how it stands, how it was told;
    its sentence, and why it did not reach a command or an address.
    """

    fired_at: datetime
    of: str
    crossed: str
    period: str
    state: str
    told: str
    sentence: str
    troubles: tuple[str, ...] = ()


def fired_rows(alerts: AlertList) -> tuple[Fired, ...]:
    """Everything that fired, the newest first."""
    rows = [*map(_of_budget, alerts.lines), *(_of_balance(*one) for one in alerts.warned)]
    return tuple(sorted(rows, key=lambda row: row.fired_at, reverse=True))


def became_words(line: AlertLine | Warned) -> str:
    """What became of an alert, in words; nothing where it was told and simply stands."""
    if isinstance(line, Warned):
        if line.rearmed_at is not None:
            return tr("well again")
        return _in_window(told=line.told_at is not None, waiting=line.waiting)
    if line.taken_back:
        return tr("taken back: the figures changed since")
    if line.state is AlertState.RECOVERED:
        return tr("back on track")
    failed = [_way_words(way) for way in line.deliveries if way.state is DeliveryState.FAILED]
    if failed:
        return tr(", ").join(failed)
    return _in_window(told=line.alert.told_at is not None, waiting=line.alert.waiting)


def _of_budget(line: AlertLine) -> Fired:
    alert = line.alert
    states = {AlertState.FIRED: tr("fired"), AlertState.RECOVERED: tr("back on track")}
    return Fired(
        fired_at=alert.fired_at,
        of=alert.budget,
        crossed=threshold_words(alert.threshold),
        period=period_words(alert.period),
        state=tr("taken back") if line.taken_back else states[line.state],
        told=_told(line.deliveries, told=alert.told_at is not None, waiting=alert.waiting),
        sentence=in_words(alert.sentence),
        troubles=_troubles(line.deliveries),
    )


def _of_balance(warned: Warned, ways: Sequence[Delivery]) -> Fired:
    return Fired(
        fired_at=warned.fired_at,
        of=warned.source,
        crossed=_mark_words(warned),
        period="",
        state=tr("fired") if warned.rearmed_at is None else tr("well again"),
        told=_told(ways, told=warned.told_at is not None, waiting=warned.waiting),
        sentence=in_words(warned.sentence),
        troubles=_troubles(ways),
    )


def _mark_words(warned: Warned) -> str:
    if warned.kind is WarningKind.BALANCE:
        is_whole = "%" in warned.mark or " " in warned.mark
        mark = warned.mark if is_whole else f"{warned.currency} {warned.mark}"
        return tr("balance below {mark}", mark=mark)
    return counted(int(warned.mark), "runs out within 1 day", "runs out within {count} days")


def _told(ways: Sequence[Delivery], *, told: bool, waiting: bool) -> str:
    here = _in_window(told=told, waiting=waiting) or tr("told")
    return tr(", ").join([here, *map(_way_words, ways)])


def _in_window(*, told: bool, waiting: bool) -> str:
    if waiting:
        return tr("waits for the end of the quiet hours")
    return "" if told else tr("in the list only")


def _way_words(way: Delivery) -> str:
    words = {
        (Channel.COMMAND, DeliveryState.DELIVERED): tr("command"),
        (Channel.COMMAND, DeliveryState.WAITING): tr("command waits"),
        (Channel.COMMAND, DeliveryState.FAILED): tr("command failed"),
        (Channel.WEBHOOK, DeliveryState.DELIVERED): tr("address"),
        (Channel.WEBHOOK, DeliveryState.WAITING): tr("address waits"),
        (Channel.WEBHOOK, DeliveryState.FAILED): tr("address failed"),
    }
    return words[way.channel, way.state]


def _troubles(ways: Sequence[Delivery]) -> tuple[str, ...]:
    return tuple(in_words(way.trouble) for way in ways if way.trouble)
