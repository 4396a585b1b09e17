"""Servers that misbehave as they are told, on every wire that this computer can serve: TCP ports and pty's.

A behaviour is a function of one `End`, the server's side of one connection; a pty's next connection is the next pty
behind the same name. `Wire` says how a question and its reply look there, so that one test holds for all of them.
"""

import os
import pty
import select
import socket
import struct
import threading
import tty
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from instruments.address import modbus_place, serial_line
from instruments.link import VisaLink
from instruments.modbus import ModbusLink
from instruments.modbus_frames import crc

PATIENCE = 5.0  # s until a server gives up; never reached when all is well
FAST = "115200"  # 3.5 characters are 1.75 ms


class End:
    """The server's side of one connection; `stop` is set when the test is over."""

    def __init__(self, fd, hang_up, stop, size):
        self.fd, self._hang_up, self.stop, self._size = fd, hang_up, stop, size
        self._buffer = b""

    def request(self):
        """The next whole request; EOFError when the client has gone or the test is over."""
        while not (size := self._size(self._buffer)):
            self._buffer += self.some()
        request, self._buffer = self._buffer[:size], self._buffer[size:]
        return request

    def some(self):
        for _ in range(int(PATIENCE / 0.02)):
            if select.select([self.fd], [], [], 0.02)[0]:
                data = os.read(self.fd, 65536)
                if data:
                    return data
                break
            if self.stop.is_set():
                break
        raise EOFError

    def say(self, data):
        view = memoryview(data)
        while view and not self.stop.is_set():
            if select.select([], [self.fd], [], 0.02)[1]:
                view = view[os.write(self.fd, view[:4096]) :]

    def pause(self, seconds):
        """Part of the behaviour, not of the synchronisation."""
        self.stop.wait(seconds)

    def until(self, event):
        assert event.wait(PATIENCE), "the test never set its event"

    def close(self):
        self._end(reset=False)

    def reset(self):
        """Close so that the other side gets a reset (TCP); a pty only hangs up."""
        self._end(reset=True)

    def silent(self):
        """Take everything, say nothing."""
        while self.fd is not None:  # its number may be the client's by now
            self.some()

    def _end(self, reset):
        if self.fd is not None:
            self.fd = None
            self._hang_up(reset)


class Server:
    """Lets one behaviour after another deal with a connection, in a thread."""

    def __init__(self, size, behaviours):
        self._size, self._behaviours = size, behaviours
        self._stop = threading.Event()
        self.faults = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def finish(self):
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self.release()
        assert self.faults == []

    def _serve(self):
        for behave in self._behaviours:
            end = self.connection()
            if end is None:
                return
            os.set_blocking(end.fd, False)
            try:
                behave(end)
                end.silent()
            except (EOFError, OSError):
                pass
            except AssertionError as fault:
                self.faults.append(str(fault))
            end.close()


class TcpServer(Server):
    def __init__(self, size, *behaviours):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self.port = self._listener.getsockname()[1]
        super().__init__(size, behaviours)

    def connection(self):
        while not self._stop.is_set():
            with suppress(TimeoutError):
                self.sock, _ = self._listener.accept()
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return End(self.sock.fileno(), self._hang_up, self._stop, self._size)
        return None

    def _hang_up(self, reset):
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def release(self):
        self._listener.close()


class PtyServer(Server):
    """`path` is a name that leads to the pty of the present connection."""

    def __init__(self, path, size, *behaviours):
        self.path = path
        self._pairs = [pty.openpty() for _ in behaviours]
        for _, slave in self._pairs:
            tty.setraw(slave)
        self._numbers = count()
        self._open = dict(enumerate(self._pairs))
        self._plug(0)
        super().__init__(size, behaviours)

    def connection(self):
        self._now = next(self._numbers)
        return End(self._open[self._now][0], self._hang_up, self._stop, self._size)

    def _plug(self, number):
        self.path.unlink(missing_ok=True)
        if number < len(self._pairs):
            self.path.symlink_to(os.ttyname(self._pairs[number][1]))

    def _hang_up(self, _reset):
        pair = self._open.pop(self._now)
        self._plug(self._now + 1)
        for fd in pair:
            os.close(fd)

    def release(self):
        for pair in self._open.values():
            for fd in pair:
                os.close(fd)


@dataclass(frozen=True)
class Wire:
    """`question(n)` is for a link, `reply(request, value)` what a good server says."""

    name: str
    serial: bool

    def start(self, tmp_path, *behaviours):
        if self.serial:
            return PtyServer(tmp_path / "port", self.size, *behaviours)
        return TcpServer(self.size, *behaviours)


class ScpiWire(Wire):
    def address(self, server):
        return f"ASRL{server.path}::INSTR" if self.serial else f"TCPIP::127.0.0.1::{server.port}::SOCKET"

    def link(self, address, **options):
        return VisaLink(address, name="meter", line=serial_line(FAST), **options)

    def size(self, data):
        return data.find(b"\n") + 1

    def ask(self, link, number=7):
        return int(link.query(f"ECHO {number}?"))

    def tell(self, link):
        link.write("OUTP ON")

    def reply(self, request, value=None):
        asked = int(request.split()[1].rstrip(b"?")) if request.startswith(b"ECHO ") else 0
        return b"%d\n" % (asked if value is None else value)


class ModbusWire(Wire):
    """Register n holds n; a reply with another value than asked for is `value`."""

    def address(self, server):
        if self.serial:
            return str(server.path)
        scheme = "rtu+tcp://" if self.rtu else ""
        return f"{scheme}127.0.0.1:{server.port}"

    @property
    def rtu(self):
        return "rtu" in self.name

    def link(self, address, **options):
        return ModbusLink(modbus_place(address, 502), name="meter", line=serial_line(FAST), **options)

    def size(self, data):
        """Only requests of eight bytes in RTU are spoken here."""
        return (8 if self.rtu else 12) if len(data) >= (8 if self.rtu else 12) else 0

    def ask(self, link, number=7):
        (value,) = link.read_registers(number, 1)
        return value

    def tell(self, link):
        link.write_coil(3, True)

    def pdu(self, request):
        return request[1:-2] if self.rtu else request[7:]

    def frame(self, request, pdu):
        """`pdu` in a frame that answers `request`."""
        if self.rtu:
            return request[:1] + pdu + crc(request[:1] + pdu)
        return request[:4] + struct.pack(">H", len(pdu) + 1) + request[6:7] + pdu

    def reply(self, request, value=None):
        pdu = self.pdu(request)
        if pdu[0] == 5:
            return self.frame(request, pdu)
        asked = struct.unpack(">H", pdu[1:3])[0] if value is None else value
        return self.frame(request, struct.pack(">BBH", pdu[0], 2, asked))


SCPI = [ScpiWire("scpi tcp", serial=False), ScpiWire("scpi serial", serial=True)]
MODBUS = [
    ModbusWire("modbus tcp", serial=False),
    ModbusWire("modbus rtu serial", serial=True),
    ModbusWire("modbus rtu over tcp", serial=False),
]
WIRES = [*SCPI, *MODBUS]
