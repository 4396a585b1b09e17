"""What a fault leaves behind: a change of a mean, with the uncertainty of both."""

import numpy as np
import pytest

from rig.measure import lasting_change

BEFORE, AFTER = (0.1, 0.2), (0.8, 0.9)


def stepped(trace_of, capture_of, *, before=54.0, after=54.0, seed=0, noise=0.0, gain=1.0, offset=0.0):
    volts = np.where(np.arange(1000) < 500, before, after) * gain + offset
    return capture_of(
        slow=[trace_of(volts, signal="port_voltage", unit="V", noise=noise, seed=seed, dt=1e-3, lsb=1e-4)]
    )


@pytest.mark.parametrize(("after", "change"), [(54.0, 0.0), (52.92, -0.02), (54.54, 0.01), (0.0, -1.0)])
def test_the_change_is_of_the_nominal_value(trace_of, capture_of, after, change):
    found = lasting_change(
        stepped(trace_of, capture_of, after=after), BEFORE, AFTER, nominal=54.0, signal="port_voltage"
    )
    assert (found.outcome, found.unit) == ("Measured", "1")
    assert found.value == pytest.approx(change, abs=1e-5)
    assert found.inputs["before"] == pytest.approx(54.0, abs=1e-3)


def test_the_truth_lies_within_u_whatever_the_channel_does(trace_of, capture_of):
    outside = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        wrong = {"gain": 1 + 1e-3 * rng.uniform(-1, 1), "offset": 0.05 * rng.uniform(-1, 1), "noise": 0.05}
        capture = stepped(trace_of, capture_of, after=53.0, seed=seed, **wrong)
        found = lasting_change(capture, BEFORE, AFTER, nominal=54.0, signal="port_voltage")
        outside += found.U is None or abs(found.value + 1.0 / 54.0) > found.U
    assert outside <= 3


def test_the_first_of_several_faults_has_a_record_of_its_own(trace_of, capture_of):
    whole = stepped(trace_of, capture_of, before=54.0, after=52.0)
    capture = type(whole)({"before": whole.records["slow"], "slow": whole.records["slow"]})
    found = lasting_change(capture, BEFORE, AFTER, nominal=54.0, signal="port_voltage", first="before")
    assert found.value == pytest.approx(-2.0 / 54.0, abs=1e-5)


def test_without_one_of_the_two_there_is_none(trace_of, capture_of):
    capture = stepped(trace_of, capture_of)
    assert lasting_change(capture, (5.0, 5.1), AFTER, nominal=54.0, signal="port_voltage").value is None
    assert lasting_change(capture, BEFORE, (5.0, 5.1), nominal=54.0, signal="port_voltage").value is None
    assert lasting_change(capture_of(), BEFORE, AFTER, nominal=54.0, signal="port_voltage").outcome == "NotArmed"
