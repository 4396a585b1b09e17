"""What the digitizer and the recorder make of the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from rig.twin import draw
from rig.twin.bench.digitizer_class import RIGOL_DHO804
from rig.twin.bench.recorder_class import LABJACK_T7
from rig.twin.engine.probe import v

MS, S = 10**9, 10**12
DT = 20_000  # 50 MS/s


@pytest.fixture
def shot(powered):
    """A captured hard short: bench, time of the transistor closing, trigger time as reported."""

    def build(seed: int = 1):
        bench = powered("healthy", seed)
        seen: list[int] = []
        bench.world.digitizer.arm(3, 5.0 * 5e-3, +1, seen.append)
        start, _ = bench.inject("tap_short", 0.1)
        return bench, start, seen

    return build


def volts(codes, volts_per_div, offset=0.0):
    return (codes.astype(float) - RIGOL_DHO804.centre) * RIGOL_DHO804.volts_per_code(volts_per_div) - offset


def test_the_trigger_is_where_the_filtered_current_crosses_its_level(shot):
    _, start, seen = shot()
    # A step of 0.5 nH x 54 A/us and a ramp of 5 mohm x 54 A/us, through the shunt's 50 MHz and the front end's 70 MHz.
    slope, one, two = 53.9e6, 1 / (2 * np.pi * 50e6), 1 / (2 * np.pi * 70e6)

    def above(t):
        fast, slow = np.exp(-t / one), np.exp(-t / two)
        step = 1 - (one * fast - two * slow) / (one - two)
        ramp = t - one - two + (one**2 * fast - two**2 * slow) / (one - two)
        return slope * (0.5e-9 * step + 5e-3 * ramp) - 25e-3

    assert len(seen) == 1
    late = brentq(above, 0.0, 1e-6) * 1e12
    assert seen[0] - start == pytest.approx(late, abs=1_000 + 500)  # within skew and jitter


def test_codes_are_12_bit_steps_of_the_true_voltage_within_the_class(shot):
    bench, _, (trigger,) = shot()
    scope, n = bench.world.digitizer, 50_000
    codes = scope.codes(3, 0.2, 0.0, trigger - 1000 * DT, DT, n)
    assert codes.dtype == np.uint16
    assert set(np.unique(codes % 16)) == {0}
    amps = bench.sim.render([bench.probe["injector_current"]], trigger - 1000 * DT, DT, n)[0]
    error = volts(codes, 0.2)[3000:] - 5e-3 * amps[3000:]  # behind the fast edge, where time errors do not matter
    screen = 8 * 0.2
    assert abs(error.mean()) < 0.005 * screen + 0.1 * 0.2
    assert error.std() == pytest.approx(0.0005 * screen, rel=0.1)


def test_a_shunt_shows_its_inductance(shot):
    bench, _, (trigger,) = shot()
    seen = volts(bench.world.digitizer.codes(3, 0.2, 0.0, trigger, 1000.0, 100), 0.2)
    clean = 5e-3 * bench.sim.render([bench.probe["injector_current"]], trigger, 1000.0, 100)[0]
    esl = 0.5e-9 * 53.9 / 1e-6
    errors = 0.02 * 1.6 + 0.005 * 1.6 + 0.02
    assert np.mean(seen - clean) == pytest.approx(esl, abs=errors)


def test_beyond_the_screen_it_clips(shot):
    bench, _, (trigger,) = shot()
    codes = bench.world.digitizer.codes(3, 0.02, 0.0, trigger, DT, 200)
    assert codes.max() == 65536 - 16
    assert codes.min() >= 0


def test_a_positive_offset_shifts_the_trace_up(shot):
    bench, _, (trigger,) = shot()
    scope = bench.world.digitizer
    plain, shifted = (scope.codes(1, 1.0, offset, trigger - 200 * DT, DT, 100).astype(float) for offset in (-2.0, -1.0))
    assert (shifted - plain).mean() == pytest.approx(8192, rel=0.021)


def test_pages_of_a_record_are_the_record(shot):
    bench, _, (trigger,) = shot()
    scope = bench.world.digitizer
    whole = scope.codes(2, 0.2, 0.0, trigger - 100, DT, 10_000)
    pages = [scope.codes(2, 0.2, 0.0, trigger - 100, DT, n, first=k) for k, n in ((0, 1), (1, 4999), (5000, 5000))]
    assert np.array_equal(whole, np.concatenate(pages))


def test_same_seed_same_codes_other_seed_or_acquisition_other_codes(shot):
    def codes(seed):
        bench, _, (trigger,) = shot(seed)
        return bench, [bench.world.digitizer.codes(n, 1.0, 0.0, trigger - 100, DT, 1000) for n in (1, 2, 3, 4)]

    (bench, first), (_, again), (_, other) = codes(7), codes(7), codes(8)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    bench.world.digitizer.arm(3, 1.0, +1, lambda _: None)
    start = bench.now - MS // 10
    fresh = bench.world.digitizer.codes(2, 1.0, 0.0, start, DT, 1000)
    bench.world.digitizer.arm(3, 1.0, +1, lambda _: None)
    assert not np.array_equal(fresh, bench.world.digitizer.codes(2, 1.0, 0.0, start, DT, 1000))


def test_an_edge_needs_the_far_side_first(powered):
    bench = powered()
    seen: list[int] = []
    bench.world.digitizer.arm(1, 1.0, +1, seen.append)  # the port is far above 20 V already
    bench.wait(0.1)
    assert seen == []
    bench.inject("tap_short", 0.01)
    bench.wait(1.0)  # trip, then recovery: one rise
    assert len(seen) == 1


def test_a_jump_across_the_level_is_an_edge(powered):
    bench = powered()
    seen: list[int] = []
    bench.world.digitizer.arm(2, 50.0 * 5e-3, -1, seen.append)
    bench.inject("tap_short", 0.01)  # the port current is cut off at more than 100 A
    assert len(seen) == 1


def test_a_disarmed_or_unwired_digitizer_never_triggers(powered):
    bench = powered()
    seen: list[int] = []
    bench.world.digitizer.arm(3, 0.025, +1, seen.append)
    bench.world.digitizer.disarm()
    bench.inject("tap_short", 0.01)
    assert seen == []


def test_the_recorder_reads_the_port_within_its_class(powered):
    bench = powered()
    daq, begin = bench.world.recorder, bench.now
    daq.begin()
    bench.wait(0.5)
    codes = daq.codes(["AIN0", "AIN1", "AIN2"], [10.0, 1.0, 1.0], begin, S / 2500, 0, 1000)
    assert (codes.shape, codes.dtype) == ((1000, 3), np.uint16)
    steps, centres = np.transpose([daq.constants(full_scale) for full_scale in (10.0, 1.0, 1.0)])
    readings = (codes.mean(axis=0) - centres) * steps
    port = bench.sim.value(v("port_bench")) / 8
    assert readings[0] == pytest.approx(port, abs=port * (0.0002 + 0.0001) + 500e-6 + 20e-6)
    assert readings[1] == pytest.approx(bench.amps() * 5e-3, abs=60e-6 + 0.0011 * bench.amps() * 5e-3 + 5e-6)
    assert readings[2] == pytest.approx(0.0, abs=60e-6 + 5e-6)


def test_the_scans_of_a_stream_are_ready_when_their_last_channel_is(powered):
    bench = powered()
    daq, begin, scan = bench.world.recorder, bench.now, S / 1000
    assert daq.scans_ready(3, begin, scan) == 0
    bench.wait(29e-6)
    assert daq.scans_ready(3, begin, scan) == 0
    bench.wait(1e-6)
    assert daq.scans_ready(3, begin, scan) == 1
    bench.wait(0.9995)
    ready = daq.scans_ready(3, begin, scan)
    assert ready == 1000
    daq.codes(["AIN0"] * 3, [10.0] * 3, begin, scan, 0, ready)


def test_pages_of_a_stream_are_the_stream(powered):
    bench = powered()
    daq, begin = bench.world.recorder, bench.now
    daq.begin()
    bench.wait(1.0)
    wanted = (["AIN0", "AIN1"], [10.0, 0.1], begin, S / 5000)
    whole = daq.codes(*wanted, 0, 4500)
    pages = [daq.codes(*wanted, first, n) for first, n in ((0, 7), (7, 4090), (4097, 403))]
    assert np.array_equal(whole, np.concatenate(pages))


def test_channels_of_a_scan_are_15_us_apart(operate):
    bench = operate()
    daq, begin = bench.world.recorder, 0
    daq.begin()
    bench.power_up(load=None)
    # The same input three times, over the converter's ramp: later positions read later voltages.
    codes = daq.codes(["AIN0"] * 3, [10.0] * 3, begin, S / 10_000, 0, 2000) * LABJACK_T7.ranges[10.0].step
    slope = np.diff(codes[:, 0]) / 100e-6
    moving = slope > 50.0
    lead = np.median((codes[:-1, 2] - codes[:-1, 0])[moving] / slope[moving])
    assert lead == pytest.approx(30e-6, rel=0.5)


def test_a_single_reading_and_an_unwired_input(powered):
    bench = powered()
    daq = bench.world.recorder
    assert daq.read("AIN0", 10.0) == pytest.approx(bench.volts() / 8, abs=4e-3)
    assert abs(daq.read("AIN12", 1.0)) <= 60e-6
    with pytest.raises(ValueError, match=r"no range of 5 V; it has 10, 1, 0.1, 0.01"):
        daq.read("AIN0", 5.0)


@given(st.integers(0, 20_000), st.integers(0, 9000), st.integers(0, 9000))
def test_noise_does_not_depend_on_paging(first, n, more):
    whole = draw.noise(3, "x", 1, first, n + more)
    assert np.array_equal(whole[:n], draw.noise(3, "x", 1, first, n))
    assert np.array_equal(whole[n:], draw.noise(3, "x", 1, first + n, more))


@given(st.integers(0, 2**32), st.text(max_size=8), st.floats(0, 1e6))
def test_rectangular_draws_stay_within_and_repeat(seed, name, half):
    value = draw.rectangular(seed, name, half)
    assert -half <= value <= half
    assert value == draw.rectangular(seed, name, half)


def test_rectangular_draws_of_many_names_fill_the_class_evenly():
    values = np.array([draw.rectangular(1, f"part {n}", 1.0) for n in range(2000)])
    assert abs(values.mean()) < 0.05
    assert values.std() == pytest.approx(1 / np.sqrt(3), rel=0.05)
