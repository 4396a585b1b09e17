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


@dataclass(frozen=True, slots=True)
class Family:
    """A driver of ours, how its models are recognised on a network, and what they can be on a bench.

    `driver` is module:name within `instruments`; `identity` matches the whole of maker,model,serial,firmware, without
    regard to case; `port` is the TCP port as delivered, `stream_port` that of a stream of its own; `rtu`: also on a
    serial line, or behind a transparent gateway.
    """

    driver: str
    identity: str
    roles: tuple[str, ...]
    speaks: Literal["SCPI", "Modbus"]
    port: int
    stream_port: int | None = None
    also: tuple[str, ...] = ()
    """Roles it can play if nobody else does."""
    rtu: bool = False


_EA, _EA_SERIES = r"EA[ -]Elektro-Automatik GmbH[^,]*,(EA-)?", r"(9|1[0-2])\d{3,4}-.*"
_KEYSIGHT = r"(Keysight|Agilent) Technologies,"
_SUPPLY, _LOAD, _RELAYS, _SCOPE = ("supply",), ("load",), ("relays",), ("digitizer",)

FAMILIES = {
    "bk_8600": Family("loads.bk_8600:BK_8600", r"B&K Precision,86\d\dB?,.*", _LOAD, "SCPI", 5025),
    "chroma_63600": Family("loads.chroma_63600:DRIVER", r"Chroma( ATE)?,63600-\d,.*", _LOAD, "SCPI", 5025),
    "ea_el9000": Family("loads.ea_el9000:EaEl9000", rf"{_EA}ELR? {_EA_SERIES}", _LOAD, "SCPI", 5025),
    "ea_modbus": Family(
        "supplies.ea_modbus:EaModbus",
        rf"EA Elektro-Automatik,(EA-)?PS([IE]|BE?)? {_EA_SERIES}",
        _SUPPLY,
        "Modbus",
        502,
    ),
    "ea_ps9000": Family("supplies.ea_ps9000:EaPs9000", rf"{_EA}PS[IE]? {_EA_SERIES}", _SUPPLY, "SCPI", 5025),
    "ea_psb9000": Family(
        "supplies.ea_psb9000:EaPsb9000", rf"{_EA}PSBE? {_EA_SERIES}", _SUPPLY, "SCPI", 5025, also=_LOAD
    ),
    "itech_it8500": Family(
        "loads.bk_8600:ITECH_IT8500", r"(ITECH[^,]*,IT851\d[A-Z]?\+|B&K Precision,85\d\dB),.*", _LOAD, "SCPI", 5025
    ),
    "keithley_dmm6500": Family(
        "meters.keithley_dmm6500:KeithleyDmm6500", r"KEITHLEY INSTRUMENTS,MODEL DMM6500,.*", ("meter",), "SCPI", 5025
    ),
    "keysight_33500": Family(
        "generators.keysight_33500:Keysight33500",
        _KEYSIGHT + r"335(0[39]|1[0-2]|19|2[0-2])[AB],.*",
        ("generator",),
        "SCPI",
        5025,
    ),
    "keysight_34980a": Family(
        "relays.keysight_switch:KeysightSwitch", _KEYSIGHT + r"34980A,.*", _RELAYS, "SCPI", 5025, also=("meter",)
    ),
    "keysight_daq970a": Family(
        "relays.keysight_switch:KeysightSwitch",
        r"(HEWLETT-PACKARD|(Agilent|Keysight) Technologies),(3497[02]A|DAQ97[03]A),.*",
        _RELAYS,
        "SCPI",
        5025,
        also=("meter",),
    ),
    "keysight_e36300": Family("supplies.keysight_e36300:DRIVER", _KEYSIGHT + r"E3631[123]A,.*", _SUPPLY, "SCPI", 5025),
    "keysight_n6700": Family(
        "supplies.keysight_n6700:DRIVER", _KEYSIGHT + r"N670[0125][ABC],.*", _SUPPLY, "SCPI", 5025
    ),
    "keysight_n7900": Family("supplies.keysight_n7900:DRIVER", _KEYSIGHT + r"N[67]9[5-7]\dA,.*", _SUPPLY, "SCPI", 5025),
    "labjack_t7": Family(
        "recorders.labjack_t:LabjackT", r"LabJack,T7,.*", ("lines", "recorder"), "Modbus", 502, stream_port=702
    ),
    "labjack_t8": Family(
        "recorders.labjack_t:LabjackT", r"LabJack,T8,.*", ("lines", "recorder"), "Modbus", 502, stream_port=702
    ),
    "moxa_iologik_e1214": Family(
        "relays.moxa_iologik_e1214:MoxaIologikE1214", r"Moxa,.*E1214.*", _RELAYS, "Modbus", 502, also=("lines",)
    ),
    "rigol_dho800": Family("digitizers.rigol_scope:RigolScope", r"RIGOL TECHNOLOGIES,DHO[89].*", _SCOPE, "SCPI", 5555),
    "rigol_dl3000": Family("loads.rigol_dl3000:DRIVER", r"RIGOL TECHNOLOGIES,DL30[23]1A?,.*", _LOAD, "SCPI", 5555),
    "rigol_dp800": Family(
        "supplies.rigol_dp800:DRIVER", r"RIGOL TECHNOLOGIES,DP8[123][12]A?,.*", _SUPPLY, "SCPI", 5555
    ),
    "rigol_mso5000": Family("digitizers.rigol_scope:RigolScope", r"RIGOL TECHNOLOGIES,MSO5.*", _SCOPE, "SCPI", 5555),
    "rs_ngp800": Family("supplies.rs_ngp800:DRIVER", r"Rohde ?& ?Schwarz,NGP8[012][24],.*", _SUPPLY, "SCPI", 5025),
    "siglent_sdl1000x": Family("loads.siglent_sdl1000x:DRIVER", r"Siglent Technologies,SDL1.*", _LOAD, "SCPI", 5025),
    "siglent_sds2000x": Family(
        "digitizers.siglent_sds2000x:SiglentSds2000x",
        r"Siglent Technologies,SDS2\d+X (Plus|HD),.*",
        _SCOPE,
        "SCPI",
        5025,
    ),
    "tdk_genesys": Family("supplies.tdk_genesys:DRIVER", r"(TDK-)?LAMBDA,GENH?[\d.]+-.*", _SUPPLY, "SCPI", 8003),
    "watlow_f4t": Family("chambers.watlow_f4t:WatlowF4T", r"Watlow[^,]*,F4T.*", ("chamber",), "SCPI", 5025),
    "waveshare_relay": Family(
        "relays.waveshare_relay:WaveshareRelay", r"Waveshare,.*", _RELAYS, "Modbus", 4196, also=("lines",), rtu=True
    ),
    "waveshare_relay32": Family(
        "relays.waveshare_relay:WaveshareRelay", r"Waveshare,.*", _RELAYS, "Modbus", 4196, also=("lines",), rtu=True
    ),
}
"""By the short name of the driver. One row each, sorted."""


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
    path = f"instruments.{FAMILIES[name].driver}" if name in FAMILIES else name
    module, colon, attribute = path.partition(":")
    if not colon:
        near = difflib.get_close_matches(name, FAMILIES, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UnknownDriver(f"unknown driver {name!r} ({hint}known: {', '.join(FAMILIES)}; or module:Class)")
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
