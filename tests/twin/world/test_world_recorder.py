"""The recorder's multiplexer, range and bandwidth, on sources of known voltage."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from rig.twin.bench.recorder import CONVERSION, RecorderPhysics
from rig.twin.bench.recorder_class import LABJACK_T7, LABJACK_T8, InputRange
from rig.twin.bench.transducer import TransducerPhysics
from rig.twin.engine.network import Network
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation

US, MS, S = 10**6, 10**9, 10**12
NAMES = ("AIN0", "AIN1", "AIN2")


@pytest.fixture
def daq():
    """Three inputs at 9, -9 and 0 V, behind 1 MHz, without noise and errors; `steps` move AIN0."""

    def build(steps=(), volts=(9.0, -9.0, 0.0), constant=0.16e-6, rating=LABJACK_T7, nominal=True):
        network = Network()
        for name in NAMES:
            network.source(name, name, "0", 1.0)
        sim = Simulation(network)
        for name, level in zip(NAMES, volts, strict=True):
            sim.set_input(name, level)
        for at, level in steps:
            sim.at(at, partial(sim.set_input, "AIN0", level))
        wired = {name: TransducerPhysics(name, v(name), constant, None) for name in NAMES}
        ranges = {name: InputRange(each.step, 0.0, 0.0) for name, each in rating.ranges.items()}
        ideal = replace(rating, ranges=ranges, gain=0.0, time_base=0.0, own_step=0.0, own_centre=0.0)
        return sim, RecorderPhysics(sim, wired, 1, ideal if nominal else replace(ideal, own_step=1e-3, own_centre=20.0))

    return build


def volts_per_code(full_scale):
    return LABJACK_T7.ranges[full_scale].step


def readings(codes, full_scale=10.0):
    return (codes.astype(float) - LABJACK_T7.centre) * volts_per_code(full_scale)


@pytest.mark.parametrize("settling", [0.5e-6, 1e-6, 2e-6, 10e-6])
def test_a_channel_keeps_a_share_of_the_one_before_it(daq, settling):
    sim, inputs = daq()
    inputs.begin(settling)
    sim.run_until(20 * MS)
    seen = readings(inputs.codes(NAMES, [10.0] * 3, MS, MS, 0, 10)).mean(axis=0)
    left = np.exp(-settling / 0.5e-6)
    step = volts_per_code(10.0)
    assert seen == pytest.approx([9.0, -9.0 + 18.0 * left, -9.0 * left], abs=step)


def test_one_channel_alone_has_nothing_to_settle_from(daq):
    sim, inputs = daq()
    inputs.begin(0.5e-6)
    sim.run_until(20 * MS)
    assert readings(inputs.codes(["AIN1"], [10.0], MS, MS, 0, 10)) == pytest.approx(-9.0, abs=volts_per_code(10.0))


@pytest.mark.parametrize("settling", [5e-6, 10e-6, 100e-6])
def test_the_channels_of_a_scan_are_settling_and_conversion_apart(daq, settling):
    sim, inputs = daq([(2 * MS + 50 * US, 1.0)], (0.0, 0.0, 0.0), 1e-9)
    inputs.begin(settling)
    apart = round((settling + CONVERSION) * S)
    sim.run_until(2 * MS + 50 * US - apart - 1)
    assert inputs.scans_ready(2, 2 * MS + 50 * US - 2 * apart, MS) == 0
    sim.run_until(10 * MS)
    # The same input twice: a step between the two positions of one scan is seen by the second alone.
    for position in (1, 2):
        start = 2 * MS + 51 * US - position * apart
        codes = inputs.codes(["AIN0"] * 3, [10.0] * 3, start, MS, 0, 1)
        assert (readings(codes)[0] > 0.5).tolist() == [False] * position + [True] * (3 - position)


@pytest.mark.parametrize(("volts", "code"), [(20.0, 65535), (-20.0, 0)])
def test_beyond_the_range_it_reads_the_last_code(daq, volts, code):
    sim, inputs = daq(volts=(volts, 0.0, 0.0))
    inputs.begin()
    sim.run_until(10 * MS)
    assert set(inputs.codes(["AIN0"], [10.0], MS, MS, 0, 5).ravel()) == {code}


def test_a_step_through_the_divider_is_the_exponential_of_its_bandwidth(daq):
    tau = 8e-6  # 20 kHz
    sim, inputs = daq([(2 * MS, 8.0)], (0.0, 0.0, 0.0), tau)
    inputs.begin()
    sim.run_until(4 * MS)
    seen = readings(inputs.codes(["AIN0"], [10.0], 2 * MS, 5 * US, 0, 20))[:, 0]
    assert seen == pytest.approx(8.0 * (1 - np.exp(-np.arange(20) * 5e-6 / tau)), abs=volts_per_code(10.0))
    assert inputs.read("AIN0", 10.0) == pytest.approx(8.0, abs=1e-6)


def test_a_device_has_constants_of_its_own(daq):
    sim, inputs = daq(nominal=False)
    inputs.begin()
    sim.run_until(20 * MS)
    code = inputs.codes(["AIN0"], [10.0], MS, MS, 0, 1)[0, 0]
    step, centre = inputs.constants(10.0)
    assert (code - centre) * step == pytest.approx(9.0, abs=step)
    assert step == pytest.approx(315.80578e-6, rel=1e-3)
    assert centre != pytest.approx(33523.0, abs=1.0)
    assert centre == pytest.approx(33523.0, abs=20.0)
    assert inputs.constants(10.0) == (step, centre) == tuple(map(float, np.float32((step, centre))))
    assert inputs.constants(1.0)[1] != centre


def test_the_t8_takes_all_inputs_at_once(daq):
    """Nothing of the channel before it, and a step between two scans is in all channels of the second."""
    sim, inputs = daq(rating=LABJACK_T8, steps=[(MS + 2 * US, 3.0)])
    inputs.begin(10e-6)
    sim.run_until(20 * MS)
    codes = inputs.codes(["AIN1", "AIN0", "AIN0"], [11.0] * 3, MS, 5 * US, 0, 2)
    volts = (codes.astype(float) - LABJACK_T8.centre) * LABJACK_T8.ranges[11.0].step
    assert volts[0] == pytest.approx([-9.0, 9.0, 9.0], abs=LABJACK_T8.ranges[11.0].step)
    assert volts[1] == pytest.approx([-9.0, 3.0, 3.0], abs=LABJACK_T8.ranges[11.0].step)
    assert inputs.scans_ready(3, 20 * MS, 5 * US) == 1
    with pytest.raises(ValueError, match=r"the T8 has no range of 10 V; it has 11, 9\.6"):
        inputs.codes(["AIN0"], [10.0], MS, 5 * US, 0, 1)
