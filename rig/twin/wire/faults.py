"""Faults of instruments as their clients see them: names, power, hearing, pace, and read-back that is not so."""

from collections.abc import Callable, Mapping
from functools import partial

from rig.twin.clock import PS_PER_S
from rig.twin.scene.faults import FAULTS, Fault
from rig.twin.wire.hub import Hub, Port
from rig.twin.wire.panel import SupplyPanel
from rig.twin.wire.roles import Calendar
from rig.twin.wire.servers import stream_port
from rig.twin.wire.units import ModbusUnit, ScpiUnit, Unit

End = Callable[[], None]


class WireFaults:
    """Brings faults of served instruments about."""

    def __init__(self, hub: Hub, units: Mapping[str, Unit], calendar: Calendar) -> None:
        self._hub, self._units, self._calendar = hub, units, calendar

    def begin(self, fault: Fault) -> End:
        """The fault is there from now on; what is returned ends it."""
        unit, port = self._units[fault.part], self._hub.ports[fault.part]
        size = fault.size if fault.size is not None else FAULTS[fault.fault].default or 0.0
        end: End
        match fault.fault:
            case "wrong_identity":
                assert isinstance(unit, ScpiUnit)
                end = _renamed(unit.rename, fault.text)
            case "wrong_serial":
                assert not isinstance(unit, ModbusUnit)
                end = _renamed(unit.renumber, fault.text)
            case "dead":
                end = self._dead(fault.part, unit)
            case "reboots":
                end = self._reboots(fault.part, unit, round(size * PS_PER_S))
            case "mute":
                end = _set(port, "muted", True)
            case "late":
                end = _slower(port, round(size * PS_PER_S))
            case "late_by_factor":
                end = _slower(port, round(port.latency_ps * (size - 1.0)))
            case "late_by_wall":
                end = _set(port, "held_s", size)
            case name:
                end = _read_back(name, unit, size)
        return end

    def _reboots(self, name: str, unit: Unit, away_ps: int) -> End:
        """Comes back by itself; ending it earlier changes nothing."""
        self._calendar.at(self._calendar.now_ps + away_ps, self._dead(name, unit))
        return lambda: None

    def _dead(self, name: str, unit: Unit) -> End:
        ports = [port for port in (name, stream_port(name)) if port in self._hub.ports]
        for port in ports:
            self._hub.suspend(port)
        unit.power_off()

        def back() -> None:
            unit.power_on()
            for port in ports:
                self._hub.restore(port)

        return back


def _renamed(rename: Callable[[str | None], None], text: str | None) -> End:
    rename(text)
    return partial(rename, None)


def _set(port: Port, attribute: str, value: object) -> End:
    before = getattr(port, attribute)
    setattr(port, attribute, value)
    return lambda: setattr(port, attribute, before)


def _slower(port: Port, by_ps: int) -> End:
    port.latency_ps += by_ps
    return lambda: setattr(port, "latency_ps", port.latency_ps - by_ps)


def _read_back(name: str, unit: Unit, size: float) -> End:
    """What the instrument's panel does."""
    panel = unit.panel
    assert panel is not None
    if name == "readings_frozen":
        panel.freeze(True)
        return partial(panel.freeze, False)
    if name == "sense_drift":
        assert isinstance(panel, SupplyPanel)
        panel.set_drift(size)
        return partial(panel.set_drift, 0.0)
    flag = {"commands_ignored": "ignoring", "output_stuck_on": "stuck_on"}[name]
    setattr(panel, flag, True)

    def obey() -> None:
        setattr(panel, flag, False)
        panel.honest()

    return obey


WIRE_FAULTS = frozenset(
    (
        "wrong_identity", "wrong_serial", "dead", "reboots", "mute", "late", "late_by_factor", "late_by_wall",
        "readings_frozen", "sense_drift", "commands_ignored", "output_stuck_on",
    )
)  # fmt: skip
