"""The spontaneous stream of a LabJack T7 or T8: its TCP socket, its packets, its errors.

Source: T-Series Datasheet 3.2.4 "Low-Level Stream" (in part), LabJack's T7 streaming example and a flight program that
follows it. Verified there: port 702; packet = 16-byte header, big-endian: transaction id, protocol id 0, length (of
what follows it), unit 1, function 76, type 16, reserved, backlog, status, additional status; then the samples, 16 bit;
status 2940 auto-recovery (buffer overflow), 2941 its end with the number of scans lost, 2942 scan overlap, 2943
overflow during recovery, 2944 burst complete; the transaction id counts up by one a packet.
Not verified: the unit of the backlog (bytes).
"""

from __future__ import annotations

import socket
import struct
import threading

import numpy as np
from numpy.typing import NDArray

from instruments.clock import Tap, keep_content
from instruments.errors import InstrumentError, LinkError, LinkLost, LinkRefused, ProtocolError

STREAM_PORT = 702
MAX_SAMPLES_PER_PACKET = 512
RECEIVE_BUFFER = 1 << 22  # bytes asked of the kernel: minutes of a slow record
_HEADER = struct.Struct(">HHHBBBBHHH")
_LENGTH_START = 6
_STATUS = {
    2940: "its buffer overflowed and scans are being lost",
    2941: "scans were lost",
    2942: "scans overlapped: the scan rate is too high",
    2943: "scans were lost and their number is unknown",
}
_BURST_COMPLETE = 2944
_CURE = "start the stream again, drain it more often or lower the scan rate"


class TStream:
    """Connected before the stream is enabled; `drain` never waits."""

    def __init__(self, host: str, port: int, *, name: str, tap: Tap, channels: int, timeout_s: float) -> None:
        self.name = name
        self._tap, self._channels, self._address = tap, channels, f"{host}:{port}"
        self._lock = threading.Lock()
        self._pending, self._used = bytearray(), bytearray()
        self._transaction: int | None = None
        self._scans = 0
        self._ended = ""
        self._fault: LinkError | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)  # before the window is agreed
            self._socket.settimeout(timeout_s)
            self._socket.connect((host, port))
        except OSError as error:
            self._socket.close()
            what = f"no stream connection to {self._address} ({error})"
            cure = "check the stream port, and that no other program streams from this device"
            raise LinkRefused(name, "start stream", what, cure) from error
        self._socket.setblocking(False)
        tap("note", b"", "stream: open")

    def drain(self) -> tuple[int, NDArray[np.uint16], int]:
        """(number of the first scan, codes (scans, channels), backlog) of the whole packets that have arrived.

        A fault is raised when the scans before it have been given, and at every later call: LinkLost, InstrumentError
        (scans lost), ProtocolError. The stream is then over.
        """
        with self._lock:
            first, pieces, backlog = self._scans, [], 0
            if self._fault is None:
                self._receive()
                try:
                    while (packet := self._packet()) is not None:
                        codes, backlog = packet
                        pieces.append(codes)
                        self._scans += len(codes)
                except LinkError as fault:
                    self._fault = fault
            if pieces:
                used, self._used = self._used, bytearray()
                said = f"stream: scans {first} to {self._scans - 1} in {len(pieces)} packets, {len(used)} bytes"
                self._tap("note", b"", said)
                keep_content(self._tap, used)
                return first, np.concatenate(pieces), backlog
            if self._fault is None and self._ended:
                self._tap("note", b"", f"stream lost: {self._ended}")
                what = f"the stream from {self._address} ended ({self._ended}) after scan {self._scans}"
                self._fault = LinkLost(self.name, "stream", what, _CURE)
            if self._fault is not None:
                raise self._fault
            self._tap("note", b"", "stream: nothing yet")
            return first, np.empty((0, self._channels), dtype=np.uint16), 0

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> None:
        """Everything the kernel holds; an end of file is remembered until the packets before it are used up."""
        while not self._ended:
            try:
                data = self._socket.recv(1 << 18)
            except BlockingIOError:
                return
            except OSError as error:
                self._ended = str(error)
                return
            self._pending += data
            if not data:
                self._ended = "end of file"

    def _packet(self) -> tuple[NDArray[np.uint16], int] | None:
        """The next whole packet's codes and backlog; None if there is none yet."""
        if len(self._pending) < _HEADER.size:
            return None
        transaction, protocol, length, _unit, function, kind, _, backlog, status, additional = _HEADER.unpack_from(
            self._pending
        )
        samples, odd = divmod(length - (_HEADER.size - _LENGTH_START), 2)
        if (protocol, function, kind) != (0, 76, 16) or samples < 0 or odd or samples % self._channels:
            head = bytes(self._pending[: _HEADER.size])
            raise ProtocolError(self.name, "stream", f"{head.hex(' ')} is not the header of a stream packet", _CURE)
        if len(self._pending) < _LENGTH_START + length:
            return None
        if self._transaction is not None and transaction != (self._transaction + 1) & 0xFFFF:
            what = f"stream packet {transaction} follows {self._transaction}"
            raise InstrumentError(self.name, "stream", f"{what}: packets were lost", _CURE)
        self._transaction = transaction
        if status not in {0, _BURST_COMPLETE}:
            what = _STATUS.get(status, "see the errors of the T-Series")
            raise InstrumentError(self.name, "stream", f"stream status {status} ({additional}): {what}", _CURE)
        data = bytes(self._pending[_HEADER.size : _LENGTH_START + length])
        self._used += self._pending[: _LENGTH_START + length]
        del self._pending[: _LENGTH_START + length]
        codes = np.frombuffer(data, dtype=">u2").astype(np.uint16)
        return codes.reshape(-1, self._channels), backlog
