"""A link to one SCPI instrument: one lock, a state, a transcript, and errors that say what to do.

States: CLOSED -> open() -> SYNC; a time-out, stale bytes or an exchange broken off -> DESYNC; end of file -> LOST.
DESYNC and LOST refuse every command until reopen(). What a raw SCPI socket cannot show: a late reply that comes after
the next command has been sent and before its own answer. That is why one time-out already ends the trust.
"""

from __future__ import annotations

import threading
import zlib

from instruments.address import SerialLine, scpi_place
from instruments.clock import Clock, Deadline, Tap, keep_content
from instruments.connecting import connect
from instruments.errors import LinkError, ProtocolError
from instruments.state import EXCHANGE_FAULTS, Guard, LinkState
from instruments.transport import Transport

BLOCK_LIMIT = 1 << 28  # bytes; a longer block is a garbled header


class VisaLink:
    """`resource` is a VISA address such as TCPIP::10.0.0.5::5025::SOCKET; `name` the instrument's name in the bench.

    `line` is for serial ports, `library` for what only a VISA library reaches.
    """

    def __init__(
        self,
        resource: str,
        *,
        name: str,
        tap: Tap,
        clock: Clock,
        timeout_s: float = 2.0,
        pace_s: float = 0.0,
        line: SerialLine | None = None,
        library: str = "@py",
    ) -> None:
        self.name, self.clock = name, clock
        self.lock = threading.RLock()
        self._guard = Guard(name, resource, tap)
        self._tap, self._timeout_s, self._pace_s = tap, timeout_s, pace_s
        self._line, self._library = line, library
        self._transport: Transport | None = None
        self._buffer = bytearray()
        self._free_at_ns = 0

    @property
    def state(self) -> LinkState:
        return self._guard.state

    @property
    def address(self) -> str:
        return self._guard.address

    def open(self) -> None:
        """Connect. LinkRefused if nobody listens; that the right instrument listens is the driver's to find out."""
        with self.lock:
            self.close()
            try:
                transport = connect(
                    scpi_place(self.address), timeout_s=self._timeout_s, line=self._line, library=self._library
                )
            except (OSError, ValueError) as error:  # pyserial raises ValueError for a line no port can do
                raise self._guard.refused(error) from error
            self._transport = transport
            self._guard.opened()
            if transport.local_port is not None:
                self.clock.opened(self.name, transport.local_port)

    def close(self) -> None:
        """Close the connection; leaves the instrument as it is. Closing twice is allowed."""
        with self.lock:
            transport, self._transport = self._transport, None
            if transport is not None:
                transport.close()
            self._guard.closed()

    def reopen(self) -> None:
        """Close and connect anew, the only way out of DESYNC and LOST. Identify and make safe afterwards."""
        with self.lock:
            self.close()
            self.open()

    def write(self, command: str) -> None:
        """Send one command without a reply. LinkLost, LinkDesync."""
        with self.lock:
            try:
                self._send(command, Deadline(self._timeout_s))
            except EXCHANGE_FAULTS as fault:
                raise self._failed(command, fault, self._timeout_s, "before the command") from fault
            except LinkError:
                raise
            except BaseException:  # Ctrl-C in the middle of a send
                self._guard.broken_off()
                raise

    def query(self, command: str) -> str:
        """Send one command and return its one-line reply without the line end. LinkTimeout, LinkLost, LinkDesync."""
        with self.lock:
            when = "before the command"
            try:
                deadline = Deadline(self._timeout_s)
                transport = self._send(command, deadline)
                when = "behind the reply"
                data = transport.line(deadline)
                self._tap("<", data)
            except EXCHANGE_FAULTS as fault:
                raise self._failed(command, fault, self._timeout_s, when) from fault
            except LinkError:
                raise
            except BaseException:  # Ctrl-C: the reply may still come
                self._guard.broken_off()
                raise
            try:
                return data.decode("ascii").rstrip("\r\n")
            except UnicodeDecodeError:
                what = f"the reply {data[:40]!r} is not ASCII text"
                raise ProtocolError(self.name, command, what, "check the address and the instrument") from None

    def query_block(
        self, command: str, into: memoryview | None = None, *, item_bytes: int = 1, line_feeds: int = 1
    ) -> memoryview:
        """Send one command and return the payload of the definite-length block (IEEE 488.2, #<n><length>) it answers.

        Read into `into` (bytes, writable) if given, else into the link's own buffer, valid until the next block.
        `item_bytes`: what the header counts, for firmware that counts samples; `line_feeds`: how many end the reply.
        The transcript gets the header with length and CRC-32 of the payload, not the payload: that is the capture's.
        (A SHA-256 takes longer than the reading itself; against forgery the journal has that of the capture's file.)
        ProtocolError for a bad header or more bytes than announced; LinkTimeout for fewer.
        """
        with self.lock:
            when, timeout_s = "before the command", self._timeout_s
            try:
                deadline = Deadline(timeout_s)
                transport = self._send(command, deadline)
                when = "behind the block"
                header, items = self._block_header(transport, command, deadline)
                length = items * item_bytes
                timeout_s += length / transport.slowest
                deadline = Deadline(timeout_s)
                view = self._room(length, into, command)
                transport.exactly(view, deadline)
                transport.end(deadline, line_feeds)
                more = f", {line_feeds} line feeds" if line_feeds != 1 else ""
                self._tap("<", header, f"block of {length} bytes, crc32 {zlib.crc32(view):08x}{more}")
                keep_content(self._tap, view)
                return view
            except EXCHANGE_FAULTS as fault:
                raise self._failed(command, fault, timeout_s, when) from fault
            except LinkError:
                raise
            except BaseException:
                self._guard.broken_off()
                raise

    def _send(self, command: str, deadline: Deadline) -> Transport:
        self._guard.require(command)
        transport = self._transport
        assert transport is not None
        transport.check_quiet()
        if self._pace_s:
            self._wait_for_pace()
        data = command.encode("ascii") + b"\n"
        transport.send(data, deadline)
        self._tap(">", data)
        self.clock.sent(self.name, len(data))
        return transport

    def _failed(self, command: str, fault: BaseException, timeout_s: float, when: str) -> Exception:
        """The error to raise; what had come of a reply goes into the transcript first."""
        if self._transport is not None and self._transport.partial:
            self._tap("<", self._transport.partial)
        return self._guard.fault(command, fault, timeout_s, when)

    def _wait_for_pace(self) -> None:
        """Some instruments crash when hurried: the gap runs from send to send, in bench time."""
        early_ns = self._free_at_ns - self.clock.now_ns()
        if early_ns > 0:
            self.clock.sleep(early_ns / 1e9)
        self._free_at_ns = self.clock.now_ns() + int(self._pace_s * 1e9)

    def _block_header(self, transport: Transport, command: str, deadline: Deadline) -> tuple[bytes, int]:
        head = bytearray(1)
        transport.exactly(memoryview(head), deadline)
        if head == b"\n":
            self._tap("<", bytes(head))
            raise ProtocolError(self.name, command, "an empty line came instead of a block", "repeat the query")
        digits = bytearray(1)
        if head == b"#":
            transport.exactly(memoryview(digits), deadline)
        if head != b"#" or not b"1" <= digits <= b"9":
            raise self._guard.garbled(command, f"{bytes(head + digits)!r} instead of the header of a block")
        number = bytearray(int(digits))
        transport.exactly(memoryview(number), deadline)
        header = bytes(head + digits + number)
        if not number.isdigit() or int(number) > BLOCK_LIMIT:
            raise self._guard.garbled(command, f"the block header {header!r}")
        return header, int(number)

    def _room(self, length: int, into: memoryview | None, command: str) -> memoryview:
        if into is None:
            if len(self._buffer) < length:
                self._buffer = bytearray(length)
            into = memoryview(self._buffer)
        if length > len(into):
            raise self._guard.garbled(command, f"a block of {length} bytes where {len(into)} were asked for")
        return into[:length]
