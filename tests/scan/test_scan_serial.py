"""Serial ports (pseudo-terminals here) and gateways: SCPI first, then Modbus RTU, reads alone."""

from __future__ import annotations

import os
import select
import threading
import tty
from contextlib import ExitStack

import pytest

from rig.bench.locks import Locks
from rig.scan import Target, ask_resource, scan_hosts
from rig.scan import visa as scan_visa

BOARD = bytes.fromhex("01 03 80 00 00 01")  # unit 1, read one register at 8000
VERSION = bytes.fromhex("01 03 02 00 c8")


def crc(frame: bytes) -> bytes:
    """Specification of MODBUS over serial line V1.02, 6.2.2."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return frame + value.to_bytes(2, "little")


@pytest.fixture
def line():
    """A serial port whose far end answers: (path, what it heard)."""
    with ExitStack() as stack:

        def start(answers: dict[bytes, bytes]) -> tuple[str, list[bytes]]:
            far, near = os.openpty()
            tty.setraw(near)
            stop, heard = os.pipe(), []

            def talk() -> None:
                poll = select.poll()
                for fd in (far, stop[0]):
                    poll.register(fd, 1)
                while stop[0] not in [fd for fd, _ in poll.poll()]:
                    heard.append(os.read(far, 256))
                    os.write(far, answers.get(heard[-1], b""))

            thread = threading.Thread(target=talk)
            thread.start()
            for fd in (far, near, *stop):
                stack.callback(os.close, fd)
            stack.callback(thread.join)
            stack.callback(os.write, stop[1], b".")
            return os.ttyname(near), heard

        yield start


def test_a_serial_instrument_that_speaks_scpi(line):
    path, heard = line({b"*IDN?\n": b"Siglent Technologies,SDL1030X,S1,1\r\n"})
    found = ask_resource(f"ASRL{path}::INSTR", 0.2)
    assert (found.driver, found.address) == ("siglent_sdl1000x", f"ASRL{path}::INSTR")
    assert heard == [b"*IDN?\n"]


def test_a_relay_board_on_a_serial_line(line):
    path, heard = line({crc(BOARD): crc(VERSION)})
    found = ask_resource(f"ASRL{path}::INSTR", 0.1)
    assert (found.driver, found.address) == ("waveshare_relay", path)
    assert heard == [b"*IDN?\n", crc(BOARD)]


def test_a_line_where_nothing_answers_and_a_reply_without_end(line):
    path, heard = line({})
    found = ask_resource(f"ASRL{path}::INSTR", 0.05)
    assert (found.state, found.said) == (
        "silent",
        "answered nothing within 0.05 s at 9600 8N1, SCPI and Modbus RTU",
    )
    assert {data[1] for data in heard[1:]} <= {3, 1}  # reads
    path, _ = line({b"*IDN?\n": b"\x1b[2J noise"})
    noise = ask_resource(f"ASRL{path}::INSTR", 0.05)
    assert (noise.state, noise.said) == ("unknown", "�[2J noise")


def test_a_port_that_is_not_there_and_one_in_use(line, state_folder):
    assert ask_resource("ASRL/dev/no-such-port::INSTR", 0.05).state == "unreachable"
    path, heard = line({})
    with Locks("other", state_folder).hold_addresses([path]):
        assert ask_resource(f"ASRL{path}::INSTR", 0.05).state == "held"
    assert heard == []


def test_the_lasting_name_of_an_adapter_is_preferred(line, tmp_path, monkeypatch):
    path, _ = line({crc(BOARD): crc(VERSION)})
    (tmp_path / "usb-FTDI-if00").symlink_to(path)
    monkeypatch.setattr(scan_visa, "BY_ID", tmp_path)
    assert ask_resource(f"ASRL{path}::INSTR", 0.1).address == str(tmp_path / "usb-FTDI-if00")


def test_a_transparent_gateway_hands_on_rtu_frames(server, monkeypatch):
    gateway = server(lambda data: crc(VERSION) if data == crc(BOARD) else b"")
    for ports in ("modbus_ports", "rtu_ports"):
        monkeypatch.setattr(f"rig.scan.network.{ports}", lambda: {gateway.port})
    (found,) = scan_hosts([Target("127.0.0.1", (gateway.port,))], 0.05, lambda place: None)
    assert (found.driver, found.address) == ("waveshare_relay", f"rtu+tcp://127.0.0.1:{gateway.port}")
    assert b"*IDN?\n" not in gateway.seen


def test_a_resource_is_opened_without_a_device_clear_and_its_reply_needs_no_line_end(monkeypatch):
    calls = []

    class Transport:
        partial = b""

        def send(self, data, deadline):
            calls.append(data)

        def line(self, deadline):
            return b"RIGOL TECHNOLOGIES,DHO804,D1,1"

        def close(self):
            calls.append("close")

    def connect(place, *, timeout_s, clear):
        calls.append((str(place), clear))
        return Transport()

    monkeypatch.setattr(scan_visa, "connect", connect)
    found = ask_resource("TCPIP::10.0.0.5::INSTR", 0.1)
    assert (found.driver, found.address) == ("rigol_dho800", "TCPIP::10.0.0.5::INSTR")
    assert calls == [("TCPIP::10.0.0.5::inst0::INSTR", False), b"*IDN?\n", "close"]


@pytest.mark.parametrize("fails", [False, True])
def test_what_the_visa_library_lists_is_data_and_its_failure_a_sentence(monkeypatch, fails):
    def resources() -> tuple[str, ...]:
        if fails:
            raise ValueError("no\x1bbackend")
        return (
            "USB0::1::2::3::INSTR",
            "ASRL/dev/ttyUSB0::INSTR",
            "USB0::1::2::3::INSTR",
            "PRLGX-ASRL::/dev/ttyS0::INTFC",
        )

    monkeypatch.setattr(scan_visa, "resources", resources)
    monkeypatch.setattr(scan_visa, "missing", list)
    listed, notes = scan_visa.listed_resources()
    if fails:
        assert (listed, notes) == ([], ["The VISA library cannot list its resources (no�backend)."])
    else:
        assert (listed, notes) == (["ASRL/dev/ttyUSB0::INSTR", "USB0::1::2::3::INSTR"], [])
