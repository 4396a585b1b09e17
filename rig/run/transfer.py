"""Transfer calibration of the session: the digitizer against the best meter on the bench, on two plateaus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.measure import Transfer, calibrate, known_zero, plateau
from rig.run.chain import unit_per_volt
from rig.run.stage import DeviceNotReady
from rig.run.wired import work_refusals

if TYPE_CHECKING:
    from rig.measure import Record, Trace
    from rig.run.stage import Stage
    from rig.run.views import View

    _Plateau = dict[str, tuple[Record, Record]]
    """Fast and slow record of a plateau, by view."""

__all__ = ["SLOW", "CalibrationFault", "forced", "transfer_calibration"]

SLOW = "slow"
RATE_HZ, POINTS = 100e3, 1_000
LINEARITY = 0.001
"""Allowance for the non-linearity of the digitizer between the plateaus and beyond, of the value."""
DRIFT = 0.0005
"""Allowance for its drift from the start of the session to its end, of the value."""
ZERO_DRIFT_DIV = 0.002
"""Allowance for the drift of a zero, divisions."""
STEADY_S = 0.1


class CalibrationFault(Exception):
    """The bench's channels could not be compared; the bench is at fault, not the device."""


def transfer_calibration(stage: Stage) -> dict[tuple[str, object], Transfer]:
    """Corrections by (signal, channel setting), and by (signal, SLOW) for the zeros of the recorder's current channels.

    Plateau 1: everything isolated, no voltage and no current by construction; a device that lives on its own is taken
    off for it. Plateau 2: the device's own port voltage, without load. The bench is left safe.

    Raises:
        DeviceNotReady: the device's port did not come up; the caller makes the bench safe.
        CalibrationFault: a channel gave no usable record.
    """
    refusals = work_refusals(None, stage.bench, stage.device)
    if refusals:
        raise DeviceNotReady(f"{refusals[0]}.")
    if stage.fed is None:
        stage.take_off()
    zeros = {view.name: _take(stage, view) for view in stage.views.values()}
    stage.energise()
    stage.await_port()
    lifted = {view.name: _take(stage, view) for view in stage.views.values()}
    stage.safe_or_raise()

    try:
        return _corrections(stage, zeros, lifted)
    except ValueError as unusable:
        raise CalibrationFault(f"The bench's channels could not be compared: {unusable}.") from None


def _corrections(stage: Stage, zeros: _Plateau, lifted: _Plateau) -> dict[tuple[str, object], Transfer]:
    found: dict[tuple[str, object], Transfer] = {}
    for view in stage.views.values():
        (fast0, slow0), (fast1, slow1) = zeros[view.name], lifted[view.name]
        for signal, setting in view.settings.items():
            if (signal, setting) in found:
                continue
            trace = fast0.traces[signal]
            if signal == stage.bench.reference.signal:
                found[signal, setting] = _by_reference(
                    trace, fast1.traces[signal], slow0.traces[signal], slow1.traces[signal]
                )
            elif trace.unit == "A":
                factor, _ = unit_per_volt(stage.bench.transducers[stage.fast(signal).transducer])
                drift = ZERO_DRIFT_DIV * setting.volts_per_div * factor
                found[signal, setting] = known_zero(trace, _whole(trace), drift=drift, note=_NOTE_ZERO)
        for signal, trace in slow0.traces.items():
            if trace.unit == "A" and (signal, SLOW) not in found:
                found[signal, SLOW] = known_zero(trace, _whole(trace), note=_NOTE_ZERO)
    return found


_NOTE_ZERO = "zero taken in the session with everything isolated"


def _by_reference(fast0: Trace, fast1: Trace, slow0: Trace, slow1: Trace) -> Transfer:
    assert slow0.accuracy is not None  # every trace of the bench has one
    levels = [plateau(fast, _whole(fast), slow, _whole(slow)) for fast, slow in ((fast0, slow0), (fast1, slow1))]
    note = f"transfer-calibrated in the session against the recorder ({slow0.accuracy.note})"
    return calibrate(fast0, slow0.accuracy, levels, linearity=LINEARITY, drift=DRIFT, note=note)


def _take(stage: Stage, view: View) -> tuple[Record, Record]:
    """A short forced record of every fast channel, and the slow record of the same moments."""
    first = stage.monitor.wait(STEADY_S / 5)
    fast = forced(stage, view)
    return fast, stage.slow_record(first, stage.monitor.seen())


def forced(stage: Stage, view: View, *, calibrated: bool = True) -> Record:
    """A short record of every fast channel, taken without waiting for an edge.

    Raises:
        CalibrationFault: the digitizer took none.
    """
    digitizer = stage.equipment.digitizer
    stage.configure(view)
    rate = RATE_HZ if stage.rate_max is None else min(RATE_HZ, stage.rate_max)
    digitizer.configure_time(sample_rate_hz=rate, points=POINTS, pretrigger=0.0)
    signal, setting = next(iter(view.settings.items()))
    digitizer.trigger(setting.channel, setting.centre, "rising")
    stage.monitor.wait(STEADY_S / 5)
    digitizer.arm()
    digitizer.force()
    stage.monitor.wait(STEADY_S)
    fast = stage.read(signal, view, patience_s=POINTS / rate, calibrated=calibrated)
    if not fast.triggered:
        raise CalibrationFault(
            "The digitizer took no record for the calibration although it was told to: "
            "switch it off and on, and check that nobody works at its front."
        )
    return fast


def _whole(trace: Trace) -> tuple[float, float]:
    return trace.start, trace.stop
