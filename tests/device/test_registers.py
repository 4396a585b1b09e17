"""A device's map over a real socket, byte by byte: what is asked, what is made of the answers, and one more try."""

from __future__ import annotations

import socket
import threading

import pytest

from instruments.address import modbus_place
from instruments.modbus import ModbusLink
from rig.device.registers import DeviceRegisters, DeviceSilent
from rig.files.communication import EnergyCounter, FaultReport, Register, Text

COUNTER = EnergyCounter(step="0.1 Wh", update="20 ms", exported={"address": 106, "type": "u32"})


class Clock:
    def now_ns(self) -> int:
        return 0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")

    def opened(self, link: str, local_port: int) -> None:
        pass

    def sent(self, link: str, nbytes: int) -> None:
        pass


class Map:
    """Serves connections, each with a list of replies to what it is asked; an empty reply hangs up."""

    def __init__(self, *connections: list[bytes]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, args=(connections,), daemon=True)
        self._thread.start()

    def _serve(self, connections) -> None:
        for replies in connections:
            connection, _ = self.listener.accept()
            with connection:
                for reply in replies:
                    request = connection.recv(300)
                    self.asked.append(request[6:])
                    if not reply:
                        break
                    connection.sendall(request[:4] + len(reply + b"u").to_bytes(2, "big") + request[6:7] + reply)
                else:
                    connection.recv(1)

    def registers(self) -> DeviceRegisters:
        place = modbus_place(f"127.0.0.1:{self.listener.getsockname()[1]}", 502)
        link = ModbusLink(place, name="device", tap=lambda *_told: None, clock=Clock(), unit=7, timeout_s=5.0)
        return DeviceRegisters(link)


@pytest.fixture
def served():
    made = []

    def serve(*connections: list[bytes]):
        one = Map(*connections)
        registers = one.registers()
        made.append((one, registers))
        return one, registers

    yield serve
    for one, registers in made:
        registers.close()
        one.listener.close()


def test_energy_is_the_count_times_its_step(served):
    one, registers = served([bytes.fromhex("03 04 0001 0002")])
    assert registers.energy(COUNTER, COUNTER.exported) == 65538 * 360.0
    assert one.asked == [bytes.fromhex("07 03 006A 0002")]


def test_numbers_by_their_type(served):
    _, registers = served([bytes.fromhex("03 02 FFFE"), bytes.fromhex("03 02 FFFE"), bytes.fromhex("03 04 FFFFFFFE")])
    assert registers.number(Register(address=1)) == 0xFFFE
    assert registers.number(Register(address=1, type="i16")) == -2
    assert registers.number(Register(address=1, type="i32")) == -2


def test_text_ends_at_its_padding_and_is_only_text(served):
    _, registers = served([b"\x03\x08REF\x1b1\x00\x00\x00"])
    assert registers.text(Text(address=2, words=4)) == "REF?1"


def test_what_is_wrong_has_names(served):
    report = FaultReport(address=11, overcurrent=1)
    _, registers = served([bytes.fromhex("03 02 0001"), bytes.fromhex("03 02 0000"), bytes.fromhex("03 02 0004")])
    assert [registers.fault(report) for _ in range(3)] == ["overcurrent", "none", "code 4"]


def test_a_device_that_has_restarted_is_asked_again(served):
    one, registers = served([b""], [bytes.fromhex("03 02 0005")])
    assert registers.number(Register(address=15)) == 5
    assert one.asked == [bytes.fromhex("07 03 000F 0001")] * 2


def test_what_is_refused_twice_is_not_told(served):
    refused = bytes.fromhex("83 02")
    one, registers = served([refused], [refused])
    with pytest.raises(DeviceSilent, match=r"register 15 of its map: device: it answers exception 2, illegal data"):
        registers.number(Register(address=15))
    assert len(one.asked) == 2


def test_nobody_there():
    link = ModbusLink(
        modbus_place("127.0.0.1:1", 502), name="device", tap=lambda *_t: None, clock=Clock(), timeout_s=0.5
    )
    with pytest.raises(DeviceSilent, match="does not say what is in register 15"):
        DeviceRegisters(link).number(Register(address=15))
