"""The serial port itself: its settings, that it is ours alone, and what is said when it cannot be had."""

import errno
import termios
from functools import partial

import pytest
import serial

from instruments.address import serial_line
from instruments.errors import LinkRefused
from instruments.link import VisaLink
from instruments.opening import open_modbus, open_scpi
from instruments.records import NetworkAddress
from instruments.state import Guard
from tests.instruments.hostile import SCPI

WIRE = SCPI[1]


@pytest.fixture
def port(tmp_path):
    server = WIRE.start(tmp_path, lambda end: end.silent())
    yield server
    server.finish()


def opened(port, tap, clock, line):
    link = VisaLink(WIRE.address(port), name="meter", tap=tap, clock=clock, line=serial_line(line))
    link.open()
    return link


def test_the_port_is_raw_and_as_fast_as_written(port, tap, clock):
    link = opened(port, tap, clock, "19200")
    iflag, oflag, _, lflag, ispeed, ospeed, _ = termios.tcgetattr(link._transport._fd)
    link.close()
    assert (ispeed, ospeed) == (termios.B19200, termios.B19200)
    assert not iflag & (termios.ICRNL | termios.INLCR | termios.IXON)
    assert not oflag & termios.OPOST
    assert not lflag & (termios.ECHO | termios.ICANON | termios.ISIG)


def test_bits_parity_and_stop_bits_go_to_the_port(port, tap, clock, monkeypatch):
    """A pty takes them and keeps 8N1."""
    asked = []

    class Port(serial.Serial):
        def __init__(self, path, *line, **rest):
            asked.append(line)
            super().__init__(path, *line, **rest)

    monkeypatch.setattr("instruments.transport.serial.Serial", Port)
    opened(port, tap, clock, "19200 7E2").close()
    assert asked == [(19200, serial.SEVENBITS, serial.PARITY_EVEN, serial.STOPBITS_TWO)]


def test_a_port_that_another_link_has_is_refused(port, tap, clock):
    link = opened(port, tap, clock, "9600")
    with pytest.raises(LinkRefused, match=r"Could not exclusively lock port .* that nobody else holds it"):
        opened(port, tap, clock, "9600")
    link.close()
    opened(port, tap, clock, "9600").close()


@pytest.mark.parametrize("opener", [open_scpi, partial(open_modbus, default_port=502)], ids=["scpi", "modbus"])
def test_an_option_that_is_no_line_is_refused(tap, clock, opener):
    entry = NetworkAddress("/dev/ttyUSB0")
    with pytest.raises(LinkRefused, match=r"meter: 'fast' is no serial line: write baud rate, .* correct the options"):
        opener(None, entry, name="meter", tap=tap, clock=clock, line="fast")


def test_a_port_without_permission_names_the_group(tap):
    denied = PermissionError(errno.EACCES, "Permission denied")
    assert str(Guard("meter", "/dev/ttyUSB0", tap).refused(denied)) == (
        "meter: no connection to /dev/ttyUSB0 (EACCES: Permission denied) (on 'open'); "
        "give yourself the right to it (serial ports: the group dialout) and log in again"
    )
