"""How evenly two sources share, from one of them at the voltages of the bus."""

import numpy as np
import pytest

from rig.measure import share_error

SPANS = [(0.1, 0.4), (0.6, 0.9), (1.1, 1.4)]
DECLARED = {"voltage": 54.0, "droop": 0.05, "rated_current": 5.0}


def beside(trace_of, capture_of, *, v0, r, bus=(53.9, 53.85, 53.8), seed=0, noise=0.0, errors=False):
    """A port of this voltage and resistance on a bus that stands at `bus`."""
    rng = np.random.default_rng(seed)
    volts = np.repeat(bus, 500)
    amps = np.maximum(0.0, (v0 - volts) / r)
    vg, ig = (1 + 0.0004 * rng.normal(), 1 + 0.002 * rng.normal()) if errors else (1.0, 1.0)
    shared = {"dt": 1e-3, "lsb": 1e-4}
    return capture_of(
        slow=[
            trace_of(volts * vg, signal="port_voltage", unit="V", noise=noise, seed=seed, **shared),
            trace_of(amps * ig, noise=noise / 2, seed=seed + 999, **shared),
        ]
    )


@pytest.mark.parametrize(
    ("v0", "r", "bus", "worst"),
    [
        # as declared: half of what both give
        (54.0, 0.05, (53.9, 53.85, 53.8), 0.0),
        # 0.1 V higher: 2 A more at every voltage, of which half is too much for one and too little for the other
        (54.1, 0.05, (53.9, 53.85, 53.8), 0.2),
        # twice as stiff: at 53.8 V it gives 8 A, the other 4 A
        (54.0, 0.025, (53.9, 53.85, 53.8), 0.4),
        # above its voltage the other gives nothing, and takes nothing
        (55.0, 0.5, (54.5, 54.5, 54.5), 0.1),
    ],
)  # fmt: skip
def test_the_worst_of_several_voltages(trace_of, capture_of, v0, r, bus, worst):
    found = share_error(beside(trace_of, capture_of, v0=v0, r=r, bus=bus), SPANS, **DECLARED)
    assert found.value == pytest.approx(worst, abs=1e-3)
    assert found.unit == "1"


def test_a_battery_is_held_against_one_that_is_as_full(trace_of, capture_of):
    """Its voltage is 1 V below the declared one: beside a source of that it would give nothing."""
    empty = beside(trace_of, capture_of, v0=53.0, r=0.05, bus=(52.9, 52.95, 52.8))
    assert share_error(empty, SPANS, **DECLARED).value == pytest.approx(2.0)
    found = share_error(empty, SPANS[1:], **DECLARED, alone=SPANS[0])
    assert found.value == pytest.approx(0.0, abs=1e-3)
    stiff = beside(trace_of, capture_of, v0=53.0, r=0.025, bus=(52.9, 52.95, 52.8))
    # 4 A alone: 53.1 V at no current by the declared droop; at 52.8 V it gives 8 A, the other 6 A
    assert share_error(stiff, SPANS[1:], **DECLARED, alone=SPANS[0]).value == pytest.approx(0.2, abs=1e-3)
    assert share_error(empty, SPANS, **DECLARED, alone=(9.0, 9.1)).outcome == "Unresolved"


@pytest.mark.parametrize("alone", [None, (0.1, 0.4)])
def test_it_holds_the_truth(trace_of, capture_of, alone):
    held = 0
    for seed in range(300):
        capture = beside(trace_of, capture_of, v0=54.05, r=0.04, seed=seed, noise=0.01, errors=True)
        found = share_error(capture, SPANS[1:], **DECLARED, alone=alone)
        v0 = 54.0 if alone is None else 53.9 + 0.05 * 0.15 / 0.04
        held += abs(found.value - (0.25 / 0.04 - (v0 - 53.8) / 0.05) / 10.0) <= found.U
    assert held >= 279  # 93 % of 300


def test_without_a_span_or_a_record_it_is_no_number(trace_of, capture_of):
    capture = beside(trace_of, capture_of, v0=54.0, r=0.05)
    assert share_error(capture, [*SPANS, (9.0, 9.1)], **DECLARED).outcome == "Unresolved"
    assert share_error(capture, [], **DECLARED).outcome == "Unresolved"
    assert share_error(capture_of(), SPANS, **DECLARED).outcome == "NotArmed"
