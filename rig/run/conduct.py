"""Whether the injector did what its gate was told: what the slow record of a case says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rig.measure import Capture, Trace

__all__ = ["AVERAGE_S", "GATE_V", "LAG_S", "SETTLED_S", "WATCHED_S", "misconduct"]

SETTLED_S = 0.3
"""A port that has stayed in its band this long has come back."""
LAG_S = 0.03
"""By which scans of the slow record may arrive late: then all of what is over is there."""
WATCHED_S = 2.0
"""What has come back is watched for so long, whether it stays; longer than `Served` looks back."""

AVERAGE_S = 0.01
"""What lasts as long counts as a current, of inrushes and of what flows backwards."""
GATE_V = 6.0
"""Above it the injector's gate is high."""
GUARD_S = 0.003
"""About the gate's edges: a sample of the slow record there may show either side."""
BEFORE_S = 0.02
"""Before the gate rises: what the port stood at."""


def misconduct(capture: Capture, level: float, band: tuple[float, float]) -> str | None:
    """Why the injector, its gate or the digitizer at its shunt was at fault in a case with an injection; None if not.

    level: A, the least that a fault drives through the injector, at which the digitizer triggers. band: V, of the port.
    Only what is certain: a port that stays in its band with the injector closed, a current with its gate low.
    """
    gate, current, port = (capture.trace("slow", name) for name in ("gate_voltage", "injector_current", "port_voltage"))
    if gate is None or current is None or port is None or not gate.codes.size:
        return None
    high = np.flatnonzero(gate.values > GATE_V)
    if not high.size:
        highest = float(np.max(gate.values))
        return f"the injector's gate never rose: it stayed below {highest:.2f} V; look at its line and its driver"
    margin = round(GUARD_S / gate.dt)
    first, last = int(high[0]), int(high[-1])
    for word, part in (
        ("before its gate rose", slice(0, max(first - margin, 0))),
        ("after its gate had fallen", slice(last + margin, None)),
    ):
        found = np.abs(current.values[part])
        if found.size and float(found.max()) >= level:
            return f"the injector carried {float(found.max()):.3g} A {word}; look at its transistors and its gate"
    highest = float(port.values[last:].max())
    if capture.triggered("recovery") and highest < band[0] / 2:
        return (
            f"the digitizer saw the port come back, and the recorder never more than {highest:.2f} V on port voltage; "
            "look at its channel and divider"
        )
    if last - first <= 2 * margin or capture.triggered("fault"):
        return None
    return _untriggered(current, port, (first, last), level, band)


def _untriggered(
    current: Trace, port: Trace, high: tuple[int, int], level: float, band: tuple[float, float]
) -> str | None:
    """The digitizer saw no current: because there was none, or because it does not look."""
    first, last = high
    before, margin = round(BEFORE_S / port.dt), round(GUARD_S / port.dt)
    volts = port.values[max(first - before, 0) : max(first - 1, 1)]
    if not band[0] <= float(volts.mean()) <= band[1]:
        return None  # a port that is dead drives nothing through anything
    carried = float(np.abs(current.values[first:last]).max())
    if carried < level and float(port.values[first + margin : last - margin].min()) >= band[0]:
        return (
            f"the injector did not conduct with its gate high: {carried:.3g} A, and the port stayed in its band; "
            "look at its transistors and its tap"
        )
    return (
        "the digitizer did not trigger on the injector current, and the port did leave its band; "
        "look at its channel, its probe and its trigger"
    )
