"""A waveform between two curves: where it is nearest, by how much, and what cannot be said."""

from __future__ import annotations

import numpy as np
import pytest

from rig.measure import Envelope, Instant, TraceAccuracy, decide, envelope_margin

T0 = Instant("fault", 0.0, 1e-7, "t0")
WIDE = Envelope(low=((0.0, 40.0), (0.01, 45.0)), high=((0.0, 55.0), (0.01, 52.0)))


def seen(trace_of, capture_of, volts, **more):
    t = np.arange(-200, 1500) * 1e-5
    return capture_of(
        fault=[trace_of(volts(t), signal="port_voltage", unit="V", dt=1e-5, start=t[0], lsb=1e-3, **more)]
    )


def test_the_nearest_point_of_either_curve(trace_of, capture_of):
    inside = envelope_margin(seen(trace_of, capture_of, lambda t: 0 * t + 48.0), "port_voltage", WIDE, T0)
    assert inside.value == pytest.approx(3.0, abs=5e-3), "45 V at 10 ms"
    assert inside.inputs["t"] == pytest.approx(0.01)
    assert decide(inside, low=0.0).verdict == "PASS"
    high = envelope_margin(seen(trace_of, capture_of, lambda t: 48.0 + 6.0 * (t > 0.005)), "port_voltage", WIDE, T0)
    assert high.value == pytest.approx(-2.0, abs=5e-3), "54 V under 52 V at 10 ms"
    assert decide(high, low=0.0).verdict == "FAIL"


def test_outside_the_curves_times_nothing_is_asked(trace_of, capture_of):
    capture = seen(trace_of, capture_of, lambda t: np.where((t < 0) | (t > 0.01), 0.0, 48.0))
    assert envelope_margin(capture, "port_voltage", WIDE, T0).value > 2.9


def test_one_curve_alone(trace_of, capture_of):
    only = Envelope(high=((0.0, 50.0), (0.01, 50.0)))
    found = envelope_margin(seen(trace_of, capture_of, lambda t: 0 * t + 48.0), "port_voltage", only, T0)
    assert found.value == pytest.approx(2.0, abs=2e-3)


def test_what_is_lost_not_covered_or_clipped(trace_of, capture_of):
    lost = seen(trace_of, capture_of, lambda t: np.where(np.abs(t - 0.005) < 2e-5, np.nan, 48.0))
    assert envelope_margin(lost, "port_voltage", WIDE, T0).flags == ("not-covered",)
    late = Instant("fault", 0.01, 1e-7, "t0")
    short = envelope_margin(seen(trace_of, capture_of, lambda t: 0 * t + 48.0), "port_voltage", WIDE, late)
    assert (short.outcome, short.value) == ("Unresolved", None)
    clipped = seen(trace_of, capture_of, lambda t: 48.0 + 9.0 * (t > 0.005), span=(-60.0, 50.0))
    found = envelope_margin(clipped, "port_voltage", WIDE, T0)
    assert (found.outcome, found.bound) == ("Clipped", "upper")
    assert decide(found, low=0.0).verdict == "INCONCLUSIVE"
    assert envelope_margin(capture_of(), "port_voltage", WIDE, T0).outcome == "NotArmed"


@pytest.mark.parametrize("curve", [((0.0, 1.0),), ((0.0, 1.0), (0.0, 2.0)), ((1.0, 1.0), (0.0, 2.0))])
def test_what_is_no_curve(curve):
    with pytest.raises(ValueError, match="times rise"):
        Envelope(low=curve)
    with pytest.raises(ValueError, match="asks nothing"):
        Envelope()


def dip(t):
    return 48.0 - 1.5 * np.exp(-(((t - 0.007) / 1e-3) ** 2))


def hump(t):
    return 48.0 + 6.0 * np.exp(-(((t - 0.007) / 1e-3) ** 2))


def corner(t):
    return 48.0 + 6.0 * np.maximum(0.0, 1.0 - np.abs(t - 0.007003) / 1e-3)


def jump(t):
    return 48.0 + 6.0 * (t > 0.0050033)


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("course", [dip, hump, corner, jump], ids=lambda one: one.__name__)
def test_margins_hold_the_truth(trace_of, capture_of, noise, course):
    """The nearest of a thousand noisy samples lies three sigma too near: the margin must not."""
    t = np.linspace(0.0, 0.01, 100_001)
    true = min((course(t) - (40.0 + 500.0 * t)).min(), (55.0 - 300.0 * t - course(t)).min())
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        gain, offset, zero = 1 + 0.002 * rng.normal(), 0.02 * rng.normal(), 1e-5 * rng.normal()
        capture = seen(trace_of, capture_of, lambda t: course(t) * gain + offset, seed=seed, noise=noise)  # noqa: B023
        found = envelope_margin(capture, "port_voltage", WIDE, Instant("fault", zero, 1e-5, "t0"))
        held += abs(found.value - true) <= found.U
    assert held >= 279  # 93 % of 300


def test_an_unknown_delay_leaves_no_uncertainty(trace_of, capture_of):
    unknown = TraceAccuracy(gain_u=0.002, offset_u=0.02, skew_u=None, verified=True)
    found = envelope_margin(
        seen(trace_of, capture_of, lambda t: 0 * t + 48.0, accuracy=unknown), "port_voltage", WIDE, T0
    )
    assert found.value == pytest.approx(3.0, abs=5e-3)
    assert (found.U, decide(found, low=0.0).verdict) == (None, "INCONCLUSIVE")
