"""Each fault of the bench's parts is true: seen in exact truth and on auxiliary contacts, not as a flag."""

import pytest

from rig.twin.engine import truth
from rig.twin.engine.probe import i, v
from tests.twin.world.conftest import now

MS = 10**9
HALF = 53.9 / 21.6  # A through the base load


def changes(bench, name, begin=0):
    """(ms after `begin`, what) of a contactor's first contact."""
    found = []
    for line in bench.sim.events.lines:
        stamp, kind, text = line.split(" ", 2)
        if kind == "contact" and text.split()[0] == name and int(stamp) >= begin:
            found.append(((int(stamp) - begin) / MS, text.split()[1]))
    return found


# Contactors


def test_a_welded_contactor_goes_on_carrying_and_its_mirror_contact_says_so(broken):
    bench = broken("{fault: welded, part: load_line, at: 100 ms}")
    bench.power_up()
    bench.open("load_line")
    bench.wait(0.1)
    assert bench.amps() == pytest.approx(HALF, rel=0.02)
    assert bench.world.relays.coil(2) is False
    assert bench.world.lines.read("EIO1") is True
    assert bench.world.summary().contactors["load_line"]


def test_a_contactor_welded_from_the_start_is_closed_before_any_command(broken):
    bench = broken("{fault: welded, part: tap_1}")
    assert bench.world.contactors["tap_1"].closed
    assert bench.world.lines.read("EIO4") is True
    bench.power_up()
    bench.world.lines.write("FIO0", True)  # the tap draws without its coil
    bench.wait(1e-3)
    assert bench.sim.value(bench.probe["injector_current"]) == pytest.approx(53.9 / 19.5, rel=0.02)


def test_a_contactor_that_welds_opens_no_more_after_its_next_opening(broken):
    bench = broken("{fault: welds, part: load_line, until: 1 s}")
    bench.power_up()
    bench.open("load_line")
    assert bench.amps() == pytest.approx(HALF, rel=0.02)
    bench.wait(1.0)  # the end of the fault breaks it open
    assert bench.amps() == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(("fault", "energised"), [("welded", False), ("stuck_open", True)])
def test_one_pole_of_two(broken, fault, energised):
    """The other pole still decides over the current; the auxiliary contact says closed in both cases."""
    bench = broken(f"{{fault: {fault}, part: energy_input.return}}")
    bench.power_up()
    if not energised:
        bench.open("energy_input")
    bench.wait(0.1)
    assert bench.sim.value(bench.world.supply.current) == pytest.approx(0.0, abs=1e-3)
    assert bench.world.lines.read("EIO0") is True


def test_a_contactor_stuck_open_does_not_move_at_all(broken):
    bench = broken("{fault: stuck_open, part: load_line}")
    bench.power_up()
    assert bench.amps() == pytest.approx(0.0, abs=0.01)
    assert bench.world.lines.read("EIO1") is False
    assert changes(bench, "load_line") == []


def test_slow_contactors(broken):
    bench = broken("{fault: slow_operate, part: tap_1, size: 60 ms}", "{fault: slow_release, part: tap_1, size: 40 ms}")
    bench.close("tap_1")
    bench.wait(0.1)
    assert changes(bench, "tap_1")[0] == (82.0, "makes")
    begin = bench.now
    bench.open("tap_1")
    bench.wait(0.1)
    assert changes(bench, "tap_1", begin) == [(52.0, "breaks")]


def test_a_long_bounce(broken):
    bench = broken("{fault: long_bounce, part: tap_1, size: 50 ms}")
    bench.close("tap_1")
    bench.wait(0.1)
    times = [at for at, _ in changes(bench, "tap_1")]
    assert len(times) == 9
    assert 30.0 < times[-1] < 74.0


def test_resistance_grown_in_the_contact_in_the_cable_and_by_wear(broken):
    bench = broken("{fault: contact_wear, part: load_line, size: 7 mohm}")
    bench.power_up()

    def ohms():
        bench.wait(0.1)
        return bench.sim.value(v("terminals", "load")) / bench.sim.value(i("load_line"))

    assert ohms() == pytest.approx(15e-3 + 7e-3, rel=1e-6)
    bench.open("load_line")
    bench.close("load_line")
    assert ohms() == pytest.approx(15e-3 + 2 * 7e-3, rel=1e-6)
    contact, cable = now(bench, "contact_resistance", "load_line"), now(bench, "cable_resistance", "load_line")
    assert ohms() == pytest.approx(15e-3 + 14e-3 + 50e-3 + 100e-3, rel=1e-6)
    bench.world.faults.end(contact)
    bench.world.faults.end(cable)
    assert ohms() == pytest.approx(15e-3 + 14e-3, rel=1e-6)


@pytest.mark.parametrize(
    ("fault", "released", "closed"),
    [("aux_stuck_open", False, False), ("aux_stuck_closed", True, True), ("aux_inverted", True, False)],
)
def test_an_auxiliary_contact_that_lies(broken, fault, released, closed):
    bench = broken(f"{{fault: {fault}, part: tap_1}}")
    assert bench.world.lines.read("EIO4") is released
    bench.close("tap_1")
    assert bench.world.contactors["tap_1"].closed
    assert bench.world.lines.read("EIO4") is closed


def test_coils_dead_inverted_and_swapped(broken):
    bench = broken(
        "{fault: coil_dead, part: tap_1}",
        "{fault: coil_inverted, part: tap_2}",
        "{fault: coils_swapped, part: tap_3, with: tap_4}",
    )
    bench.wait(0.03)
    closed = {name for name, on in bench.world.summary().contactors.items() if on}
    assert closed == {"tap_2"}
    bench.close("tap_1", "tap_2", "tap_3")
    closed = {name for name, on in bench.world.summary().contactors.items() if on}
    assert closed == {"tap_4"}
    assert bench.world.summary().coils == (10, 11, 12)


# Injector


def test_an_injector_that_does_not_close_moves_its_gate_all_the_same(broken):
    bench = broken("{fault: injector_stuck_open, part: injector}")
    bench.power_up()
    start, end = bench.inject("tap_1", 10e-3)
    assert truth.peak(bench.sim, bench.probe["injector_current"], start, end)[0] < 1e-3
    assert truth.peak(bench.sim, bench.probe["gate_voltage"], start, end)[0] == pytest.approx(12.0, rel=1e-3)


def test_a_dead_gate_line_moves_nothing(broken):
    bench = broken("{fault: gate_dead, part: injector}")
    bench.power_up()
    start, end = bench.inject("tap_1", 10e-3)
    assert truth.peak(bench.sim, bench.probe["injector_current"], start, end)[0] < 1e-3
    assert truth.peak(bench.sim, bench.probe["gate_voltage"], start, end)[0] == pytest.approx(0.0, abs=1e-9)


def test_a_gate_line_that_breaks_in_an_injection_ends_it(powered):
    bench = powered()
    bench.close("tap_1")
    bench.world.lines.write("FIO0", True)
    bench.wait(1e-3)
    now(bench, "gate_dead", "injector")
    bench.wait(1e-3)
    assert bench.world.injector.on is False
    assert bench.sim.value(bench.probe["injector_current"]) == pytest.approx(0.0, abs=1e-2)


def test_a_shorted_transistor_conducts_as_soon_as_a_tap_closes(broken):
    bench = broken("{fault: injector_stuck_closed, part: injector}")
    bench.power_up()
    bench.close("tap_1")
    assert bench.sim.value(bench.probe["injector_current"]) == pytest.approx(53.9 / 19.5, rel=0.02)
    assert bench.world.summary().injector


def test_an_injector_that_opens_and_closes_late(broken):
    bench = broken(
        "{fault: injector_opens_late, part: injector, size: 3 ms}",
        "{fault: injector_closes_late, part: injector, size: 2 ms}",
    )
    bench.power_up()
    start, end = bench.inject("tap_1", 10e-3)
    bench.wait(10e-3)
    crossings = truth.crossings(bench.sim, bench.probe["injector_current"], 1.0, start, bench.now)
    (up, _), (down, _) = crossings
    assert up - start == pytest.approx(2 * MS, abs=10**6)
    assert down - end == pytest.approx(3 * MS, abs=10**6)


def test_a_leaking_injector_draws_before_it_is_fired(broken):
    bench = broken("{fault: injector_leaks, part: injector, size: 80 ohm}")
    bench.power_up()
    bench.close("tap_1")
    assert bench.sim.value(bench.probe["injector_current"]) == pytest.approx(53.9 / (80 + 19.5), rel=0.01)


def test_a_tap_of_another_value(broken):
    bench = broken("{fault: tap_value, part: tap_1, size: 27 ohm}")
    bench.power_up()
    _, end = bench.inject("tap_1", 10e-3)
    found = bench.sim.render([bench.probe["injector_current"]], end - 1, 1.0, 1)[0, 0]
    assert found == pytest.approx(53.9 / 27.0, rel=0.02)


def test_an_injector_inside_the_shunt_hides_the_short_from_it(broken):
    bench = broken("{fault: injector_inside, part: injector}")
    bench.power_up()
    start, end = bench.inject("tap_short", 1e-3)
    assert truth.peak(bench.sim, bench.probe["injector_current"], start, end)[0] > 100.0
    assert truth.peak(bench.sim, bench.probe["port_current"], start, end)[0] < 1.1 * HALF


# Cables


def test_a_reversed_energy_input_gives_the_device_minus(broken):
    bench = broken("{fault: reversed, part: energy_input}")
    bench.power_up()
    assert bench.sim.value(bench.probe["input_voltage"]) == pytest.approx(-48.0, abs=0.5)
    assert bench.world.device.state != "on"


def test_a_reversed_load_line_puts_the_ports_plus_on_the_loads_minus(broken):
    bench = broken("{fault: reversed, part: load_line}")
    bench.power_up()
    volts, amps = bench.world.load.measure()
    assert volts == pytest.approx(-bench.volts(), rel=0.01)
    assert amps == pytest.approx(-bench.amps(), rel=0.02)
    assert bench.amps() == pytest.approx(HALF, rel=0.02)


def test_a_reversed_reverse_line_feeds_the_port_forward(broken):
    bench = broken("{fault: reversed, part: reverse_line}")
    bench.close("reverse_line")
    bench.world.supply.set_voltage(10.0)
    bench.world.supply.set_output(True)
    bench.wait(0.1)
    assert bench.volts() == pytest.approx(10.0, abs=0.1)


def test_swapped_cables_send_each_contactor_the_others_way(broken):
    bench = broken("{fault: cables_swapped, part: energy_input, with: reverse_line}")
    bench.close("energy_input")
    bench.world.supply.set_voltage(10.0)
    bench.world.supply.set_output(True)
    bench.wait(0.1)
    assert bench.volts() == pytest.approx(10.0, abs=0.1)
    assert bench.sim.value(bench.probe["input_voltage"]) == pytest.approx(0.0, abs=0.1)


def test_a_load_swapped_with_the_energy_input_draws_from_the_supply(broken):
    bench = broken("{fault: cables_swapped, part: energy_input, with: load_line}")
    bench.power_up()
    assert bench.world.load.measure()[0] == pytest.approx(48.0, abs=0.3)
    assert bench.world.supply.measure()[1] == pytest.approx(48.0 / 21.6, abs=0.15)
    assert bench.volts() == pytest.approx(0.0, abs=0.1)


def test_a_cable_breaks_at_its_time_and_its_contactor_knows_nothing(broken):
    bench = broken("{fault: broken, part: load_line, at: 200 ms, until: 400 ms}")
    bench.power_up()
    bench.sim.run_until(300 * MS)
    (cut, direction), *_ = truth.crossings(bench.sim, i("load_line"), 1.0, 199 * MS, 300 * MS)
    assert (cut, direction) == (200 * MS, -1)
    assert bench.world.lines.read("EIO1") is True
    bench.wait(0.2)
    assert bench.amps() == pytest.approx(HALF, rel=0.02)


def test_the_feed_line_carries_the_supplys_current_to_the_terminals(operate):
    bench = operate()
    bench.close("feed_line", "load_line")
    assert bench.world.lines.read("CIO0") is True
    bench.world.load.set_level("RES", 20.0)
    bench.world.load.set_input(True)
    bench.world.supply.set_voltage(30.0)
    bench.world.supply.set_output(True)
    bench.wait(0.2)
    assert bench.volts() == pytest.approx(30.0, abs=0.2)
    drawn = bench.sim.value(i("load_line"))
    assert drawn == pytest.approx(30.0 / 20.0, rel=0.02)
    leak = bench.volts() / 33e3
    assert bench.sim.value(bench.world.supply.current) == pytest.approx(drawn + leak, rel=1e-3)
    assert bench.amps() == pytest.approx(-leak, rel=0.01)


# Safety


def test_a_dead_overvoltage_protection(operate):
    outputs = []
    for dead in (False, True):
        bench = operate()
        if dead:
            now(bench, "ovp_dead", "supply")
        supply = bench.world.supply
        supply.set_ovp(20.0)
        supply.set_voltage(30.0)
        supply.set_output(True)
        bench.wait(0.1)
        outputs.append((supply.output_on, supply.alarm()))
    assert outputs == [(False, "OVP"), (True, None)]


def test_beginnings_and_ends_are_in_the_event_log(broken):
    bench = broken("{fault: broken, part: load_line, at: 1 ms, until: 2 ms}")
    bench.wait(5e-3)
    assert [line for line in bench.sim.events.lines if " fault " in line] == [
        "1000000000 fault broken load_line begins",
        "2000000000 fault broken load_line ends",
    ]


def test_a_one_shot_ends_a_fault_that_nobody_ends(powered):
    bench = powered()
    bench.close("tap_1")
    bench.world.lines.write("FIO0", True)
    start = bench.now
    bench.wait(61.0)
    assert bench.world.injector.on is False
    crossings = truth.crossings(bench.sim, bench.probe["gate_voltage"], 6.0, start, bench.now)
    (opened,) = (at for at, slope in crossings if slope < 0)
    assert opened - start == pytest.approx(60_000 * MS, abs=MS // 100)
    bench.world.lines.write("FIO0", False)
    bench.world.lines.write("FIO0", True)
    bench.wait(1e-3)
    assert bench.world.injector.on is True, "it is armed anew by the next edge"


def test_a_dead_one_shot_ends_nothing(powered):
    bench = powered()
    now(bench, "one_shot_dead", "injector")
    bench.close("tap_1")
    bench.world.lines.write("FIO0", True)
    bench.wait(61.0)
    assert bench.world.injector.on is True


def test_an_open_safety_chain_takes_the_power_from_coils_and_gate(powered):
    bench = powered()
    bench.close("tap_1")
    bench.world.lines.write("FIO0", True)
    bench.wait(1e-3)
    assert (bench.world.injector.on, bench.world.lines.read("CIO2")) == (True, True)
    now(bench, "interlock_open", "interlock")
    bench.wait(0.1)
    summary = bench.world.summary()
    assert (summary.injector, any(summary.contactors.values()), bench.world.lines.read("CIO2")) == (False, False, False)
    assert summary.coils, "the rig's relays still say on"
    with pytest.raises(ValueError, match="wired to the safety chain"):
        bench.world.lines.write("CIO2", True)
