"""The network as it stands: switches, resistances, inputs, diodes and stored energy, and what a change does to them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from rig.twin.engine.assembly import Layout
from rig.twin.engine.curve import Array
from rig.twin.engine.eventlog import EventLog
from rig.twin.engine.mode import Mode
from rig.twin.engine.network import Branch, CurrentSource, Mirror, Network, NetworkError, Transconductance
from rig.twin.engine.probe import v
from rig.twin.engine.sampled import drive_at
from rig.twin.engine.segments import Segment
from rig.twin.engine.signals import Samples, Signal, Sine

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
        self._ohms = {e.name: e.ohms for e in elements if not isinstance(e, CurrentSource | Mirror | Transconductance)}
        self.signals = {name: Signal() for name in self.layout.input if name}
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
        _known(name, self.signals, "input")
        return self.signals[name]

    def _change(self, name: str, signal: Signal) -> None:
        self.signals = {**self.signals, name: signal}
        self.changed = True

    def set_switch(self, name: str, on: bool) -> None:
        """Close or open."""
        _known(name, self._closed, "switch")
        if self._closed[name] != bool(on):
            self._closed[name] = bool(on)
            self.changed = True

    def set_ohms(self, name: str, ohms: float) -> None:
        """Another resistance, above zero."""
        _known(name, self._ohms, "element with a resistance")
        if not (math.isfinite(ohms) and ohms > 0.0):
            raise NetworkError(f"element {name!r}: resistance is {ohms}; it must be finite and above zero")
        if self._ohms[name] != ohms:
            self._ohms[name] = float(ohms)
            self.changed = True

    def set_diode(self, name: str, conducts: bool) -> None:
        """What the watches on a diode found."""
        self.conducts[name] = conducts
        self.changed = True

    def input(self, name: str, now_ps: int) -> float:
        """The straight line of one input now."""
        return self._signal(name).line(now_ps)

    def settle(self, state: Array, now_ps: int, log: EventLog) -> Segment:
        """The segment that starts now from the scaled `state`; cuts off branches whose switch has opened."""
        self.changed = False
        state = state.copy()
        for name, k in self.layout.state.items():
            element = self.layout.elements[name]
            if isinstance(element, Branch) and state[k] != 0.0 and not self._on(element.switch):
                log.add(now_ps, "cut", f"branch {name} {state[k] ** 2 / 2.0:.6g} J")
                state[k] = 0.0
        drive = drive_at(self.signals, now_ps, state)
        return Segment(now_ps, self._consistent(state, drive.inputs(0.0)), drive)

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
        key = (active, tuple(self._ohms.values()))
        if key not in self._modes:
            self._modes[key] = Mode(self.layout, active, dict(self._ohms))
        return self._modes[key]


def _known(name: str, table: Iterable[str], what: str) -> None:
    if name not in table:
        raise NetworkError(f"no {what} {name!r}; there are {sorted(table)}")
