"""What flows somewhere on the average: the mean of a current over all of a span, whichever way it flows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig import measure

if TYPE_CHECKING:
    from rig.measure import Capture, Measurement, Span

__all__ = ["mean_current"]


def mean_current(
    capture: Capture, span: Span, measurand: str, *, zero: Span | None = None, signal: str = "port_current"
) -> Measurement:
    """In A, of a slow signal; `zero` is a span in which none flows, whose mean is the channel's zero."""
    begin, end = span
    found = measure.reverse_current(capture, span, average=end - begin, zero_span=zero, signal=signal)
    return replace(found, measurand=measurand)
