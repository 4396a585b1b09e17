"""Which driver a bench file's `driver:` means: a short name below, or module:Class for a driver of your own."""

from __future__ import annotations

import difflib
import importlib
from typing import Protocol

from instruments.clock import Clock, Tap
from instruments.records import Address
from instruments.roles import Instrument

DRIVERS = {
    "bk_8600": "instruments.loads.bk_8600:BK_8600",
    "chroma_63600": "instruments.loads.chroma_63600:CHROMA_63600",
    "ea_psb9000": "instruments.supplies.ea_psb9000:EaPsb9000",
    "itech_it8500": "instruments.loads.bk_8600:ITECH_IT8500",
    "labjack_t7": "instruments.recorders.labjack_t7:LabjackT7",
    "rigol_dho800": "instruments.digitizers.rigol_dho800:RigolDho800",
    "siglent_sdl1000x": "instruments.loads.siglent_sdl1000x:SDL1000X",
    "waveshare_relay32": "instruments.relays.waveshare_relay32:WaveshareRelay32",
}


class UnknownDriver(ValueError):
    """No driver of that name; the message lists what there is."""


class DriverType(Protocol):
    """A driver class, or the driver of a page: connect() opens, identifies, and energises nothing."""

    def connect(self, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0) -> Instrument: ...


def load_driver(name: str) -> DriverType:
    """The driver class for a short name or module:Class; UnknownDriver."""
    path = DRIVERS.get(name, name)
    module, colon, attribute = path.partition(":")
    if not colon:
        near = difflib.get_close_matches(name, DRIVERS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UnknownDriver(f"unknown driver {name!r} ({hint}known: {', '.join(DRIVERS)}; or module:Class)")
    try:
        driver: DriverType = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownDriver(f"driver {name!r} cannot be loaded ({error}); write it as module:Class") from error
    if not callable(getattr(driver, "connect", None)):
        raise UnknownDriver(f"driver {name!r} has no connect(); see `instruments.catalogue.DriverType`")
    return driver
