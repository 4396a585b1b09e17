"""Messages over VXI-11, the protocol behind TCPIP::host::INSTR.

Source: VXI-11 (TCP/IP Instrument Protocol Specification) 1.0, sections B.6 and C; ONC RPC version 2 with record
marking, RFC 5531 sections 9 and 11; port mapper, RFC 1833 section 3. Ours and not pyvisa-py's, which takes a closed
connection for silence, uses a processor until its time-out, adds a second, and needs five more to close.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import struct

from instruments.address import SerialLine, TcpPlace, Vxi11Place
from instruments.clock import Deadline
from instruments.errors import Garbled
from instruments.transport import StreamTransport, open_stream

_MAPPER_PORT, _MAPPER, _GET_PORT, _TCP = 111, (100000, 2), 3, 6
_CORE = (0x0607AF, 1)
_CREATE_LINK, _WRITE, _READ, _STATUS, _CLEAR, _DESTROY_LINK = 10, 11, 12, 13, 15, 23
_END_OF_WRITE, _END_OF_READ = 8, 4
_IO_TIMEOUT, _UNAVAILABLE = 15, 3
_ERRORS = {
    3: "the device is not accessible",
    4: "it does not know the link",
    9: "it has no room for another link",
    11: "another program holds the device's lock",
    17: "input or output failed",
    23: "aborted",
}
_LAST_FRAGMENT = 1 << 31
_MESSAGE_LIMIT = 1 << 29  # bytes
_READ_SIZE = 1 << 20  # bytes asked for in one call
_CLOSE_S = 0.2


def open_vxi11(place: Vxi11Place, timeout_s: float) -> Vxi11Port:
    """Ask the port mapper if the address has no port, connect, create a link. OSError with the reason."""
    try:
        port = place.port or _core_port(place.host, timeout_s)
        rpc = _Rpc(TcpPlace(place.host, port), _CORE, timeout_s)
        try:
            link, largest = _link(rpc, place.device, Deadline(timeout_s))
        except BaseException:
            rpc.close()
            raise
    except (EOFError, Garbled, struct.error) as error:
        raise OSError(f"what listens there does not speak VXI-11 ({error})") from error
    except TimeoutError as error:
        raise OSError(f"no answer within {timeout_s:g} s") from error
    return Vxi11Port(rpc, link, largest)


def _link(rpc: _Rpc, device: str, deadline: Deadline) -> tuple[int, int]:
    """(link, largest piece of a message that it takes)."""
    arguments = struct.pack(">iII", os.getpid(), 0, 0) + _opaque(device.encode("ascii"))
    error, link, _abort_port, largest = struct.unpack_from(">iiII", rpc.call(_CREATE_LINK, arguments, deadline))
    if error:
        raise OSError(_ERRORS.get(error, f"VXI-11 error {error}"))
    return link, largest


class Vxi11Port:
    """One link to one device; each call ends at its deadline."""

    def __init__(self, rpc: _Rpc, link: int, largest: int) -> None:
        self._rpc, self._link, self._largest = rpc, link, max(largest, 1)

    def write(self, data: bytes, deadline: Deadline) -> None:
        while data:
            part, data = data[: self._largest], data[self._largest :]
            head = struct.pack(">iIII", self._link, deadline.left_ms(), 0, 0 if data else _END_OF_WRITE)
            self._call(_WRITE, head + _opaque(part), deadline)

    def read(self, deadline: Deadline) -> bytes:
        message = b""
        while True:
            asked = struct.pack(">iIIIII", self._link, _READ_SIZE, deadline.left_ms(), 0, 0, 0)
            results = self._call(_READ, asked, deadline)
            reason, length = struct.unpack_from(">iI", results)
            message += results[8 : 8 + length]
            if reason & _END_OF_READ:
                return message
            if len(message) > _MESSAGE_LIMIT:
                raise Garbled(f"a message of more than {_MESSAGE_LIMIT} bytes")

    def clear(self, deadline: Deadline) -> None:
        self._call(_CLEAR, self._generic(deadline), deadline)

    def status(self, deadline: Deadline) -> int | None:
        try:
            (status,) = struct.unpack_from(">I", self._call(_STATUS, self._generic(deadline), deadline))
        except _NoSuchCall:
            return None
        return int(status)

    def close(self) -> None:
        """Say goodbye, but do not wait long for an answer. Closing twice is allowed."""
        with contextlib.suppress(Exception):
            self._rpc.call(_DESTROY_LINK, struct.pack(">i", self._link), Deadline(_CLOSE_S))
        self._rpc.close()

    def _generic(self, deadline: Deadline) -> bytes:
        return struct.pack(">iIII", self._link, 0, 0, deadline.left_ms())

    def _call(self, procedure: int, arguments: bytes, deadline: Deadline) -> bytes:
        """The results behind the error code. TimeoutError, EOFError, Garbled."""
        results = self._rpc.call(procedure, arguments, deadline)
        try:
            (error,) = struct.unpack_from(">i", results)
        except struct.error:
            raise Garbled(f"a result of {len(results)} bytes") from None
        if error == _IO_TIMEOUT:
            raise TimeoutError(0)
        if error:
            raise EOFError(_ERRORS.get(error, f"VXI-11 error {error}"))
        return results[4:]


class _NoSuchCall(EOFError):
    """The server does not offer the procedure."""


class _Rpc:
    """Remote procedure calls to one program over one TCP connection, one after another."""

    def __init__(self, place: TcpPlace, program: tuple[int, int], timeout_s: float) -> None:
        self._stream: StreamTransport = open_stream(place, SerialLine(), timeout_s)
        self._program = program
        self._numbers = itertools.count(1)

    def call(self, procedure: int, arguments: bytes, deadline: Deadline) -> bytes:
        number = next(self._numbers)
        head = struct.pack(">6I16x", number, 0, 2, *self._program, procedure)  # no credentials, no verifier
        self._stream.check_quiet()
        message = head + arguments
        self._stream.send(struct.pack(">I", _LAST_FRAGMENT | len(message)) + message, deadline)
        reply = self._record(deadline)
        try:
            answered, kind, refused, _, verifier = struct.unpack_from(">5I", reply)
            (failed,) = struct.unpack_from(">I", reply, 20 + verifier)
        except struct.error:
            raise Garbled(f"a remote procedure reply of {len(reply)} bytes") from None
        if (answered, kind, refused, failed) == (number, 1, 0, _UNAVAILABLE):
            raise _NoSuchCall(f"it does not offer procedure {procedure}")
        if (answered, kind, refused, failed) != (number, 1, 0, 0):
            raise Garbled(f"the remote procedure reply {reply[:24].hex(' ', 4)} to call {number}")
        return reply[24 + verifier :]

    def close(self) -> None:
        self._stream.close()

    def _record(self, deadline: Deadline) -> bytes:
        record, mark = b"", bytearray(4)
        while True:
            self._stream.exactly(memoryview(mark), deadline)
            (word,) = struct.unpack(">I", mark)
            length = word & ~_LAST_FRAGMENT
            if len(record) + length > _MESSAGE_LIMIT:
                raise Garbled(f"a record of {length} bytes")
            part = bytearray(length)
            self._stream.exactly(memoryview(part), deadline)
            record += part
            if word & _LAST_FRAGMENT:
                return record


def _core_port(host: str, timeout_s: float) -> int:
    mapper = _Rpc(TcpPlace(host, _MAPPER_PORT), _MAPPER, timeout_s)
    try:
        results = mapper.call(_GET_PORT, struct.pack(">4I", *_CORE, _TCP, 0), Deadline(timeout_s))
    finally:
        mapper.close()
    (port,) = struct.unpack_from(">I", results)
    if not port:
        raise OSError("its port mapper knows no VXI-11")
    return int(port)


def _opaque(data: bytes) -> bytes:
    """Variable-length data: length, bytes, zeros to a multiple of four."""
    return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)
