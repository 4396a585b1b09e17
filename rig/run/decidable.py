"""Whether a bench can decide a limit at all: the U it needs against the best this bench can reach, from declared data.

The best is a lower bound: instruments, transducers, certificates, temperature and sampling as declared, and no noise,
no slow edge and no drift of the device. A limit that not even that can decide is a waste of bench time, and the largest
line of the budget says what would help.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from instruments.catalogue import load_driver
from instruments.declared import declared_instrument
from rig.bench.clock import utc_today
from rig.bench.readings import reading_accuracy
from rig.faults import Arc, Overload, Reverse
from rig.measure import Budget, Line, rectangular
from rig.run.chain import Chain
from rig.run.reach_of_readings import WORST, fault_window, recovery_window, whole_fault
from rig.run.shot import STIMULUS_TOLERANCE
from rig.run.transfer import ZERO_DRIFT_DIV
from rig.run.views import views
from rig.standard import NoLimit, SeveralLimits, find_limit

if TYPE_CHECKING:
    from instruments.accuracy import Accuracy
    from rig.faults import Prospective
    from rig.files.bench import Bench
    from rig.run.chain import Channel
    from rig.run.planned import Planned
    from rig.run.setup import Setup
    from rig.standard import Limit

__all__ = ["Reach", "conflicts", "reaches"]

ALWAYS = (("SELV-01", "port_voltage_peak"), ("REC-01", "recovery_time"))
"""Judged besides the clause of the case, where the limits know them."""
HELP = {
    "tolerance of the transducer": "a certificate of {transducer}",
    "gain of the instrument": "a certificate or a better instrument for {signal}",
    "offset of the instrument": "a certificate or a better instrument for {signal}",
    "time base": "an instrument with a better time base",
    "delay between channels": "a certificate of the delay between its channels",
    "delay by the bandwidth": "a transducer of more bandwidth at {signal}",
    "sampling": "a faster record",
    "applied current": "a certificate of {transducer}",
    "zero": "a smaller range for {signal}",
    "quantisation": "a converter of more bits for {signal}",
    "calibration": "a laboratory with a smaller U for {signal}",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """One limit of a case: U that a decision needs and the best U of this bench, in its unit; None where not known."""

    limit: Limit
    needed: float | None
    best: float | None
    largest: str
    helps: str
    never: bool = False
    """Whatever its U, what was measured is only a bound."""

    @property
    def decidable(self) -> bool | None:
        """Whether it can be decided if nothing else disturbs; None where that is not known."""
        if self.never:
            return False
        return None if self.needed is None or self.best is None else self.best <= self.needed


def reaches(setup: Setup, planned: Planned, expected: Prospective) -> list[Reach]:
    """Every limit that applies to a case, with what it needs and what this bench can do."""
    desk = _Desk.of(setup)
    facts = _facts(setup, planned, expected)
    asked = [(planned.case.clause, measurand) for measurand in _BEST] + list(ALWAYS)
    found = []
    for clause, measurand in dict.fromkeys(asked):
        try:
            limit = find_limit(setup.limits, clause, measurand, setup.device.port, facts)
        except NoLimit:
            continue
        found.append(_reach(limit, desk, planned, expected))
    return found


def conflicts(setup: Setup, planned: Planned, expected: Prospective) -> list[str]:
    """Sentences on the limits of a case of which more than one applies, so that nothing is decided by them."""
    facts, found = _facts(setup, planned, expected), []
    clauses = {planned.case.clause, *planned.case.also}
    for clause, measurand in dict.fromkeys((row.clause, row.measurand) for row in setup.limits.limits):
        if clause not in clauses:
            continue
        try:
            find_limit(setup.limits, clause, measurand, setup.device.port, facts)
        except SeveralLimits as several:
            found.append(str(several))
        except NoLimit:
            continue
    return found


def _facts(setup: Setup, planned: Planned, expected: Prospective) -> dict[str, float]:
    """What limits depend on and is known before the case is carried out."""
    if not isinstance(planned.case.fault, Overload):
        return {}
    return {"multiple": expected.peak_current / setup.device.port.rated_current}


def _reach(limit: Limit, desk: _Desk, planned: Planned, expected: Prospective) -> Reach:
    needed = _needed(limit)
    if limit.measurand in WORST and "recorder" not in desk.setup.bench.roles:
        return Reach(limit, needed, None, "between two read-backs nobody looks", "a recorder", never=True)
    if limit.must_not and "recorder" not in desk.setup.bench.roles and (doubt := _unverified(desk, planned, expected)):
        return Reach(limit, needed, None, doubt, "a certificate of the digitizer", never=True)
    lines = _BEST[limit.measurand](desk, limit, planned, expected)
    if lines is None:
        return Reach(limit, needed, None, "", "")
    budget = Budget(tuple(line for line in lines if line.contribution > 0.0), limit.unit)
    top = max(budget.lines, key=lambda line: line.contribution, default=None)
    if top is None:
        return Reach(limit, needed, 0.0, "", "")
    return Reach(limit, needed, budget.U, top.name, _helps(top.name, desk.setup.bench))


def _unverified(desk: _Desk, planned: Planned, expected: Prospective) -> str:
    """Why nobody can be sure that an overload was there all the time; empty where one can."""
    fault, rated = planned.case.fault, desk.setup.device.port.rated_current
    lines = desk.fast("port_current", "overload", expected.peak_current)
    if not isinstance(fault, Overload) or lines is None:
        return ""
    u = 2.0 * math.hypot(*(line.contribution for line in lines))
    required = (1.0 - STIMULUS_TOLERANCE) * fault.multiple * rated
    return "" if expected.peak_current - u >= required else "applied current, port_current (fast)"


def _helps(line: str, bench: Bench) -> str:
    """What would make a line smaller; its name ends with the signal it is of."""
    signal, _, record = line.rpartition(", ")[2].removesuffix(")").partition(" (")
    part = getattr(bench.signals.get(signal), record, None) if record else None
    text = next((text for start, text in HELP.items() if line.startswith(start)), "")
    return text.format(signal=signal.replace("_", " "), transducer=part.transducer if part is not None else "it")


def _needed(limit: Limit) -> float | None:
    """The largest U with which a value somewhere can pass: U_max, half of a band, or all of a one-sided limit."""
    low, high = (None if end is None or not math.isfinite(end) else end for end in (limit.low, limit.high))
    bounds = [] if limit.uncertainty_max is None else [limit.uncertainty_max]
    if limit.must_not and limit.window is not None:
        bounds.append(limit.window)
    if low is not None and high is not None:
        bounds.append((high - low) / 2.0 / limit.guard)
    elif high is not None:
        bounds.append(abs(high) / limit.guard)
    return min(bounds) if bounds else None


@dataclass(frozen=True, slots=True)
class _Desk:
    """The measuring chain before anybody answers."""

    setup: Setup
    chain: Chain
    digitizer: Any
    recorder: Any
    """Declared instruments; None where nothing is known before they answer."""

    @classmethod
    def of(cls, setup: Setup) -> _Desk:
        bench = setup.bench
        made: dict[str, Any] = {}
        roles: tuple[Literal["digitizer", "recorder"], ...] = ("digitizer", "recorder")
        for role in roles:
            if role not in bench.roles:
                made[role] = None
                continue
            entry = bench.instruments[bench.roles[role]]
            made[role] = declared_instrument(entry.driver, entry.identity, dict(entry.options))
        serials = dict.fromkeys(bench.instruments, "")
        serials |= {held.certificate.subject: held.certificate.serial for held in setup.certificates}
        chain = Chain(bench, setup.certificates, serials, utc_today(), setup.ambient)
        return cls(setup, chain, made["digitizer"], made["recorder"])

    def fast(self, signal: str, view: str, value: float) -> list[Line] | None:
        """Lines at `value` of a fast current channel after the session's zero."""
        entry = self.setup.bench.signals[signal].fast
        if self.digitizer is None or entry is None:
            return None
        setting = views(self.setup.bench, self.setup.device.port)[view].settings[signal]
        row = self.digitizer.channel_accuracy(setting.volts_per_div, -setting.centre)
        channel = self.chain.channel("digitizer", str(setting.channel), row, entry.transducer)
        zero = rectangular(f"zero, {signal} (fast)", ZERO_DRIFT_DIV * setting.volts_per_div * abs(channel.factor))
        label = f"{signal} (fast)"
        return [*channel.accuracy.lines("gain", value, label), zero, _step(row.resolution, channel, label)]

    def slow(self, signal: str, value: float, *, zeroed: bool = False) -> list[Line] | None:
        """As `fast`, of a slow channel; `zeroed`: its zero has been taken."""
        entry = self.setup.bench.signals[signal].slow
        row = None if entry is None else self._row("slow", entry)
        if row is None or entry is None:
            return None
        channel = self.chain.channel("recorder", entry.channel, row, entry.transducer)
        label = f"{signal} (slow)"
        offset = [] if zeroed else channel.accuracy.lines("offset", 1.0, label)
        return [*channel.accuracy.lines("gain", value, label), *offset, _step(row.resolution, channel, label)]

    def times(self, signals: tuple[str, str], record: str, dt: float, length: float, rise: float) -> list[Line] | None:
        """A time between edges of two signals: delays, time base, and sampling of the first edge if it is faster than
        that. How fast the second is, is the device's affair.
        """
        lines: list[Line] = []
        ppm: float | None = None
        for signal in signals:
            entry = getattr(self.setup.bench.signals[signal], record)
            row = None if entry is None else self._row(record, entry)
            if row is None or row.skew_s is None or row.timebase_ppm is None:
                return None
            bandwidth, ppm = self.setup.bench.transducers[entry.transducer].bandwidth, row.timebase_ppm
            lines += [
                rectangular(f"delay between channels, {signal} ({record})", row.skew_s),
                rectangular(f"delay by the bandwidth, {signal} ({record})", 1.0 / (4.0 * math.pi * bandwidth)),
                rectangular(f"sampling, {signal} ({record})", dt / 2.0 if rise < dt and signal == signals[0] else 0.0),
            ]
        return [*lines, rectangular("time base", (ppm or 0.0) * 1e-6, length)]

    def _row(self, record: str, entry: Any) -> Accuracy | None:
        """What the instrument of a record says of itself; of its times every range says the same."""
        bench = self.setup.bench
        if record == "slow" and "recorder" not in bench.roles:
            maker = bench.roles[entry.channel.partition(".")[0]]
            return reading_accuracy(bench, entry, getattr(load_driver(bench.instruments[maker].driver), "accuracy", ()))
        instrument = self.digitizer if record == "fast" else self.recorder
        if instrument is None:
            return None
        found: Accuracy = instrument.channel_accuracy(*((1.0, 0.0) if record == "fast" else (entry.range,)))
        return found


def _step(resolution: float, channel: Channel, label: str) -> Line:
    return rectangular(f"quantisation, {label}", resolution / 2.0 * abs(channel.factor))


def _peak_current(desk: _Desk, limit: Limit, planned: Planned, expected: Prospective) -> list[Line] | None:
    view = "short" if not isinstance(planned.case.fault, Overload) else "overload"
    return desk.fast("port_current", view, limit.high if limit.high is not None else expected.peak_current)


def _i2t(desk: _Desk, limit: Limit, _planned: Planned, expected: Prospective) -> list[Line] | None:
    lines = desk.fast("port_current", "short", 2.0 * (limit.high if limit.high is not None else expected.i2t))
    return None if lines is None else [line for line in lines if not line.name.startswith(("zero", "quantisation"))]


def _voltage_peak(desk: _Desk, limit: Limit, _planned: Planned, _expected: Prospective) -> list[Line] | None:
    """The recorder's, where the peak lasts long enough for it; a shorter one has the digitizer's, which is larger."""
    return desk.slow("port_voltage", limit.high if limit.high is not None else desk.setup.device.port.voltage)


def _reverse_current(desk: _Desk, limit: Limit, _planned: Planned, _expected: Prospective) -> list[Line] | None:
    return desk.slow("port_current", limit.high or 0.0, zeroed=True)


def _operate_time(desk: _Desk, limit: Limit, planned: Planned, expected: Prospective) -> list[Line] | None:
    case, port, bench = planned.case, desk.setup.device.port, desk.setup.bench
    if isinstance(case.fault, Reverse | Arc):
        return None
    asked = fault_window(case, bench, port).rate_hz
    rate = asked if bench.digitizer_rate_max is None else min(asked, bench.digitizer_rate_max)
    rise = bench.injector.inductance * port.rated_current / port.voltage  # of the injected current, to the level of t0
    ends = [end for end in (limit.low, limit.high) if end is not None and math.isfinite(end)]
    lines = desk.times(("injector_current", "port_current"), "fast", 1.0 / rate, max(ends, default=0.0), rise)
    if lines is None or not limit.slope:
        return lines
    record = "slow" if "recorder" in bench.roles else "fast"  # which sees the gate and so the begin
    if record == "slow":
        applied = desk.slow("port_current", expected.peak_current, zeroed=True)
    else:
        applied = desk.fast("port_current", "overload", expected.peak_current)
    if applied is None:
        return None
    u = math.hypot(*(line.contribution for line in applied))
    return [*lines, Line(f"applied current, port_current ({record})", u, limit.slope)]


def _recovery_time(desk: _Desk, limit: Limit, planned: Planned, _expected: Prospective) -> list[Line] | None:
    dt, bench = 1.0 / desk.setup.bench.slow_rate, desk.setup.bench
    if not isinstance(planned.case.fault, Reverse) and "recorder" not in bench.roles:
        case, port = planned.case, desk.setup.device.port
        look = fault_window(case, bench, port) if whole_fault(case, bench) else recovery_window(case, port)
        return desk.times(("gate_voltage", "port_voltage"), "fast", 1.0 / look.rate_hz, limit.high or 0.0, 0.0)
    reversed_ = isinstance(planned.case.fault, Reverse)  # removed when the input comes back, at the supply's pace
    first, rise = ("input_voltage", math.inf) if reversed_ else ("gate_voltage", 0.0)
    return desk.times((first, "port_voltage"), "slow", dt, limit.high or 0.0, rise)


_BEST = {
    "operate_time": _operate_time,
    "peak_current": _peak_current,
    "let_through_i2t": _i2t,
    "recovery_time": _recovery_time,
    "reverse_current": _reverse_current,
    "port_voltage_peak": _voltage_peak,
}
"""Best budget of each measurand of a case."""
