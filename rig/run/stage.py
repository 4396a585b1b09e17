"""The opened bench with a device on it: what a case does to the device, one verb each."""

from __future__ import annotations

import math
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from instruments.errors import LinkError
from rig.bench.injector import Injector
from rig.bench.interlock import check_interlock
from rig.bench.readings import slow_row
from rig.faults import ON_ITS_OWN, feed
from rig.measure import Record, corrected
from rig.run.chain import unit_per_volt
from rig.run.service import PERIOD_S, service
from rig.run.sinking import takes_back
from rig.run.traces import fast_trace, slow_trace, timed
from rig.run.wired import OFF_V, SUPPLY_OVP
from rig.safety.envelope import Dwell, Latch
from rig.safety.safe_state import SafeState, Step, make_safe
from rig.safety.topology import SAFE_BELOW_V

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from instruments.clock import Clock
    from instruments.roles import Slope
    from rig.bench.equipment import Equipment
    from rig.bench.monitor import Monitor
    from rig.bench.proof import Proof
    from rig.bench.wiring import Wiring
    from rig.device.registers import DeviceRegisters
    from rig.faults import Base, Feed
    from rig.files.bench import Bench, FastChannel
    from rig.files.device import Device, Port
    from rig.measure import Transfer
    from rig.run.case import Window
    from rig.run.chain import Chain, Channel
    from rig.run.climate import Climate
    from rig.run.service import Service
    from rig.run.views import ChannelSetting, View
    from rig.safety.guard import Guard
    from rig.safety.interrupts import Interrupts

__all__ = ["DeviceNotReady", "Stage", "UnsafeBench"]

STEP_S = 0.05
"""How often a waiting rig looks at the monitor, bench time."""
DEPTHS = (100_000, 10_000, 1_000)
"""Memory depths to fall back on, points."""
CURRENTS = ("port_current", "injector_current", "ground_current")
EMPTY_S = 60.0
"""How long a consumer may take to empty what it holds at its port, bench time."""
LOOK_S = 0.02
"""How much of the monitor a look averages."""


class UnsafeBench(Exception):
    """The safe state could not be read back."""


class DeviceNotReady(Exception):
    """The device was not in the state that a case starts from; the case is not tested, and says why."""


@dataclass
class Stage:
    """One device on one open bench."""

    bench: Bench
    device: Device
    port: Port
    equipment: Equipment
    wiring: Wiring
    monitor: Monitor
    clock: Clock
    views: dict[str, View]
    interrupts: Interrupts
    on_safe: Callable[[SafeState], None]
    chain: Chain
    climate: Climate
    rate_max: float | None = None
    corrections: dict[tuple[str, object], Transfer] = field(default_factory=dict)
    latch: Latch = field(default_factory=Latch)
    """The first breach of the envelope, if there was one."""
    uncalibrated: str = ""
    """Why there are no corrections."""
    proof: Proof | None = None
    """The bench proof before the run; None where the bench declares none."""
    registers: DeviceRegisters | None = None
    """What the device says of itself; None where nobody can ask."""
    guard: Guard | None = None
    """Who makes the bench safe when this process cannot; None where nothing is energised."""

    def __post_init__(self) -> None:
        self._dwell = Dwell(self.bench.envelope.dwell, self.clock, self.latch)
        gate, lines = self.bench.injector.gate, self.equipment.lines
        self.injector = Injector(gate, lines, self.clock, before=self._fault_on, after=self._fault_off)

    # -- the device's supply and load

    @cached_property
    def fed(self) -> Feed | None:
        """How the bench feeds the device; None for one that lives on its own."""
        return feed(self.device)

    @cached_property
    def service(self) -> Service:
        """By what the port shows that it works."""
        return service(self.port)

    def feed(self) -> None:
        """What feeds the device comes on at its nominal voltage; nothing where it lives on its own."""
        if self.fed is None:
            return
        supply = self.equipment.supply
        supply.set_ovp(SUPPLY_OVP)
        supply.set_voltage(self.fed.nominal)
        supply.set_current_limit(min(self.fed.current, self.bench.envelope.supply.current or math.inf))
        takes_back(supply, self.fed.returns)
        supply.output(True)

    def energise(self, tap: str | None = None) -> None:
        """The route of the device's normal work, with a tap of the injector if one is wanted, and what feeds it.

        Raises:
            DeviceNotReady: the bench has no such route, or the device could not be connected without a rush.
        """
        self.connect(tap)
        self.feed()

    def connect(self, tap: str | None = None) -> None:
        """As `energise`, but for what feeds the device. A consumer is connected empty, so that nothing rushes."""
        name = ON_ITS_OWN if self.fed is None else self.fed.route
        if name not in self.bench.routes:
            raise DeviceNotReady(f"Bench {self.bench.name} has no route '{name}', which {self.device.name} needs.")
        if self.port.role == "sink" and not self.wait_until(lambda: abs(self.look("port_voltage")) < OFF_V, EMPTY_S):
            volts = self.look("port_voltage")
            raise DeviceNotReady(
                f"The port still stood at {volts:.2f} V {EMPTY_S:g} s after its feed was off, above {OFF_V:g} V."
            )
        self.wiring.route(name, tap)

    def take_off(self) -> None:
        """The device off the bench, by the changeover of the bench proof.

        Raises:
            DeviceNotReady: the bench has none.
        """
        if self.bench.proof is None:
            raise DeviceNotReady(
                f"{self.device.name} lives on its own, and bench {self.bench.name} has no changeover that takes it off."
            )
        self.wiring.connect({self.bench.proof.contactor}, "The calibration")

    def await_port(self, *, as_it_is: bool = False) -> None:
        """The port works as declared within twice the declared start time; or is live, where it is taken `as_it_is`.
        Raises DeviceNotReady."""
        start, (low, high) = self.fed.start_time if self.fed is not None else 0.0, self.service.full
        if not self.wait_until(lambda: low <= self.look(self.service.signal, PERIOD_S) <= high, 2 * start):
            what = "its feed" if self.port.role == "sink" else "the energy input"
            since = "" if self.fed is None else f", {2 * start:g} s after {what} came on"
            if self.port.role == "sink":
                amps = -self.look("port_current", PERIOD_S)
                raise DeviceNotReady(f"The port took {amps:.3g} A, less than the {-high:g} A of its work{since}.")
            volts = self.look("port_voltage", PERIOD_S)
            if as_it_is and self.port.voltage / 2 <= volts < SAFE_BELOW_V:
                return
            off = f"The port stood at {volts:.2f} V, outside {low:.2f} to {high:.2f} V"
            raise DeviceNotReady(f"{off}{since}{self._suspect(2 * start)}.")

    def served(self, seconds: float) -> bool:
        """Whether the port has worked as declared for the last `seconds`, looked at period by period."""
        low, high = self.service.full
        values = self._newest(self.service.signal, seconds)
        size = max(1, round(PERIOD_S * self.monitor.rate)) if self.port.role == "sink" else 1
        means = values[values.size % size :].reshape(-1, size).mean(axis=1)
        return bool(means.size and means.min() >= low and means.max() <= high)

    def _suspect(self, seconds: float) -> str:
        """What of the bench may be why a device did not come up in the last `seconds`; empty when nothing is seen."""
        declared, watched = self.device.energy_input, self.monitor.signals
        if declared is not None and "input_voltage" in watched and self.look("input_voltage") < declared.minimum:
            volts = self.look("input_voltage")
            return f", with {volts:.2f} V at that input: look at the supply, its current limit and its cable"
        if "injector_current" in watched:
            amps = float(np.abs(self._newest("injector_current", seconds)).max(initial=0.0))
            if amps > self.port.rated_current:
                return f", and the injector carried {amps:.2f} A with its gate low: look at its transistors"
        volts = self.equipment.load.measure().volts
        if self.band[0] <= volts <= self.band[1]:
            channel = f"channel {watched['port_voltage'].channel} of the recorder"
            return f", and the load measures {volts:.2f} V there: look at {channel} and its divider"
        return ""

    def check_interlock(self) -> None:
        """Raises InterlockOpen when the bench's safety chain is open."""
        check_interlock(self.bench, self.equipment.lines)

    def base_load(self, base: Base) -> None:
        """The load before the fault; waits until it has settled. A consumer has none."""
        if self.port.role == "sink":
            return
        if base.load > 0:
            if base.constant == "current":
                self.equipment.load.set_current(base.load * self.port.rated_current)
            else:
                self.equipment.load.set_resistance(base.resistance(self.port.voltage, self.port.rated_current))
            self.equipment.load.input(True)
        self.monitor.wait(2 * STEP_S)

    @contextmanager
    def held(self, hold_s: float) -> Iterator[None]:
        """The guard knows for how long the supply is to drive the port backwards, or to feed the device otherwise."""
        if self.guard is not None:
            self.guard.fault_on(hold_s)
        yield
        if self.guard is not None:
            self.guard.fault_off()

    def _fault_on(self, hold_s: float) -> None:
        self._dwell.before()
        if self.guard is not None:
            self.guard.fault_on(hold_s)

    def _fault_off(self) -> None:
        self._dwell.after()
        if self.guard is not None:
            self.guard.fault_off()

    def safe(self, *, leaving: bool = False) -> SafeState:
        """The safe state, read back; until the run is `leaving` the climate stays, which energises nothing."""
        equipment = self.equipment if leaving else replace(self.equipment, chamber=None)
        state = make_safe(equipment, self.wiring, self.clock, self.bench.injector.gate, self.bench.controls)
        if self.monitor.rate:
            state = SafeState((*state.steps, self._no_current()))
        if state.verified and self.guard is not None:
            self.guard.rest()
        return state

    def _no_current(self) -> Step:
        """What the branches themselves say: coil and contact may lie, a shunt in the branch does not.

        As in every step, whatever keeps it from being seen is what was seen.
        """
        seen, ok = [], True
        try:
            before = self.monitor.seen()
            if self.monitor.wait(2 * LOOK_S) == before:
                return Step("no current", ok=False, seen="the slow monitor gave no scan")
            for signal in (name for name in CURRENTS if name in self.monitor.signals):
                amps, floor = self.look(signal), self._floor(signal)
                ok = ok and abs(amps) <= floor
                by = self.monitor.signals[signal].channel
                seen.append(f"{signal.replace('_', ' ')} {amps:.3f} A by {by}, zero within {floor:.3f} A")
        except Exception as error:
            return Step("no current", ok=False, seen=str(error) or type(error).__name__)
        return Step("no current", ok, "; ".join(seen) or "no current is watched")

    def _floor(self, signal: str) -> float:
        """What the recorder may show of no current at all: three standard uncertainties of zero and its resolution."""
        entry = self.monitor.signals[signal]
        factor, _ = unit_per_volt(self.bench.transducers[entry.transducer])
        step = abs(self.equipment.recorder.conversion(entry.range)[0] * factor)
        return 3.0 * self.slow_channel(signal).accuracy.offset_u + 2.0 * step

    def safe_or_raise(self, after: BaseException | None = None) -> None:
        """The safe state; nothing cuts in. `after` is the trouble that made it necessary, if any.

        Raises:
            UnsafeBench: a step could not be read back; whatever the trouble was, no other case may follow.
        """
        with self.interrupts.deferred():
            state = self.safe()
            self.on_safe(state)
        if not state.verified:
            if after is None or not str(after):
                raise UnsafeBench(f"The bench is not proved safe: {state.trouble}.") from after
            raise UnsafeBench(f"{str(after).rstrip('.')}; then not proved safe: {state.unproved}.") from after

    def safe_after(self, trouble: BaseException) -> None:
        """The safe state after a trouble whose cause may be an open safety chain; then that is what is raised.

        Raises:
            UnsafeBench: a step could not be read back.
            InterlockOpen: the chain is open.
        """
        self.safe_or_raise(after=trouble)
        with suppress(LinkError):
            self.check_interlock()

    # -- looking

    @property
    def band(self) -> tuple[float, float]:
        """The port's declared voltage band, V."""
        return self.port.voltage * (1 - self.port.band), self.port.voltage * (1 + self.port.band)

    def look(self, signal: str, seconds: float = LOOK_S) -> float:
        """Mean of the newest `seconds` of a slow signal, in its unit."""
        return float(self._newest(signal, seconds).mean())

    def _newest(self, signal: str, seconds: float) -> np.ndarray:
        """The last `seconds` of a slow signal, in its unit; at least one sample, if any has arrived."""
        factor, _ = unit_per_volt(self.bench.transducers[self.monitor.signals[signal].transducer])
        return self.monitor.volts(signal, max(1, round(seconds * self.monitor.rate))) * factor

    def wait_until(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Let bench time pass until `reached()` holds; False when it did not within `seconds`."""
        deadline = self.clock.now_ns() + round(seconds * 1e9)
        while True:
            self.monitor.wait(STEP_S)
            if reached():
                return True
            if self.clock.now_ns() >= deadline:
                return False

    # -- recording

    def limited(self, window: Window) -> Window:
        """The window at the fastest rate this bench's digitizer allows: fewer points, then a longer span."""
        if self.rate_max is None or window.rate_hz <= self.rate_max * (1 + 1e-9):
            return window
        points = next((depth for depth in DEPTHS if depth / window.span_s <= self.rate_max * (1 + 1e-9)), DEPTHS[-1])
        span = max(window.span_s, points / self.rate_max)
        return replace(window, points=points, span=f"{span:.9g} s")

    def configure(self, view: View) -> None:
        """Set every channel of the digitizer for `view`."""
        for setting in view.settings.values():
            self.equipment.digitizer.configure_channel(
                setting.channel, volts_per_div=setting.volts_per_div, offset_volts=-setting.centre, bandwidth_hz=20e6
            )

    def arm(self, view: View, window: Window, signal: str, level: float, slope: Slope) -> None:
        """Arm the digitizer on an edge of `signal` at `level` in its own unit."""
        digitizer = self.equipment.digitizer
        self.configure(view)
        digitizer.configure_time(sample_rate_hz=window.rate_hz, points=window.points, pretrigger=window.before)
        factor, _ = unit_per_volt(self.bench.transducers[self.fast(signal).transducer])
        digitizer.trigger(view.settings[signal].channel, level / factor, slope)
        digitizer.arm()
        # The pre-trigger part has to fill before an edge can be seen.
        self.monitor.wait(window.before * window.span_s + STEP_S / 10)

    def fast(self, signal: str) -> FastChannel:
        """The fast channel of a signal."""
        entry = self.bench.signals[signal].fast
        assert entry is not None, f"signal {signal} has no fast channel"
        return entry

    def fast_channel(self, signal: str, setting: ChannelSetting) -> Channel:
        """The digitizer's channel of a signal, as set: what to correct, and what is known of it."""
        row = self.equipment.digitizer.channel_accuracy(setting.volts_per_div, -setting.centre)
        return self.chain.channel("digitizer", str(setting.channel), row, self.fast(signal).transducer)

    def slow_channel(self, signal: str, gap: float | None = None) -> Channel:
        """The recorder's channel of a signal: what to correct, and what is known of it; `gap`: see `slow_row`."""
        entry = self.monitor.signals[signal]
        row = slow_row(self.equipment.recorder, self.bench, entry, gap)
        return self.chain.channel("recorder", entry.channel, row, entry.transducer)

    def read(self, name: str, view: View, patience_s: float = 0.0, *, calibrated: bool = True) -> Record:
        """The digitizer's record; one that has begun gets `patience_s` to end, one that waits is not triggered.

        Without `calibrated` it is as its maker and its certificates have it, whatever the session has found out.
        """
        digitizer = self.equipment.digitizer
        source = self.bench.roles["digitizer"]
        if digitizer.state() == "triggered":
            self.wait_until(lambda: digitizer.state() == "stop", patience_s)
        if digitizer.state() != "stop":
            digitizer.stop()
            return Record(name, {}, triggered=False, source=source)
        traces = {}
        for signal, setting in view.settings.items():
            transducer = self.bench.transducers[self.fast(signal).transducer]
            trace = fast_trace(signal, digitizer.fetch(setting.channel), transducer, self.fast_channel(signal, setting))
            correction = self.corrections.get((signal, setting)) if calibrated else None
            traces[signal] = corrected(correction, trace) if correction is not None else trace
        return Record(name, traces, triggered=True, source=source)

    def slow_record(self, first: int, last: int) -> Record:
        """The monitor's scans first..last-1 as a record whose time begins at the first."""
        codes = self.monitor.codes(first, last)
        traces, gap = {}, self.monitor.gap(first, last)
        for column, (signal, entry) in enumerate(self.monitor.signals.items()):
            transducer = self.bench.transducers[entry.transducer]
            conversion = self.equipment.recorder.conversion(entry.range)
            channel = self.slow_channel(signal, gap)
            trace = slow_trace(signal, codes[:, column], conversion, self.monitor.rate, transducer, channel)
            correction = self.corrections.get((signal, "slow"))
            traces[signal] = timed(corrected(correction, trace), channel) if correction is not None else trace
        return Record("slow", traces, triggered=True, source=self.bench.roles.get("recorder", "read-backs"))
