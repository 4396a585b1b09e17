"""Relay board, contactors, digital lines."""

import pytest

MS = 10**9


def edges(bench, name, begin=0):
    """(time after `begin` [ps], "makes" or "breaks") of one contactor's main contact."""
    found = []
    for line in bench.sim.events.lines:
        stamp, kind, text = line.split(" ", 2)
        if kind == "contact" and text.startswith(name) and int(stamp) >= begin:
            found.append((int(stamp) - begin, text.split()[1]))
    return found


def test_a_contactor_touches_after_22_ms_and_bounces_four_times_within_2_ms(operate):
    bench = operate()
    bench.close("tap_1")
    times, actions = zip(*edges(bench, "tap_1"), strict=True)
    assert actions == ("makes", "breaks") * 4 + ("makes",)
    assert times[0] == 22 * MS
    assert times[1] > 22 * MS
    assert times[-1] < 24 * MS
    assert bench.world.contactors["tap_1"].closed


def test_the_auxiliary_contact_follows_the_end_of_the_bounce(operate):
    bench = operate()
    bench.world.relays.set_coil(9, True)
    bench.sim.run_until(24 * MS - 1)
    assert bench.world.lines.read("EIO3") is False
    bench.sim.run_until(24 * MS)
    assert bench.world.lines.read("EIO3") is True


def test_release_takes_12_ms_and_does_not_bounce(operate):
    bench = operate()
    bench.close("tap_1")
    begin = bench.now
    bench.open("tap_1")
    assert edges(bench, "tap_1", begin) == [(12 * MS, "breaks")]
    assert bench.world.lines.read("EIO4") is False


def test_a_coil_pulse_shorter_than_the_operate_time_moves_nothing(operate):
    bench = operate()
    bench.world.relays.set_coil(10, True)
    bench.wait(10e-3)
    bench.world.relays.set_coil(10, False)
    bench.wait(100e-3)
    assert edges(bench, "tap_1") == []


def test_a_coil_that_comes_back_in_time_keeps_the_contact(operate):
    bench = operate()
    bench.close("tap_1")
    begin = bench.now
    bench.world.relays.set_coil(10, False)
    bench.wait(5e-3)
    bench.world.relays.set_coil(10, True)
    bench.wait(100e-3)
    assert edges(bench, "tap_1", begin) == []
    assert bench.world.contactors["tap_1"].closed


def test_each_operation_bounces_differently_and_each_seed_too(operate):
    first, again, other = operate(seed=1), operate(seed=1), operate(seed=2)
    for bench in (first, again, other):
        bench.close("tap_1")
    assert edges(first, "tap_1") == edges(again, "tap_1") != edges(other, "tap_1")
    begin = first.now
    first.open("tap_1")
    second = first.now
    first.close("tap_1")
    assert edges(first, "tap_1", second) != edges(first, "tap_1")[:9]
    assert begin < second


def test_coils_without_a_contactor_only_remember(operate):
    relays = operate().world.relays
    relays.set_coils([(32, True), (20, True), (20, False)])
    assert [n for n in range(1, 33) if relays.coil(n)] == [32]


@pytest.mark.parametrize("channel", [0, 33])
def test_there_are_32_channels(operate, channel):
    with pytest.raises(ValueError, match=f"relay channels are 1 to 32, not {channel}"):
        operate().world.relays.set_coil(channel, True)


def test_the_gate_line_switches_the_injector_after_its_delay(operate):
    bench = operate()
    bench.world.lines.write("FIO0", True)
    bench.sim.run_until(399_999)
    assert bench.world.injector.on is False
    bench.sim.run_until(400_000)
    assert bench.world.injector.on is True
    assert 5.0 < bench.sim.value(bench.probe["gate_voltage"]) < 12.0
    bench.wait(1e-3)
    assert bench.sim.value(bench.probe["gate_voltage"]) == pytest.approx(12.0)
    assert bench.world.lines.read("FIO0") is True


def test_a_gate_pulse_shorter_than_the_delay_still_ends(operate):
    bench = operate()
    bench.world.lines.write("FIO0", True)
    bench.wait(100e-9)
    bench.world.lines.write("FIO0", False)
    bench.wait(1e-6)
    assert bench.world.injector.on is False


def test_lines_that_do_not_exist_or_are_inputs_are_refused(operate):
    lines = operate().world.lines
    with pytest.raises(ValueError, match="no line 'FIO9'"):
        lines.write("FIO9", True)
    with pytest.raises(ValueError, match="no line 'X'"):
        lines.read("X")
    with pytest.raises(ValueError, match="EIO0 is wired to the auxiliary contact of energy_input: an input"):
        lines.write("EIO0", True)


def test_the_summary_tells_what_is_on(powered):
    bench = powered()
    summary = bench.world.summary()
    assert (summary.supply_output, summary.load_input, summary.injector, summary.device) == (True, True, False, "on")
    assert summary.coils == (1, 2)
    assert [name for name, closed in summary.contactors.items() if closed] == ["energy_input", "load_line"]
    assert summary.port_volts == bench.volts()
    assert summary.now_s == pytest.approx(0.23)
