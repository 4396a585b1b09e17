"""A small VXI-11 instrument on 127.0.0.1: the four calls a message needs, device clear, and status byte.

Source: VXI-11 (TCP/IP Instrument Protocol Specification) 1.0, sections B.6 and C; ONC RPC: RFC 5531, record marking
included. `answer(command)` gives the messages it puts into its output queue; None: it never answers that call. With
`status` False it never sets the message-available bit, with None it does not offer the status byte. As a port mapper it
names itself.
"""

import socket
import struct
import threading
import time
from contextlib import suppress

GET_PORT, CREATE_LINK, WRITE, READ, READ_STB, CLEAR, DESTROY_LINK = 3, 10, 11, 12, 13, 15, 23
END, END_OF_WRITE, IO_TIMEOUT = 4, 8, 15


class Vxi11Server:
    def __init__(self, answer, *, status=True, largest=1 << 20):
        self._answer, self._status, self._largest = answer, status, largest
        self._command = b""
        self.queue = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"TCPIP::127.0.0.1,{self.port}::inst0::INSTR"
        self._client = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def finish(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self.drop()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def drop(self):
        """Close the connection."""
        if self._client is not None:
            with suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)

    def _serve(self):
        with self._listener:
            while True:
                try:
                    self._client, _ = self._listener.accept()
                except OSError:
                    return
                with self._client as client, suppress(OSError, struct.error):
                    while call := self._record(client):
                        xid, _, _, _, _, procedure = struct.unpack_from(">6I", call)
                        results = self._call(procedure, call[40:])
                        if results is not None:
                            missing = 3 if procedure == READ_STB and self._status is None else 0
                            reply = struct.pack(">6I", xid, 1, 0, 0, 0, missing) + results
                            client.sendall(struct.pack(">I", 1 << 31 | len(reply)) + reply)

    @staticmethod
    def _record(client):
        (mark,) = struct.unpack(">I", client.recv(4, socket.MSG_WAITALL))
        return client.recv(mark & 0x7FFFFFFF, socket.MSG_WAITALL)

    def _call(self, procedure, arguments):
        if procedure == GET_PORT:
            return struct.pack(">I", self.port)
        if procedure == CREATE_LINK:
            return struct.pack(">iiII", 0, 1, 0, self._largest)
        if procedure == WRITE:
            flags, length = struct.unpack_from(">II", arguments, 12)
            self._command += arguments[20 : 20 + length]
            if flags & END_OF_WRITE:
                command, self._command = self._command, b""
                messages = self._answer(command)
                if messages is None:
                    return None
                self.queue.extend(messages)
            return struct.pack(">iI", 0, length)
        if procedure == READ:
            return self._read(*struct.unpack_from(">II", arguments, 4))
        if procedure == READ_STB:
            return struct.pack(">iI", 0, 0x10 if self.queue and self._status else 0)
        if procedure == CLEAR:
            self.queue.clear()
        return struct.pack(">i", 0)

    def _read(self, size, timeout_ms):
        until = time.monotonic() + timeout_ms / 1000
        while not self.queue:
            if time.monotonic() >= until:
                return struct.pack(">iiI", IO_TIMEOUT, 0, 0)
            time.sleep(0.005)
        data, rest = self.queue[0][:size], self.queue[0][size:]
        self.queue[:1] = [rest] if rest else []
        return struct.pack(">iiI", 0, 0 if rest else END, len(data)) + data + b"\0" * (-len(data) % 4)
