"""Keithley DMM6500: 6 1/2-digit meter, DC voltage and DC current at the terminals that its switch selects.

Source: command spellings and replies of a public driver and its byte-for-byte tests (pymeasure, written from the
reference manual DMM6500-901-01): *LANG?, :SENS:FUNC, :SENS:VOLT:RANG, :SENS:CURR:RANG, NPLC, AZER, :READ?,
SYST:ERR? -> 0,"No error;0;0 0". Accuracy of DC voltage: the maker's specifications (SPEC-DMM6500 Rev. A, April 2018),
table "DC voltage", in a verbatim copy; the calibration manual (DMM6500-905-01 Rev. A, page 2-4) works the 10 V range
through with the same figures. Those of DC current are commonly quoted and not verified.
Not verified: accuracy of DC current, the range of 10 A, which needs the rear terminals, and whether a second client is
served.
Left out: the digitizer (:DIG:FUNC, 1 MSa/s) and scanner cards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, LinkRefused, OutOfRange, ProtocolError, not_supported
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import check_errors, query_identity, query_number, set_checked, wrong_model

Function = Literal["DC voltage", "DC current"]

NPLC = 1.0  # power line cycles of integration
OVERFLOW = 9.9e37
_WORDS: dict[Function, str] = {"DC voltage": "VOLT", "DC current": "CURR"}
_SPECIFICATIONS = "SPEC-DMM6500 Rev. A (April 2018), table of DC voltage accuracy"
_QUOTED = (
    "not verified: one-year figures commonly quoted for the DMM6500; the maker's table of DC current was not found"
)
# one year, within 5 K of the calibration: range -> (part of the reading, part of the range)
_ONE_YEAR: dict[Function, dict[float, tuple[float, float]]] = {
    "DC voltage": {
        0.1: (30e-6, 35e-6),
        1.0: (25e-6, 6e-6),
        10.0: (25e-6, 5e-6),
        100.0: (40e-6, 6e-6),
        1000.0: (40e-6, 6e-6),
    },
    "DC current": {
        10e-6: (500e-6, 200e-6),
        100e-6: (500e-6, 50e-6),
        1e-3: (500e-6, 50e-6),
        10e-3: (500e-6, 50e-6),
        0.1: (500e-6, 50e-6),
        1.0: (800e-6, 60e-6),
        3.0: (1500e-6, 200e-6),
    },
}
# DC voltage, beyond these 5 K, a kelvin
_DRIFT = {0.1: (1e-6, 5e-6), 1.0: (1e-6, 1e-6), 10.0: (1e-6, 1e-6), 100.0: (6e-6, 1e-6), 1000.0: (6e-6, 1e-6)}


class KeithleyDmm6500:
    """Role Meter. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"DC voltage", "DC current"})
    second_client: bool | None = None

    def __init__(self, link: VisaLink) -> None:
        self.link, self.name = link, link.name
        self.accuracy = tuple(
            self.channel_accuracy(function, full_scale) for function, rows in _ONE_YEAR.items() for full_scale in rows
        )
        self._function: Function | None = None
        self.known = NOBODY

    @classmethod
    def connect(cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0) -> Self:
        """Open, identify, and check that it speaks SCPI. Changes no setting."""
        return open_scpi(cls, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused if it is another instrument, or set to TSP."""
        self._function = None
        identity = self.identity()
        if identity.model != "MODEL DMM6500":
            raise wrong_model(self.name, self.link.address, identity, "DMM6500")
        language = self.link.query("*LANG?").strip()
        if language != "SCPI":
            what = f"its command set is {language}, not SCPI"
            raise LinkRefused(self.name, "*LANG?", what, "choose SCPI in its menu Settings and start it again")
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def configure(self, function: Function, range_si: float, *, channels: Sequence[int] = ()) -> None:
        """A function on a fixed range (V, A), one power line cycle, autozero on; read back."""
        if channels:
            raise not_supported(self.name, "channels of a scanner card")
        word = _WORDS[function]
        full_scale = self._range(function, range_si)
        with self.link.lock:
            self._function = None
            for setting in (
                f':SENS:FUNC "{word}:DC"',
                f":SENS:{word}:RANG {full_scale:g}",
                f":SENS:{word}:NPLC {NPLC:g}",
                f":SENS:{word}:AZER ON",
            ):
                set_checked(self.link, setting)
            seen = self.link.query(":SENS:FUNC?").strip().strip('"')
            actual = query_number(self.link, f":SENS:{word}:RANG?")
            if seen != f"{word}:DC" or not math.isclose(actual, full_scale, rel_tol=1e-6):
                what = f"it measures {seen} on the range {actual:g}"
                raise InstrumentError(self.name, f":SENS:{word}:RANG?", what, "nobody may work at its panel")
            self._function = function

    def read(self) -> tuple[float, ...]:
        """One fresh reading, V or A. InstrumentError for an overflow or before configure()."""
        if self._function is None:
            raise InstrumentError(self.name, "read", "it has not been configured", "call configure() first")
        with self.link.lock:
            reply = self.link.query(":READ?")
            check_errors(self.link, ":READ?")
        try:
            value = float(reply)
        except ValueError:
            raise ProtocolError(self.name, ":READ?", f"{reply!r} is no reading", "check model and firmware") from None
        if not abs(value) < OVERFLOW:
            raise InstrumentError(self.name, ":READ?", "the input is beyond the range", "choose a higher range")
        return (value,)

    def make_safe(self) -> None:
        """A meter drives nothing in its DC functions: it stops what it is doing. Idempotent."""
        set_checked(self.link, ":ABOR")

    def read_back(self) -> dict[str, object]:
        """The function and its range as the instrument reports them."""
        with self.link.lock:
            function = self.link.query(":SENS:FUNC?").strip().strip('"')
            settings: dict[str, object] = {"function": function}
            if function in {"VOLT:DC", "CURR:DC"}:
                settings["range"] = query_number(self.link, f":SENS:{function[:4]}:RANG?")
        return settings

    def channel_accuracy(self, function: Function, range_si: float) -> Accuracy:
        """One year after calibration, within 5 K of its temperature, at one power line cycle or more."""
        full_scale = self._range(function, range_si)
        of_reading, of_range = _ONE_YEAR[function][full_scale]
        voltage = function == "DC voltage"
        drift, drift_of_range = _DRIFT[full_scale] if voltage else (0.0, 0.0)
        return Accuracy(
            "measure voltage" if voltage else "measure current",
            full_scale,
            gain_frac=of_reading,
            offset_frac_of_range=of_range,
            resolution=full_scale * 1e-6,
            tempco_frac_per_k=drift,
            tempco_abs_per_k=drift_of_range * full_scale,
            interval="1 year",
            conditions="within 5 K of the calibration's temperature, 1 NPLC or more, autozero on",
            source=_SPECIFICATIONS if voltage else _QUOTED,
            verified=voltage,
        )

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the instrument stays as it is."""
        self.link.close()

    def _range(self, function: Function, range_si: float) -> float:
        """The table's own number for `range_si`."""
        for full_scale in _ONE_YEAR[function]:
            if math.isclose(range_si, full_scale, rel_tol=1e-6):
                return full_scale
        allowed = ", ".join(f"{full_scale:g}" for full_scale in _ONE_YEAR[function])
        raise OutOfRange(self.name, "range", f"{range_si:g} is no range of {function}", f"choose one of {allowed}")
