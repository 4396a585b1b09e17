"""Efficiency: the ratio of two powers, and how well it is known."""

import numpy as np
import pytest

from rig.measure import efficiency

SPAN = (0.1, 0.9)


def fed(trace_of, capture_of, *, out=(54.0, 4.6), into=(48.0, 5.5), wrong=(1.0, 1.0, 1.0, 1.0), seed=0, noise=0.0):
    levels = dict(zip(("port_voltage", "port_current", "input_voltage", "input_current"), (*out, *into), strict=True))
    return capture_of(
        slow=[
            trace_of(
                np.full(1000, value * gain), signal=name, unit="V" if name.endswith("voltage") else "A",
                noise=noise, seed=seed + k, dt=1e-3, lsb=1e-4,
            )
            for k, ((name, value), gain) in enumerate(zip(levels.items(), wrong, strict=True))
        ]
    )  # fmt: skip


def test_what_comes_out_of_what_goes_in(trace_of, capture_of):
    found = efficiency(fed(trace_of, capture_of), SPAN)
    assert (found.outcome, found.unit) == ("Measured", "1")
    assert found.value == pytest.approx(54.0 * 4.6 / (48.0 * 5.5), rel=1e-5)
    assert found.inputs["in"] == pytest.approx(264.0, rel=1e-5)


def test_the_truth_lies_within_u_whatever_the_channels_do(trace_of, capture_of):
    outside = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        wrong = 1.0 + np.array([4e-4, 2e-3, 4e-4, 2e-3]) * rng.uniform(-1, 1, 4)
        found = efficiency(fed(trace_of, capture_of, wrong=wrong, seed=seed, noise=0.02), SPAN)
        outside += found.U is None or abs(found.value - 54.0 * 4.6 / (48.0 * 5.5)) > found.U
    assert outside <= 3


def test_without_the_current_of_the_input_there_is_none(trace_of, capture_of):
    assert efficiency(fed(trace_of, capture_of), (5.0, 6.0)).value is None
    assert efficiency(fed(trace_of, capture_of, into=(48.0, -1.0)), SPAN).value is None
    assert efficiency(capture_of(), SPAN).outcome == "NotArmed"
