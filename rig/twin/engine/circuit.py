"""The network as it stands: switches, resistances, inputs, diodes and stored energy, and what a change does to them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from rig.twin.engine.assembly import Layout
from rig.twin.engine.curve import Array
from rig.twin.engine.eventlog import EventLog
from rig.twin.engine.ladder import PS
from rig.twin.engine.mode import Drive, Mode
from rig.twin.engine.network import Branch, CurrentSource, Mirror, Network, NetworkError, Port, Transconductance
from rig.twin.engine.ports import Law
from rig.twin.engine.portsolver import Ports
from rig.twin.engine.probe import v
from rig.twin.engine.sampled import drive_at, next_knots
from rig.twin.engine.segments import Segment
from rig.twin.engine.signals import Samples, Signal, Sine

NO_RESISTANCE = (CurrentSource, Mirror, Transconductance, Port)
FAR_PS = 2**62
DIODE_BAND = 1e-9  # V around its threshold where a diode may be in either state


class Circuit:
    """Collects changes; `settle` turns them into the segment that starts with them."""

    def __init__(self, network: Network) -> None:
        network.check()
        self.layout = Layout(network.elements)
        self.changed = True
        self.conducts = dict.fromkeys((d.name for d in self.layout.diodes), False)
        self._across = {d.name: (v(d.a, d.b), d.volts) for d in self.layout.diodes}
        self._closed = dict.fromkeys(self.layout.switches, False)
        elements = self.layout.elements.values()
        self._ohms = {e.name: e.ohms for e in elements if not isinstance(e, NO_RESISTANCE)}
        self.signals = {name: Signal() for name in self.layout.input if name}
        self.ports = Ports([e for e in elements if isinstance(e, Port)])
        self.knot_ps: int | None = None  # when the segment that `settle` gave has to end by itself
        self._steady = False  # nothing was changed from outside
        self._sampled = True  # the segment ends with a sample, not with a step of the ports
        self._segment: Segment | None = None
        self._modes: dict[tuple[frozenset[str], tuple[float, ...]], Mode] = {}

    def set_input(self, name: str, value: float, slope: float, now_ps: int) -> None:
        """From now on value + slope * (t - now), beside sine and samples."""
        signal = self._signal(name)
        if not (math.isfinite(value) and math.isfinite(slope)):
            raise NetworkError(f"input {name!r}: value {value} and slope {slope} must be finite")
        if (value, slope) != (signal.line(now_ps), signal.slope):
            self._change(name, signal.moved(float(value), float(slope), now_ps))

    def set_sine(self, name: str, amplitude: float, hertz: float, phase: float, now_ps: int) -> None:
        """From now on amplitude * sin(2 pi hertz (t - now) + phase) on top of the rest."""
        signal = self._signal(name)
        if not (all(math.isfinite(x) for x in (amplitude, hertz, phase)) and (hertz > 0.0 or amplitude == 0.0)):
            raise NetworkError(
                f"input {name!r}: a sine of {amplitude} at {hertz} Hz with phase {phase}: "
                "give finite values and a frequency above zero"
            )
        sine = Sine(float(amplitude), float(hertz), float(phase), now_ps) if amplitude else None
        self._change(name, replace(signal, sine=sine))

    def set_samples(self, name: str, samples: Samples | None, now_ps: int) -> None:
        """Start a table of samples now on top of the rest, or end it."""
        self._change(name, replace(self._signal(name), samples=samples, samples_ps=now_ps))

    def _signal(self, name: str) -> Signal:
        if name in self.ports.ports:
            raise NetworkError(f"input {name!r} is a port: its current follows from its law")
        _known(name, self.signals, "input")
        return self.signals[name]

    def _change(self, name: str, signal: Signal) -> None:
        self.signals = {**self.signals, name: signal}
        self._touch()

    def set_switch(self, name: str, on: bool) -> None:
        """Close or open."""
        _known(name, self._closed, "switch")
        if self._closed[name] != bool(on):
            self._closed[name] = bool(on)
            self._touch()

    def set_ohms(self, name: str, ohms: float) -> None:
        """Another resistance, above zero."""
        _known(name, self._ohms, "element with a resistance")
        if not (math.isfinite(ohms) and ohms > 0.0):
            raise NetworkError(f"element {name!r}: resistance is {ohms}; it must be finite and above zero")
        if self._ohms[name] != ohms:
            self._ohms[name] = float(ohms)
            self._touch()

    def set_law(self, name: str, law: Law) -> None:
        """Another law for a port."""
        _known(name, self.ports.ports, "port")
        self.ports.set_law(name, law)
        self._touch()

    def extinguish(self, name: str) -> None:
        """What the watches on a port found."""
        self.ports.extinguish(name)
        self._touch()

    def set_diode(self, name: str, conducts: bool) -> None:
        """What the watches on a diode found."""
        self.conducts[name] = conducts
        self._touch()

    def input(self, name: str, now_ps: int) -> float:
        """The straight line of one input now."""
        return self._signal(name).line(now_ps)

    def settle(self, state: Array, now_ps: int, log: EventLog) -> Segment:
        """The segment that starts now from the scaled `state`; cuts off branches whose switch has opened."""
        self._carry(state, now_ps)
        steady, self.changed, self._steady = self._steady, False, False
        state = state.copy()
        for name, k in self.layout.state.items():
            element = self.layout.elements[name]
            if isinstance(element, Branch) and state[k] != 0.0 and not self._on(element.switch):
                log.add(now_ps, "cut", f"branch {name} {state[k] ** 2 / 2.0:.6g} J")
                state[k] = 0.0
        drive = drive_at(self.signals, now_ps, state)
        mode = self._consistent(state, drive.inputs(0.0))
        knots = next_knots(self.signals, now_ps, FAR_PS, 1)
        self.knot_ps = int(knots[0]) if knots.size else None
        jumped, self._sampled = self._sampled or not steady, True
        self.ports.switch({name: self._on(port.switch) for name, port in self.ports.ports.items()})
        if self.ports.active:
            mode, drive = self._with_ports(mode, drive, now_ps, jumped=jumped, steady=steady)
        self._segment = Segment(now_ps, mode, drive)
        return self._segment

    def _carry(self, state: Array, now_ps: int) -> None:
        """Tell the ports what has become of them since the last segment began."""
        if self.ports.active and self._segment is not None:
            rows = self.ports.probe_rows(self._segment.mode)
            inputs = self._segment.drive.inputs((now_ps - self._segment.start_ps) * PS)
            index = [self.layout.input[name] for name in self.ports.active]
            self.ports.carry(now_ps, rows.state @ state + rows.input @ inputs, inputs[index])

    def _with_ports(self, mode: Mode, drive: Drive, now_ps: int, *, jumped: bool, steady: bool) -> tuple[Mode, Drive]:
        """The mode whose diodes agree with the voltages that the ports leave, and the drive of the next step."""
        self.ports.begin(now_ps)
        for _ in range(8):
            drive = self.ports.instant(mode, drive) if jumped else self.ports.resume(mode, drive)
            agreed = self._consistent(drive.state, drive.inputs(0.0))
            if agreed is mode:
                break
            mode = agreed
        else:
            raise NetworkError(f"ports {list(self.ports.active)} and diodes {list(self.conducts)} find no common state")
        limit_ps = FAR_PS if self.knot_ps is None else self.knot_ps - now_ps
        drive, step_ps = self.ports.plan(mode, drive, limit_ps, steady=steady)
        if self.knot_ps is None or now_ps + step_ps < self.knot_ps:
            self.knot_ps, self._sampled = now_ps + step_ps, False
        return mode, drive

    def at_knot(self) -> None:
        """A sample or a step of the ports has ended: a new segment has to begin, without anything having jumped."""
        if not self.changed:
            self.changed = self._steady = True

    def _touch(self) -> None:
        self.changed, self._steady = True, False

    def _on(self, switch: str | None) -> bool:
        return switch is None or self._closed[switch]

    def _consistent(self, state: Array, inputs: Array) -> Mode:
        """The mode whose diodes agree with its voltages, by least-index pivoting (K. G. Murty, 1974).

        It ends for every network whose resistance matrix is a P-matrix, which passive ones are.
        """
        for _ in range(20 + 2 ** min(len(self.conducts), 12)):
            mode = self._mode()
            wrong = None
            for name, (across, volts) in self._across.items():
                row = mode.row(across)
                excess = float(row.state @ state + row.input @ inputs) - volts
                if excess < -DIODE_BAND if self.conducts[name] else excess > DIODE_BAND:
                    wrong = name
                    break
            if wrong is None:
                return mode
            self.conducts[wrong] = not self.conducts[wrong]
        raise NetworkError(f"diode {wrong!r}: no set of conducting diodes agrees with the voltages")

    def _mode(self) -> Mode:
        active = frozenset(
            e.name for e in self.layout.elements.values() if self._on(e.switch) and self.conducts.get(e.name, True)
        )
        key = (active, tuple(ohms for name, ohms in self._ohms.items() if name in active))
        if key not in self._modes:
            self._modes[key] = Mode(self.layout, active, dict(self._ohms))
        return self._modes[key]


def _known(name: str, table: Iterable[str], what: str) -> None:
    if name not in table:
        raise NetworkError(f"no {what} {name!r}; there are {sorted(table)}")
