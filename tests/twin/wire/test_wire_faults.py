"""Faults of instruments as a client meets them, over real sockets."""

import struct
import time

import pytest

from rig.twin.scene.faults import FAULTS, Fault
from rig.twin.wire.faults import WIRE_FAULTS, WireFaults

PS = 10**12


@pytest.fixture
def fault(rig):
    """Begins a fault in the twin's thread; what it returns ends it there."""
    faults = WireFaults(rig.hub, rig.served.units, rig.world.sim)

    def begin(name, part, **more):
        end = rig.call(faults.begin, Fault.model_validate({"fault": name, "part": part, **more}))
        return lambda: rig.call(end)

    return begin


def powered(rig):
    supply = rig.scpi("supply")
    assert supply.ask("SYST:LOCK ON;:VOLT 20;:OUTP ON;*OPC?") == "1"
    return supply


def test_every_fault_of_an_instrument_is_handled():
    instruments = {"supply", "load", "relays", "daq", "scope"}
    assert {name for name, kind in FAULTS.items() if set(kind.parts) <= instruments} - {"ovp_dead"} == WIRE_FAULTS


def test_another_identity_and_another_serial_number(rig, fault):
    load, supply = rig.scpi("load"), rig.scpi("supply")
    end = fault("wrong_identity", "load", text="ACME,1,2,3")
    assert load.ask("*IDN?") == "ACME,1,2,3"
    end()
    assert load.ask("*IDN?").startswith("Siglent Technologies,SDL1030X,SDL13GCQ6R0001,")
    fault("wrong_serial", "supply", text="0815")
    assert supply.ask("*IDN?").startswith("EA Elektro-Automatik GmbH & Co. KG, PSB 9080-60, 0815, V3.02 ")
    fault("wrong_serial", "daq", text="470099999")
    assert rig.modbus("daq").read(60028, ">I") == 470099999


@pytest.mark.parametrize("name", ["supply", "load", "scope"])
def test_a_dead_instrument_refuses_and_comes_back_under_its_number_with_power_on_settings(rig, fault, name):
    client = rig.scpi(name)
    client.write({"supply": "SYST:LOCK ON;:VOLT 20;:OUTP ON", "load": "CURR 3;:INP ON", "scope": ":CHAN1:SCAL 2"}[name])
    assert client.ask("*OPC?") == "1"
    end = fault("dead", name)
    assert client.sock.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        rig.scpi(name)
    assert (rig.world.supply.output_on, rig.world.load.input_on) == (False, False)
    end()
    question, answer = {
        "supply": ("VOLT?;:OUTP?;:SYST:LOCK:OWN?", "0.00 V;OFF;NONE"),
        "load": ("CURR?;:INP?", "0.000;0"),
        "scope": (":CHAN1:SCAL?", "5.000000E-02"),
    }[name]
    assert rig.scpi(name).ask(question) == answer


def test_a_dead_relay_board_drops_its_coils_and_forgets_its_flashes(rig, fault):
    relays = rig.modbus("relays")
    relays.ask(struct.pack(">BHH", 5, 0, 0xFF00))
    relays.ask(struct.pack(">BHH", 5, 0x0200 + 4, 10))
    end = fault("dead", "relays")
    assert rig.world.relays.coils == set()
    end()
    assert rig.modbus("relays").ask(struct.pack(">BHH", 1, 0, 8)) == b"\x01\x01\x00"
    rig.clock(owner=True).ask(op="sleep", ns=2_000_000_000)
    assert rig.world.relays.coils == set()


def test_a_dead_t7_lets_its_lines_fall_and_its_stream_end(rig, fault):
    daq = rig.modbus("daq")
    stream = rig.stream()
    daq.put(2000, ">H", 1)
    assert rig.world.lines.high == {"FIO0"}
    end = fault("dead", "daq")
    assert rig.world.lines.high == set()
    assert (daq.sock.recv(1), stream.recv(1)) == (b"", b"")
    end()
    assert rig.modbus("daq").read(4990, ">I") == 0
    rig.stream()


def test_a_reboot_in_bench_time(rig, fault):
    clock = rig.clock(owner=True)
    powered(rig)
    fault("reboots", "supply", size="2 s")
    clock.ask(op="sleep", ns=1_900_000_000)
    with pytest.raises(ConnectionRefusedError):
        rig.scpi("supply")
    clock.ask(op="sleep", ns=200_000_000)
    assert rig.scpi("supply").ask("OUTP?") == "OFF"


def test_an_instrument_that_dies_over_a_command_does_not_execute_it(rig):
    faults = WireFaults(rig.hub, rig.served.units, rig.world.sim)
    supply = powered(rig)
    dying = Fault(fault="dead", part="supply")
    rig.call(lambda: rig.world.sim.at(rig.world.sim.now_ps + PS // 1000, lambda: faults.begin(dying)))
    supply.write("VOLT 33;*OPC?")
    assert supply.sock.recv(1) == b""
    assert rig.call(lambda: rig.world.supply.volts) == 0.0


def test_a_mute_instrument_keeps_its_outputs(rig, fault):
    supply = powered(rig)
    end = fault("mute", "supply")
    supply.write("OUTP OFF;*OPC?")
    rig.clock(owner=True).ask(op="sleep", ns=1_000_000)
    assert rig.world.supply.output_on is True
    end()
    assert rig.scpi("supply").ask("OUTP?") == "ON"


@pytest.mark.parametrize(("name", "size", "latency_ms"), [("late", "500 ms", 505), ("late_by_factor", 4, 20)])
def test_a_late_instrument_takes_bench_time(rig, fault, name, size, latency_ms):
    load = rig.scpi("load")
    end = fault(name, "load", size=size)
    begin = rig.world.sim.now_ps
    load.ask("*OPC?")
    assert rig.world.sim.now_ps - begin == latency_ms * PS // 1000
    end()
    load.ask("*OPC?")
    assert rig.world.sim.now_ps - begin == (latency_ms + 5) * PS // 1000


def test_a_reply_held_back_by_the_wall_takes_no_bench_time(rig, fault):
    load = rig.scpi("load")
    fault("late_by_wall", "load", size="200 ms")
    begin = time.monotonic()
    assert load.ask("*OPC?") == "1"
    assert time.monotonic() - begin >= 0.2
    assert rig.world.sim.now_ps == 5 * PS // 1000


def test_a_supply_that_ignores_its_commands_reads_them_back(rig, fault):
    supply = powered(rig)
    end = fault("commands_ignored", "supply")
    assert supply.ask("VOLT 5;:OUTP OFF;:VOLT?;:OUTP?;:SYST:ERR?") == '5.00 V;OFF;0,"No error"'
    assert (rig.world.supply.volts, rig.world.supply.output_on) == (20.0, True)
    assert supply.ask("MEAS:VOLT?") == "20.00 V"
    end()
    assert supply.ask("OUTP?") == "ON"


def test_a_load_that_ignores_its_commands_reads_them_back(rig, fault):
    load = rig.scpi("load")
    fault("commands_ignored", "load")
    assert load.ask("CURR 3;:INP ON;:CURR?;:INP?") == "3.000;1"
    assert (rig.world.load.value, rig.world.load.input_on) == (0.0, False)


def test_a_relay_board_that_lies_about_its_coils(rig, fault):
    relays = rig.modbus("relays")
    read, on, off = (struct.pack(">BHH", *words) for words in ((1, 0, 8), (5, 2, 0xFF00), (5, 2, 0)))
    end = fault("commands_ignored", "relays")
    relays.ask(on)
    assert (relays.ask(read), rig.world.relays.coils) == (b"\x01\x01\x04", set())
    end()
    assert relays.ask(read) == b"\x01\x01\x00"
    relays.ask(on)
    fault("readings_frozen", "relays")
    relays.ask(off)
    assert (relays.ask(read), rig.world.relays.coils) == (b"\x01\x01\x04", set())


def test_frozen_readings(rig, fault):
    supply = powered(rig)
    end = fault("readings_frozen", "supply")
    assert supply.ask("VOLT 7;:MEAS:VOLT?") == "20.00 V"
    assert rig.world.supply.volts == 7.0
    end()
    assert supply.ask("MEAS:VOLT?") == "7.00 V"


def test_an_output_that_does_not_switch_off_says_it_has(rig, fault):
    supply = powered(rig)
    end = fault("output_stuck_on", "supply")
    assert supply.ask("OUTP OFF;:OUTP?;:MEAS:VOLT?;:STAT:OPER:COND?") == "OFF;20.00 V;0"
    assert rig.world.supply.output_on is True
    end()
    assert supply.ask("OUTP OFF;:OUTP?;:MEAS:VOLT?") == "OFF;0.00 V"


def test_a_drifted_sense_input_hides_what_the_output_has_too_much(rig, fault):
    supply = powered(rig)
    end = fault("sense_drift", "supply", size="1.5 V")
    assert (rig.world.supply.volts, supply.ask("MEAS:VOLT?")) == (21.5, "20.00 V")
    assert supply.ask("VOLT 30;:MEAS:VOLT?") == "30.00 V"
    assert rig.world.supply.volts == 31.5
    end()
    assert (rig.world.supply.volts, supply.ask("MEAS:VOLT?")) == (30.0, "30.00 V")
