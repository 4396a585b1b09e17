"""What a sink of EA's holds constant: one of its set values is the level, the others stand at their ends.

All set values act at once, and the one that is reached first rules (PGMBEN revision 24, sections 5.4.3 and 5.4.11): a
constant current needs the full power, and a set voltage of 0 where the sink has one. A resistance acts in mode U/I/R
only ("By selecting U/I/R, the adjustable resistance value is unlocked"), in U/I/P it is ignored.
"""

from __future__ import annotations

from typing import Literal

from instruments.link import VisaLink
from instruments.records import Limits
from instruments.scpi import set_checked

Quantity = Literal["CURR", "POW", "RES", "VOLT"]


class EaLevel:
    """`subsystem` is "SINK:" of a PSB, whose sink has no set voltage of its own, or "" of a load."""

    def __init__(self, link: VisaLink, subsystem: Literal["SINK:", ""]) -> None:
        self._link, self._subsystem = link, subsystem
        self._held: Quantity | None = None

    def forget(self) -> None:
        """The instrument may hold anything: the next hold() sets all."""
        self._held = None

    def hold(self, quantity: Quantity, value: float, nominal: Limits) -> None:
        """Set the level; one command if this quantity is held already, so that a step is one command."""
        level = f"{self._subsystem}{quantity} {value:.3f}"
        if quantity == self._held:
            set_checked(self._link, level)
            return
        ends: dict[Quantity, float] = {"CURR": nominal.amps, "POW": nominal.watts}
        if not self._subsystem:
            ends["VOLT"] = 0.0
        self._held = None
        with self._link.lock:
            # a resistance needs its mode first; to leave that mode frees what stands at its end: the level comes before
            order = ("SYST:CONF:MODE UIR", level) if quantity == "RES" else (level, "SYST:CONF:MODE UIP")
            for command in order:
                set_checked(self._link, command)
            for other, end in ends.items():
                if other != quantity:
                    set_checked(self._link, f"{self._subsystem}{other} {end:.3f}")
        self._held = quantity
