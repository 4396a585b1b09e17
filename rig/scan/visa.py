"""What the VISA library finds by itself: USB, GPIB, serial ports, and the LAN by VXI-11 broadcast and mDNS."""

from __future__ import annotations

import warnings

from instruments.clock import WallClock
from instruments.errors import LinkError
from instruments.link import VisaLink
from instruments.scpi import identity_in
from instruments.visa_transport import resources
from rig.bench.locks import BenchBusy, Locks, holder, lock_folder
from rig.scan.found import Found, named
from rig.scan.plain import plain
from rig.scan.tcp import no_transcript

__all__ = ["ask_resource", "listed_resources"]


def listed_resources() -> tuple[list[str], list[str]]:
    """(resources, what the library could not look for and why). Takes about three seconds, which it listens."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            listed = resources()
        except Exception as error:  # a VISA library may raise anything while it looks around
            return [], [f"the VISA library cannot list its resources: {plain(str(error))}"]
    return sorted(set(listed)), [plain(str(warning.message)) for warning in said]


def ask_resource(resource: str, timeout_s: float) -> Found:
    """One `*IDN?` to a VISA resource."""
    held = holder([resource])
    if held is not None:
        return Found(resource, "held", f"in use by {held}; not connected")
    link = VisaLink(resource, name=resource, tap=no_transcript, clock=WallClock(), timeout_s=timeout_s)
    try:
        with Locks("scan", lock_folder()).hold_keys([resource]):
            link.open()
            reply = link.query("*IDN?")
    except BenchBusy as busy:
        return Found(resource, "held", str(busy))
    except LinkError as error:
        return Found(resource, "silent", plain(str(error)))
    finally:
        link.close()
    return named(resource, identity_in(reply), reply)
