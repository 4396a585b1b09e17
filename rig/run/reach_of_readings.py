"""What a bench without a recorder can see: its slow record is read-backs, which look away between two of them.

So its digitizer sees alone what has to be seen together: the fault's removal and the port's return.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig.measure import READ_BACK, UNWATCHED
from rig.run.case import Window

if TYPE_CHECKING:
    from rig.files.bench import Bench
    from rig.files.device import Port
    from rig.measure import Measurement
    from rig.run.case import Case

__all__ = ["WORST", "fault_window", "only_a_bound", "recovery_window", "whole_fault"]

WORST = frozenset(
    {
        "port_voltage_peak",
        "ripple_peak_to_peak",
        "ripple_current",
        "status_floor",
        "restarts",
        "surplus_switchings",
        "reverse_current",
    }
)
"""Measurands that are the worst of all moments: between two read-backs there may have been a worse one."""
AFTERWARDS_S = 0.6
"""What has come back has to stay, and is recorded for so long."""
LATE_S = 0.3
"""By how much the end of a fault may come after its hold, by the relay of the gate and what the rig does meanwhile."""
READ_OUT_S = 0.3
"""Hold that is left over after the window for reading the fault record while the fault is still on."""
POINTS = 100_000


def only_a_bound(found: Measurement) -> Measurement:
    """The worst that read-backs have seen, which the worst that there was may exceed: beyond a limit it fails."""
    if READ_BACK not in found.flags or found.value is None:
        return found
    return replace(found, bound="lower", flags=tuple(dict.fromkeys((*found.flags, UNWATCHED))))


def whole_fault(case: Case, bench: Bench) -> bool:
    """Whether the fault record has to show the port's return too: the digitizer alone sees when the fault goes, and
    there is no time to read the record and look anew while it holds."""
    alone = "gate_voltage" in bench.signals and bench.signals["gate_voltage"].slow is None
    return alone and not _held_long_enough(case, case.view)


def fault_window(case: Case, bench: Bench, port: Port) -> Window:
    """How the digitizer looks at the fault: as the case has it, or long enough for the port's return."""
    own = case.view
    if not whole_fault(case, bench):
        return own
    span = (case.hold_s + LATE_S + case.watch_s(port) + AFTERWARDS_S) / (1.0 - own.before)
    return replace(own, span=f"{max(span, own.span_s):.6g} s", points=POINTS)


def recovery_window(case: Case, port: Port) -> Window:
    """From the fault's removal, as long as the port's return is waited for."""
    return Window(f"{(case.watch_s(port) + AFTERWARDS_S) / 0.998:.6g} s", points=POINTS, before=0.002)


def _held_long_enough(case: Case, window: Window) -> bool:
    return case.hold_s >= window.span_s * (1 - window.before) + READ_OUT_S
