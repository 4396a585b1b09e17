"""Siglent SDL1000X: DC electronic load.

Source: "SDL1000X Programming Guide" (E02B); pages read: 5 and 6 (grammar, FUNCtion, INPut, IRANGe), 44 and 48.
Verified there: [:SOURce]:FUNCtion {CURRent|VOLTage|POWer|RESistance|LED}, [:SOURce]:INPut[:STATe] {ON|OFF|0|1} with
reply 0 or 1, :SOURce:CURRent:IRANGe. A value out of range makes the command invalid.
From public drivers: the LEVel:IMMediate forms, MEASure:VOLTage and MEASure:CURRent, raw socket on port 5025.
Not verified: IRANGe and VRANGe below RESistance, SYSTem:ERRor?, the limits of resistance, the accuracy.
"""

from __future__ import annotations

from typing import Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, not_supported
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity, Limits, Sample
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import in_range, query_identity, query_number, query_switch, set_checked, wrong_model

MAX_VOLTS, MAX_AMPS = 150.0, 30.0
MIN_OHMS, MAX_OHMS = 0.03, 10e3
_WATTS = {"SDL102": 200.0, "SDL103": 300.0}
_SOURCE = "not verified: figures commonly quoted for the series"


class SiglentSdl1000x:
    """Role Load. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"constant current", "constant resistance"})
    second_client: bool | None = None
    accuracy = (
        Accuracy(
            "set current", MAX_AMPS, gain_frac=0.0005, offset_frac_of_range=0.0005, resolution=0.001, source=_SOURCE
        ),
        Accuracy(
            "measure current", MAX_AMPS, gain_frac=0.0005, offset_frac_of_range=0.0005, resolution=0.001, source=_SOURCE
        ),
    )

    def __init__(self, link: VisaLink) -> None:
        self.link, self.name = link, link.name
        self.limits = Limits(MAX_VOLTS, MAX_AMPS, min(_WATTS.values()))
        self.known = NOBODY

    @classmethod
    def connect(cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0) -> Self:
        """Open and identify. Changes nothing at the terminals."""
        return open_scpi(cls, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused if it is another instrument."""
        identity = self.identity()
        watts = _WATTS.get(identity.model[:6])
        if watts is None:
            raise wrong_model(self.name, self.link.address, identity, "SDL1020X or SDL1030X")
        self.limits = Limits(MAX_VOLTS, MAX_AMPS, watts)
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def set_resistance(self, ohms: float) -> None:
        """Constant resistance, in the 150 V and 30 A ranges."""
        in_range(self.name, "set_resistance", ohms, low=MIN_OHMS, high=MAX_OHMS, unit="ohm")
        self._set("RES", f"{ohms:.3f}")

    def set_current(self, amps: float) -> None:
        """Constant current, in the 150 V and 30 A ranges."""
        in_range(self.name, "set_current", amps, low=0.0, high=MAX_AMPS, unit="A")
        self._set("CURR", f"{amps:.3f}")

    def set_voltage(self, volts: float) -> None:
        raise not_supported(self.name, "set_voltage")

    def set_power(self, watts: float) -> None:
        raise not_supported(self.name, "set_power")

    def set_slew(self, amps_per_s: float) -> None:
        raise not_supported(self.name, "set_slew")

    def set_von(self, volts: float) -> None:
        raise not_supported(self.name, "set_von")

    def short(self, on: bool) -> None:
        raise not_supported(self.name, "short")

    def trip(self) -> str | None:
        raise not_supported(self.name, "trip")

    def clear_protection(self) -> None:
        raise not_supported(self.name, "clear_protection")

    def input(self, on: bool) -> None:
        """Switch the input and read it back."""
        word = "ON" if on else "OFF"
        with self.link.lock:
            set_checked(self.link, f":SOUR:INP:STAT {word}")
            if query_switch(self.link, ":SOUR:INP:STAT?") is not on:
                what = f"its input did not go {word.lower()}"
                raise InstrumentError(self.name, f":SOUR:INP:STAT {word}", what, "look for a protection on its panel")

    def measure(self) -> Sample:
        with self.link.lock:
            return Sample(query_number(self.link, "MEAS:VOLT?", "V"), query_number(self.link, "MEAS:CURR?", "A"))

    def make_safe(self) -> None:
        """Input off, read back. Idempotent."""
        self.input(False)

    def read_back(self) -> dict[str, object]:
        """Settings and readings as the load itself reports them."""
        with self.link.lock:
            sample = self.measure()
            return {
                "input": query_switch(self.link, ":SOUR:INP:STAT?"),
                "function": self.link.query(":SOUR:FUNC?").strip(),
                "volts": sample.volts,
                "amps": sample.amps,
            }

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the load stays as it is. Safe state first."""
        self.link.close()

    def _set(self, function: str, level: str) -> None:
        with self.link.lock:
            set_checked(self.link, f":SOUR:FUNC {function}")
            set_checked(self.link, f":SOUR:{function}:IRANG {MAX_AMPS:g}")
            set_checked(self.link, f":SOUR:{function}:VRANG {MAX_VOLTS:g}")
            set_checked(self.link, f":SOUR:{function}:LEV:IMM {level}")
