"""Droop: how far a port's voltage gives way as it delivers current, V = intercept - slope x I.

A straight line through steady points, each the mean of voltage and current over a span (JCGM 100 H.3 for its
uncertainty). What all points share is added afterwards: gain and offset of both channels.
"""

import math
from collections.abc import Sequence

import numpy as np

from rig.measure.captures.capture import Capture, Span, Trace
from rig.measure.captures.noise import mean_u, noise
from rig.measure.result import Input, Measurement, accuracy_flags, holding, no_result
from rig.measure.uncertainty.budget import Budget, Line
from rig.measure.uncertainty.line_fit import LineFit, fit_line

SOURCE = "least squares, JCGM 100:2008 H.3"
APART = 6.0
"""Standard uncertainties by which the least and the largest current must differ to be two."""


def droop(
    capture: Capture, spans: Sequence[Span], *, volts: str = "port_voltage", amps: str = "port_current",
    record: str = "slow",
) -> tuple[Measurement, Measurement]:  # fmt: skip
    """(droop_intercept V, droop_slope ohm) from the steady `spans` (s on the axis of `record`).

    The slope is positive when the voltage falls with the current delivered.

    Unresolved with fewer than two spans whose currents surely differ, or where one holds a lost or a clipped sample.
    """
    about = f"V = intercept - slope x I through {len(spans)} steady points"
    v, i = capture.trace(record, volts), capture.trace(record, amps)
    points = [] if v is None or i is None else [steady_point(v, i, span) for span in spans]
    fit = None
    if v is not None and i is not None and points and all(point is not None for point in points):
        x, y, x_u, y_u = zip(*(point for point in points if point is not None), strict=True)
        if max(x) - min(x) > max(APART * math.hypot(*x_u), 2.0 * i.resolution):
            fit = fit_line(x, y, y_u)
            # The currents are not exact either: by the slope of the first line they count as voltage.
            both = [math.hypot(b, fit.slope * a) for a, b in zip(x_u, y_u, strict=True)] if fit is not None else []
            fit = fit_line(x, y, both) if fit is not None else None
    if v is None or i is None or fit is None:
        flags = holding({"no-line": v is not None and i is not None})
        armed = capture.triggered(record)
        return (
            no_result("droop_intercept", "V", about, armed=armed, flags=flags),
            no_result("droop_slope", "ohm", about, armed=armed, flags=flags),
        )
    inputs: dict[str, Input] = {"record": record, "points": len(points), "correlation": fit.correlation}
    shared = {"flags": accuracy_flags(v, i), "inputs": inputs, "source": SOURCE}
    intercept, slope = _budgets(fit, v, i)
    return (
        Measurement("droop_intercept", "Measured", fit.intercept, "V", about, budget=intercept, **shared),  # type: ignore[arg-type]
        Measurement("droop_slope", "Measured", -fit.slope, "ohm", about, budget=slope, **shared),  # type: ignore[arg-type]
    )


def steady_point(volts: Trace, amps: Trace, span: Span) -> tuple[float, float, float, float] | None:
    """(mean current, mean voltage, u of either mean); None where samples are too few, lost or clipped."""
    means = []
    for trace in (amps, volts):
        part = trace.surely(span)
        values = trace.read(part)
        if values.size < 2 or not np.isfinite(values).all() or bool(trace.clipped(part).any()):
            return None
        means.append((float(values.mean()), mean_u(values, noise(trace, span))))
    (current, current_u), (voltage, voltage_u) = means
    return current, voltage, current_u, max(voltage_u, 1e-12)


def _budgets(fit: LineFit, volts: Trace, amps: Trace) -> tuple[Budget | None, Budget | None]:
    v, i = volts.accuracy, amps.accuracy
    if v is None or i is None:
        return None, None
    intercept = [
        Line("fit", fit.intercept_u, 1.0, "t" if np.isfinite(fit.dof) else "normal", fit.dof, "A"),
        *v.lines("gain", fit.intercept, volts.signal),
        *v.lines("offset", 1.0, volts.signal),
        *i.lines("offset", fit.slope, amps.signal),
    ]
    slope = [
        Line("fit", fit.slope_u, 1.0, "t" if np.isfinite(fit.dof) else "normal", fit.dof, "A"),
        *v.lines("gain", fit.slope, volts.signal),
        *i.lines("gain", fit.slope, amps.signal),
    ]
    kept = [tuple(line for line in lines if line.contribution > 0.0) for lines in (intercept, slope)]
    return Budget(kept[0], "V"), Budget(kept[1], "ohm")
