"""Ripple on a steady level: peak to peak, and rms about the mean, over a declared span.

The noise of the channel is taken off the rms (powers subtract); where what is left is less than the noise itself, the
result is an upper bound. Peak to peak is between the tops of smooth fits on both sides, which noise does not raise.
Data sheets state ripple in a bandwidth, usually 20 MHz; that of the channel is named, and may be held against a
declared one: a narrower channel sees less (a lower bound), a wider one more (an upper bound).
"""

import math

import numpy as np

from rig.measure.captures.capture import Capture, Floats, Span, Trace
from rig.measure.captures.noise import Noise, noise
from rig.measure.quantities.apex import HALVES, Apex, apex
from rig.measure.result import Input, Measurement, accuracy_flags, holding, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line

BLOCKS = 10
SOURCE = "rig definition: over the declared span, in the channel's bandwidth"
DROWNS = 1.25
"""Expected spans of noise alone up to which the largest and the smallest value may be noise."""
POWER = 0.1
"""How well the power of the noise, which is taken off, is known: of itself."""


def ripple_rms(
    capture: Capture, signal: str, span: Span, *, quiet: Span | None = None, bandwidth: float | None = None,
    record: str = "fault",
) -> Measurement:  # fmt: skip
    """Rms of `signal` about its mean over `span` (s), in the trace's unit, without the channel's noise.

    quiet: a span without ripple from which the noise is taken; without it, what three neighbouring samples do not
    share, which sees white noise only. bandwidth: the declared one in Hz, None = whatever the channel has.
    Unresolved for lost or clipped samples; an upper bound (noise-dominated) where noise is more than the ripple.
    """
    definition = f"rms of {signal} about its mean over {span[0]:g}..{span[1]:g} s, noise taken off"
    seen = _steady(capture, signal, span, record, "ripple_rms", definition)
    if isinstance(seen, Measurement):
        return seen
    trace, values = seen
    own = noise(trace, quiet).sigma ** 2 if quiet is not None else _white(values, trace.resolution)
    total = float(values.var())
    drowned = total <= 2.0 * own
    value = math.sqrt(total) if drowned else math.sqrt(total - own)
    blocks = values[: values.size - values.size % BLOCKS].reshape(BLOCKS, -1)
    powers = ((blocks - values.mean()) ** 2).mean(axis=1)
    by_power = 1.0 / (2.0 * value) if value > 0.0 else 0.0
    scatter = float(powers.std(ddof=1)) / math.sqrt(BLOCKS)
    lines = [
        Line("scatter of ten blocks' power", scatter, by_power, "t", BLOCKS - 1.0, "A"),
        Line("power of the noise", POWER * own, by_power),
    ]
    return _answer(
        "ripple_rms", value, definition, trace, lines, drowned=drowned, noise_u=math.sqrt(own), record=record,
        bandwidth=bandwidth,
    )  # fmt: skip


def ripple_peak_to_peak(
    capture: Capture, signal: str, span: Span, *, bandwidth: float | None = None, record: str = "fault"
) -> Measurement:
    """Largest less smallest value of `signal` over `span` (s), in the trace's unit. bandwidth as for `ripple_rms`.

    Unresolved for lost or clipped samples; an upper bound (noise-dominated) where noise alone may have made it.
    """
    definition = f"largest less smallest {signal} over {span[0]:g}..{span[1]:g} s"
    seen = _steady(capture, signal, span, record, "ripple_peak_to_peak", definition)
    if isinstance(seen, Measurement):
        return seen
    trace, values = seen
    own = math.sqrt(_white(values, trace.resolution))
    of = Noise(own, trace.resolution, float(values.size))
    extremes = [(side, _top(side * values, of)) for side in (1.0, -1.0)]
    value = math.fsum(top.height for _, top in extremes)
    names = {1.0: "largest", -1.0: "smallest"}
    lines = [
        line.scaled(line.sensitivity, f"{line.name}, {names[side]}") for side, top in extremes for line in top.lines
    ]
    drowned = float(np.ptp(values)) <= DROWNS * 2.0 * _noise_span(values.size) * own
    value = max(value, 0.0) if not drowned else float(np.ptp(values))
    return _answer(
        "ripple_peak_to_peak", value, definition, trace, lines, drowned=drowned, noise_u=own, record=record,
        bandwidth=bandwidth,
    )  # fmt: skip


def _top(values: Floats, of: Noise) -> Apex:
    k = int(np.argmax(values))
    first = max(k - 2 * HALVES[0], 0)
    return apex(values[first : k + 2 * HALVES[0] + 1], k - first, of, smooth=True)


def _white(values: Floats, step: float) -> float:
    """The power of what three neighbouring samples do not share, at least that of the converter's steps."""
    bends = np.diff(values, 2)
    return max(float((bends * bends).mean()) / 6.0, step**2 / 12.0)


def _noise_span(n: int) -> float:
    """Half the range, in sigmas, that n samples of noise alone are expected to span."""
    from scipy.special import ndtri  # slow to import

    return float(ndtri((n - 0.375) / (n + 0.25)))


def _steady(
    capture: Capture, signal: str, span: Span, record: str, measurand: str, definition: str
) -> tuple[Trace, Floats] | Measurement:
    trace = capture.trace(record, signal)
    if trace is None:
        return no_result(measurand, "", definition, armed=capture.triggered(record))
    part = trace.slice(span)
    values = trace.read(part)
    lacking = holding(
        {
            "no-samples": values.size < 5 * BLOCKS,
            "missing-samples": not bool(np.isfinite(values).all()),
            "clipped": bool(trace.clipped(part).any()),
        }
    )
    return no_result(measurand, trace.unit, definition, armed=True, flags=lacking) if lacking else (trace, values)


def _answer(
    measurand: str, value: float, definition: str, trace: Trace, lines: list[Line], *, drowned: bool, noise_u: float,
    record: str, bandwidth: float | None,
) -> Measurement:  # fmt: skip
    less, more = _against(trace, bandwidth)
    inputs: dict[str, Input] = {
        "record": record, "noise": noise_u, "bandwidth": trace.bandwidth, "declared_bandwidth": bandwidth,
    }  # fmt: skip
    flags = merged(
        holding(
            {
                "noise-dominated": drowned,
                "bandwidth-unknown": trace.bandwidth is None,
                "bandwidth-below-declared": less,
                "bandwidth-above-declared": more,
            }
        ),
        accuracy_flags(trace),
    )
    if less and drowned:  # at most by the noise, at least by the bandwidth: nothing is known
        return no_result(measurand, trace.unit, definition, armed=True, flags=flags).with_inputs(inputs)
    budget = None
    if trace.accuracy is not None and not (trace.bandwidth is None and bandwidth is not None):
        lines = [*lines, *trace.accuracy.lines("gain", value)]
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), trace.unit)
    return Measurement(
        measurand, "Measured", value, trace.unit, definition, budget=budget,
        bound="lower" if less else "upper" if drowned or more else None, flags=flags, inputs=inputs, source=SOURCE,
    )  # fmt: skip


def _against(trace: Trace, bandwidth: float | None) -> tuple[bool, bool]:
    """(sees less, sees more) than the declared bandwidth; half the sample rate bounds what a record can hold."""
    if bandwidth is None or trace.bandwidth is None:
        return False, False
    return min(trace.bandwidth, 0.5 / trace.dt) < bandwidth, trace.bandwidth > bandwidth
