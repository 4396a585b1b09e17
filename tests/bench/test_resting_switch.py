"""The series switch: short interruptions are timed behind the line, long ones end whatever happens in them."""

from __future__ import annotations

import pytest

from rig.bench.resting_switch import RestingSwitch, SwitchFault


@pytest.fixture
def switch(fake):
    return RestingSwitch("FIO1", fake.daq, fake.clock)


@pytest.mark.parametrize("seconds", [1e-4, 0.01])
def test_a_short_one_is_one_pulse_of_the_instrument(fake, switch, seconds):
    switch.interrupt(seconds)
    assert fake.log == [
        ("daq", "pulse_line", "FIO1", seconds), ("daq", "set_line", "FIO1", False), ("daq", "line", "FIO1"),
    ]  # fmt: skip
    assert fake.clock.slept == [seconds]


def test_a_long_one_is_two_commands_with_the_bench_time_between(fake, switch):
    seen = []
    switch.interrupt(0.03, lambda seconds: seen.append((seconds, fake.daq.driven["FIO1"])))
    assert seen == [(0.03, True)]
    assert fake.log == [
        ("daq", "set_line", "FIO1", True), ("daq", "set_line", "FIO1", False), ("daq", "line", "FIO1"),
    ]  # fmt: skip


def test_it_conducts_again_when_something_goes_wrong_in_between(fake, switch):
    def fails(_seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        switch.interrupt(1.0, fails)
    assert fake.daq.driven["FIO1"] is False


def test_a_line_that_stays_high_is_the_benchs_fault(fake, switch, monkeypatch):
    monkeypatch.setattr(fake.daq, "line", lambda _name: True)
    with pytest.raises(SwitchFault, match="Control FIO1 of the series switch reads high"):
        switch.interrupt(1e-3)
