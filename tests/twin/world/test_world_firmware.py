"""The firmware of the reference device: resets, commands, LED and fault codes, and its Modbus map."""

import struct

import pytest

from rig.files.document import load_data, resolve, validate
from rig.twin.device.status import DARK, Led, fault, led
from rig.twin.engine import truth
from rig.twin.engine.probe import i
from rig.twin.scene.load import merge
from rig.twin.scene.model import Scene
from rig.twin.wire.device_modbus import DeviceSession
from tests.twin.world.conftest import Operator
from tests.twin.world.port_bench import PortBench

MS = 10**9
AMBER_1, AMBER_3, RED_1, RED_2, RED_3 = Led("amber", 1), Led("amber", 3), Led("red", 1), Led("red", 2), Led("red", 3)


def scene(port=None, **device) -> Scene:
    """The healthy scene with other keys of its device and of its port."""
    data, locate = load_data(resolve("scenes", "healthy"))
    return validate(merge(data, {"device": {"ports": {"grid": port or {}}} | device}), locate, Scene)


def shown(bench) -> Led:
    device = bench.world.device
    found = fault(bench.sim, device.ports.values())
    return led(device.state != "dead", found, hears=True)


# Resets


def test_the_first_start_is_a_power_on_and_counts(powered):
    resets = powered().world.device.resets
    assert (resets.cause, resets.flags, resets.count) == ("power-on", 1, 1)
    assert resets.uptime() == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize(("seconds", "cause"), [(0.1, "brown-out"), (10.0, "power-on")])
def test_energy_that_comes_back_is_a_brown_out_while_the_controller_remembers(powered, seconds, cause):
    bench = powered()
    bench.world.supply.set_output(False)
    bench.wait(seconds)
    assert bench.world.device.resets.uptime() == 0.0
    bench.world.supply.set_output(True)
    bench.wait(0.3)
    assert (bench.world.device.resets.cause, bench.world.device.resets.count) == (cause, 2)


def test_a_controller_that_resets_instead_of_tripping(powered):
    bench = powered(scene(firmware={"on_trip": "reboot", "boot": "300 ms"}))
    start, _ = bench.inject("tap_short", 0.1)
    (crossed, _), *_ = truth.crossings(bench.sim, i("port_switch"), 20.0, start, bench.now)
    current = bench.sim.render([i("port_switch")], crossed + 2 * 10**6 - 1, 2.0, 2)[0]
    assert (current[0] > 100.0, current[1]) == (True, 0.0)
    bench.wait(1.0)
    device = bench.world.device
    assert (device.state, device.trips) == ("on", [])
    assert (device.resets.cause, device.resets.flags, device.resets.count) == ("watchdog", 4, 2)


def test_a_reset_by_command_takes_its_boot_time(powered):
    bench = powered(scene(firmware={"boot": "300 ms"}))
    bench.world.device.command("reboot")
    at = bench.now
    bench.wait(1.0)
    (closed, _), *_ = truth.crossings(bench.sim, i("port_switch"), 1e-3, at + MS, bench.now)
    assert closed == pytest.approx(at + 310 * MS, abs=MS)  # boot, then the converter's ramp
    assert (bench.world.device.state, bench.world.device.resets.cause) == ("on", "command")


def test_commands(powered):
    bench = powered(scene({"recovery": {"policy": "command"}}))
    bench.inject("tap_short", 0.1)
    bench.wait(10.0)
    assert bench.world.device.state == "latched"
    bench.world.device.command("reset")
    bench.wait(0.1)
    assert bench.world.device.state == "on"
    bench.world.device.command("off")
    bench.wait(0.1)
    assert (bench.world.device.state, bench.amps() < 1e-3) == ("disabled", True)
    bench.world.device.command("on")
    bench.wait(0.1)
    assert bench.world.device.state == "on"
    with pytest.raises(ValueError, match="no command 'rest'; there are reset, reboot, off, on"):
        bench.world.device.command("rest")


def test_a_dead_device_hears_no_command(operate):
    bench = operate()
    for command in ("reset", "reboot", "off", "on"):
        bench.world.device.command(command)
    assert (bench.world.device.state, bench.world.device.resets.count) == ("dead", 0)


# LED


def test_the_led_of_a_healthy_day(powered):
    bench = powered()
    assert shown(bench) == Led("green", 1)
    bench.inject("tap_short", 0.1)
    assert shown(bench) == RED_1
    bench.wait(1.0)
    assert shown(bench) == Led("green", 1)
    bench.world.device.command("off")
    assert shown(bench) == AMBER_3
    bench.world.supply.set_output(False)
    bench.wait(1.0)
    assert shown(bench) == DARK


def test_a_device_that_nobody_talks_to_says_so(powered):
    bench = powered()
    telemetry = bench.world.telemetry
    assert telemetry.registers()[13] == 2
    telemetry.asked()
    bench.wait(59.0)
    assert telemetry.registers()[13] == 1
    bench.wait(2.0)
    assert telemetry.registers()[13] == 2


def test_the_led_of_a_reversed_port():
    bench = PortBench(on=False)
    bench.outer(-54.0)
    bench.wait(0.1)
    found = fault(bench.sim, [bench.port])
    assert (found, led(True, found, hears=True), led(False, found, hears=True)) == ("reverse polarity", RED_2, DARK)
    bench.outer(0.0)
    bench.wait(0.1)
    assert fault(bench.sim, [bench.port]) == "none"


@pytest.mark.parametrize(
    ("guards", "expected"),
    [
        ({"under": {"off": "60 V", "on": "61 V", "debounce": "1 ms"}}, AMBER_1),
        ({"over": {"off": "50 V", "on": "49 V", "debounce": "1 ms"}}, RED_3),
    ],
)
def test_the_led_of_a_voltage_guard(powered, guards, expected):
    assert shown(powered(scene({"guards": guards}))) == expected


def test_a_false_report(powered):
    bench = powered(scene({"reports_as": {"fast": "under"}}))
    bench.inject("tap_short", 0.1)
    assert shown(bench) == AMBER_1
    assert bench.world.device.trips[0][1] == "fast"
    assert bench.world.telemetry.registers()[109] == 8
    assert shown(powered(scene({"reports_as": {"none": "over"}}))) == RED_3


# The Modbus map


def ask(bench, pdu: str, unit: int = 1) -> bytes:
    """The reply PDU to a request PDU, both without header."""
    request = bytes.fromhex(pdu)
    session = DeviceSession(bench.world.telemetry, 1)
    frame = struct.pack(">HHHB", 7, 0, len(request) + 1, unit) + request
    assert session.requests(frame) == [frame]
    return bytes(session.execute(frame))[7:]


def read(bench, start: int, form: str, function: int = 4) -> tuple:
    count = struct.calcsize(">" + form) // 2
    reply = ask(bench, f"{function:02x}{start:04x}{count:04x}")
    assert reply[:2] == bytes((function, 2 * count))
    return struct.unpack(">" + form, reply[2:])


def test_the_head_of_the_map(powered):
    bench = powered()
    version, kind, serial, state, wrong, colour, blinks = read(bench, 0, "HH16sHHHH")
    assert (version, kind, serial.rstrip(b"\0"), state) == (1, 5, b"REF-0001", 2)
    assert (wrong, colour, blinks) == (0, 3, 1)
    flags, resets, uptime, celsius, charge, ports = read(bench, 14, "HHIhHH")
    assert (flags, resets, uptime, celsius, charge, ports) == (1, 1, 0, 250, 0xFFFF, 1)


def test_a_port_of_the_map_against_the_truth(powered):
    bench = powered()
    bench.wait(100.0)
    volts, amps, watts, imported, exported = read(bench, 100, "hhiII", function=3)
    assert volts == round(100 * bench.volts())
    assert amps == round(100 * bench.sim.value(i("port_switch")))
    assert watts == round(10 * bench.volts() * bench.sim.value(i("port_switch")))
    joules = truth.energy(bench.sim, bench.probe["port_voltage"], i("port_switch"), 0, bench.now)
    assert (imported, exported) == (0, int(joules / 360))
    assert read(bench, 16, "I") == (100,)


def test_the_map_has_the_errors_of_the_meter(powered):
    meter = {"gain": "5 %", "offset_voltage": "-1 V", "offset_current": "200 mA"}
    bench = powered(scene({"meter": meter}))
    volts, amps = read(bench, 100, "hh")
    assert volts == round(100 * (bench.volts() - 1.0))
    assert amps == round(100 * (bench.sim.value(i("port_switch")) + 0.2) * 1.05)


def test_trips_in_the_map(powered):
    bench = powered()
    bench.inject("tap_2", 0.7)
    assert read(bench, 108, "HHH") == (1, 2, 3)
    assert read(bench, 10, "HHHH") == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("request_pdu", "reply"),
    [
        ("06 0000 0001", "86 01"),
        ("10 0000 0001 02 0001", "90 01"),
        ("05 0000 FF00", "85 01"),
        ("01 0000 0001", "81 01"),
        ("04 0000 0000", "84 03"),
        ("04 0000 007E", "84 03"),
        ("04 0015 0001", "84 02"),
        ("04 0014 0002", "84 02"),
        ("03 FFFF 0002", "83 02"),
        ("04 0078 0001", "84 02"),
        ("04 0000", "84 03"),
    ],
)
def test_everything_but_reading_what_is_there_is_refused(powered_once, request_pdu, reply):
    assert ask(powered_once, request_pdu) == bytes.fromhex(reply)


@pytest.fixture(scope="module")
def powered_once():
    bench = Operator(scene(), 1)
    bench.power_up()
    return bench


def test_another_unit_and_a_dead_device_do_not_answer(operate):
    bench = operate()
    assert ask(bench, "04 0000 0001") == b""
    bench.power_up()
    assert ask(bench, "04 0000 0001", unit=2) == b""
    assert ask(bench, "04 0000 0001") != b""


def test_asking_moves_nothing(powered):
    hashes = []
    for asks in (False, True):
        bench = powered()
        for _ in range(10):
            bench.wait(0.01)
            if asks:
                read(bench, 0, "21H")
                read(bench, 100, "12H")
        bench.inject("tap_short", 0.1)
        hashes.append(bench.sim.log_sha256())
    assert hashes[0] == hashes[1]
