"""Role Supply from a page (`page`): one output of any supply whose manual is written down as one.

A family differs from another by its page alone. Settings are checked against the rating before anything is sent and
are followed by the error queue; the output is read back. Clearing a protection goes output off, verified, then release,
then verified off and clear, so that a family which restores its output with the release has nothing to restore.
"""

from __future__ import annotations

import re
from functools import partial

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, LinkRefused, ProtocolError, not_supported
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity, Limits, Sample
from instruments.recovery import recover
from instruments.roles import Capability, Regulation
from instruments.scpi import in_range, query_identity, query_number, set_checked, set_read_back, wrong_model
from instruments.supplies.page import REGULATIONS, Rating, Setting, Status, SupplyPage, Switch

SETTLED = 0.02  # V: a set voltage reads back within two display steps of the coarsest


class ScpiSupply:
    """Role Supply, one output. Construct with an open link and call begin(), or use the driver's connect()."""

    def __init__(self, page: SupplyPage, channel: int, link: VisaLink) -> None:
        self.page, self.channel, self.link, self.name = page, channel, link, link.name
        self.accuracy, self.second_client = page.accuracy, page.second_client
        self.capabilities: frozenset[Capability] = page.capabilities
        self.rating = Rating(0.0, 0.0, 0.0)
        self.limits = Limits(0.0, 0.0, 0.0)
        self.known = NOBODY

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused: another instrument, or one without that output."""
        identity = self.identity()
        if re.fullmatch(self.page.models, identity.model) is None:
            raise wrong_model(self.name, self.link.address, identity, self.page.family)
        try:
            self.rating = self.page.rating(self.link.query, identity.model, self.channel)
        except LookupError:
            what = f"{identity.model} at {self.link.address} has no output {self.channel} that this driver knows"
            raise LinkRefused(self.name, "begin", what, "correct `channel` under options in the bench file") from None
        except ValueError as error:
            raise ProtocolError(self.name, "begin", f"its ratings: {error}", "check model and firmware") from None
        if self.page.errors_on:
            self.link.write(self.page.errors_on)
        sense = self.page.remote_sense
        if sense is not None and sense.absent and self._query(sense.ask) == sense.absent:
            self.capabilities = self.page.capabilities - {"remote sense"}
        self.limits = Limits(self.rating.volts, self.rating.amps, self.rating.watts)
        self.accuracy = self._accuracy(self.rating.model or identity.model)
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def set_voltage(self, volts: float) -> None:
        self._set("set_voltage", self.page.voltage, volts, (self.rating.least_volts, self.rating.volts), "V")

    def set_current_limit(self, amps: float) -> None:
        self._set("set_current_limit", self.page.current, amps, (self.rating.least_amps, self.rating.amps), "A")

    def set_ovp(self, volts: float) -> None:
        self._set("set_ovp", self.page.ovp, volts, self.rating.ovp, "V")

    def set_ocp(self, amps: float) -> None:
        self._set("set_ocp", self.page.ocp, amps, self.rating.ocp, "A")

    def trip_at_limit(self, on: bool) -> None:
        self._switch("trip_at_limit", self.page.trip_at_limit, on)

    def remote_sense(self, on: bool) -> None:
        offered = "remote sense" in self.capabilities
        self._switch("remote_sense", self.page.remote_sense if offered else None, on)

    def output(self, on: bool) -> None:
        """Switch the output and read it back. InstrumentError while a protection is latched: some then accept "on"."""
        with self.link.lock:
            latched = self.trip() if on else None
            if latched is not None:
                what = f"its {latched} is latched and keeps the output off"
                raise InstrumentError(self.name, "output", what, "remove its cause and call clear_protection()")
            self._switch("output", self.page.output, on)

    def measure(self) -> Sample:
        """Voltage, then current: two readings of the instrument, one after the other."""
        with self.link.lock:
            return Sample(
                query_number(self.link, self._fill(self.page.measure_voltage), "V"),
                query_number(self.link, self._fill(self.page.measure_current), "A"),
            )

    def regulation(self) -> Regulation:
        """What the supply is holding constant; OFF also while a protection keeps the output off."""
        status = self.page.regulation
        name = self._decode(status)
        if name is None or name not in REGULATIONS:
            what = f"no regulation mode in its reply ({name})"
            raise ProtocolError(self.name, self._fill(status.query), what, "check model and firmware")
        return REGULATIONS[name]

    def trip(self) -> str | None:
        with self.link.lock:
            return next((name for name in map(self._decode, self.page.trips) if name is not None), None)

    def clear_protection(self) -> None:
        """Output off, release what has tripped, verified off and clear. Never re-energises."""
        with self.link.lock:
            self.output(False)
            for _ in self.page.trips:
                release = self.page.clear.get(self.trip() or "")
                if release is None:
                    break
                set_checked(self.link, self._fill(release))
            command, still = self._fill(self.page.output.ask), self.trip()
            if self._is_on(self.page.output):
                self.output(False)
                what = "its output came on with the release and was switched off again"
                raise InstrumentError(self.name, command, what, "release it at its panel, with nothing connected")
            if still is not None:
                raise InstrumentError(
                    self.name,
                    command,
                    f"its {still} persists",
                    "remove its cause, then clear again or switch the supply off and on",
                )

    def make_safe(self) -> None:
        """Output off, then the least voltage it can be set to; both read back. Idempotent."""
        with self.link.lock:
            try:
                self.output(False)
            except (InstrumentError, ProtocolError):
                self.set_voltage(self.rating.least_volts)  # the next best
                raise
            self.set_voltage(self.rating.least_volts)
            ask = self._fill(self.page.voltage.ask)
            volts = query_number(self.link, ask, "V")
            if abs(volts - self.rating.least_volts) > SETTLED:
                what = f"its set voltage reads {volts:g} V after {self.rating.least_volts:g} V"
                raise InstrumentError(self.name, ask, what, "look at its panel")

    def read_back(self) -> dict[str, object]:
        """Settings and readings as the supply itself reports them: SI floats and flags; a tripped output is off."""
        page = self.page
        with self.link.lock:
            sample = self.measure()
            settings = {"set_voltage": page.voltage, "current_limit": page.current, "ovp": page.ovp, "ocp": page.ocp}
            return {
                "output": self._is_on(page.output) and self.regulation() != "OFF",
                **{
                    name: query_number(
                        self.link, self._fill(setting.ask), "A" if name in {"current_limit", "ocp"} else "V"
                    )
                    for name, setting in settings.items()
                    if setting is not None
                },
                "volts": sample.volts,
                "amps": sample.amps,
            }

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the supply stays as it is. Safe state first."""
        self.link.close()

    def _accuracy(self, model: str) -> tuple[Accuracy, ...]:
        """The rows of this model, and of each function the widest range that the output reaches."""
        rows = [row for row in self.page.accuracy if re.fullmatch(row.models or ".*", model)]
        tops = {"voltage": self.rating.volts, "current": self.rating.amps}
        found = []
        for function in dict.fromkeys(row.function for row in rows):
            ranges = sorted((row for row in rows if row.function == function), key=lambda row: row.range)
            reached = [row for row in ranges if row.range <= tops[function.split()[-1]]]
            found.append(reached[-1] if reached else ranges[0])
        return tuple(found)

    def _fill(self, template: str, **values: object) -> str:
        return template.format(channel=self.channel, **values)

    def _query(self, template: str) -> str:
        return self.link.query(self._fill(template)).strip().upper()

    def _set(self, what: str, setting: Setting | None, value: float, span: tuple[float, float], unit: str) -> None:
        if setting is None:
            raise not_supported(self.name, what)
        in_range(self.name, what, value, low=span[0], high=span[1], unit=unit)
        with self.link.lock:
            set_checked(self.link, self._fill(setting.write, value=value))
            if setting.arm:
                set_checked(self.link, self._fill(setting.arm))

    def _switch(self, what: str, switch: Switch | None, on: bool) -> None:
        """Switch and read back."""
        if switch is None:
            raise not_supported(self.name, what)
        command = self._fill(switch.write, word=switch.on if on else switch.off)
        with self.link.lock:
            (set_checked if on else set_read_back)(self.link, command)
            if self._is_on(switch) is not on:
                seen = f"{what.replace('_', ' ')} did not go {'on' if on else 'off'}"
                raise InstrumentError(self.name, command, seen, "look for an alarm on its panel")

    def _is_on(self, switch: Switch) -> bool:
        reply = self._query(switch.ask)
        states = {"1": True, "0": False, switch.on: True, switch.off: False}
        if reply not in states:
            what = f"{reply!r} is neither {switch.on} nor {switch.off}"
            raise ProtocolError(self.name, self._fill(switch.ask), what, "check model and firmware")
        return states[reply]

    def _decode(self, status: Status) -> str | None:
        query = self._fill(status.query)
        reply = self.link.query(query)
        try:
            return status.decode(reply)
        except (ValueError, KeyError):
            raise ProtocolError(self.name, query, f"{reply!r} is no such status", "check model and firmware") from None


class ScpiSupplyDriver:
    """What a bench file's `driver:` means for a family: connects to one output. `page` says everything else."""

    makes = ScpiSupply

    def __init__(self, page: SupplyPage) -> None:
        self.page = page
        self.capabilities, self.accuracy, self.second_client = page.capabilities, page.accuracy, page.second_client

    def connect(
        self, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, channel: int = 1
    ) -> ScpiSupply:
        """Open, identify, read the ratings of output `channel`. Changes nothing at the terminals."""
        supply = partial(ScpiSupply, self.page, channel)
        return open_scpi(supply, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s, pace_s=self.page.pace_s)
