"""The families that are proved, a row each. A new family is a row here, a transcript and a file of pairs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["supply", "load", "relays", "lines", "digitizer", "recorder", "meter", "generator", "chamber"]
PLACES: dict[Role, str] = {
    "supply": "supply",
    "load": "load",
    "relays": "relays",
    "lines": "daq",
    "recorder": "daq",
    "digitizer": "scope",
    "meter": "meter",
    "generator": "generator",
    "chamber": "chamber",
}
"""Where an instrument of a role stands on the twin's bench."""


@dataclass(frozen=True)
class Family:
    driver: str
    """Short name in instruments.catalogue."""
    role: Role
    model: str = ""
    """The twin's name of the model where it is not the driver's."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Of the driver, as under `options:` in a bench file."""
    view: str = ""
    """The attribute of the driver that plays the role, where it is not the driver itself."""
    modbus: bool = False
    """Modbus TCP instead of SCPI."""
    serial: bool = False
    """Also proved behind a pseudo terminal: SCPI lines, or Modbus RTU."""
    place: str = ""
    """Where it stands on the twin's bench, if not where its role says."""
    without: frozenset[str] = frozenset()
    """Capabilities that the twin's physics does not have."""
    pulse_s: float = 0.5
    """A pulse that it can time (role relays)."""
    lines: tuple[str, ...] = ()
    """Lines that may be driven with nothing connected (role lines)."""
    channels: tuple[int, ...] = ()
    """Of a scanner card, the first of which sees the terminals (meters); none: the front."""
    points: int = 1000
    """Memory depth of a short record (digitizers)."""
    rate_hz: float = 100e3
    """And its sample rate."""
    range_volts: float = 10.0
    """An input range (recorders)."""
    spare: str = "AIN9"
    """An input with nothing connected (recorders)."""

    @property
    def name(self) -> str:
        """Of its transcript and its pairs: the driver's, and the view's where there is one."""
        return f"{self.driver}.{self.view}" if self.view else self.driver


NO_CONTACTS = frozenset({"inputs"})  # the bench has none that could be followed
COILS_TOO = NO_CONTACTS | {"outputs"}  # which are its relays, and those have a contract of their own
EIGHT: Mapping[str, object] = {"channels": 8, "inputs": 8}

FAMILIES = (
    Family("ea_el9000", "load"),
    Family("ea_modbus", "supply", model="ea_modbus_full", options={"unit": 1}, modbus=True, serial=True),
    Family("ea_ps9000", "supply"),
    Family("ea_psb9000", "supply", serial=True),
    Family("ea_psb9000", "load", model="ea_psb10000_sink", view="sink"),
    Family("keysight_e36300", "supply", options={"channel": 2}),
    Family("keysight_n6700", "supply"),
    Family("keysight_n7900", "supply"),
    Family("rigol_dp800", "supply", serial=True, without=frozenset({"remote sense"})),
    Family("rs_ngp800", "supply"),
    Family("tdk_genesys", "supply", serial=True),
    Family("siglent_sdl1000x", "load"),
    Family("bk_8600", "load", serial=True),
    Family("itech_it8500", "load", serial=True),
    Family("chroma_63600", "load"),
    Family("rigol_dl3000", "load", serial=True),
    Family("keysight_34980a", "relays"),
    Family("keysight_34980a", "meter", channels=(1001, 1002)),
    Family("keysight_daq970a", "relays"),
    Family("keysight_daq970a", "meter", channels=(101, 102)),
    Family("moxa_iologik_e1214", "relays", modbus=True, pulse_s=1.5),
    Family("waveshare_relay", "relays", "waveshare_relay8", EIGHT, modbus=True, serial=True),
    Family("waveshare_relay32", "relays", modbus=True, serial=True),
    Family("moxa_iologik_e1214", "lines", modbus=True, place="relays", without=NO_CONTACTS),
    Family("waveshare_relay", "lines", "waveshare_relay8", EIGHT, modbus=True, place="relays", without=COILS_TOO),
    Family("labjack_t7", "lines", modbus=True, lines=("FIO1", "FIO2")),
    Family("labjack_t7", "recorder", modbus=True),
    Family("labjack_t8", "lines", modbus=True, lines=("FIO1", "FIO2")),
    Family("labjack_t8", "recorder", modbus=True, range_volts=9.6, spare="AIN7"),
    Family("rigol_dho800", "digitizer"),
    Family("rigol_mso5000", "digitizer"),
    Family("siglent_sds2000x", "digitizer", model="siglent_sds2000x_hd"),
    Family("keithley_dmm6500", "meter"),
    Family("keysight_33500", "generator"),
    Family("watlow_f4t", "chamber"),
)
