"""Watlow F4T: controller of climate chambers, such as those of TestEquity; loop 1, the air.

Source: "TestEquity F4T Controller", Communications, list of SCPI commands for firmware 04:05:0007 of May 2019 and
higher: socket 5025; :UNIT:TEMPERATURE? -> C or F, :SOURCE:CLOOP1:PVALUE?, :SOURCE:CLOOP1:SPOINT, :SOURCE:CLOOP1:ERROR?
-> ERROR or NONE, :SOURCE:CLOOP1:RACTION OFF, :OUTPUTn:STATE -> ON or OFF (event outputs 1 to 7, one of which switches
the chamber), *IDN?. The list has no error queue: what is set is read back. Older firmware knows degrees Fahrenheit
alone and no :UNIT, and does not answer the first question here. Control tolerance +-0.5 degC, of relative variation
("TestEquity 1007S", p. 6-2, which says why a chamber has no accuracy).
Not verified: the model in *IDN?, how long a setting takes, and whether a second client is served.
Left out: humidity, profiles, ramps, cascade control.
"""

from __future__ import annotations

import re
from typing import Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, LinkRefused, ProtocolError
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import in_range, query_identity, query_number, query_switch, wrong_model

MAKER, MODELS = r"(?i)watlow.*", r"(?i)F4T.*"
DEGC = -100.0, 200.0  # beyond what any chamber of it can; its own range is the bench file's affair
CLOSE_K = 0.1
"""One digit of its display."""
OUTPUTS = range(1, 8)
PACE_S = 0.2
"""Between two messages: what public programs of it wait, at least."""


class WatlowF4T:
    """Role Chamber. Construct with an open link and call begin(), or use connect(). Option `output`: see above."""

    capabilities: frozenset[Capability] = frozenset({"temperature"})
    second_client: bool | None = None
    accuracy: tuple[Accuracy, ...] = ()

    def __init__(self, link: VisaLink, output: int = 1) -> None:
        self.link, self.name = link, link.name
        self.known = NOBODY
        self._output = f":OUTPUT{output}:STATE"

    @classmethod
    def connect(
        cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, output: int = 1
    ) -> Self:
        """Open and identify. Changes no setting. LinkRefused for an output that it does not have."""
        if output not in OUTPUTS:
            what = f"it has event outputs {OUTPUTS[0]} to {OUTPUTS[-1]}, not {output!r}"
            raise LinkRefused(name, "open", what, "correct the options in the bench file")
        return open_scpi(
            lambda link: cls(link, output), entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s, pace_s=PACE_S
        )

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused if it is another instrument."""
        identity = self.identity()
        if re.fullmatch(MAKER, identity.maker) is None or re.fullmatch(MODELS, identity.model) is None:
            raise wrong_model(self.name, self.link.address, identity, "Watlow F4T")
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def set_temperature(self, degc: float) -> None:
        """Of the air, as fast as the chamber can; read back. It goes on or stays off as it is."""
        in_range(self.name, "temperature", degc, low=DEGC[0], high=DEGC[1], unit="degC")
        with self.link.lock:
            self.link.write(":UNIT:TEMPERATURE C")
            self.link.write(":SOURCE:CLOOP1:RACTION OFF")
            setting = f":SOURCE:CLOOP1:SPOINT {degc:.1f}"
            self.link.write(setting)
            found = self._degc(":SOURCE:CLOOP1:SPOINT?")
            if abs(found - degc) > CLOSE_K:
                what = f"it keeps {found:.1f} degC where {degc:.1f} degC was set"
                raise InstrumentError(
                    self.name, setting, what, "a profile may run, or its set point limits be narrower"
                )

    def run(self, on: bool) -> None:
        """Heat and cool, or rest; switched and read back."""
        with self.link.lock:
            self.link.write(f"{self._output} {'ON' if on else 'OFF'}")
            if query_switch(self.link, f"{self._output}?") != on:
                what = f"the chamber is {'off' if on else 'on'}"
                raise InstrumentError(self.name, f"{self._output}?", what, "look at its panel, and which output it is")

    def temperature(self) -> float:
        """Of the air now, degC. InstrumentError where its sensor is at fault."""
        with self.link.lock:
            state = self.link.query(":SOURCE:CLOOP1:ERROR?").strip().upper()
            if state != "NONE":
                what = f"its sensor reports {state!r}"
                raise InstrumentError(self.name, ":SOURCE:CLOOP1:ERROR?", what, "look at its sensor")
            return self._degc(":SOURCE:CLOOP1:PVALUE?")

    def make_safe(self) -> None:
        """It neither heats nor cools, read back. Idempotent."""
        self.run(False)

    def read_back(self) -> dict[str, object]:
        """Whether it is on, set point and temperature (degC) as the controller reports them."""
        with self.link.lock:
            return {
                "on": query_switch(self.link, f"{self._output}?"),
                "set point degC": self._degc(":SOURCE:CLOOP1:SPOINT?"),
                "degC": self._degc(":SOURCE:CLOOP1:PVALUE?"),
            }

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the instrument stays as it is."""
        self.link.close()

    def _degc(self, query: str) -> float:
        """A temperature, in whatever unit the controller has it now."""
        unit = self.link.query(":UNIT:TEMPERATURE?").strip().upper()
        if unit not in ("C", "F"):
            raise ProtocolError(self.name, ":UNIT:TEMPERATURE?", f"{unit!r} is neither C nor F", "check the firmware")
        value = query_number(self.link, query)
        return value if unit == "C" else (value - 32.0) / 1.8
