"""Plain records the drivers take and give. SI units; volts are volts at the instrument's own input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Address(Protocol):
    """Where an instrument is; the bench file's entry fits."""

    @property
    def address(self) -> str:
        """VISA resource (SCPI), or host:port, gateway or serial port (Modbus): see `instruments.address`."""
        ...

    @property
    def stream_port(self) -> int | None:
        """TCP port of a spontaneous stream, where it is not the instrument's own default."""
        ...


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """An Address without a bench file."""

    address: str
    stream_port: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers. str() is the *IDN? form maker,model,serial,firmware, which a bench file's pattern matches."""

    maker: str
    model: str
    serial: str
    firmware: str

    def __str__(self) -> str:
        return f"{self.maker},{self.model},{self.serial},{self.firmware}"


NOBODY = Identity("", "", "", "")
"""Before the first answer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an instrument can do: volts, amperes, watts."""

    volts: float
    amps: float
    watts: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading at the terminals: volts, amperes (out of a supply, into a load)."""

    volts: float
    amps: float


@dataclass(frozen=True, slots=True)
class StreamBlock:
    """Scans of a recorder in order: codes (scans, channels); volts = codes * scale + offset, per channel."""

    first_scan: int
    codes: NDArray[np.uint16]
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    backlog_bytes: int


@dataclass(frozen=True, slots=True)
class Waveform:
    """One channel of a digitizer: volts = codes * scale + offset; sample i was taken at start_s + i * dt_s.

    Time zero is the trigger. A code at or beyond code_min or code_max is at the edge of the range: the signal may have
    gone further.
    """

    codes: NDArray[np.uint16]
    dt_s: float
    start_s: float
    scale: float
    offset: float
    code_min: int
    code_max: int
