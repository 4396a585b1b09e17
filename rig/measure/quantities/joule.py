"""Let-through I2t: the integral of i^2 from t0 to the end of the fault current, in A2s.

By trapezoids on the samples, with the two ends placed between samples. Valid from 50 samples on; below, the estimate
has no uncertainty and is INCONCLUSIVE. Clipped samples and a current that did not end make it a lower bound.
"""

import math

from rig.measure.captures.capture import Capture, Trace
from rig.measure.quantities.integral import Integral, integrate
from rig.measure.quantities.maxima import MIN_SAMPLES
from rig.measure.quantities.peak import ENDED, end_doubt, end_unknown, fault_span
from rig.measure.result import Input, Mark, Measurement, accuracy_flags, holding, merged, no_result
from rig.measure.uncertainty.budget import SQRT12, Budget, Line, rectangular

POWER = 0.1
"""How well the power of the noise, which is taken off, is known: of itself."""


def let_through_i2t(
    capture: Capture,
    operate: Measurement,
    *,
    signal: str = "port_current",
    record: str = "fault",
    slow: str | None = "slow",
    slow_shift: float | None = None,
) -> Measurement:
    """Integral of signal^2 in A2s over the fault that `operate` (operate_time of the same capture) found.

    Tripped: t0 to the end of the current. Limited: t0 to the begin of limiting. Otherwise a lower bound over what was
    observed. Time beyond `record` is added from `slow` when slow_shift (t_slow - t_fast in s, from `align`) is given;
    without it the rest is missing (flag partial).
    """
    definition = f"integral of {signal}^2 from t0 to the end of the fault current"
    span, trace = fault_span(operate), capture.trace(record, signal)
    part = integrate(trace, (span[0], min(span[1], trace.stop))) if span is not None and trace is not None else None
    if span is None or trace is None or part is None:
        armed = operate.outcome != "NotArmed" and capture.triggered(record)
        return no_result("let_through_i2t", "A2s", definition, armed=armed, flags=operate.flags)
    parts, traces, partial = [part], [trace], span[1] > trace.stop + trace.dt
    if partial and slow is not None and slow_shift is not None and math.isfinite(span[1]):
        rest_of = capture.trace(slow, signal)
        wanted = (trace.stop + slow_shift, span[1] + slow_shift)
        rest = integrate(rest_of, wanted) if rest_of is not None else None
        if rest is not None and rest_of is not None and rest.samples >= MIN_SAMPLES:
            parts, traces = [*parts, rest], [*traces, rest_of]
            partial = wanted[1] > rest_of.stop + rest_of.dt
    clipped, lost = any(p.clipped for p in parts), any(p.missing for p in parts)
    ended = operate.outcome in ENDED
    flags = holding(
        {
            "clipped": clipped,
            "undersampled": part.samples < MIN_SAMPLES,
            "missing-samples": lost,
            "partial": partial,
            "not-ended": not ended,
            "end-without-uncertainty": end_unknown(operate),
        }
    )
    end = span[1] + (0.0 if len(parts) == 1 or slow_shift is None else slow_shift)  # on the axis of the last part
    valid = part.samples >= MIN_SAMPLES and not lost
    inputs: dict[str, Input] = {"t0": span[0], "end": span[1], "samples": part.samples}
    return Measurement(
        "let_through_i2t",
        "Clipped" if clipped else "Measured",
        sum(p.value for p in parts),
        "A2s",
        definition,
        budget=_budget(parts, traces, operate.u, _within_doubt(traces[-1], end, end_doubt(operate))) if valid else None,
        bound="lower" if clipped or partial or not ended or end_unknown(operate) else None,
        flags=merged(flags, accuracy_flags(*traces)),
        marks=(Mark(record, signal, span[0], "t0"),),
        inputs=inputs,
        source="Joule integral, IEV 441-17; by trapezoids",
    )


def _within_doubt(trace: Trace, end: float, U: float) -> float:
    """What flows, in A2s, while the current may still not have ended; 0 where that is shorter than three samples."""
    if 3.0 * trace.dt > U or end >= trace.stop:
        return 0.0
    after = integrate(trace, (end, min(end + U, trace.stop)))
    return after.value if after is not None else 0.0


def _budget(parts: list[Integral], traces: list[Trace], time_u: float | None, doubt: float) -> Budget | None:
    lines: list[Line] = []
    for part, trace in zip(parts, traces, strict=True):
        accuracy = trace.accuracy
        if accuracy is None:
            return None
        length = part.samples * trace.dt
        bias = part.noise_power**2 * length
        lines += [
            *accuracy.lines("gain", 2.0 * part.value),
            *accuracy.lines("offset", 2.0 * part.charge),
            Line("noise", part.noise_power, 2.0 * math.sqrt(part.value * trace.dt)),
            Line("power of the noise itself", bias * POWER),
            Line("sampling", part.sampling),
            Line(
                "sampling, steps at the ends", trace.dt / SQRT12, math.hypot(*(i * i for i in part.ends)), "rectangular"
            ),
            *accuracy.lines("time base", part.value),
        ]
    lines.append(rectangular("current after the end, within its U", doubt))
    if time_u is not None:
        lines.append(Line("placing of t0 and end", time_u, parts[0].ends[0] ** 2 + parts[-1].ends[1] ** 2))
    return Budget(tuple(line for line in lines if line.contribution > 0.0), "A2s")
