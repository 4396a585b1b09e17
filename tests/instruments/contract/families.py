"""The families that are proved, a row each. A new family is a row here, a transcript and a file of pairs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["supply", "load", "relays", "lines", "digitizer", "recorder", "meter"]
PLACES: dict[Role, str] = {
    "supply": "supply",
    "load": "load",
    "relays": "relays",
    "lines": "daq",
    "recorder": "daq",
    "digitizer": "scope",
    "meter": "meter",
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
    lines: tuple[str, ...] = ()
    """Lines that may be driven with nothing connected (role lines)."""
    points: int = 1000
    """Memory depth of a short record (digitizers)."""
    rate_hz: float = 100e3
    """And its sample rate."""

    @property
    def name(self) -> str:
        """Of its transcript and its pairs: the driver's, and the view's where there is one."""
        return f"{self.driver}.{self.view}" if self.view else self.driver


FAMILIES = (
    Family("ea_el9000", "load", without=frozenset({"constant power"})),
    Family("ea_modbus", "supply", model="ea_modbus_full", options={"unit": 1}, modbus=True, serial=True),
    Family("ea_ps9000", "supply"),
    Family("ea_psb9000", "supply", serial=True),
    Family("ea_psb9000", "load", model="ea_psb10000_sink", view="sink", without=frozenset({"constant power"})),
    Family("siglent_sdl1000x", "load"),
    Family("waveshare_relay32", "relays", modbus=True, serial=True),
    Family("labjack_t7", "lines", modbus=True, lines=("FIO1", "FIO2")),
    Family("labjack_t7", "recorder", modbus=True),
    Family("rigol_dho800", "digitizer"),
)
