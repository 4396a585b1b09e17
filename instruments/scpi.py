"""What SCPI drivers share: replies to values, checked settings, the error queue. Nothing is clipped or guessed."""

from __future__ import annotations

import contextlib
import math
import re

from instruments.errors import InstrumentError, LinkRefused, OutOfRange, ProtocolError
from instruments.link import VisaLink
from instruments.records import Identity

ERROR_QUEUE_LIMIT = 32  # reads before an error queue counts as one that never empties
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([kmuµM]?)([A-Za-zΩ%]*)\s*")
_PREFIX = {"": 1.0, "k": 1e3, "M": 1e6, "m": 1e-3, "u": 1e-6, "µ": 1e-6}
_NO_NUMBER = 9.9e37  # SCPI-99: 9.9E37 is infinity or overload, 9.91E37 is "not a number"


def check_errors(link: VisaLink, command: str) -> None:
    """Empty the error queue; InstrumentError with all it held. Reads at most ERROR_QUEUE_LIMIT entries."""
    found = _emptied(link, command)
    if found:
        raise InstrumentError(link.name, command, f"it reports {'; '.join(found)}", "see the error in its manual")


def forget_errors(link: VisaLink) -> None:
    """Empty the error queue of what is older than this connection; the transcript keeps it.

    Without this an old error would keep a link from being opened again, and the instrument from being made safe.
    """
    _emptied(link, "SYST:ERR?")


def _emptied(link: VisaLink, command: str) -> list[str]:
    found: list[str] = []
    for _ in range(ERROR_QUEUE_LIMIT):
        entry = link.query("SYST:ERR?")
        number = re.match(r"\s*([+-]?\d+)", entry)
        if number is None:
            raise ProtocolError(link.name, "SYST:ERR?", f"the error queue answered {entry!r}", "check the firmware")
        if int(number[1]) == 0:
            return found
        found.append(entry)
    raise InstrumentError(link.name, command, f"its error queue never empties: {found[0]}", "power it off and on")


def set_checked(link: VisaLink, command: str) -> None:
    """One setting, then the error queue, without another thread's command between."""
    with link.lock:
        link.write(command)
        check_errors(link, command)


def set_read_back(link: VisaLink, command: str) -> None:
    """One setting that the caller reads back, which decides: what the queue holds may be older, and stops no "off"."""
    with link.lock:
        link.write(command)
        with contextlib.suppress(InstrumentError):
            check_errors(link, command)


def number(link: VisaLink, command: str, reply: str, unit: str = "") -> float:
    """The value in `reply`, in SI; with a unit in the reply ("48.00 V") it must be `unit`."""
    match = _NUMBER.fullmatch(reply)
    if match is None or match[3] not in {"", unit} or (match[2] and not match[3]):
        raise ProtocolError(
            link.name, command, f"{reply!r} is not a number in {unit or '1'}", "check model and firmware"
        )
    value = float(match[1]) * _PREFIX[match[2]]
    if not math.isfinite(value) or abs(value) >= _NO_NUMBER:
        raise ProtocolError(link.name, command, f"{reply!r} means overload or no reading", "check range and wiring")
    return value


def query_number(link: VisaLink, command: str, unit: str = "") -> float:
    return number(link, command, link.query(command), unit)


def query_integer(link: VisaLink, command: str) -> int:
    reply = link.query(command)
    if re.fullmatch(r"\s*[+-]?\d+\s*", reply) is None:
        raise ProtocolError(link.name, command, f"{reply!r} is not an integer", "check model and firmware")
    return int(reply)


def query_switch(link: VisaLink, command: str) -> bool:
    """ON, OFF, 1 or 0."""
    reply = link.query(command).strip().upper()
    if reply not in {"ON", "OFF", "1", "0"}:
        raise ProtocolError(link.name, command, f"{reply!r} is neither ON nor OFF", "check model and firmware")
    return reply in {"ON", "1"}


def query_identity(link: VisaLink) -> Identity:
    """*IDN? in its four fields; a fifth (user text, hardware revision) stays with the firmware."""
    reply = link.query("*IDN?")
    identity = identity_in(reply)
    if identity is None:
        raise ProtocolError(link.name, "*IDN?", f"{reply!r} is not maker, model, serial, firmware", "check the address")
    return identity


def identity_in(reply: str) -> Identity | None:
    """The four fields of a reply to *IDN?; None when it has fewer or says no maker or model."""
    fields = [field.strip() for field in reply.split(",", 3)]
    return Identity(*fields) if len(fields) == 4 and fields[0] and fields[1] else None


def wrong_model(name: str, address: str, seen: Identity, wanted: str) -> LinkRefused:
    """The error for an instrument that this driver is not for; raise it before anything is set."""
    return LinkRefused(
        name,
        "*IDN?",
        f"{seen} answers at {address}, which is no {wanted}",
        "correct address or driver in the bench file",
    )


def in_range(name: str, what: str, value: float, *, low: float, high: float, unit: str) -> float:
    """`value` if low <= value <= high, else OutOfRange; call it before anything is sent."""
    if not low <= value <= high:  # also false for NaN
        raise OutOfRange(
            name, what, f"{value:g} {unit} is outside {low:g} to {high:g} {unit}", "choose a value in that range"
        )
    return value


def whole_steps(name: str, what: str, value: float, *, step: float, unit: str) -> int:
    """How many steps of an instrument's own unit `value` is, else OutOfRange; call it before anything is sent."""
    steps = round(value / step)
    if abs(steps * step - value) > 1e-9 * max(1.0, abs(value)):
        says = f"{value:g} {unit} is not a whole number of steps of {step:g} {unit}"
        raise OutOfRange(name, what, says, f"choose for example {steps * step:g} {unit}")
    return steps
