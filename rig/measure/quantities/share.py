"""Sharing: how much more or less than its half a source gives beside another of the same declared voltage and droop."""

import math
from collections.abc import Sequence

from rig.measure.captures.capture import Capture, Span
from rig.measure.quantities.droop import steady_point
from rig.measure.result import Input, Measurement, accuracy_flags, no_result
from rig.measure.uncertainty.budget import Budget, Line

SOURCE = "two lines V = voltage - droop x I, one bus"


def share_error(
    capture: Capture, spans: Sequence[Span], *, voltage: float, droop: float, rated_current: float,
    alone: Span | None = None, volts: str = "port_voltage", amps: str = "port_current", record: str = "slow",
) -> Measurement:  # fmt: skip
    """The largest |own current - half the sum| over steady `spans` (s on the axis of `record`), of the rated current.

    At a bus voltage V the like one, which keeps `voltage` (V) and `droop` (ohm) exactly, gives (voltage - V) / droop,
    or nothing above its voltage. The two then give the sum of both, of which half is each one's share. So what is
    measured of one source at V says how it shares with another, whoever holds the bus there. A battery's voltage is
    that of its charge: with a span `alone` the like one is as full, and its voltage is what this one had then, V + R I.

    Unresolved where one of these spans holds a lost or a clipped sample.
    """
    v, i = capture.trace(record, volts), capture.trace(record, amps)
    before = None if alone is None or v is None or i is None else steady_point(v, i, alone)
    if before is not None:
        voltage = before[1] + droop * before[0]
    about = f"|I - (I + (V0 - V) / R) / 2| / Ir at {len(spans)} bus voltages, V0 {voltage:.5g} V, R {droop:g} ohm"
    points = [] if v is None or i is None else [steady_point(v, i, span) for span in spans]
    known = [point for point in points if point is not None]
    if v is None or i is None or not known or len(known) < len(points) or (before is None) != (alone is None):
        return no_result("share_error", "1", about, armed=capture.triggered(record))
    errors = [(amps_ - max(0.0, (voltage - volts_) / droop)) / 2.0 / rated_current for amps_, volts_, _, _ in known]
    k = max(range(len(errors)), key=lambda n: abs(errors[n]))
    own, bus, own_u, bus_u = known[k]
    budget = None
    if v.accuracy is not None and i.accuracy is not None:
        half = 0.5 / rated_current
        per_volt = half / droop if bus < voltage + 2.0 * bus_u else 0.0  # above its voltage the other gives nothing
        lines = (
            Line("scatter of the means", math.hypot(half * own_u, per_volt * bus_u), 1.0, "normal", kind="A"),
            *i.accuracy.lines("gain", half * own, amps),
            *i.accuracy.lines("offset", half, amps),
            *v.accuracy.lines("gain", per_volt * bus, volts),
            *v.accuracy.lines("offset", per_volt, volts),
        )
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), "1")
    inputs: dict[str, Input] = {"record": record, "points": len(known), "bus": bus, "current": own, "signed": errors[k]}
    return Measurement(
        "share_error", "Measured", abs(errors[k]), "1", about, budget=budget, flags=accuracy_flags(v, i), inputs=inputs,
        source=SOURCE,
    )  # fmt: skip
