"""The slow record: every scan is kept, and silence is never taken for news."""

from __future__ import annotations

import numpy as np
import pytest

from rig.bench.monitor import Monitor, MonitorSilent


@pytest.fixture
def monitor(fake):
    return Monitor(fake.bench, fake.daq, fake.clock)


def scans(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.uint16)[:, None] + np.arange(5, dtype=np.uint16) * 1000


def test_every_signal_with_a_slow_channel_is_streamed_at_the_rate_the_recorder_makes(fake, monitor):
    monitor.start()
    assert fake.log == [
        ("daq", "start", ("AIN0", "AIN1", "AIN2", "AIN3", "AIN4"), (10.0, 1.0, 1.0, 10.0, 10.0), 2500.0)
    ]
    assert monitor.rate == 2000.0


def test_blocks_join_in_order_and_scans_are_counted(fake, monitor):
    fake.daq.blocks = [scans(0, 3), scans(3, 4)]
    assert (monitor.now(), monitor.seen(), monitor.now(), monitor.now()) == (3, 3, 7, 7)
    assert monitor.codes(2, 5)[:, 0].tolist() == [2, 3, 4]
    assert monitor.codes(-5, 2)[:, 1].tolist() == [1000, 1001]
    assert monitor.volts("input_voltage", 2).tolist() == pytest.approx([4005 * 1e-3 - 32.768, 4006 * 1e-3 - 32.768])


def test_nothing_seen_is_an_empty_record(monitor):
    assert monitor.codes(0, 10).shape == (0, 5)


def test_a_stream_that_falls_silent_is_a_fault_and_not_the_last_value(fake, monitor):
    fake.daq.blocks = [scans(0, 100)]
    assert monitor.wait(0.05) == 100
    for _ in range(3):
        assert monitor.wait(0.25) == 100
    with pytest.raises(MonitorSilent, match="no scan for 1 s after 100"):
        monitor.wait(0.25)


def test_a_pause_is_forgiven_when_scans_come_again(fake, monitor):
    none = np.empty((0, 5), dtype=np.uint16)
    fake.daq.blocks = [none, scans(0, 10), none, none, scans(10, 1)]
    assert [monitor.wait(0.6), monitor.wait(0.6), monitor.wait(0.6)] == [0, 10, 10]
    with pytest.raises(MonitorSilent):
        monitor.wait(0.6)
