"""The network as the platform tells of it: whether there is one, and whether its use costs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

_Reachability = QNetworkInformation.Reachability


class Network(QObject):
    """What Qt knows of the network; where it knows nothing, there is one and it costs nothing.

    Signals:
        changed(): it came, went, or began or ceased to be metered.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_online, self.is_metered = True, False
        if not QNetworkInformation.loadDefaultBackend():
            return
        known = QNetworkInformation.instance()
        self._look(known)
        for signal in (
            known.reachabilityChanged,
            known.isMeteredChanged,
            known.isBehindCaptivePortalChanged,
        ):
            signal.connect(lambda _value: self._look(QNetworkInformation.instance()))

    def take(self, *, is_online: bool, is_metered: bool) -> None:
        """The network is so from now on."""
        before = self.is_online, self.is_metered
        self.is_online, self.is_metered = is_online, is_metered
        if before != (is_online, is_metered):
            self.changed.emit()

    def _look(self, known: QNetworkInformation) -> None:
        # A connection to no more than this room may still reach a gateway of the user's own.
        gone = known.reachability() is _Reachability.Disconnected
        self.take(
            is_online=not gone and not known.isBehindCaptivePortal(),
            is_metered=known.isMetered(),
        )
