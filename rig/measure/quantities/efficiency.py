"""Efficiency: what goes out of a port, of what goes into the device at its energy input."""

from rig.measure.captures.capture import Capture, Span
from rig.measure.quantities.steady import power
from rig.measure.result import Measurement, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line


def efficiency(
    capture: Capture, span: Span, *, out: tuple[str, str] = ("port_voltage", "port_current"),
    into: tuple[str, str] = ("input_voltage", "input_current"), record: str = "slow",
) -> Measurement:  # fmt: skip
    """Mean power of `out` over that of `into` (voltage and current each) within a steady `span` of `record`, s.

    Unresolved where either is, or nothing goes in.
    """
    about = f"mean of {' x '.join(out)} over mean of {' x '.join(into)}, {span[0]:g}..{span[1]:g} s"
    given = power(capture, span, volts=out[0], amps=out[1], record=record)
    taken = power(capture, span, volts=into[0], amps=into[1], record=record)
    if given.value is None or taken.value is None or taken.value <= 0.0:
        flags = merged(given.flags, taken.flags)
        return no_result("efficiency", "1", about, armed=capture.triggered(record), flags=flags)
    ratio, budget = given.value / taken.value, None
    if given.u is not None and taken.u is not None:
        lines = (Line("power out", given.u / taken.value), Line("power in", ratio * taken.u / taken.value))
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), "1")
    return Measurement(
        "efficiency", "Measured", ratio, "1", about, budget=budget, flags=merged(given.flags, taken.flags),
        inputs={"record": record, "out": given.value, "in": taken.value},
        source="both powers as means of products of samples; their channels share nothing",
    )  # fmt: skip
