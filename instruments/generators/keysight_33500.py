"""Keysight 33500A/B: waveform generator, 20 or 30 MHz; channel 1, a sine or a table of samples.

Source: command spellings and replies of a public driver and its tests (pymeasure, written from "33500 Series Operating
and Service Guide", 33500-90901): FUNC SIN, FREQ, VOLT, VOLT:UNIT VPP, VOLT:OFFS, OUTP:LOAD INF answered by
9.9E+37, OUTP 1, SYST:ERR? -> +0,"No error". The output has 50 ohm of its own: with OUTP:LOAD INF what is set is what an
open circuit has, 20 V from peak to peak at most.
A table (FUNC ARB): 8 to 65536 DAC codes of -32767 to +32767 as a list; memory must be cleared first, or a name that is
there already is an error. With FUNC:ARB:FILT OFF it steps from sample to sample. The guide says (DATA:ATTR:PTP) that
a table which does not span the DAC limits the amplitude; what VOLT means for it is then not plain, so that only tables
that reach -32767 and +32767 are taken: for them it is the whole span.
Not verified: the accuracy, the lowest amplitude into an open circuit, the flatness of a table's output, where in its
table the output begins, and whether a second client is served.
Left out: channel 2, other shapes, modulation, bursts, tables as binary blocks or files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, OutOfRange
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import (
    in_range,
    query_identity,
    query_integer,
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
FULL = 32767  # the DAC's
POINTS = 8, 65536  # of a list
RATE = 1e-6, 250e6  # samples per second; above 62.5 MSa/s not on every model
TABLE = "RIG"
_QUOTED = "not verified: 1 % of the setting and 1 mV, commonly quoted for a sine of 1 kHz"


class Keysight33500:
    """Role Generator. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"sine", "samples"})
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
            self._kept(("FREQ?", hertz), ("VOLT?", peak_to_peak))

    def set_samples(self, codes: Sequence[int], rate_hz: float, peak_to_peak: float) -> None:
        """A table, played over and over, each sample held for 1 / rate_hz; the output is off afterwards.

        codes: of the DAC, from -32767 to +32767, both of which must occur: `peak_to_peak`, V as an open circuit has it,
        lies between them. Points, rate and amplitude are read back.
        """
        in_range(self.name, "table", len(codes), low=POINTS[0], high=POINTS[1], unit="points")
        in_range(self.name, "sample rate", rate_hz, low=RATE[0], high=RATE[1], unit="Sa/s")
        in_range(self.name, "amplitude", peak_to_peak, low=PEAK_TO_PEAK[0], high=PEAK_TO_PEAK[1], unit="V")
        if (min(codes), max(codes)) != (-FULL, FULL):
            says = f"the codes lie between {min(codes)} and {max(codes)}"
            raise OutOfRange(self.name, "codes", says, f"let them reach -{FULL} and +{FULL}, for which VOLT is defined")
        listed = ",".join(str(int(code)) for code in codes)
        with self.link.lock:
            self.output(False)
            for setting in (
                "DATA:VOL:CLE",
                f"DATA:ARB:DAC {TABLE},{listed}",
                f"FUNC:ARB {TABLE}",
                "FUNC:ARB:FILT OFF",
                f"FUNC:ARB:SRAT {rate_hz:.9g}",
                "FUNC ARB",
                "OUTP:LOAD INF",
                "VOLT:UNIT VPP",
                f"VOLT {peak_to_peak:.6g}",
                "VOLT:OFFS 0",
            ):
                set_checked(self.link, setting)
            points = query_integer(self.link, f"DATA:ATTR:POIN? {TABLE}")
            if points != len(codes):
                what = f"it has {points} points where {len(codes)} were sent"
                raise InstrumentError(self.name, "DATA:ATTR:POIN?", what, "look for another client")
            self._kept(("FUNC:ARB:SRAT?", rate_hz), ("VOLT?", peak_to_peak))

    def _kept(self, *settings: tuple[str, float]) -> None:
        """Raises InstrumentError for a setting that reads back as another one."""
        for query, wanted in settings:
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
