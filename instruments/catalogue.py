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
    "keysight_34980a": "instruments.relays.keysight_switch:KeysightSwitch",
    "keysight_daq970a": "instruments.relays.keysight_switch:KeysightSwitch",
    "keithley_dmm6500": "instruments.meters.keithley_dmm6500:KeithleyDmm6500",
    "keysight_e36300": "instruments.supplies.keysight_e36300:DRIVER",
    "keysight_n6700": "instruments.supplies.keysight_n6700:DRIVER",
    "keysight_n7900": "instruments.supplies.keysight_n7900:DRIVER",
    "labjack_t7": "instruments.recorders.labjack_t:LabjackT",
    "labjack_t8": "instruments.recorders.labjack_t:LabjackT",
    "moxa_iologik_e1214": "instruments.relays.moxa_iologik_e1214:MoxaIologikE1214",
    "rigol_dho800": "instruments.digitizers.rigol_scope:RigolScope",
    "rigol_dp800": "instruments.supplies.rigol_dp800:DRIVER",
    "rigol_mso5000": "instruments.digitizers.rigol_scope:RigolScope",
    "rs_ngp800": "instruments.supplies.rs_ngp800:DRIVER",
    "siglent_sds2000x": "instruments.digitizers.siglent_sds2000x:SiglentSds2000x",
    "siglent_sdl1000x": "instruments.loads.siglent_sdl1000x:SiglentSdl1000x",
    "tdk_genesys": "instruments.supplies.tdk_genesys:DRIVER",
    "waveshare_relay": "instruments.relays.waveshare_relay:WaveshareRelay",
    "waveshare_relay32": "instruments.relays.waveshare_relay:WaveshareRelay",
}


@dataclass(frozen=True, slots=True)
class Family:
    """How the models of a driver are recognised on a network, and what they can be on a bench.

    `identity` matches the whole of maker,model,serial,firmware, without regard to case; `port` is the TCP port as
    delivered, `stream_port` that of a stream of its own.
    """

    identity: str
    roles: tuple[str, ...]
    speaks: Literal["SCPI", "Modbus"]
    port: int
    stream_port: int | None = None


_KEYSIGHT = r"(Keysight|Agilent) Technologies"
_EA, _EA_SERIES = r"EA[ -]Elektro-Automatik[^,]*,(EA-)?", r"(9|1[0-2])\d{3,4}-.*"

FAMILIES = {
    "ea_el9000": Family(rf"{_EA}ELR? {_EA_SERIES}", ("load",), "SCPI", 5025),
    "ea_ps9000": Family(rf"{_EA}PS[IE]? {_EA_SERIES}", ("supply",), "SCPI", 5025),
    "ea_psb9000": Family(rf"{_EA}PSBE? {_EA_SERIES}", ("supply", "load"), "SCPI", 5025),
    "keysight_34980a": Family(r"(Agilent|Keysight) Technologies,34980A,.*", ("relays", "meter"), "SCPI", 5025),
    "keysight_daq970a": Family(
        r"[^,]*(HEWLETT-PACKARD|Agilent|Keysight)[^,]*,(3497[02]A|DAQ97[03]A),.*", ("relays", "meter"), "SCPI", 5025
    ),
    "keysight_e36300": Family(rf"{_KEYSIGHT},E3631[123]A,.*", ("supply",), "SCPI", 5025),
    "keysight_n6700": Family(rf"{_KEYSIGHT},N670[0125][A-C],.*", ("supply",), "SCPI", 5025),
    "keysight_n7900": Family(rf"{_KEYSIGHT},N[67]9[5-7]\dA,.*", ("supply",), "SCPI", 5025),
    "labjack_t7": Family(r"LabJack,T7,.*", ("lines", "recorder"), "Modbus", 502, stream_port=702),
    "moxa_iologik_e1214": Family(r"Moxa,.*E1214.*", ("relays", "lines"), "Modbus", 502),
    "rigol_dho800": Family(r"RIGOL TECHNOLOGIES,DHO8.*", ("digitizer",), "SCPI", 5555),
    "rigol_dp800": Family(r"RIGOL TECHNOLOGIES,DP8[123][12]A?,.*", ("supply",), "SCPI", 5555),
    "rs_ngp800": Family(r"Rohde&Schwarz,NGP8.*", ("supply",), "SCPI", 5025),
    "siglent_sdl1000x": Family(r"Siglent Technologies,SDL1.*", ("load",), "SCPI", 5025),
    "tdk_genesys": Family(r"(TDK-)?LAMBDA,GENH?[\d.]+-.*", ("supply",), "SCPI", 8003),
    "waveshare_relay": Family(r"Waveshare,.*", ("relays", "lines"), "Modbus", 4196),
}
"""One row a driver, for `rig scan`."""


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


def family_of(identity: str) -> str | None:
    """The short name of the driver for what answers with this identity; None for a stranger."""
    for name, family in FAMILIES.items():
        if re.fullmatch(family.identity, identity, re.IGNORECASE):
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
