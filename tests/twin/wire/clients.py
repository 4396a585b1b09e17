"""Plain sockets that speak as an instrument's client does, or as a participant in time."""

import json
import socket
import struct

PATIENCE_S = 10.0


class Scpi:
    """A plain socket that speaks lines."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.sock.makefile("rb")
        self.sent = 0

    def write(self, message):
        data = message if isinstance(message, bytes) else message.encode() + b"\n"
        self.sock.sendall(data)
        self.sent += len(data)

    def line(self):
        return self.file.readline().decode().removesuffix("\n")

    def ask(self, message):
        self.write(message)
        return self.line()

    def errors(self):
        return self.ask("SYST:ERR:ALL?")

    def block(self, message):
        self.write(message)
        header = self.file.read(2)
        assert header[:1] == b"#"
        data = self.file.read(int(self.file.read(int(header[1:]))))
        assert self.file.read(1) == b"\n"
        return data

    def close(self):
        self.file.close()
        self.sock.close()


class Modbus:
    """A plain socket that speaks Modbus TCP."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.sock.makefile("rb")
        self.transaction = 0
        self.sent = 0

    def ask(self, pdu, unit=1):
        self.send(pdu, unit)
        return self.reply()

    def send(self, pdu, unit=1):
        self.transaction += 1
        frame = struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, unit) + pdu
        self.sock.sendall(frame)
        self.sent += len(frame)

    def reply(self):
        header = self.file.read(7)
        transaction, protocol, length, _ = struct.unpack(">HHHB", header)
        assert (transaction, protocol) == (self.transaction, 0)
        return self.file.read(length - 1)

    def read(self, address, form):
        """One value by function 3."""
        size = struct.calcsize(form)
        reply = self.ask(struct.pack(">BHH", 3, address, size // 2))
        assert reply[:2] == bytes((3, size)), reply
        return struct.unpack(form, reply[2:])[0]

    def put(self, address, form, value):
        """One value by function 16."""
        data = struct.pack(form, value)
        return self.ask(struct.pack(">BHHB", 16, address, len(data) // 2, len(data)) + data)

    def close(self):
        self.file.close()
        self.sock.close()


class Json:
    """A plain Unix socket that speaks JSON lines."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(str(path))
        self.file = self.sock.makefile("rb")

    def send(self, **message):
        self.sock.sendall(json.dumps(message).encode() + b"\n")

    def reply(self):
        return json.loads(self.file.readline())

    def ask(self, **message):
        self.send(**message)
        return self.reply()

    def claim(self, client, link):
        """The client of instrument `link` is this participant's.

        Said with the link: the kernel may give clients of two instruments the same number.
        """
        ports = [client.sock.getsockname()[1]]
        assert self.ask(op="claim", ports=ports, links=[link])["claimed"] == ports

    def close(self):
        self.file.close()
        self.sock.close()
