"""A case that has been carried out: its captures, and the questions a body may ask of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rig import measure
from rig.faults import (
    ON_BUS,
    Arc,
    Chopper,
    Day,
    Draw,
    Interruption,
    Join,
    Level,
    Lifted,
    Metered,
    Motor,
    Outage,
    Overload,
    Ramp,
    Reverse,
    Ripple,
    SecondReturn,
    Short,
    Start,
    Steps,
)
from rig.measure import Capture, Measurement, Overdrive, Threshold
from rig.run.asked import NotMeasurable, asked_after
from rig.run.conduct import AVERAGE_S, GATE_V
from rig.run.counted import Counted, highest_told, wrong_reports
from rig.run.grounds import ground_current
from rig.run.mean_current import mean_current
from rig.run.noise_seen import NoiseSeen
from rig.run.on_bus import Bus
from rig.run.peaks import came_again, voltage_peak
from rig.run.reach_of_readings import only_a_bound
from rig.run.served import DIP_S, RECOVERED_HOLD_S, Served
from rig.run.service import service
from rig.standard import NoLimit, find_limit

if TYPE_CHECKING:
    from rig.files.device import Port
    from rig.files.limits import Limits
    from rig.run.case import Case
    from rig.run.perform import Taken

__all__ = ["NotMeasurable", "Shot"]

GATE_ON = Threshold("gate_voltage", GATE_V)
GATE_OFF = Threshold("gate_voltage", GATE_V, "falling")
FLOOR_TOO_HIGH = "floor-above-half-of-rated"
FLOOR_FRACTION = 0.1
"""Of the rated current: below it a fault current has ended (rig default; a range set for the peak of a short shows no
smaller one)."""
SLOW_HOLD_S = 0.005
STIMULUS_TOLERANCE = 0.03
APPLIED_S = (0.005, 0.045)
"""After t0: where the applied current of an overload is read; the cable has settled and no protection may act yet."""
HELD_SHARE = 0.97
"""Of the voltage that a reversed source is set to: below it the source limits its current instead."""
FED_V = 40.0


@dataclass
class Shot:
    """What a case brought home, ready to be measured; every method reads captures and nothing else."""

    case: Case
    port: Port
    limits: Limits
    capture: Capture
    taken: Taken
    level: float
    """Level of the injection channel that is t0."""
    fed_level: float | None = FED_V
    """The least that the device is declared to be fed with, V; None where the bench does not feed it."""
    files: dict[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    """Flags that every verdict of the case is marked with: what the bench found out about itself."""

    def _after(self, measurand: str, *stimuli: type) -> None:
        """Raises NotMeasurable where the case has another stimulus."""
        asked_after(self.case, measurand, stimuli)

    def operate_time(self) -> Measurement:
        """From t0 to the end of the fault current on the port: Tripped, Limited, NotTripped or NotArmed."""
        self._after("operate_time", Short, Overload, Reverse, Start, Arc)
        if isinstance(self.case.fault, Arc):
            return NoiseSeen(self, self.case.fault).operate_time()
        must_not = self._limit("operate_time") if isinstance(self.case.fault, Overload) else None
        limited = must_not is None or not must_not.must_not  # what must not trip must not do so from its limit either
        found = self._operate_on("fault", self._injection, self._quiet_hold, limited=limited)
        if FLOOR_TOO_HIGH in found.flags:
            # The digitizer's range is set for the peak; the recorder tells a held current from none, at its own pace.
            found = self._operate_on("slow", GATE_ON, SLOW_HOLD_S, limited=limited)
        start, record = self._seen_from
        if must_not is None or not must_not.must_not or start is None or must_not.window is None:
            return found
        stimulus = measure.verify_stimulus(
            self.capture, requested=self._requested, tolerance=STIMULUS_TOLERANCE, start=start, window=must_not.window,
            average=AVERAGE_S, settle=APPLIED_S[0], record=record,
        )  # fmt: skip
        return measure.with_stimulus(found, stimulus)

    def peak_current(self) -> Measurement:
        """Largest port current from t0 to the end of the fault current."""
        self._after("peak_current", Short, Overload, Reverse, Start)
        return measure.peak_current(self.capture, self._seen_fast, slow_shift=self._slow_shift)

    def let_through_i2t(self) -> Measurement:
        """Integral of the squared port current from t0 to the end of the fault current."""
        self._after("let_through_i2t", Short, Overload, Reverse, Start)
        return measure.let_through_i2t(self.capture, self._seen_fast, slow_shift=self._slow_shift)

    def let_through_energy(self) -> Measurement:
        """Integral of port voltage times port current from t0 to the end of the fault current."""
        self._after("let_through_energy", Short, Overload, Reverse, Start)
        return measure.let_through_energy(self.capture, self._seen_fast)

    def recovery_time(self) -> Measurement:
        """From the removal of the fault to the port working as declared; else from the return of what feeds it."""
        if isinstance(self.case.fault, Level | Ramp | Interruption):
            return replace(self.status_return(), measurand="recovery_time")
        started = isinstance(self.case.fault, Start) and self.fed_level is None and not self.taken.prospective.tap
        if isinstance(self.case.fault, Outage) or self.case.fault == Lifted("load") or started:  # by the mains
            return replace(self.served.back_after(self.served.back), measurand="recovery_time")
        fed = self.taken.prospective.tap is None
        removal = Threshold(self.served.feed, self.served.least_feed, "rising") if fed else GATE_OFF
        if self.port.role == "sink":  # which may work before its feed is all there
            return replace(self.served.back_after(removal), measurand="recovery_time")
        (low, high), window = service(self.port).full, self.case.watch_s(self.port)
        both = removal is GATE_OFF and self.capture.trace("slow", "gate_voltage") is None
        return measure.recovery_time(
            self.capture, removal=removal, low=low, high=high, hold=RECOVERED_HOLD_S, window=window,
            record="slow" if not both else "recovery" if "recovery" in self.capture.records else "fault",
        )  # fmt: skip

    def status_floor(self) -> Measurement:
        """The worst functional status while it was fed otherwise; in a slow sag, as declared; else from then on."""
        self._after("status_floor", Level, Ramp, Interruption, Ripple, Chopper, Day, SecondReturn)
        return only_a_bound(self.served.floor())

    def other_floor(self) -> Measurement:
        """The worst functional status of another port, from before a fault at this one until that is over, or while
        nothing at all is wrong; SC-08, MESH-01."""
        self._after("status_floor", Short, Overload, Steps)
        return only_a_bound(self.served.other_floor())

    def sleep_current(self) -> Measurement:
        """What a consumer takes while its feed is below what it works with."""
        self._after("sleep_current", Level)
        return self.served.asleep()

    def status_return(self) -> Measurement:
        """From the return of what feeds the device until it works as declared, and goes on to."""
        self._after("status_return", Level, Ramp, Interruption)
        return self.served.returned()

    def interruption(self) -> Measurement:
        """How long the series switch was open, by what drives it."""
        self._after("interruption", Interruption)
        return self.served.interruption

    def restarts(self) -> Measurement:
        """How often the device came back in a slow sag and its return."""
        self._after("restarts", Ramp)
        return only_a_bound(self.served.restarts())

    def shedding_error(self) -> Measurement:
        """By how much the stage of a load that is furthest off goes above its declared voltage in a slow sag."""
        self._after("shedding_error", Ramp)
        return self.served.shedding[0]

    def surplus_switchings(self) -> Measurement:
        """How many more, or fewer, stages went in a slow sag than there are."""
        self._after("surplus_switchings", Ramp)
        return only_a_bound(self.served.shedding[1])

    def droop_intercept(self) -> Measurement:
        """Voltage of the line through all loads of `Steps`, at no current."""
        self._after("droop_intercept", Steps)
        return measure.droop(self.capture, self._loads)[0]

    def droop_slope(self) -> Measurement:
        """By how much the voltage falls with the current, through all loads of `Steps`."""
        self._after("droop_slope", Steps)
        return measure.droop(self.capture, self._loads)[1]

    def device_temperature(self) -> Measurement:
        """The highest temperature of the port that the device told of itself in a `Day`."""
        self._after("device_temperature", Day)
        return highest_told(self.taken.temperatures, self.port.temperature)

    def power(self) -> Measurement:
        """Mean power of the port at the last load of `Steps`, or in the second half of a `Draw`."""
        self._after("power", Steps, Draw)
        return measure.power(self.capture, self._loads[-1])

    def ripple(self) -> Measurement:
        """Largest less smallest port voltage at the last load of `Steps`, or in the second half of a `Draw`."""
        self._after("ripple_peak_to_peak", Steps, Draw)
        return only_a_bound(measure.ripple_peak_to_peak(self.capture, "port_voltage", self._loads[-1], record="slow"))

    @cached_property
    def counted(self) -> Counted:
        """What the device's own energy counter said, with its `error`, what it `lost`, and its `step`."""
        self._after("energy_error", Metered)
        counter, readings = self.port.counter, self.taken.readings
        if counter is None or not readings:
            raise NotMeasurable("An energy counter is held against the bench where the device has told one.")
        return Counted(counter, self.capture, readings, self.taken.spans["metered"], self.port.role == "sink")

    @cached_property
    def bus(self) -> Bus:
        """What happened with another source at the port, with its `back_fed_current`, `recovery_time`, and so on."""
        self._after("what another source does", *ON_BUS)
        return Bus(self.case, self.capture, self.taken.spans, self.served)

    def wrong_reports(self) -> Measurement:
        """How often the device said something else of itself than what was: overcurrent in a fault, none afterwards."""
        self._after("wrong_reports", Short, Overload)
        return wrong_reports(self.taken.reports)

    def voltage_floor(self) -> Measurement:
        """The lowest port voltage while a motor or the device starts, or since the mains went, over `DIP_S`."""
        self._after("voltage_floor", Motor, Outage, Join)
        spans = self.taken.spans
        span = spans.get("joined") or (spans["fed"][0], spans.get("after", spans["fed"])[1])
        return measure.voltage_floor(self.capture, span, average=DIP_S)

    def inrush_current(self) -> Measurement:
        """Of a motor's start what the port gave at most, averaged over `AVERAGE_S`; what a consumer took at its own."""
        self._after("inrush_current", Motor, Start, Join)
        if isinstance(self.case.fault, Start | Join):
            return self.served.rush()
        found = measure.reverse_current(self.capture, self.taken.spans["motor"], average=AVERAGE_S)
        return replace(found, measurand="inrush_current")

    def retries(self) -> Measurement:
        """How often the current came again while the fault was there and the digitizer saw it."""
        self._after("retries", Short, Overload, Start)
        first = self._operate_on("fault", self._injection, self._quiet_hold, limited=False)
        return came_again(self.capture, first, self.level, self._quiet_hold)

    def reverse_leakage(self) -> Measurement:
        """The port current while the port is reversed, averaged over all that time: what its maker declares of it."""
        self._after("reverse_leakage", Reverse)
        return mean_current(self.capture, self.taken.spans["applied"], "reverse_leakage", zero=self.taken.spans["zero"])

    def ground_current(self) -> Measurement:
        """What flows in a second return while a volt is between grounds: its mean."""
        self._after("ground_current", SecondReturn)
        return ground_current(self)

    def reverse_current(self) -> Measurement:
        """Largest short-time mean of the port current while the port is reversed."""
        self._after("reverse_current", Reverse)
        found = measure.reverse_current(
            self.capture, self.taken.spans["applied"], average=AVERAGE_S, zero_span=self.taken.spans["zero"]
        )
        fault, volts = self.case.fault, self.capture.trace("slow", "port_voltage")
        if isinstance(fault, Reverse) and volts is not None and found.value is not None:
            seen = abs(float(volts.read(volts.slice(self.taken.spans["applied"])).mean()))
            if seen < HELD_SHARE * fault.voltage:  # the supply held its current: the port would have taken more
                return replace(found, bound="lower", flags=(*found.flags, "supply-at-its-limit"))
        return found

    def port_voltage_peak(self) -> Measurement:
        """Largest port voltage that the device itself produced, over all records of the case."""
        return only_a_bound(voltage_peak(self.case.fault, self.capture, self.taken.spans.get("driven")))

    @cached_property
    def facts(self) -> dict[str, float]:
        """Facts that a limit's `when` and curves refer to: the applied multiple of the rated current, of a short the
        prospective one, or V of a level."""
        if isinstance(self.case.fault, Short):
            return {"multiple": self.taken.prospective.peak_current / self.port.rated_current}
        if not isinstance(self.case.fault, Overload):
            return {"feed": self.served.level} if self.served.level is not None else {}
        expected, applied = self.taken.prospective.peak_current, self._applied
        if self.port.protection.type == "trip":
            expected = self.taken.prospective.steady_current  # no more than its own source gives
            # A port that had tripped before it could be read shows nothing of what was applied.
            if applied is not None and (applied.value or 0.0) > expected / 2:
                expected = applied.value or 0.0
        return {"multiple": expected / self.port.rated_current}

    @cached_property
    def served(self) -> Served:
        """How the device served, whatever it was fed with."""
        return Served(self.port, self.capture, self.taken.spans, self.case.watch_s(self.port), self.fed_level)

    @property
    def _loads(self) -> list[tuple[float, float]]:
        return [span for name, span in self.taken.spans.items() if name.startswith("load ")]

    @property
    def _injection(self) -> Threshold:
        if isinstance(self.case.fault, Reverse):
            return Threshold("port_voltage", self.level, absolute=True)
        return Threshold("injector_current", self.level)

    def _operate_on(self, record: str, injection: Threshold, hold: float, *, limited: bool = True) -> Measurement:
        return measure.operate_time(
            self.capture,
            injection=injection,
            rated_current=self.port.rated_current,
            hold=hold,
            record=record,
            align_on=[GATE_ON],
            limit_current=self.port.protection.limit_current if limited else None,
            window=self.case.hold_s,
            overdrive=self._overdrive,
            floor_fraction=FLOOR_FRACTION,
        )

    @cached_property
    def _seen_fast(self) -> Measurement:
        """The fault as the digitizer saw it, with its end from the recorder where only that could tell it."""
        fast = self._operate_on("fault", self._injection, self._quiet_hold)
        if FLOOR_TOO_HIGH not in fast.flags or self._slow_shift is None:
            return fast
        slow = self._operate_on("slow", GATE_ON, SLOW_HOLD_S)
        start, end = fast.inputs.get("t0"), slow.inputs.get("end")
        inputs = {**slow.inputs, "record": "fault", "t0": start}
        if isinstance(end, float):
            inputs["end"] = end - self._slow_shift
        trace = self.capture.trace("slow", "port_current")
        if "never-above-limit" in slow.flags and isinstance(start, float) and trace is not None:
            inputs["end"] = start + trace.dt  # by its first sample it was held: until then all counts
        return replace(slow, inputs=inputs)

    @cached_property
    def _slow_shift(self) -> float | None:
        """Time of the slow record minus time of the fault record, s, from the gate's edge that both have seen."""
        found = measure.align(self.capture, [GATE_ON])
        return found.shift if found is not None else None

    @cached_property
    def _slow_start(self) -> float | None:
        """t0 on the slow record, s."""
        return measure.t0(self.capture, GATE_ON, record="slow").value

    @cached_property
    def _seen_from(self) -> tuple[float | None, str]:
        """t0 and the record that it is an instant of: the slow one, or the fast one where that alone sees the gate."""
        if self.capture.trace("slow", "gate_voltage") is None:
            return measure.t0(self.capture, self._injection).value, "fault"
        return self._slow_start, "slow"

    @cached_property
    def _applied(self) -> Measurement | None:
        """The current that an overload really applied."""
        start, record = self._seen_from
        if start is None:
            return None
        span = start + APPLIED_S[0], start + APPLIED_S[1]
        return measure.level(self.capture, "port_current", span, record=record)

    @cached_property
    def applied_spans(self) -> dict[str, tuple[float, float]] | None:
        """Per record, where an overload is steady and no protection may act yet; None without its begin in both."""
        if not isinstance(self.case.fault, Overload) or self._slow_start is None:
            return None
        begin = measure.t0(self.capture, self._injection).value
        starts = {"slow": self._slow_start, "fault": begin}
        spans = {name: (t + APPLIED_S[0], t + APPLIED_S[1]) for name, t in starts.items() if t is not None}
        return spans if len(spans) == len(starts) else None

    @property
    def _requested(self) -> float:
        fault = self.case.fault
        assert isinstance(fault, Overload)
        return fault.multiple * self.port.rated_current

    @property
    def _overdrive(self) -> Overdrive | None:
        if not isinstance(self.case.fault, Overload) or self._applied is None or self._applied.u is None:
            return None
        limit = self._limit("operate_time")
        return Overdrive(limit.slope, self._applied.u) if limit is not None and limit.slope else None

    @property
    def _quiet_hold(self) -> float:
        """How long the current has to stay away: longer than the ring after a trip, far shorter than any retry."""
        window = self.case.view
        return min(2e-4, window.span_s / 10) if not isinstance(self.case.fault, Overload) else 5e-3

    def _limit(self, measurand: str):  # type: ignore[no-untyped-def]
        try:
            return find_limit(self.limits, self.case.clause, measurand, self.port, self.facts)
        except NoLimit:
            return None  # the judge will say so, with everything it consulted
