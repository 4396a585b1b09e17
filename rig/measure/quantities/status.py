"""Functional status by a port's voltage or current: the worst one it fell to (the floor), when it was back at the
best, and how often it came back.

FS1 .. FSn are declared as bands of voltage, the best first (five classes, as in ISO 16750-1); outside the last of them
nothing works.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rig.measure.captures.accuracy import READ_BACK
from rig.measure.captures.capture import Bools, Capture, Span
from rig.measure.captures.noise import noise
from rig.measure.events.edge import Threshold
from rig.measure.quantities.recovery import recovery_time
from rig.measure.result import Input, Instant, Measurement, accuracy_flags, holding, merged, no_result
from rig.measure.uncertainty.budget import Budget, rectangular

Band = tuple[float, float]


def status_floor(
    capture: Capture, bands: Sequence[Band], span: Span, *, shortest: float, signal: str = "port_voltage",
    record: str = "slow",
) -> Measurement:  # fmt: skip
    """The worst status (1 is the best, len(bands) + 1 is outside all) in which `signal` stayed for `shortest` s.

    Counted. A band's edge that the voltage came nearer to than its U leaves `status-within-uncertainty` and the worse
    status. Unresolved where a sample is lost or clipped, or the span is shorter than `shortest`.
    """
    definition = f"worst of {len(bands) + 1} states of {signal} that lasted {shortest:g} s"
    trace = capture.trace(record, signal)
    if trace is None:
        return no_result("status_floor", "count", definition, armed=capture.triggered(record))
    part = trace.slice(span)
    values = trace.read(part)
    size = max(round(shortest / trace.dt), 1)
    if values.size < size or not np.isfinite(values).all() or bool(trace.clipped(part).any()):
        return no_result("status_floor", "count", definition, armed=True, flags=("no-samples",))
    accuracy = trace.accuracy
    if accuracy is None:
        return no_result("status_floor", "count", definition, armed=True, flags=("accuracy-absent",))
    doubt = 2.0 * (noise(trace).sigma + accuracy.offset_u + accuracy.gain_u * float(np.abs(values).max()))
    seen, sure = (_worst(values, bands, size, margin) for margin in (doubt, 0.0))
    inputs: dict[str, Input] = {"record": record, "lowest": float(values.min()), "highest": float(values.max())}
    return Measurement(
        "status_floor", "Counted", float(seen), "count", definition,
        flags=merged(holding({"status-within-uncertainty": seen != sure}), accuracy_flags(trace)), inputs=inputs,
        source="functional status by declared bands",
    )  # fmt: skip


def status_return(
    capture: Capture, best: Band, *, removal: Threshold | Instant, hold: float, record: str = "slow",
    signal: str = "port_voltage", window: float | None = None,
) -> Measurement:  # fmt: skip
    """Time in s from the edge `removal` until `signal` stays in the band of FS1 for `hold` s; as a recovery.

    What had not left FS1 by then, or was back already, took no time: 0, known to a sample.
    """
    found = recovery_time(
        capture, removal=removal, low=best[0], high=best[1], hold=hold, record=record, signal=signal, window=window
    )
    trace = capture.trace(record, signal)
    if trace is not None and trace.accuracy is not None and "never-left-band" in found.flags:
        flags = tuple(flag for flag in found.flags if flag != "never-left-band")
        late = trace.accuracy.lines("skew", 1.0, signal) if READ_BACK in trace.accuracy.flags else []
        budget = Budget((rectangular("one sample", trace.dt), *late), "s")
        found = replace(found, outcome="Measured", value=0.0, budget=budget, flags=flags)
    return replace(found, measurand="status_return")


def restarts(
    capture: Capture, best: Band, least: Band, span: Span, *, signal: str = "port_voltage", record: str = "slow"
) -> Measurement:
    """How often `signal` came back into the band of FS1 after it had left that of FS2, over `span`; Counted.

    Unresolved where a sample is lost or clipped: what happened there nobody knows.
    """
    definition = f"times that {signal} came back into {best[0]:g}..{best[1]:g} from outside {least[0]:g}..{least[1]:g}"
    return _turns("restarts", (-1, 1), definition, capture, best, least, span, signal, record)


def nuisance_trips(
    capture: Capture, best: Band, least: Band, span: Span, *, signal: str = "port_voltage", record: str = "slow"
) -> Measurement:
    """How often `signal` left the band of FS2 after it had been in that of FS1, over `span`; Counted.

    Also one that is not followed by a return counts. Unresolved as `restarts`.
    """
    definition = f"times that {signal} went from {best[0]:g}..{best[1]:g} to outside {least[0]:g}..{least[1]:g}"
    return _turns("nuisance_trips", (1, -1), definition, capture, best, least, span, signal, record)


def _turns(
    measurand: str, way: tuple[int, int], definition: str, capture: Capture, best: Band, least: Band, span: Span,
    signal: str, record: str,
) -> Measurement:  # fmt: skip
    """How often it went from state to state: 1 in the band of FS1, -1 outside that of FS2, between them either."""
    trace = capture.trace(record, signal)
    if trace is None:
        return no_result(measurand, "count", definition, armed=capture.triggered(record))
    part = trace.slice(span)
    values = trace.read(part)
    if not values.size or not np.isfinite(values).all() or bool(trace.clipped(part).any()):
        return no_result(measurand, "count", definition, armed=True, flags=("no-samples",))
    state = np.where((values >= best[0]) & (values <= best[1]), 1, 0)
    state[(values < least[0]) | (values > least[1])] = -1
    known = state[state != 0]
    count = int(np.count_nonzero((known[:-1] == way[0]) & (known[1:] == way[1])))
    return Measurement(
        measurand, "Counted", float(count), "count", definition, flags=accuracy_flags(trace),
        inputs={"record": record}, source="functional status by declared bands",
    )  # fmt: skip


def _worst(values: np.ndarray, bands: Sequence[Band], size: int, margin: float) -> int:
    """The worst status that `size` samples in a row had or exceeded."""
    status = np.full(values.size, len(bands) + 1)
    for number in range(len(bands), 0, -1):
        low, high = bands[number - 1]
        status[(values - margin >= low) & (values + margin <= high)] = number
    for number in range(len(bands) + 1, 1, -1):
        if _longest(status >= number) >= size:
            return number
    return 1


def _longest(where: Bools) -> int:
    """The longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], where, [False]))))
    return int((edges[1::2] - edges[::2]).max()) if edges.size else 0
