"""What went through the port during a fault: energy and charge.

Let-through energy is the integral of v i at the port from t0 to the end of the fault current, charge that of i. By
trapezoids from the sample nearest to t0 to the one nearest to the end; valid from 50 samples on, as I2t.
"""

import math

import numpy as np

from rig.measure.captures.capture import Capture, Floats, Span, Trace
from rig.measure.captures.noise import noise
from rig.measure.captures.pyramid import chunks, clips
from rig.measure.quantities.maxima import MIN_SAMPLES
from rig.measure.quantities.peak import ENDED, end_doubt, end_unknown, fault_span
from rig.measure.result import Mark, Measurement, accuracy_flags, holding, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line, rectangular

SOURCE = "integral over the fault current; its ends by declaration"


def let_through_energy(
    capture: Capture, operate: Measurement, *, volts: str = "port_voltage", amps: str = "port_current",
    record: str = "fault",
) -> Measurement:  # fmt: skip
    """Integral of volts x amps in J over the fault that `operate` (operate_time of the same capture) found.

    A fault that did not end within the record, or saturated samples, make it a lower bound of its magnitude.
    """
    definition = f"integral of {volts} x {amps} from t0 to the end of the fault current"
    return _integrated(capture, operate, record, (volts, amps), "let_through_energy", "J", definition)


def charge(capture: Capture, operate: Measurement, *, amps: str = "port_current", record: str = "fault") -> Measurement:
    """Integral of amps in C over the fault that `operate` found."""
    definition = f"integral of {amps} from t0 to the end of the fault current"
    return _integrated(capture, operate, record, (amps,), "charge", "C", definition)


def energy(
    capture: Capture, span: Span, *, ends: float, into: bool = False, volts: str = "port_voltage",
    amps: str = "port_current", record: str = "slow",
) -> Measurement:  # fmt: skip
    """Integral of volts x amps in J over `span` (s on the axis of `record`), counted out of the port, or `into` it.

    ends: each end of the span is where it is said to be within this half-width, s. Unresolved for lost samples or
    signals that were not sampled together; a lower bound where samples are saturated.
    """
    way = "into" if into else "out of"
    definition = f"integral of {volts} x {amps} {way} the port over {span[0]:g}..{span[1]:g} s"
    traces = [trace for trace in (capture.trace(record, name) for name in (volts, amps)) if trace is not None]
    if len(traces) < 2 or not _alike(traces):
        return no_result("energy", "J", definition, armed=capture.triggered(record), flags=("not-sampled-together",))
    sums = _sums(traces, span)
    if sums is None or sums[2] < MIN_SAMPLES:
        return no_result("energy", "J", definition, armed=True, flags=("missing-samples",))
    value, moments, used, clipped = sums
    value = -value if into else value
    ends += max(trace.late for trace in traces)
    return Measurement(
        "energy", "Clipped" if clipped else "Measured", value, "J", definition,
        budget=_budget(traces, value, moments, used, ends / math.sqrt(3.0), 0.0, "J"),
        bound="lower" if clipped else None,
        flags=merged(holding({"clipped": clipped}), accuracy_flags(*traces)),
        inputs={"record": record, "begin": span[0], "end": span[1], "samples": used},
        source="sum of the products of the samples",
    )  # fmt: skip


def _integrated(
    capture: Capture, operate: Measurement, record: str, signals: tuple[str, ...], measurand: str, unit: str,
    definition: str,
) -> Measurement:  # fmt: skip
    span = fault_span(operate)
    traces = [trace for trace in (capture.trace(record, name) for name in signals) if trace is not None]
    if span is None or len(traces) < len(signals) or not _alike(traces):
        armed = operate.outcome != "NotArmed" and capture.triggered(record)
        return no_result(measurand, unit, definition, armed=armed, flags=operate.flags)
    first = traces[0]
    ended = operate.outcome in ENDED
    until = min(span[1], first.stop)
    sums = _sums(traces, (span[0], until))
    if sums is None:
        return no_result(measurand, unit, definition, armed=True, flags=merged(operate.flags, ("missing-samples",)))
    value, moments, used, clipped = sums
    partial = span[1] > first.stop + first.dt
    flags = holding(
        {
            "clipped": clipped,
            "undersampled": used < MIN_SAMPLES,
            "partial": partial,
            "not-ended": not ended,
            "end-without-uncertainty": end_unknown(operate),
        }
    )
    later = _sums(traces, (until, min(until + end_doubt(operate), first.stop)))
    doubt = abs(later[0]) if later is not None else 0.0
    return Measurement(
        measurand, "Clipped" if clipped else "Measured", value, unit, definition,
        budget=_budget(traces, value, moments, used, operate.u, doubt, unit) if used >= MIN_SAMPLES else None,
        bound="lower" if clipped or partial or not ended or end_unknown(operate) else None,
        flags=merged(flags, accuracy_flags(*traces)),
        marks=(Mark(record, signals[-1], span[0], "t0"),),
        inputs={"t0": span[0], "end": until, "samples": used},
        source=SOURCE,
    )  # fmt: skip


def _alike(traces: list[Trace]) -> bool:
    """Sampled together: the same instants."""
    return all(
        (one.codes.size, one.dt, one.start) == (traces[0].codes.size, traces[0].dt, traces[0].start) for one in traces
    )


def _sums(traces: list[Trace], span: tuple[float, float]) -> tuple[float, dict[str, float], int, bool] | None:
    """(integral, moments for the budget, samples, clipped); None without two samples or with a lost one.

    moments: "i" and "v" integrals of the factors, "v2" and "i2" of their squares, "end" the product at both ends,
    "turned" what a delay of the voltage against the current changes, in W, and "coarse" what the sum over every second
    sample differs by.
    """
    first = traces[0]
    part = first.slice((span[0] - 0.5 * first.dt, span[1] + 0.5 * first.dt))
    if part.stop - part.start < 2:
        return None
    total, used, clipped = 0.0, 0, False
    moments = dict.fromkeys(("i", "v", "v2", "i2", "turned", "coarse"), 0.0)
    begin, end = None, 0.0
    for chunk in chunks(part):
        wide = slice(chunk.start - (1 if chunk.start > part.start else 0), chunk.stop)
        values = [trace.read(wide) for trace in traces]
        if not all(bool(np.isfinite(one).all()) for one in values):
            return None
        clipped = clipped or any(clips(trace, chunk) for trace in traces)
        i, v = values[-1], values[0] if len(values) > 1 else np.ones(values[-1].size)
        product = v * i
        total += _trapezoid(product, first.dt)
        for name, one in (("i", i), ("v", v), ("v2", v * v), ("i2", i * i)):
            moments[name] += _trapezoid(one, first.dt)
        moments["turned"] += float(((i[1:] + i[:-1]) / 2.0 * np.diff(v)).sum())
        odd = product[: product.size - (product.size + 1) % 2]
        moments["coarse"] += _trapezoid(odd, first.dt) - _trapezoid(odd[::2], 2.0 * first.dt)
        used += chunk.stop - chunk.start
        begin, end = float(product[0]) if begin is None else begin, float(product[-1])
    moments["end"] = math.hypot(begin or 0.0, end)
    return total, moments, used, clipped


def _budget(
    traces: list[Trace], value: float, moments: dict[str, float], used: int, time_u: float | None, doubt: float,
    unit: str,
) -> Budget | None:  # fmt: skip
    amps, volts = traces[-1].accuracy, traces[0].accuracy
    if amps is None or volts is None or (len(traces) > 1 and (amps.skew_u is None or volts.skew_u is None)):
        return None
    dt = traces[0].dt
    power = moments["v"] if len(traces) > 1 else used * dt
    whole = abs(value)
    lines = [
        *amps.lines("gain", whole, traces[-1].signal),
        *amps.lines("offset", power, traces[-1].signal),
        Line(f"noise, {traces[-1].signal}", noise(traces[-1]).sigma, math.sqrt(max(moments["v2"], 0.0) * dt), kind="A"),
        *amps.lines("time base", whole),
        rectangular("steps at the ends", dt / 2.0, moments["end"]),
        Line("sampling", abs(moments["coarse"])),
        rectangular("flow after the end, within its U", doubt),
    ]
    if time_u is not None:  # without a trip the end is that of what was observed, and the value a bound
        lines.append(Line("placing of t0 and end", time_u, moments["end"]))
    if len(traces) > 1:
        turned = abs(moments["turned"])
        for trace, accuracy in ((traces[0], volts), (traces[-1], amps)):
            lines += accuracy.lines("skew", turned, trace.signal)
            if trace.bandwidth is not None and trace.bandwidth > 0.0:  # a delay of 0 to 1 / (2 pi B), against the other
                half = 1.0 / (4.0 * math.pi * trace.bandwidth)
                lines.append(rectangular(f"delay by the bandwidth, {trace.signal}", half, turned))
        lines += [
            *volts.lines("gain", whole, traces[0].signal),
            *volts.lines("offset", abs(moments["i"]), traces[0].signal),
            Line(f"noise, {traces[0].signal}", noise(traces[0]).sigma, math.sqrt(moments["i2"] * dt), kind="A"),
        ]
    return Budget(tuple(line for line in lines if line.contribution > 0.0), unit)


def _trapezoid(v: Floats, dt: float) -> float:
    return float((v.sum() - (v[0] + v[-1]) / 2.0) * dt) if v.size > 1 else 0.0
