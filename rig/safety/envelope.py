"""The envelope in front of the wire: what a bench's nodes bear, checked before a command leaves, latched on a breach.

A supply's or load's command beyond the envelope is refused and nothing is sent. From the first breach on nothing can be
switched on any more, until a new run begins: whoever asked for too much once is not believed the second time. Switching
off is never refused. The injector has a dwell between faults, for the heat of the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from instruments.clock import Clock
    from instruments.roles import Load, Supply

__all__ = ["Bounds", "Breach", "Dwell", "GuardedLoad", "GuardedSupply", "Latch"]


class Breach(Exception):
    """Something was asked for beyond the envelope; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a node bears: volts, amperes, watts; infinite where nothing is declared."""

    volts: float = float("inf")
    amps: float = float("inf")
    watts: float = float("inf")


@dataclass(slots=True)
class Latch:
    """The first breach of a run; shared by all that it concerns."""

    breached: str = ""

    def refuse(self, sentence: str) -> Breach:
        """The error to raise for a breach, which is remembered."""
        self.breached = self.breached or sentence
        return Breach(sentence)

    def check(self, what: str) -> None:
        """Raise when there has been one: nothing is switched on any more."""
        if self.breached:
            raise Breach(f"{what} is refused after a breach of the envelope in this run: {self.breached}")


def _within(latch: Latch, what: str, value: float, most: float, unit: str) -> None:
    """Raise, and remember, when |value| is beyond `most`; also for NaN."""
    if not abs(value) <= most:
        raise latch.refuse(f"{what} of {value:g} {unit} is beyond the envelope of {most:g} {unit}; nothing was sent")


class GuardedSupply:
    """Role Supply within the envelope; its output goes on only behind an over-voltage protection that was set."""

    def __init__(self, driver: Supply, bounds: Bounds, latch: Latch, role: str = "supply") -> None:
        self._driver, self._bounds, self._latch, self._role = driver, bounds, latch, role
        self._protected = False
        self._volts, self._amps = 0.0, float("inf")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def set_voltage(self, volts: float) -> None:
        """Checked, then set."""
        _within(self._latch, f"{self._role}: a voltage", volts, self._bounds.volts, "V")
        if self._amps < float("inf"):
            _within(self._latch, f"{self._role}: a power", volts * self._amps, self._bounds.watts, "W")
        self._driver.set_voltage(volts)
        self._volts = volts

    def set_current_limit(self, amps: float) -> None:
        """Checked, then set."""
        _within(self._latch, f"{self._role}: a current limit", amps, self._bounds.amps, "A")
        _within(self._latch, f"{self._role}: a power", self._volts * amps, self._bounds.watts, "W")
        self._driver.set_current_limit(amps)
        self._amps = amps

    def set_ovp(self, volts: float) -> None:
        """Checked, then set."""
        _within(self._latch, f"{self._role}: an over-voltage threshold", volts, self._bounds.volts, "V")
        self._driver.set_ovp(volts)
        self._protected = True

    def make_safe(self) -> None:
        """Never refused; the set voltage is the driver's least afterwards."""
        self._driver.make_safe()
        self._volts = 0.0

    def output(self, on: bool) -> None:
        """Off always; on only unbreached, and with the protection set in this run."""
        if on:
            self._latch.check(f"the {self._role}'s output")
            if not self._protected:
                raise self._latch.refuse(
                    f"{self._role}: its output was to go on before its over-voltage protection was set"
                )
        self._driver.output(on)


class GuardedLoad:
    """Role Load: levels by the power that they would take from the highest voltage of the envelope."""

    def __init__(self, driver: Load, bounds: Bounds, latch: Latch) -> None:
        self._driver, self._bounds, self._latch = driver, bounds, latch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def set_current(self, amps: float) -> None:
        """Checked, then set."""
        _within(self._latch, "load: a current", amps, self._bounds.amps, "A")
        _within(self._latch, "load: a power", amps * self._bounds.volts, self._bounds.watts, "W")
        self._driver.set_current(amps)

    def set_resistance(self, ohms: float) -> None:
        """Checked by the current and the power at the highest voltage, then set."""
        if not ohms > 0.0:
            raise self._latch.refuse(f"load: a resistance of {ohms:g} ohm is a short, which is the injector's to make")
        _within(self._latch, "load: a current", self._bounds.volts / ohms, self._bounds.amps, "A")
        _within(self._latch, "load: a power", self._bounds.volts**2 / ohms, self._bounds.watts, "W")
        self._driver.set_resistance(ohms)

    def set_power(self, watts: float) -> None:
        """Checked, then set."""
        _within(self._latch, "load: a power", watts, self._bounds.watts, "W")
        self._driver.set_power(watts)

    def short(self, on: bool) -> None:
        """Never on: a short is made by the injector, inside an injection with a deadline."""
        if on:
            raise self._latch.refuse("load: a short is the injector's to make, inside an injection with a deadline")
        self._driver.short(on)

    def input(self, on: bool) -> None:
        """Off always; on only unbreached."""
        if on:
            self._latch.check("the load's input")
        self._driver.input(on)


@dataclass(slots=True)
class Dwell:
    """Bench time that the injector needs between two faults."""

    seconds: float
    clock: Clock
    latch: Latch
    _free_at_ns: int = field(default=0, init=False)

    def before(self) -> None:
        """Wait until the next fault may come; raises after a breach."""
        self.latch.check("an injection")
        early_ns = self._free_at_ns - self.clock.now_ns()
        if early_ns > 0:
            self.clock.sleep(early_ns * 1e-9)

    def after(self) -> None:
        """A fault has gone."""
        self._free_at_ns = self.clock.now_ns() + round(self.seconds * 1e9)
