"""Which driver a bench file's `driver:` means: a short name below, or module:Class for a driver of your own."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from instruments.clock import Clock, Tap
from instruments.records import Address
from instruments.roles import Capability, Instrument

DRIVERS = {
    "ea_el9000": "instruments.loads.ea_el9000:EaEl9000",
    "ea_ps9000": "instruments.supplies.ea_ps9000:EaPs9000",
    "ea_psb9000": "instruments.supplies.ea_psb9000:EaPsb9000",
    "keithley_dmm6500": "instruments.meters.keithley_dmm6500:KeithleyDmm6500",
    "labjack_t7": "instruments.recorders.labjack_t:LabjackT",
    "labjack_t8": "instruments.recorders.labjack_t:LabjackT",
    "rigol_dho800": "instruments.digitizers.rigol_scope:RigolScope",
    "rigol_mso5000": "instruments.digitizers.rigol_scope:RigolScope",
    "siglent_sds2000x": "instruments.digitizers.siglent_sds2000x:SiglentSds2000x",
    "siglent_sdl1000x": "instruments.loads.siglent_sdl1000x:SiglentSdl1000x",
    "waveshare_relay32": "instruments.relays.waveshare_relay32:WaveshareRelay32",
}


@dataclass(frozen=True, slots=True)
class Family:
    """How the models of a driver are recognised on a network, and what they can be on a bench.

    `identity` matches the whole of maker,model,serial,firmware, without regard to case; `port` is the TCP port as
    delivered, `stream_port` that of a stream of its own; `rtu`: also on a serial line, or behind a transparent gateway.
    """

    identity: str
    roles: tuple[str, ...]
    speaks: Literal["SCPI", "Modbus"]
    port: int
    stream_port: int | None = None
    rtu: bool = False


_EA, _EA_SERIES = r"EA[ -]Elektro-Automatik[^,]*,(EA-)?", r"(9|1[0-2])\d{3,4}-.*"

FAMILIES = {
    "ea_el9000": Family(rf"{_EA}ELR? {_EA_SERIES}", ("load",), "SCPI", 5025),
    "ea_ps9000": Family(rf"{_EA}PS[IE]? {_EA_SERIES}", ("supply",), "SCPI", 5025),
    "ea_psb9000": Family(rf"{_EA}PSBE? {_EA_SERIES}", ("supply", "load"), "SCPI", 5025),
    "keithley_dmm6500": Family(r"KEITHLEY INSTRUMENTS,MODEL DMM6500,.*", ("meter",), "SCPI", 5025),
    "labjack_t7": Family(r"LabJack,T7,.*", ("lines", "recorder"), "Modbus", 502, stream_port=702),
    "labjack_t8": Family(r"LabJack,T8,.*", ("lines", "recorder"), "Modbus", 502, stream_port=702),
    "rigol_dho800": Family(r"RIGOL TECHNOLOGIES,DHO[89].*", ("digitizer",), "SCPI", 5555),
    "rigol_mso5000": Family(r"RIGOL TECHNOLOGIES,MSO5.*", ("digitizer",), "SCPI", 5555),
    "siglent_sdl1000x": Family(r"Siglent Technologies,SDL1.*", ("load",), "SCPI", 5025),
    "siglent_sds2000x": Family(r"Siglent Technologies,SDS2\d+X (Plus|HD).*", ("digitizer",), "SCPI", 5025),
    "waveshare_relay32": Family(r"Waveshare,.*", ("relays",), "Modbus", 4196, rtu=True),
}
"""One row a driver, for `rig scan`. The first role is what it mostly is."""


class UnknownDriver(ValueError):
    """No driver of that name; the message lists what there is."""


class DriverType(Protocol):
    """A driver class: connect() opens, identifies, and energises nothing.

    Its further keyword arguments are the `options:` of a bench file. `capabilities` are those of the family.
    """

    capabilities: frozenset[Capability]

    def connect(
        self, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, **options: Any
    ) -> Instrument: ...


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
    if not isinstance(getattr(driver, "capabilities", None), frozenset):
        raise UnknownDriver(f"driver {name!r} names no capabilities; see `instruments.roles.Capability`")
    return driver


def family_of(identity: str, speaks: Literal["SCPI", "Modbus"]) -> str | None:
    """The short name of the driver for what answers with this identity; None for a stranger."""
    for name, family in FAMILIES.items():
        if family.speaks == speaks and re.fullmatch(family.identity, identity, re.IGNORECASE):
            return name
    return None


def driver_options(driver: DriverType) -> dict[str, inspect.Parameter]:
    """The options of a driver by name, with type and default: what connect() takes beyond what the rig gives it.

    An annotation that cannot be resolved outside the type checker stays text.
    """
    try:
        signature = inspect.signature(driver.connect, eval_str=True)
    except NameError:
        signature = inspect.signature(driver.connect)
    given = inspect.signature(DriverType.connect).parameters
    return {
        name: parameter
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in given
    }
