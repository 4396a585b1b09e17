"""Keysight 33500A/B: waveform generator, 20 or 30 MHz; channel 1, a sine.

Source: command spellings and replies of a public driver and its tests (pymeasure, written from "33500 Series Operating
and Service Guide", 33500-90901): FUNC SIN, FREQ, VOLT, VOLT:UNIT VPP, VOLT:OFFS, OUTP:LOAD INF answered by
9.9E+37, OUTP 1, SYST:ERR? -> +0,"No error". The output has 50 ohm of its own: with OUTP:LOAD INF what is set is what an
open circuit has, 20 V from peak to peak at most.
Not verified: the accuracy, the lowest amplitude into an open circuit, and whether a second client is served.
Left out: channel 2, other shapes, modulation, bursts, arbitrary waveforms.
"""

from __future__ import annotations

import math
import re
from typing import Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import (
    in_range,
    query_identity,
    query_number,
    query_switch,
    set_checked,
    set_read_back,
    wrong_model,
)

MODELS = r"335(0[39]|1[0-2]|19|2[0-2])[AB]"
HERTZ = 1e-6, 20e6  # what every model has
PEAK_TO_PEAK = 2e-3, 20.0  # V, open circuit
CLOSE = 1e-4
_QUOTED = "not verified: 1 % of the setting and 1 mV, commonly quoted for a sine of 1 kHz"


class Keysight33500:
    """Role Generator. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"sine"})
    second_client: bool | None = None
    accuracy = (Accuracy("set voltage", PEAK_TO_PEAK[1], gain_frac=0.01, offset_abs=1e-3, source=_QUOTED),)

    def __init__(self, link: VisaLink) -> None:
        self.link, self.name = link, link.name
        self.known = NOBODY

    @classmethod
    def connect(cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0) -> Self:
        """Open and identify. Changes no setting."""
        return open_scpi(cls, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused if it is another instrument."""
        identity = self.identity()
        if re.fullmatch(MODELS, identity.model) is None:
            raise wrong_model(self.name, self.link.address, identity, "Keysight 33500")
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def set_sine(self, hertz: float, peak_to_peak: float) -> None:
        """A sine without offset, as an open circuit has it; read back. The output stays on or off as it is."""
        in_range(self.name, "frequency", hertz, low=HERTZ[0], high=HERTZ[1], unit="Hz")
        in_range(self.name, "amplitude", peak_to_peak, low=PEAK_TO_PEAK[0], high=PEAK_TO_PEAK[1], unit="V")
        with self.link.lock:
            for setting in (
                "FUNC SIN",
                "OUTP:LOAD INF",
                "VOLT:UNIT VPP",
                f"FREQ {hertz:.9g}",
                f"VOLT {peak_to_peak:.6g}",
                "VOLT:OFFS 0",
            ):
                set_checked(self.link, setting)
            for query, wanted in (("FREQ?", hertz), ("VOLT?", peak_to_peak)):
                found = query_number(self.link, query)
                if not math.isclose(found, wanted, rel_tol=CLOSE):
                    what = f"it keeps {found:g} where {wanted:g} was set"
                    raise InstrumentError(self.name, query, what, "nobody may work at its panel")

    def output(self, on: bool) -> None:
        """Switched and read back."""
        with self.link.lock:
            set_read_back(self.link, f"OUTP {'ON' if on else 'OFF'}")
            if query_switch(self.link, "OUTP?") != on:
                what = f"the output is {'off' if on else 'on'}"
                raise InstrumentError(self.name, "OUTP?", what, "look at its panel for an overload")

    def make_safe(self) -> None:
        """The output off, read back. Idempotent."""
        self.output(False)

    def read_back(self) -> dict[str, object]:
        """Output, frequency (Hz) and amplitude (V from peak to peak) as the instrument reports them."""
        with self.link.lock:
            return {
                "output": query_switch(self.link, "OUTP?"),
                "hertz": query_number(self.link, "FREQ?"),
                "volts from peak to peak": query_number(self.link, "VOLT?"),
            }

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the instrument stays as it is."""
        self.link.close()
