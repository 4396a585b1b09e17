"""Packages with which more instruments are found; none is needed to run a plan."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

__all__ = ["COMPANIONS", "CURE", "Companion", "missing"]

CURE = "pip install 'nanogrid-rig[discovery]'"


@dataclass(frozen=True, slots=True)
class Companion:
    """A package, the module it is imported as, and what is found with it."""

    package: str
    module: str
    finds: str


COMPANIONS = (
    Companion("pyserial", "serial", "serial ports"),
    Companion("pyusb", "usb", "USB instruments"),
    Companion("psutil", "psutil", "VXI-11 instruments beyond the default network interface"),
    Companion("zeroconf", "zeroconf", "HiSLIP instruments, by mDNS"),
)


def missing() -> list[str]:
    """One sentence for each that is not installed."""
    return [
        f"without {one.package} a scan does not find {one.finds}: {CURE}."
        for one in COMPANIONS
        if find_spec(one.module) is None
    ]
