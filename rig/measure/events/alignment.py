"""One instant on two records: the shift between their time axes from an edge that both have seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rig.measure.captures.capture import Capture, Span
from rig.measure.events.edge import Threshold
from rig.measure.events.edges import first_edge
from rig.measure.result import Instant
from rig.measure.uncertainty.interval import Placed, instant_budget


@dataclass(frozen=True, slots=True)
class Alignment:
    """t_slow = t_fast + shift. u: standard uncertainty in s (the slow sample interval over sqrt(12), both edges' own
    parts, skew).

    signal: the edge that was used; fast and slow: names of the records.
    """

    shift: float
    u: float
    signal: str
    fast: str
    slow: str

    def on_slow(self, t_fast: float, u: float = 0.0, label: str = "") -> Instant:
        """The instant t_fast of the fast record (with its own u, in s) on the slow record's axis."""
        return Instant(self.slow, t_fast + self.shift, (u * u + self.u**2) ** 0.5, label)


def align(
    capture: Capture,
    edges: Sequence[Threshold],
    *,
    fast: str = "fault",
    slow: str = "slow",
    search: Mapping[str, Span] | None = None,
) -> Alignment | None:
    """Align by the first threshold whose edge shows in both records; None when none does or an accuracy is absent.

    search: per record the span in s of its axis in which the edge lies, default all of it. edges: in order of
    preference. The injection current first; behind it an edge that lasts longer than the slow sample interval, such as
    port_voltage falling, because a fault that is cleared in microseconds does not show on a slow current channel.
    """
    spans = search or {}
    for threshold in edges:
        placed = []
        for record in (fast, slow):
            trace = capture.trace(record, threshold.signal)
            edge = first_edge(trace, threshold, span=spans.get(record)) if trace is not None else None
            if trace is not None and edge is not None:
                placed.append(Placed(edge, trace, "alignment"))
        if len(placed) < 2:
            continue
        budgets = [instant_budget(one) for one in placed]
        if budgets[0] is None or budgets[1] is None:
            continue
        u = (budgets[0].u ** 2 + budgets[1].u ** 2) ** 0.5
        return Alignment(placed[1].t - placed[0].t, u, threshold.signal, fast, slow)
    return None
