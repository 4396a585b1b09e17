"""What can go wrong between us and an instrument. Each message is one sentence: where, what, on which command, cure."""

from __future__ import annotations


class LinkError(Exception):
    """Base: `instrument` is the name in the bench file, `command` what was being done, `cure` what to do."""

    def __init__(self, instrument: str, command: str, what: str, cure: str) -> None:
        self.instrument = instrument
        self.command = command
        self.cure = cure
        super().__init__(f"{instrument}: {what} (on {command!r}); {cure}")

    def __reduce__(self) -> tuple[object, ...]:
        # Exception's own would call __init__ with the joined sentence alone
        return (_rebuild, (type(self), self.args, self.instrument, self.command, self.cure))


def _rebuild(kind: type[LinkError], args: tuple[object, ...], instrument: str, command: str, cure: str) -> LinkError:
    error = kind.__new__(kind)
    error.args, error.instrument, error.command, error.cure = args, instrument, command, cure
    return error


# The names are states of a link as the field says them; "...Error" would add nothing.
class LinkRefused(LinkError):
    """Nobody answers at the address, or nobody we may talk to."""


class LinkTimeout(LinkError):
    """No whole reply in time. The link is DESYNC: a late reply could be taken for the next one."""


class LinkLost(LinkError):
    """The other side closed the connection. The link is LOST."""


class LinkDesync(LinkError):
    """Bytes nobody asked for, or a command on a link that is already DESYNC."""


class ProtocolError(LinkError):
    """A reply that is not what the manual says."""


class InstrumentError(LinkError):
    """The instrument itself reports an error, or its read-back contradicts what it was told."""


class NotSupported(LinkError):
    """This instrument cannot do that; nothing was sent."""


def not_supported(name: str, what: str) -> NotSupported:
    """The error for a method that this model has no command for."""
    return NotSupported(name, what, "this model cannot do that", "take one whose capabilities name it")


def still_tripped(name: str, what: str, tripped: str) -> InstrumentError:
    """The error for switching on what a protection has switched off."""
    return InstrumentError(name, what, f"its {tripped} has not been cleared", "find the cause, then clear_protection()")


class OutOfRange(LinkError):
    """A value outside the instrument's range; nothing was sent."""


# Below the link, without a name or a cure: the link's guard turns them, and the operating system's, into the above.
class StaleBytes(Exception):
    """Bytes nobody asked for, the argument."""


class Garbled(Exception):
    """A reply whose end or owner cannot be known, said in words."""
