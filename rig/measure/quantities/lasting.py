"""What a fault leaves behind: how much a steady value differs afterwards from what it was before."""

from rig.measure.captures.capture import Capture, Span
from rig.measure.quantities.steady import level
from rig.measure.result import Measurement, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line

SOURCE = "parameter check before and after, ISO 21780 section 8.9"


def lasting_change(
    capture: Capture, before: Span, after: Span, *, nominal: float, signal: str, first: str = "slow"
) -> Measurement:
    """(mean over `after` - mean over `before`) / nominal of a signal; `before` in s on the axis of record `first`,
    `after` on that of the slow one, `nominal` in the signal's unit.

    Gain and offset of the channel are the same in both means and cancel but for their part of the difference; they are
    counted as if they did not. Unresolved where either mean is.
    """
    about = f"change of {signal} from before to after, of {nominal:g}"
    one = level(capture, signal, before, record=first)
    two = level(capture, signal, after)
    if one.value is None or two.value is None:
        flags = merged(one.flags, two.flags)
        return no_result("lasting_change", "1", about, armed=capture.triggered("slow"), flags=flags)
    budget = None
    if one.u is not None and two.u is not None:
        lines = (Line("mean before", one.u / nominal), Line("mean after", two.u / nominal))
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), "1")
    change = (two.value - one.value) / nominal
    return Measurement(
        "lasting_change", "Measured", change, "1", about, budget=budget,
        flags=merged(one.flags, two.flags), inputs={"before": one.value, "after": two.value, "nominal": nominal},
        source=SOURCE,
    )  # fmt: skip
