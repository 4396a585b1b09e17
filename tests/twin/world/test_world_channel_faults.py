"""Each fault of a channel, a transducer or an input is true: seen in codes and by the trigger, not as a flag."""

import numpy as np
import pytest

from tests.twin.world.conftest import now

MS = 10**9


def mean_volts(bench, channel, start_ps, n=1000, scale=1.0, offset=0.0):
    """What scope `channel` shows at its input, 1 us a sample."""
    codes = bench.world.digitizer.codes(channel, scale, offset, start_ps, 1e6, n)
    return (codes.astype(float) - 32768) * 8 * scale / 65536 - offset


def test_swapped_channels_follow_the_other_probe(broken):
    bench = broken("{fault: channels_swapped, part: scope.2, with: scope.1}")
    bench.power_up()
    begin = bench.now - 2 * MS
    assert mean_volts(bench, 2, begin, offset=-2.7).mean() == pytest.approx(bench.volts() / 20, rel=0.07)
    assert mean_volts(bench, 1, begin, scale=0.01).mean() == pytest.approx(bench.amps() * 5e-3, abs=3e-3)


def test_swapped_transducers_are_swapped_for_every_instrument(broken):
    bench = broken("{fault: transducers_swapped, part: port_divider_dc, with: port_shunt}")
    bench.power_up()
    assert bench.world.recorder.read("AIN1", 10.0) == pytest.approx(bench.volts() / 8, rel=1e-3)
    assert bench.world.recorder.read("AIN0", 1.0) == pytest.approx(bench.amps() * 5e-3, abs=1e-4)
    assert mean_volts(bench, 2, bench.now - 2 * MS, scale=2.0).mean() == pytest.approx(bench.volts() / 8, rel=0.1)


@pytest.mark.parametrize(
    ("fault", "size", "expected"),
    [
        ("probe_factor", "size: 10", lambda clean: clean / 10),
        ("channel_open", "", lambda clean: 0 * clean),
        ("channel_inverted", "", lambda clean: -clean),
        ("drift_gain", "size: -20 %", lambda clean: 0.8 * clean),
        ("drift_offset", "size: 300 mV", lambda clean: clean + 0.3),
    ],
)
def test_a_channel_goes_wrong_within_a_record_at_its_time(broken, fault, size, expected):
    """The sound record of the same world is the reference; the scope's own errors and noise are the same in both."""
    bench = broken(f"{{fault: {fault}, part: scope.1, at: 300 ms, {size}}}")
    bench.power_up()
    bench.sim.run_until(299 * MS)
    clean = mean_volts(bench, 1, 297 * MS, 2000)
    bench.sim.run_until(302 * MS)
    wrong = mean_volts(bench, 1, 299 * MS, 2000)
    assert bench.sim.now_ps == 302 * MS
    assert wrong[:1000] == pytest.approx(clean[:1000], abs=4e-3)
    true = bench.volts() / 20
    assert wrong[1001:] - clean[1001:] == pytest.approx(np.full(999, expected(true) - true), rel=0.03)


def test_a_frozen_recorder_input_repeats_its_last_value(powered):
    bench = powered()
    before = bench.world.recorder.read("AIN0", 10.0)
    number = now(bench, "channel_frozen", "daq.AIN0")
    bench.inject("tap_short", 0.01)
    assert bench.world.recorder.read("AIN0", 10.0) == pytest.approx(before, abs=1e-9)
    codes = bench.world.recorder.codes(["AIN0"], [10.0], bench.now - 5 * MS, 1e9, 0, 5)
    assert np.ptp(codes.astype(int)) < 8
    bench.world.faults.end(number)
    assert bench.world.recorder.read("AIN0", 10.0) == pytest.approx(bench.volts() / 8, abs=2e-3)


def test_interference_has_the_rms_that_it_is_said_to_have(broken):
    bench = broken("{fault: channel_noise, part: scope.4, size: 40 mV}")
    bench.wait(0.01)
    seen = mean_volts(bench, 4, 0, 8000, scale=0.1)
    assert seen.std() == pytest.approx(40e-3, rel=0.03)


@pytest.mark.parametrize(("fault", "triggers"), [("channel_open", 0), ("channel_inverted", 0), ("drift_gain", 1)])
def test_the_trigger_sees_what_the_channel_sees(operate, fault, triggers):
    """Also when the fault comes while the scope is already waiting."""
    bench, seen = operate(), []
    bench.world.digitizer.arm(4, 1.5, 1, seen.append)
    bench.wait(1e-3)
    now(bench, fault, "scope.4")
    bench.world.lines.write("FIO0", True)
    bench.wait(1e-3)
    assert len(seen) == triggers
