"""What each spelling of an address means, and which spellings are one place."""

import pytest

from instruments.address import (
    ModbusPlace,
    SerialLine,
    SerialPlace,
    TcpPlace,
    VisaPlace,
    Vxi11Place,
    lock_key,
    modbus_place,
    scpi_place,
    serial_line,
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("TCPIP::10.0.0.5::5025::SOCKET", TcpPlace("10.0.0.5", 5025)),
        (" tcpip0::Supply.lab::5025::socket", TcpPlace("Supply.lab", 5025)),
        ("TCPIP::::1::5025::SOCKET", TcpPlace("::1", 5025)),
        ("ASRL/dev/ttyUSB0::INSTR", SerialPlace("/dev/ttyUSB0")),
        ("ASRL/dev/pts/7", SerialPlace("/dev/pts/7")),
        ("TCPIP::10.0.0.5::INSTR", Vxi11Place("10.0.0.5", None, "inst0")),
        ("TCPIP0::Scope::inst0", Vxi11Place("Scope", None, "inst0")),
        ("tcpip::10.0.0.5,1024::GPIB0,7::instr", Vxi11Place("10.0.0.5", 1024, "gpib0,7")),
        ("TCPIP::10.0.0.5::hislip0::INSTR", VisaPlace("TCPIP::10.0.0.5::hislip0::INSTR")),
        ("ASRL3::INSTR", VisaPlace("ASRL3::INSTR")),
    ],
)
def test_scpi_addresses(text, place):
    assert scpi_place(text) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("10.0.0.5", ModbusPlace(TcpPlace("10.0.0.5", 502), rtu=False)),
        ("10.0.0.5:4196", ModbusPlace(TcpPlace("10.0.0.5", 4196), rtu=False)),
        ("tcp://[::1]:1502", ModbusPlace(TcpPlace("::1", 1502), rtu=False)),
        ("rtu+tcp://gateway:4196", ModbusPlace(TcpPlace("gateway", 4196), rtu=True)),
        ("/dev/serial/by-id/usb-x", ModbusPlace(SerialPlace("/dev/serial/by-id/usb-x"), rtu=True)),
        ("ASRL/dev/ttyUSB0::INSTR", ModbusPlace(SerialPlace("/dev/ttyUSB0"), rtu=True)),
    ],
)
def test_modbus_addresses(text, place):
    assert modbus_place(text, 502) == place


@pytest.mark.parametrize("text", ["", "host:", ":502", "host:port", "twin:x", "rtu+tcp://h", "udp://h:1", "h:1:2"])
def test_bad_modbus_address_says_what_to_write(text):
    with pytest.raises(ValueError, match=r"is no Modbus address: write host:port"):
        modbus_place(text, 502)


def test_modbus_places_are_written_as_they_are_read():
    for text in ("10.0.0.5:502", "rtu+tcp://[::1]:4196", "/dev/ttyUSB0"):
        assert str(modbus_place(text, 502)) == text


def test_serial_line_is_written_as_the_field_does():
    assert serial_line("9600") == SerialLine(9600, 8, "N", 1)
    assert serial_line("115200 7e2") == SerialLine(115200, 7, "E", 2)
    for text in ("", "9600 9N1", "0 8N1", "8N1", "fast"):
        with pytest.raises(ValueError, match="for example 9600 8N1"):
            serial_line(text)


def test_frames_are_parted_by_three_and_a_half_characters():
    assert serial_line("9600").silence_s == pytest.approx(4.01e-3, abs=1e-5)
    assert serial_line("115200").silence_s == 1.75e-3


def test_spellings_of_one_place_have_one_key(tmp_path):
    port = tmp_path / "ttyUSB0"
    port.touch()
    alias = tmp_path / "by-id"
    alias.symlink_to(port)
    for places in (
        ("TCPIP::h::5025::SOCKET", "TCPIP0::H::5025::socket", "h:5025", "rtu+tcp://H.:5025", " tcp://h:5025"),
        (f"ASRL{port}::INSTR", str(port), f"asrl{alias}", str(alias)),
        ("TCPIP::h::INSTR", "TCPIP0::H::inst0::INSTR", "tcpip::h"),
        ("USB::0x1AB1::0x0E11::DP8::INSTR", "usb0::0x1ab1::0x0e11::dp8"),
        ("10.0.0.1", "10.0.0.1:502"),
    ):
        assert len({lock_key(place) for place in places}) == 1, places


def test_different_places_have_different_keys():
    places = ["TCPIP::h::5025::SOCKET", "TCPIP::h::5026::SOCKET", "TCPIP::h::INSTR", "TCPIP1::h::INSTR", "/dev/a"]
    places += [
        "TCPIP::h::inst1::INSTR",
        "TCPIP::h::hislip0::INSTR",
        "GPIB::1::INSTR",
        "GPIB::11::INSTR",
        "ASRL/dev/A::INSTR",
        "odd thing",
    ]
    assert len({lock_key(place) for place in places}) == len(places)
