"""The network in motion: exact between events, events at exact picoseconds.

Changes (`set_*`) made at one instant act together: they are gathered, and the next question about the circuit or
the next step in time sees all of them. Inside a callback `value` shows the circuit as it was before the changes
made at that instant.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from rig.twin.engine.circuit import DIODE_BAND, Circuit
from rig.twin.engine.curve import Array, Waveform
from rig.twin.engine.eventlog import EventLog
from rig.twin.engine.ladder import PS
from rig.twin.engine.mode import Mode, Row
from rig.twin.engine.network import Network, NetworkError
from rig.twin.engine.ports import Law
from rig.twin.engine.probe import Probe, i, v
from rig.twin.engine.sampled import SHORTEST_LEAP, Leaper, Track, next_knots
from rig.twin.engine.scan import ROUNDING, first_crossings, quiet
from rig.twin.engine.segments import History, Piece, Segment
from rig.twin.engine.signals import Samples
from rig.twin.engine.snapshot import Snapshot, capture, put_back
from rig.twin.engine.watch import Callback, Timer, Watch, ZenoError

DIODES_FIRST = -(10**9)  # priority: the circuit comes before anybody who looks at it
DIVERGED = 1e30  # of a state, in the square root of J
STEADY = 1e-6  # 1/s: slower growth is rounding, and would take a year to show
STRETCH = 40.0  # growth in one go: exp(40)
INSTANT_LIMIT = 10_000  # callbacks and settlings without a step in time


class Simulation:
    """Owns time, switches and inputs of a network; see the module docstring for when changes act."""

    def __init__(self, network: Network) -> None:
        self.now_ps = 0
        self.history = History()
        self.events = EventLog()
        self._circuit = Circuit(network)
        self._queue: list[tuple[int, int, int, Timer]] = []
        self._made = 0  # timers and watches so far: the order of those that are due together
        self._owners: list[tuple[Callable[[], object], Callable[[Any], object]]] = []
        self._watches: list[Watch] = []
        self._guards: list[Watch] = []  # the enabled ones, in the rows of the guard table
        self._tables: dict[tuple[Mode, tuple[tuple[Watch, float], ...]], Row] = {}
        self._table = Row(np.zeros((0, 0)), np.zeros((0, 0)))
        self._tolerance = np.zeros(0)
        self._stale = True  # the guards have to look at the circuit again
        self._quiet_ps = 0  # nothing that is watched can cross before, unless the guards look again
        self._busy = False
        self._leaper = Leaper()
        self._state = (0, self._circuit.layout.start)
        self._diodes: dict[str, tuple[Watch, Watch]] = {}
        self._arcs: dict[str, tuple[Watch, Watch]] = {}
        self._settle()
        for name, state in self._circuit.ports.states.items():
            self._watch_port(name, state.law)
        self._diodes = {d.name: self._watch_diode(d.name, d.a, d.b, d.volts) for d in self._circuit.layout.diodes}

    def set_input(self, name: str, value: float, slope: float = 0.0) -> None:
        """Set a source (V or A) to `value` now, from here on moving by `slope` per second."""
        self._circuit.set_input(name, value, slope, self.now_ps)

    def set_sine(self, name: str, amplitude: float, hertz: float, phase: float = 0.0) -> None:
        """From now on a source carries amplitude * sin(2 pi hertz (t - now) + phase) beside its value; 0 ends it."""
        self._circuit.set_sine(name, amplitude, hertz, phase, self.now_ps)

    def set_samples(self, name: str, samples: Samples | None) -> None:
        """From now on a source carries a table of samples beside its value and sine; None ends it."""
        self._circuit.set_samples(name, samples, self.now_ps)

    def input(self, name: str) -> float:
        """What `set_input` has set, in V or A now (sine and samples left out), with all changes of this instant."""
        return self._circuit.input(name, self.now_ps)

    def set_switch(self, name: str, on: bool) -> None:
        """Close or open a switch. Opening cuts off the current of its branches and logs the energy lost."""
        self._circuit.set_switch(name, on)

    def set_ohms(self, name: str, ohms: float) -> None:
        """Give a resistor, branch, source, diode or capacitor another (series) resistance."""
        self._circuit.set_ohms(name, ohms)

    def set_port(self, name: str, law: Law) -> None:
        """Give a nonlinear port another law, from now on; an arc keeps the conductance it has."""
        self._circuit.set_law(name, law)
        self._watch_port(name, law)

    def at(self, t_ps: int, callback: Callback, priority: int = 0) -> Timer:
        """Call back at an instant; among equals lower priority first, then the earlier made."""
        if t_ps < self.now_ps:
            raise NetworkError(f"cannot schedule at {t_ps} ps: it is {self.now_ps} ps already")
        timer = Timer(int(t_ps), priority, self._order(), callback)
        heapq.heappush(self._queue, (timer.at_ps, priority, timer.order, timer))
        return timer

    def watch(
        self,
        probe: Probe,
        threshold: float,
        direction: int,
        callback: Callback,
        priority: int = 0,
        *,
        level: bool = False,
        name: str = "",
    ) -> Watch:
        """Call back whenever the probe crosses the threshold upwards (+1) or downwards (-1).

        A value already past the threshold when the watch is made or enabled, or put there by a sudden change of the
        circuit, counts only with `level`: then the callback runs at once.
        """
        if direction not in (1, -1) or not math.isfinite(threshold):
            raise NetworkError(f"watch on {probe}: direction {direction} must be 1 or -1, threshold {threshold} finite")
        self.history.segments[-1].mode.row(probe)  # unknown names are refused here, not later
        name = name or f"{probe} {'above' if direction > 0 else 'below'} {threshold:g}"
        watch = Watch(probe, threshold, direction, priority, self._order(), callback, level, name, self._mark_stale)
        self._watches.append(watch)
        self._stale = True
        return watch

    def value(self, probe: Probe) -> float:
        """The probe now, in its units."""
        self._settle()
        segment = self.history.segments[-1]
        row = segment.mode.row(probe)
        return float(row.state @ self._state_now() + row.input @ self._inputs_now())

    def render(self, probes: Sequence[Probe], start_ps: int, dt_ps: float, n: int) -> Array:
        """Samples of a past window at start_ps + k dt_ps, shape (len(probes), n); at an event the value after it."""
        if not (math.isfinite(dt_ps) and dt_ps > 0.0 and n > 0):
            raise NetworkError(f"render: a step of {dt_ps} ps and {n} samples make no window")
        self._past(start_ps, start_ps + math.ceil((n - 1) * dt_ps))
        return self.history.render(probes, start_ps, dt_ps, n)

    def render_each(self, probes: Sequence[Probe], starts_ps: Sequence[int], dt_ps: float, n: int) -> Array:
        """As `render`, with a start of its own for each probe: an instrument that samples one after another."""
        if not (math.isfinite(dt_ps) and dt_ps > 0.0 and n > 0 and len(probes) == len(starts_ps) > 0):
            raise NetworkError(f"render: a step of {dt_ps} ps, {n} samples and starts {starts_ps} make no window")
        self._past(min(starts_ps), max(starts_ps) + math.ceil((n - 1) * dt_ps))
        return self.history.render_each(probes, starts_ps, dt_ps, n)

    def pieces(self, probes: Sequence[Probe], from_ps: int, to_ps: int) -> Iterator[Piece[Waveform]]:
        """The waveforms of a past window, segment by segment."""
        self._past(from_ps, to_ps)
        return self.history.pieces(probes, from_ps, to_ps)

    def snapshot(self) -> Snapshot:
        """The whole state now, for `restore`; `rig.twin.engine.snapshot` says what is in it."""
        self._outside("snapshot")
        self._settle()
        self._stale = True
        timers = [timer for *_, timer in self._queue]
        parts = [self._circuit, self._circuit.ports, self.history, self.events, self._leaper, *timers, *self._watches]
        return capture(self, parts, self._owners)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to where a snapshot of this simulation was taken; it can be restored again."""
        self._outside("restore")
        if snapshot.owner is not self:
            raise NetworkError("restore: the snapshot is of another simulation, whose elements and watches it holds")
        for part, values in snapshot.parts:
            put_back(part, values)
        for put, value in snapshot.owners:
            put(value)

    def remember(self, save: Callable[[], object], load: Callable[[Any], object]) -> None:
        """Let snapshots hold more: `save` gives something that stays as it is, and a restore calls `load` with it."""
        self._owners.append((save, load))

    def _outside(self, what: str) -> None:
        if self._busy:
            raise NetworkError(f"{what} inside a callback: the instant is not over")

    def log(self, kind: str, text: str) -> None:
        """Append to the event log, stamped with the time now."""
        self.events.add(self.now_ps, kind, text)

    def log_sha256(self) -> str:
        """Hash of the event log so far."""
        return self.events.sha256()

    def run_until(self, t_ps: int) -> None:
        """Let time pass up to and including t_ps; all that is due then has happened on return."""
        if self._busy:
            raise NetworkError("run_until inside a callback: use at() to act later")
        if t_ps < self.now_ps:
            raise NetworkError(f"cannot run back to {t_ps} ps: it is {self.now_ps} ps already")
        rounds, since = 0, -1
        while True:
            self._settle()
            due = self._look() if self._stale else []
            while self._queue and not self._queue[0][3].active:
                heapq.heappop(self._queue)
            if not due:
                due_ps = self._queue[0][0] if self._queue else t_ps
                if due_ps > self.now_ps < t_ps:
                    due = self._advance(min(due_ps, t_ps))
                elif due_ps > self.now_ps or not self._queue:
                    return
            rounds, since = (rounds + 1, since) if since == self.now_ps else (0, self.now_ps)
            if rounds > INSTANT_LIMIT:
                raise ZenoError(
                    f"time does not move on from {self.now_ps} ps: a callback keeps scheduling for the same instant"
                )
            self._dispatch(due)

    def _settle(self) -> None:
        """Start a new segment if anything was changed; inside callbacks changes wait for the last of them."""
        if not self._circuit.changed or self._busy:
            return
        segment = self._circuit.settle(self._state_now(), self.now_ps, self.events)
        self._state = (self.now_ps, segment.drive.state)
        self.history.add(segment)
        self._stale = True
        for name, (on, off) in self._diodes.items():
            on.enabled, off.enabled = not self._circuit.conducts[name], self._circuit.conducts[name]
        self._arm_ports()

    def _look(self) -> list[Watch]:
        """Line the enabled watches up against the circuit as it is now; returns the level watches that are due."""
        self._stale = False
        self._quiet_ps = 0
        self._watches = [w for w in self._watches if w.alive]
        self._guards = [w for w in self._watches if w.enabled]
        self._table = table = self._guard_table(self.history.segments[-1].mode)
        state, inputs = self._state_now(), self._inputs_now()
        self._tolerance = ROUNDING * (np.abs(table.state) @ np.abs(state) + np.abs(table.input) @ np.abs(inputs))
        excess = table.state @ state + table.input @ inputs
        sides = zip(self._guards, excess.tolist(), self._tolerance.tolist(), strict=True)
        return [w for w, past, tolerance in sides if w.look(past, tolerance)]

    def _guard_table(self, mode: Mode) -> Row:
        """How far each guard is past its threshold, in its direction."""
        key = (mode, tuple((w, w.threshold) for w in self._guards))  # some move
        if key not in self._tables:
            if len(self._tables) > 1000:
                self._tables.clear()
            rows = mode.rows([w.probe for w in self._guards])
            sign = np.array([float(w.direction) for w in self._guards])
            table = Row(sign[:, None] * rows.state, sign[:, None] * rows.input)
            table.input[:, -1] -= sign * np.array([w.threshold for w in self._guards])
            self._tables[key] = table
        return self._tables[key]

    def _advance(self, to_ps: int) -> list[Watch]:
        """Move on to the next crossing, at most to `to_ps`."""
        to_ps = self._before_it_diverges(to_ps)
        knot_ps = self._circuit.knot_ps
        if knot_ps is None:
            return self._move(to_ps)
        if not self._circuit.ports.active and self._leap(to_ps):
            return []
        due = self._move(min(to_ps, knot_ps))
        if self.now_ps == knot_ps:
            self._circuit.at_knot()
        return due

    def _before_it_diverges(self, to_ps: int) -> int:
        """An unstable network goes on in stretches over which it cannot overflow, and ends when it is beyond reason."""
        growth = self.history.segments[-1].mode.growth
        if growth < STEADY:
            return to_ps
        size = np.abs(self._state_now())
        if size.max() > DIVERGED:
            name = list(self._circuit.layout.state)[int(np.argmax(size))]
            raise NetworkError(
                f"element {name!r} diverges: the network is unstable (it grows by {growth:.3g}/s) since "
                f"{self.history.segments[-1].start_ps} ps; look for a negative transconductance or mirror"
            )
        return min(to_ps, self.now_ps + max(1, int(STRETCH / growth / PS)))

    def _leap(self, to_ps: int) -> bool:
        """Take many steps of sampled inputs at once, as far as it is certain that nobody is waiting for them."""
        segment = self.history.segments[-1]
        if segment.start_ps != self.now_ps or segment.mode.ladder is not None or not self._leaper.ready():
            return False
        knots = next_knots(self._circuit.signals, self.now_ps, to_ps, self._leaper.reach)
        if len(knots) < SHORTEST_LEAP:
            return False
        signals = self._circuit.signals
        track = Track(segment.mode, segment.drive, signals, np.concatenate([[self.now_ps], knots]))
        armed = np.array([w.armed for w in self._guards], dtype=bool)
        calm = track.quiet(self._table, self._tolerance, armed)
        if not self._leaper.landed(calm, len(knots)):
            return False
        self.now_ps = int(knots[calm - 1])
        leapt = Segment(segment.start_ps, segment.mode, segment.drive, signals, self.now_ps)
        self.history.add(leapt, track if calm == len(knots) else None)
        self._state = (self.now_ps, track.state(calm))
        self._circuit.at_knot()
        return True

    def _move(self, to_ps: int) -> list[Watch]:
        """As `_advance`, with nothing changing by itself before."""
        if to_ps <= self._quiet_ps:
            self.now_ps = to_ps
            return []
        segment = self.history.segments[-1]
        begin, end = self.now_ps - segment.start_ps, to_ps - segment.start_ps
        knot_ps = self._circuit.knot_ps
        # Latencies of commands are many small steps: look as far ahead as the segment will be old, and skip the rest.
        ahead = 2 * end if knot_ps is None else min(2 * end, knot_ps - segment.start_ps)
        wave = segment.mode.curve(self._table, segment.drive, ahead * PS)
        armed = np.array([w.armed for w in self._guards], dtype=bool)
        found, armed = first_crossings(wave, self._tolerance, armed, begin, end)
        if not found and ahead > end and quiet(wave, self._tolerance, armed, end, ahead):
            self._quiet_ps = segment.start_ps + ahead
        for watch, state in zip(self._guards, armed, strict=True):
            watch.armed = bool(state)
        self.now_ps = segment.start_ps + (found[0].at_ps if found else end)
        return [self._guards[c.index] for c in found]

    def _dispatch(self, due: list[Watch]) -> None:
        """Run everything that is due now, in order of priority and age, as one instant."""
        agenda: list[tuple[int, int, Timer | Watch]] = [(w.priority, w.order, w) for w in due]
        heapq.heapify(agenda)
        self._busy = True
        try:
            for _ in range(INSTANT_LIMIT):
                while self._queue and self._queue[0][0] <= self.now_ps:
                    _, priority, order, timer = heapq.heappop(self._queue)
                    heapq.heappush(agenda, (priority, order, timer))
                if not agenda:
                    return
                heapq.heappop(agenda)[2].fire(self.now_ps)
            raise ZenoError(
                f"more than {INSTANT_LIMIT} callbacks at {self.now_ps} ps: one keeps scheduling for the same instant"
            )
        finally:
            self._busy = False
            self._stale = self._stale or bool(due)

    def _order(self) -> int:
        self._made += 1
        return self._made

    def _mark_stale(self) -> None:
        self._stale = True

    def _state_now(self) -> Array:
        if self._state[0] != self.now_ps:
            segment = self.history.segments[-1]
            state = segment.mode.state(segment.drive, (self.now_ps - segment.start_ps) * PS)
            self._state = (self.now_ps, state)
        return self._state[1]

    def _inputs_now(self) -> Array:
        """Of the current segment: changes that wait are not in it."""
        segment = self.history.segments[-1]
        return segment.drive.inputs((self.now_ps - segment.start_ps) * PS)

    def _past(self, from_ps: int, to_ps: int) -> None:
        self._settle()
        if not 0 <= from_ps <= to_ps <= self.now_ps:
            raise NetworkError(f"the window {from_ps} to {to_ps} ps is not within 0 to {self.now_ps} ps")

    def _watch_diode(self, name: str, a: str, b: str, volts: float) -> tuple[Watch, Watch]:
        """Two watches that take turns: one finds the start of conduction, one its end."""
        pair = []
        for direction in (1, -1):
            flip = partial(self._circuit.set_diode, name, direction > 0)
            threshold = volts + direction * DIODE_BAND
            watch = self.watch(v(a, b), threshold, direction, flip, DIODES_FIRST, level=True, name=f"diode {name}")
            watch.enabled = self._circuit.conducts[name] == (direction < 0)
            pair.append(watch)
        return pair[0], pair[1]

    def _watch_port(self, name: str, law: Law) -> None:
        """Two watches, one for each direction of the current: below the least current of its law a port goes out."""

        def go_out() -> None:
            self._circuit.extinguish(name)
            self.log("out", name)

        for watch in self._arcs.pop(name, ()):
            watch.cancel()
        if law.min_amps > 0.0:
            self._arcs[name] = (
                self.watch(i(name), law.min_amps, -1, go_out, DIODES_FIRST, level=True, name=f"port {name}"),
                self.watch(-i(name), law.min_amps, -1, go_out, DIODES_FIRST, level=True, name=f"port {name}"),
            )
            for watch in self._arcs[name]:
                watch.enabled = False
            self._arm_ports()

    def _arm_ports(self) -> None:
        ports = self._circuit.ports
        for name, (plus, minus) in self._arcs.items():
            burning, amps = name in ports.active, ports.states[name].amps
            plus.enabled, minus.enabled = burning and amps >= 0.0, burning and amps < 0.0
