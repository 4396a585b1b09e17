"""The transport that a place needs."""

from __future__ import annotations

from instruments.address import SerialLine, SerialPlace, TcpPlace, VisaPlace, Vxi11Place
from instruments.messages import MessagePort, MessageTransport
from instruments.transport import Transport, open_stream
from instruments.vxi11 import open_vxi11


def connect(
    place: TcpPlace | SerialPlace | Vxi11Place | VisaPlace,
    *,
    timeout_s: float,
    line: SerialLine | None = None,
    library: str = "@py",
    clear: bool = True,
) -> Transport:
    """Connect. `line` is for serial ports, `library` for what only VISA reaches, `clear` for what has a device clear.

    OSError with the reason; ValueError for a line that no serial port can do.
    """
    if isinstance(place, TcpPlace | SerialPlace):
        return open_stream(place, line or SerialLine(), timeout_s)
    if isinstance(place, Vxi11Place):
        port: MessagePort = open_vxi11(place, timeout_s)
    else:
        from instruments.visa_port import open_visa

        port = open_visa(place, library, timeout_s)
    try:
        return MessageTransport(port, timeout_s, clear=clear)
    except BaseException as error:
        port.close()
        if isinstance(error, EOFError | TimeoutError):
            raise OSError(f"device clear: {error or 'no answer'}") from error
        raise
