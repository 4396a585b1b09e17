"""Ports asked who they are: what is recognised, what is sent, and what is left alone."""

from __future__ import annotations

import os
from threading import Event

import pytest

from instruments import catalogue as usual
from instruments.address import ModbusPlace, TcpPlace, modbus_place
from instruments.clock import WallClock
from instruments.modbus import ModbusLink
from instruments.records import Identity
from rig.bench.locks import Locks
from rig.files.document import BadFile
from rig.scan import Target, bound_s, parse_ports, ports, scan_hosts, well_known_ports
from rig.scan.held import holder
from rig.scan.modbus import ReadOnly, ask_modbus, modbus_families, no_transcript
from tests.scan.conftest import T7, modbus, scpi

EA = b"EA Elektro-Automatik GmbH & Co. KG, PSB 9080-60 2U, 2870380001, V3.02"


def scan(*ports: int, timeout_s: float = 0.2):
    return scan_hosts([Target("127.0.0.1", ports)], timeout_s, lambda place: None)


def test_an_instrument_that_speaks_scpi_is_asked_once_and_nothing_else(server):
    supply = server(scpi(EA))
    (found,) = scan(supply.port)
    assert (found.state, found.driver, found.roles) == ("known", "ea_psb9000", ("supply", "load"))
    assert found.address == f"TCPIP::127.0.0.1::{supply.port}::SOCKET"
    assert found.identity == Identity("EA Elektro-Automatik GmbH & Co. KG", "PSB 9080-60 2U", "2870380001", "V3.02")
    assert supply.seen == [b"*IDN?\n"]


def test_what_says_nothing_to_scpi_is_asked_in_modbus_with_reads_alone(server):
    daq = server(modbus(T7))
    (found,) = scan(daq.port)
    assert (found.state, found.driver, found.address) == ("known", "labjack_t7", f"127.0.0.1:{daq.port}")
    assert found.identity == Identity("LabJack", "T7", "469999097", "1.0330")
    functions = {data[7] for data in daq.seen[1:]}
    assert (daq.seen[0], functions) == (b"*IDN?\n", {3})


def test_the_link_that_asks_cannot_write(server):
    board = server(modbus({}))
    link = ReadOnly(
        modbus_place(f"127.0.0.1:{board.port}", 502), name="x", tap=no_transcript, clock=WallClock(), timeout_s=0.1
    )
    link.open()
    arguments = {"write_coils": (1, [True]), "write_registers": (1, [1]), "write_feedback": ([(1, [1])],)}
    writes = [name for name in dir(ModbusLink) if name.startswith("write_")]
    assert len(writes) >= 5
    for name in writes:
        with pytest.raises(AssertionError, match="only asked who it is"):
            getattr(link, name)(*arguments.get(name, (1, 1)))
    link.close()
    assert board.seen == []


def test_a_relay_board_by_its_version_register(server):
    board = server(modbus({0x8000: 200}))
    (found,) = scan(board.port)
    assert (found.driver, str(found.identity)) == ("waveshare_relay", "Waveshare,Modbus Relay,,2.00")


def test_a_stranger_in_modbus_and_one_in_scpi_are_unknown(server):
    meter = server(modbus({}))
    scope = server(scpi(b"ACME,Scope 1,7,1.0"))
    found = scan(meter.port, scope.port)
    assert [one.state for one in found] == ["unknown", "unknown"]
    assert found[0].said == "speaks Modbus; no register names a family of the catalogue"
    assert (found[1].said, found[1].driver) == ("ACME,Scope 1,7,1.0", None)


def test_a_known_scpi_port_never_hears_modbus(server, monkeypatch):
    silent = server(lambda data: b"")
    monkeypatch.setattr("rig.scan.network.scpi_ports", lambda: {silent.port})
    (found,) = scan(silent.port, timeout_s=0.05)
    assert (found.state, silent.seen) == ("silent", [b"*IDN?\n"])


def test_a_known_modbus_port_never_hears_scpi(server, monkeypatch):
    board = server(modbus({0x8000: 200}))
    monkeypatch.setattr("rig.scan.network.modbus_ports", lambda: {board.port})
    (found,) = scan(board.port)
    assert found.driver == "waveshare_relay"
    assert all(data[2:4] == b"\0\0" for data in board.seen)


def test_closed_silent_and_unknown_hosts(server):
    silent = server(lambda data: b"")
    gone = server(lambda data: None)
    with_listener = scan(silent.port, gone.port, timeout_s=0.05)
    assert [one.state for one in with_listener] == ["silent", "silent"]
    (closed,) = scan_hosts([Target("127.0.0.1", (1,))], 0.2, lambda place: None)
    assert (closed.state, closed.said) == ("closed", "nobody listens")
    (nobody,) = scan_hosts([Target("no-such-host.invalid", (1, 2))], 0.2, lambda place: None)
    assert (nobody.state, nobody.port) == ("unreachable", None)


def test_the_port_of_a_stream_is_never_connected_to(server, monkeypatch):
    stream = server(lambda data: b"")
    monkeypatch.setattr("rig.scan.network.stream_ports", lambda: {stream.port})
    (found,) = scan(stream.port)
    assert (found.state, stream.seen) == ("not asked", [])


def test_the_one_silent_port_beside_a_recorder_is_taken_for_its_stream(server):
    daq, stream = server(modbus(T7)), server(lambda data: b"")
    found = scan(daq.port, stream.port, timeout_s=0.05)
    assert found[0].stream_port == stream.port
    assert found[1].said == f"open and silent: taken for the stream of {found[0].address}"
    assert (
        found[0].note == f"port {stream.port} listens and says nothing, as that of a stream does: taken for its stream"
    )


def test_of_two_silent_ports_none_is_taken(server):
    daq, one, two = server(modbus(T7)), server(lambda data: b""), server(lambda data: b"")
    found = scan(daq.port, one.port, two.port, timeout_s=0.05)
    assert found[0].stream_port is None
    assert found[0].note == f"its stream may be on one of the silent ports {one.port}, {two.port}: write stream_port"


@pytest.mark.parametrize("spelling", ["TCPIP::127.0.0.1::{}::SOCKET", "TCPIP0::127.0.0.1::{}::SOCKET", "127.0.0.1:{}"])
def test_an_address_in_use_is_not_connected_to_and_its_holder_named(server, tmp_path, spelling):
    supply = server(scpi(EA))
    for folder in (tmp_path / "state" / "nanogrid-rig", tmp_path / "rig-twin-x" / "locks"):
        with Locks("other", folder).hold([spelling.format(supply.port)]):
            (found,) = scan(supply.port)
        assert found.state == "held"
        assert found.said.startswith(f"in use by process {os.getpid()} (")
        assert found.said.endswith("); not connected")
    assert supply.seen == []
    assert scan(supply.port)[0].state == "known"


def test_a_port_is_held_while_it_is_asked(server):
    holders = []

    def answer(data):
        holders.append(holder(f"127.0.0.1:{supply.port}"))
        return b"who,am,I,0\n"

    supply = server(answer)
    assert scan(supply.port)[0].state == "unknown"
    assert holders[0].startswith(f"process {os.getpid()} (")
    assert holder(f"127.0.0.1:{supply.port}") is None


def test_a_scan_that_is_broken_off_asks_no_further_port(server):
    one, two = server(scpi(EA)), server(scpi(EA))

    def progress(place):
        if place.endswith(str(one.port)):
            raise KeyboardInterrupt  # in a worker; the caller's own comes through as well

    with pytest.raises(KeyboardInterrupt):
        scan_hosts([Target("127.0.0.1", (one.port, two.port))], 0.2, progress)
    assert (one.seen, two.seen) == ([], [])


def test_a_scan_that_is_broken_off_asks_no_further_family(server):
    broken_off = Event()

    silent = server(lambda data: broken_off.set())
    place = ModbusPlace(TcpPlace("127.0.0.1", silent.port), rtu=False)
    assert len(modbus_families(place)) > 1
    assert not ask_modbus(place, 0.05, broken_off)
    assert len(silent.seen) == 1


def test_ports_as_typed():
    assert parse_ports(["5025, 502", "40000-40002,5025"]) == [5025, 502, 40000, 40001, 40002]
    assert {502, 4196, 5025, 5555} <= set(well_known_ports())
    assert not ports.scpi_ports() & ports.modbus_ports()
    for bad, says in (("0", "'0' is no port"), ("9-8", "no port"), ("", "'' is no port"), ("1-2000", "2000 ports")):
        with pytest.raises(BadFile, match=says):
            parse_ports([bad])


def test_the_bound_counts_the_slowest_host_and_the_turns_of_many():
    families = len({one.driver for one in usual.FAMILIES.values() if one.speaks == "Modbus"})
    assert bound_s([], 1.0) == 0
    assert bound_s([Target("a", (5025, 5555)), Target("b", (5025,))], 0.5) == 2.0
    assert bound_s([Target(str(n), (40000,)) for n in range(17)], 1.0) == 2 * (2 + families + 4)
