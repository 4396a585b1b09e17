"""What a fault leaves behind: how much a steady value differs afterwards from what it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rig.measure.captures.noise import mean_lines, noise
from rig.measure.quantities.steady import level
from rig.measure.result import Measurement, merged, no_result
from rig.measure.uncertainty.budget import Budget

if TYPE_CHECKING:
    from rig.measure.captures.capture import Capture, Span, Trace
    from rig.measure.uncertainty.budget import Line

SOURCE = "parameter check before and after, ISO 21780 section 8.9"


def lasting_change(
    capture: Capture, before: Span, after: Span, *, nominal: float, signal: str, first: str = "slow"
) -> Measurement:
    """(mean over `after` - mean over `before`) / nominal of a signal; `before` in s on the axis of record `first`,
    `after` on that of the slow one, `nominal` in the signal's unit.

    Both means are of one channel within minutes: its gain acts on their difference alone, and its offset, which stands
    for a crooked line too, on as much of itself. Unresolved where either mean is.
    """
    about = f"change of {signal} from before to after, of {nominal:g}"
    one = level(capture, signal, before, record=first)
    two = level(capture, signal, after)
    was, now = capture.trace(first, signal), capture.trace("slow", signal)
    if one.value is None or two.value is None or was is None or now is None:
        flags = merged(one.flags, two.flags)
        return no_result("lasting_change", "1", about, armed=capture.triggered("slow"), flags=flags)
    change, budget = (two.value - one.value) / nominal, None
    if now.accuracy is not None:
        lines = (
            *_mean(was, before, nominal, "before"), *_mean(now, after, nominal, "after"),
            *now.accuracy.lines("gain", change), *now.accuracy.lines("offset", change / nominal),
        )  # fmt: skip
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), "1")
    return Measurement(
        "lasting_change", "Measured", change, "1", about, budget=budget, flags=merged(one.flags, two.flags),
        inputs={"before": one.value, "after": two.value, "nominal": nominal}, source=SOURCE,
    )  # fmt: skip


def _mean(trace: Trace, span: Span, nominal: float, when: str) -> list[Line]:
    """Budget lines of one mean, of the nominal value."""
    values = trace.read(trace.surely(span))
    lines = mean_lines(values[np.isfinite(values)], noise(trace, span))
    return [line.scaled(line.sensitivity / nominal, f"{line.name}, {when}") for line in lines]
