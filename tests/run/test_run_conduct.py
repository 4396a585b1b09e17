"""What the slow record says of the injector: certain misdeeds are named, everything else is left to the verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from rig.measure import Capture, Record, Trace
from rig.run.conduct import misconduct

RATE = 2500.0
BAND = (50.0, 57.0)
SCANS = 2000


def capture(gate=(500, 1500), current=(), port=54.0, collapsed=(), triggered=True, recovered=False) -> Capture:
    """A slow record of 0.8 s: gate high from..to, 5 A in `current` spans, the port at 0 V in `collapsed` spans."""
    volts = np.zeros(SCANS)
    if gate:
        volts[gate[0] : gate[1]] = 12.0
    amps, at_port = np.full(SCANS, 0.01), np.full(SCANS, port)
    for first, last in current:
        amps[first:last] = 5.0
    for first, last in collapsed:
        at_port[first:last] = 0.0
    traces = {
        name: Trace(name, unit, np.round(values * 1000).astype(np.int32), 1e-3, 0.0, 1 / RATE, 0.0, -(2**30), 2**30)
        for name, unit, values in (
            ("gate_voltage", "V", volts), ("injector_current", "A", amps), ("port_voltage", "V", at_port),
        )
    }  # fmt: skip
    return Capture(
        {
            "slow": Record("slow", traces, triggered=True),
            "fault": Record("fault", {}, triggered=triggered),
            "recovery": Record("recovery", {}, triggered=recovered),
        }
    )


IDLE = (
    "the injector did not conduct with its gate high: 0.01 A, and the port stayed in its band; look at its transistors"
)
BLIND = "the digitizer did not trigger on the injector current, and the port did leave its band; look at its channel"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (capture(current=[(500, 1500)]), None),
        (capture(current=[(495, 1505)]), None),
        (capture(), None),
        (capture(gate=None), "the injector's gate never rose: it stayed below 0.00 V; look at its line and its driver"),
        (
            capture(current=[(450, 1500)]),
            "the injector carried 5 A before its gate rose; look at its transistors and its gate",
        ),
        (
            capture(current=[(500, 1600)]),
            "the injector carried 5 A after its gate had fallen; look at its transistors and its gate",
        ),
        (
            capture(triggered=False),
            IDLE,
        ),
        (
            capture(triggered=False, collapsed=[(501, 1500)]),
            BLIND,
        ),
        (
            capture(triggered=False, current=[(500, 1500)]),
            BLIND,
        ),
        (capture(triggered=False, port=0.0), None),
        (
            capture(collapsed=[(500, SCANS)], recovered=True),
            "the digitizer saw the port come back, and the recorder never more than 0.00 V on port voltage",
        ),
        (capture(collapsed=[(500, 1900)], recovered=True), None),
        (capture(gate=(500, 505), triggered=False), None),
    ],
)
def test_what_is_certain_is_said(made, said):
    found = misconduct(made, 2.0, BAND)
    assert found == said or (said is not None and found is not None and found.startswith(said))


def test_a_bench_without_the_signals_says_nothing():
    bare = Capture({"slow": Record("slow", {}, triggered=True), "fault": Record("fault", {}, triggered=False)})
    assert misconduct(bare, 2.0, BAND) is None
