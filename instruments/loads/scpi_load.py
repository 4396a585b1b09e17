"""Role Load from a page (`page`): any electronic load whose manual is written down as one.

A level is set in the range that the page prefers and read back: these loads clip or drop what a range does not hold,
some of them without an entry in the error queue. Setting a level leaves the input as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import ClassVar

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, LinkRefused, OutOfRange, ProtocolError, not_supported, still_tripped
from instruments.link import VisaLink
from instruments.loads.page import LoadPage, Model, ModeName, Setting, Switch
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity, Limits, Sample
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import (
    forget_errors,
    in_range,
    query_identity,
    query_integer,
    query_number,
    query_switch,
    set_checked,
    set_read_back,
    wrong_model,
)

ROUNDING = 0.05  # of a slope: what its last digit may change it by
UNNAMED = "unnamed"
"""The trip of a load that does not say which: its input is off, and nobody has switched it off."""


class ScpiLoad:
    """Role Load, one channel. Construct with an open link and call begin(), or use the driver's connect()."""

    def __init__(self, page: LoadPage, channel: int, link: VisaLink) -> None:
        self.page, self.channel, self.link, self.name = page, channel, link, link.name
        self.second_client = page.second_client
        self.capabilities: frozenset[Capability] = page.capabilities
        self.accuracy: tuple[Accuracy, ...] = page.accuracy
        self.limits = Limits(0.0, 0.0, 0.0)
        self.known = NOBODY
        self._model: Model | None = None
        self._told_on = False
        self._slew: float | None = None

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused: another instrument, or one without that channel."""
        identity = self.identity()
        model = self._find(identity)
        if self.page.prologue:
            forget_errors(self.link)
        for command in self.page.prologue:
            set_checked(self.link, command)
        self._model, self.limits, self.accuracy, self.known = model, model.limits, model.accuracy, identity
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def set_current(self, amps: float) -> None:
        self._hold("CC", "set_current", amps, "A")

    def set_resistance(self, ohms: float) -> None:
        self._hold("CR", "set_resistance", ohms, "ohm")

    def set_voltage(self, volts: float) -> None:
        self._hold("CV", "set_voltage", volts, "V")

    def set_power(self, watts: float) -> None:
        self._hold("CP", "set_power", watts, "W")

    def set_slew(self, amps_per_s: float) -> None:
        """Both edges of constant current. Where each range has its own, it is sent with the range: by set_current."""
        if not self.page.slew:
            raise not_supported(self.name, "set_slew")
        low, high = self._begun().slew
        in_range(self.name, "set_slew", amps_per_s, low=low, high=high, unit="A/s")
        for edge in self.page.slew:
            sent = float(self._fill(edge.write, value=amps_per_s * edge.factor).rpartition(" ")[2]) / edge.factor
            if abs(sent - amps_per_s) > ROUNDING * amps_per_s:
                what = f"{amps_per_s:g} A/s is none of its steps"
                raise OutOfRange(self.name, "set_slew", what, f"choose for example {sent:g} A/s")
        self._slew = amps_per_s
        with self.link.lock:
            if not self.page.slew_of_range or self._holds("CC"):
                self._send_slew()

    def set_von(self, volts: float) -> None:
        if self.page.von is None:
            raise not_supported(self.name, "set_von")
        in_range(self.name, "set_von", volts, low=0.0, high=self.limits.volts, unit="V")
        self._set(self.page.von, volts)

    def input(self, on: bool) -> None:
        """Switch the input and read it back."""
        with self.link.lock:
            if on and (tripped := self.trip()) is not None:
                raise still_tripped(self.name, "input", tripped)
            self._switch("input", self.page.input, on)
            self._told_on = on

    def short(self, on: bool) -> None:
        """Lowest resistance while the input is on, not a bolted short. The input stays as it was, read back."""
        if self.page.short is None:
            raise not_supported(self.name, "short")
        with self.link.lock:
            before = self._is_on(self.page.input)
            self._switch("short", self.page.short, on)
            if self._is_on(self.page.input) is not before:
                what = f"its input went {'off' if before else 'on'} with the short"
                raise InstrumentError(self.name, "short", what, "look for a protection on its panel")

    def measure(self) -> Sample:
        """Voltage, then current: two readings of the instrument, one after the other."""
        with self.link.lock:
            return Sample(
                query_number(self.link, self._fill(self.page.measure_voltage), "V"),
                query_number(self.link, self._fill(self.page.measure_current), "A"),
            )

    def trip(self) -> str | None:
        """OVP, OCP, OPP, OT, ... while it is latched; UNNAMED where the load does not say which."""
        trips = self.page.trips
        if trips is None:
            return UNNAMED if self._told_on and not self._is_on(self.page.input) else None
        register = query_integer(self.link, self._fill(trips.ask))
        return next((name for bit, name in trips.bits.items() if register >> bit & 1), None)

    def clear_protection(self) -> None:
        """Input off, clear, verified off and clear: some loads restore a tripped input when they are cleared."""
        with self.link.lock:
            self.input(False)
            command, still = "clear_protection", None
            if self.page.trips is not None:
                command = self._fill(self.page.trips.clear)
                set_read_back(self.link, command)  # some clear and report an error: the register decides
                still = self.trip()
            if self._is_on(self.page.input):
                self.input(False)
                what = "its input came back on when cleared and was switched off again"
                raise InstrumentError(self.name, command, what, "clear it at its panel, with nothing connected")
            if still is not None:
                raise InstrumentError(self.name, command, f"its {still} persists", "remove the cause, clear again")

    def make_safe(self) -> None:
        """Input off; no short left for the next time it is on. Both read back. Idempotent."""
        with self.link.lock:
            try:
                self.input(False)
            except (InstrumentError, ProtocolError):
                self._end_short()  # the next best
                raise
            self._end_short()

    def read_back(self) -> dict[str, object]:
        """Settings and readings as the load itself reports them."""
        with self.link.lock:
            sample = self.measure()
            found: dict[str, object] = {
                "input": self._is_on(self.page.input),
                "function": self.link.query(self._fill(self.page.function)).strip(),
                "volts": sample.volts,
                "amps": sample.amps,
            }
            if self.page.short is not None:
                found["short"] = self._is_on(self.page.short)
            return found

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the load stays as it is. Safe state first."""
        self.link.close()

    def _find(self, identity: Identity) -> Model:
        """The model that answers. A stranger is asked nothing but *IDN?."""
        page, name = self.page, identity.model
        refusal = wrong_model(self.name, self.link.address, identity, page.family)
        if re.fullmatch(page.maker, identity.maker, re.IGNORECASE) is None:
            raise refusal
        if page.channel:
            asked = self._fill(page.channel)
            if self.link.query(asked).strip() != str(self.channel):
                what = f"{identity.model} at {self.link.address} has no channel {self.channel}"
                raise LinkRefused(self.name, asked, what, "correct `channel` under options in the bench file")
        if page.module:
            fields = self.link.query(self._fill(page.module)).split(",")
            name = fields[1].strip() if len(fields) > 1 else ""
        found = next((model for model in page.models if re.fullmatch(model.pattern, name)), None)
        if found is None:
            raise refusal
        return found

    def _begun(self) -> Model:
        assert self._model is not None, "begin() first"
        return self._model

    def _hold(self, name: ModeName, method: str, value: float, unit: str) -> None:
        mode = self.page.modes.get(name)
        if mode is None:
            raise not_supported(self.name, method)
        spans = self._begun().spans[name]
        low, high = min(span.low for span in spans), max(span.high for span in spans)
        in_range(self.name, method, value, low=low, high=high, unit=unit)
        word = next(span.word for span in spans if span.low <= value <= span.high)
        with self.link.lock:
            if self._is_on(self.page.input) and not self._holds(name):
                what = "its input is on, and another mode would begin with the level that it last had"
                raise InstrumentError(self.name, method, what, "switch the input off first")
            for command in mode.select:
                set_checked(self.link, self._fill(command, range=word))
            if name == "CC" and self.page.slew_of_range:
                self._send_slew()
            self._set(mode.level, value)

    def _end_short(self) -> None:
        if self.page.short is not None:
            self._switch("short", self.page.short, False)

    def _holds(self, name: ModeName) -> bool:
        """Whether this mode, in the range to be preferred, is in use; the load may answer in the long form."""
        mode = self.page.modes[name]
        choose = self._fill(mode.select[0], range=self._begun().spans[name][0].word)
        word = mode.answers or choose.rpartition(" ")[2]
        return self.link.query(self._fill(self.page.function)).strip().upper().startswith(word)

    def _send_slew(self) -> None:
        if self._slew is not None:
            for edge in self.page.slew:
                self._set(edge, self._slew)

    def _fill(self, template: str, **values: object) -> str:
        return template.format(channel=self.channel, **values)

    def _set(self, setting: Setting, value: float) -> None:
        """Set and read back."""
        command = self._fill(setting.write, value=value * setting.factor)
        with self.link.lock:
            set_checked(self.link, command)
            for ask in setting.ask:
                seen = query_number(self.link, self._fill(ask)) / setting.factor
                if not setting.alike(value, seen):
                    what = f"it keeps {seen:g} where {value:g} was set"
                    raise InstrumentError(self.name, command, what, "look at its range and its limits")

    def _switch(self, what: str, switch: Switch, on: bool) -> None:
        """Switch and read back."""
        command = self._fill(switch.write, word=switch.on if on else switch.off)
        (set_checked if on else set_read_back)(self.link, command)
        if self._is_on(switch) is not on:
            seen = f"its {what} did not go {'on' if on else 'off'}"
            raise InstrumentError(self.name, command, seen, "look for a protection on its panel")

    def _is_on(self, switch: Switch) -> bool:
        return query_switch(self.link, self._fill(switch.ask))


class ScpiLoadDriver:
    """What a bench file's `driver:` means for a family of single loads. `page` says everything else."""

    makes: ClassVar[type[ScpiLoad]] = ScpiLoad

    def __init__(self, page: LoadPage) -> None:
        self.page = page
        self.capabilities, self.accuracy, self.second_client = page.capabilities, page.accuracy, page.second_client

    def connect(self, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0) -> ScpiLoad:
        """Open and identify. Changes nothing at the terminals."""
        load = partial(ScpiLoad, self.page, 1)
        return open_scpi(load, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)


class SensingLoadDriver(ScpiLoadDriver):
    """The same for a family that is told to measure voltage at its sense terminals: by the page's `sense`."""

    def connect(
        self, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, remote_sense: bool = False
    ) -> ScpiLoad:
        """As its base; with `remote_sense` volts are those at the sense leads."""
        page = replace(self.page, prologue=(*self.page.prologue, self.page.sense)) if remote_sense else self.page
        load = partial(ScpiLoad, page, 1)
        return open_scpi(load, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)


class ScpiMainframeDriver:
    """The same for a family of mainframes with a load in each channel: connects to one of them."""

    makes: ClassVar[type[ScpiLoad]] = ScpiLoad

    def __init__(self, page: LoadPage) -> None:
        self.page = page
        self.capabilities, self.accuracy, self.second_client = page.capabilities, page.accuracy, page.second_client

    def connect(
        self, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, channel: int = 1
    ) -> ScpiLoad:
        """Open and identify what is in `channel`. Changes nothing at the terminals."""
        load = partial(ScpiLoad, self.page, channel)
        return open_scpi(load, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)
