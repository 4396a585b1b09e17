"""Steady values: the mean over a span, and the largest short-time mean while a port is reversed."""

import math

import numpy as np

from rig.measure.captures.capture import Capture, Span, Trace
from rig.measure.captures.noise import Noise, mean_lines, mean_u, noise
from rig.measure.quantities.maxima import UNWATCHED
from rig.measure.result import Input, Mark, Measurement, accuracy_flags, merged, no_result
from rig.measure.uncertainty.budget import SQRT12, Budget, Line, rectangular


def level(
    capture: Capture, signal: str, span: Span, *, record: str = "slow", measurand: str | None = None
) -> Measurement:
    """Mean of `signal` over `span` (s on the axis of `record`) in the trace's unit, with the uncertainty of the mean
    and the channel.

    At least 2 finite samples, else Unresolved; Clipped when a sample saturates (then no bound is known: a mean can be
    off either way).
    """
    name = measurand or f"{signal}_level"
    definition = f"mean of {signal} over {span[0]:g}..{span[1]:g} s"
    trace = capture.trace(record, signal)
    if trace is None:
        return no_result(name, "", definition, armed=capture.triggered(record))
    part = trace.surely(span)
    values = trace.read(part)
    finite = values[np.isfinite(values)]
    clipped = bool(trace.clipped(part).any())
    if finite.size < 2 or clipped:
        why = ("clipped",) if clipped else ("no-samples",)
        return no_result(name, trace.unit, definition, armed=True, flags=why)
    value = float(finite.mean())
    budget = None
    if trace.accuracy is not None:
        lines = (
            *mean_lines(finite, noise(trace, span)),
            *trace.accuracy.lines("gain", value),
            *trace.accuracy.lines("offset"),
        )
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), trace.unit)
    lost = ("missing-samples",) if finite.size < values.size else ()
    inputs: dict[str, Input] = {"record": record, "samples": int(finite.size)}
    return Measurement(
        name, "Measured", value, trace.unit, definition, budget=budget,
        flags=merged(lost, accuracy_flags(trace)), inputs=inputs,
    )  # fmt: skip


def power(
    capture: Capture, span: Span, *, volts: str = "port_voltage", amps: str = "port_current", record: str = "slow"
) -> Measurement:
    """Mean of volts x amps over `span` (s on the axis of `record`) in W; samples of both at the same instants.

    Unresolved for lost or clipped samples, or signals that were not sampled together.
    """
    definition = f"mean of {volts} x {amps} over {span[0]:g}..{span[1]:g} s"
    v, i = capture.trace(record, volts), capture.trace(record, amps)
    if v is None or i is None:
        return no_result("power", "W", definition, armed=capture.triggered(record))
    part = v.surely(span)
    together = (v.dt, v.start, v.codes.size) == (i.dt, i.start, i.codes.size)
    volt, amp = v.read(part), i.read(part if together else slice(0, 0))
    usable = together and volt.size >= 2 and bool(np.isfinite(volt).all() and np.isfinite(amp).all())
    clipped = usable and bool(v.clipped(part).any() or i.clipped(part).any())
    if not usable or clipped:
        flags = ("clipped",) if clipped else ("no-samples",) if together else ("not-sampled-together",)
        return no_result("power", "W", definition, armed=True, flags=flags)
    product = volt * amp
    value = float(product.mean())
    budget = None
    if v.accuracy is not None and i.accuracy is not None:
        blocks = product[: product.size - product.size % min(10, product.size)].reshape(min(10, product.size), -1)
        means = blocks.mean(axis=1)
        scatter = float(means.std(ddof=1)) / math.sqrt(means.size)
        lines = [
            Line("scatter of the mean", scatter, 1.0, "t", means.size - 1.0, "A"),
            *v.accuracy.lines("gain", value, volts), *v.accuracy.lines("offset", float(amp.mean()), volts),
            *i.accuracy.lines("gain", value, amps), *i.accuracy.lines("offset", float(volt.mean()), amps),
        ]  # fmt: skip
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), "W")
    return Measurement(
        "power", "Measured", value, "W", definition, budget=budget, flags=accuracy_flags(v, i),
        inputs={"record": record, "samples": int(product.size)}, source="mean of the product of the samples",
    )  # fmt: skip


def voltage_floor(
    capture: Capture, span: Span, *, average: float, signal: str = "port_voltage", record: str = "slow"
) -> Measurement:
    """Smallest mean over `average` s of the port voltage in V within `span` (s on the axis of `record`).

    Unresolved where a sample is lost or clipped, or the span is shorter than `average`.
    """
    definition = f"smallest mean over {average:g} s of {signal} over {span[0]:g}..{span[1]:g} s"
    trace = capture.trace(record, signal)
    if trace is None:
        return no_result("voltage_floor", "V", definition, armed=capture.triggered(record))
    part = trace.slice(span)
    values, size = trace.read(part), max(round(average / trace.dt), 1)
    if values.size < size or not np.isfinite(values).all() or bool(trace.clipped(part).any()):
        return no_result("voltage_floor", "V", definition, armed=True, flags=("no-samples",))
    if trace.late:  # between two read-backs nobody looks
        return no_result("voltage_floor", "V", definition, armed=True, flags=(UNWATCHED,))
    count = values.size // size
    means = values[: count * size].reshape(count, size).mean(axis=1)
    k = int(np.argmin(means))
    lowest, budget = float(means[k]), None
    if trace.accuracy is not None:
        lines = (
            Line("noise", noise(trace).sigma / math.sqrt(size), kind="A"),
            *trace.accuracy.lines("gain", lowest), *trace.accuracy.lines("offset"),
        )  # fmt: skip
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), "V")
    return Measurement(
        "voltage_floor", "Measured", lowest, "V", definition, budget=budget, flags=accuracy_flags(trace),
        marks=(Mark(record, signal, span[0] + (k + 0.5) * size * trace.dt, "voltage_floor"),),
        inputs={"record": record, "intervals": count, "average": size * trace.dt},
    )  # fmt: skip


def reverse_current(
    capture: Capture,
    span: Span,
    *,
    average: float,
    zero_span: Span | None = None,
    signal: str = "port_current",
    record: str = "slow",
) -> Measurement:
    """Largest |mean over `average` s| of the port current in A while the port is reversed (`span`, s on the axis of
    `record`).

    average: the minimum duration that counts, in s. zero_span: a span in which no current flows; its mean is taken as
    the channel's zero and replaces the stated offset uncertainty. Clipped samples make the result a lower bound, lost
    ones too.
    """
    definition = f"largest |mean over {average:g} s| of {signal} over {span[0]:g}..{span[1]:g} s"
    trace = capture.trace(record, signal)
    if trace is None:
        return no_result("reverse_current", "A", definition, armed=capture.triggered(record))
    part = trace.slice(span)
    size = max(round(average / trace.dt), 1)
    values, clipped = trace.read(part), trace.clipped(part)
    count = values.size // size
    means = values[: count * size].reshape(count, size).mean(axis=1) if count else values[:0]
    valid = np.isfinite(means)
    if not valid.any():
        return no_result("reverse_current", "A", definition, armed=True, flags=("no-samples",))
    of = noise(trace, zero_span)
    zero = _zero(trace, zero_span, of)
    magnitude = np.abs(means - zero[0])
    k = int(np.argmax(np.where(valid, magnitude, -1.0)))
    top = float(magnitude[k])
    is_clipped, lost = bool(clipped.any()), not valid.all()
    flags = [name for name, found in (("clipped", is_clipped), ("missing-samples", lost)) if found]
    if zero_span is not None and zero[2]:
        flags.append("zero-span-unusable")
    inputs: dict[str, Input] = {"record": record, "zero": zero[0], "intervals": count, "average": size * trace.dt}
    return Measurement(
        "reverse_current", "Clipped" if is_clipped else "Measured", top, "A", definition,
        budget=_reverse_budget(trace, of, zero_u=zero[1], value=top, size=size, count=int(valid.sum())),
        bound="lower" if is_clipped or lost else None,
        flags=merged(flags, accuracy_flags(trace)),
        marks=(Mark(record, signal, span[0] + (k + 0.5) * size * trace.dt, "reverse_current"),),
        inputs=inputs,
    )  # fmt: skip


def _zero(trace: Trace, span: Span | None, of: Noise) -> tuple[float, float, bool]:
    """(reading without current, its standard uncertainty, True when the span gave none) in the trace's unit."""
    stated = trace.accuracy.offset_u if trace.accuracy is not None else 0.0
    if span is None:
        return 0.0, stated, True
    values = trace.read(trace.slice(span))
    values = values[np.isfinite(values)]
    if values.size < 2:
        return 0.0, stated, True
    return float(values.mean()), mean_u(values, of), False


def _reverse_budget(trace: Trace, of: Noise, *, zero_u: float, value: float, size: int, count: int) -> Budget | None:
    accuracy = trace.accuracy
    if accuracy is None:
        return None
    averaged = of.rms / math.sqrt(size)
    from scipy.special import ndtri  # slow to import; a plan that is only looked at does without

    excess = averaged * float(ndtri((count - 0.375) / (count + 0.25))) if count > 1 else 0.0
    lines = (
        Line("noise of one interval's mean", averaged, 1.0, "normal", of.dof),
        rectangular("largest of many intervals", excess),
        Line("quantisation", of.quantum / SQRT12, 1.0, "rectangular"),
        Line("zero", zero_u),
        *accuracy.lines("gain", value),
    )
    return Budget(tuple(line for line in lines if line.contribution > 0.0), "A")
