"""The switches that conduct at rest: in the feed, in the mains, across the amplifier."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from instruments.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from instruments.clock import Clock
    from instruments.roles import DigitalOutput

__all__ = ["RestingSwitch", "SwitchFault"]

BY_ITSELF_S = 0.02
"""Up to here the instrument behind the line times the pulse; two commands over a network cannot."""


class SwitchFault(Exception):
    """The switch's control line did not follow; the bench is at fault, not the device."""


class RestingSwitch:
    """Transistors between supply and device, a relay before its mains or across the amplifier: it conducts while its
    control is low."""

    def __init__(self, control: str, lines: DigitalOutput, clock: Clock, name: str = "series switch") -> None:
        self._control, self._lines, self._clock, self._name = control, lines, clock, name

    def interrupt(self, seconds: float, wait: Callable[[float], object] | None = None) -> None:
        """Open for `seconds` of bench time, near enough: how long it really was is to be measured.

        `wait` lets the time of a long one pass. Whatever happens in it, the switch is told to conduct.

        Raises:
            SwitchFault: the control line still reads high afterwards.
        """
        if seconds <= BY_ITSELF_S:
            self._lines.pulse_line(self._control, seconds)
            self._clock.sleep(seconds)
        else:
            try:
                self._lines.set_line(self._control, True)
                (wait or self._clock.sleep)(seconds)
            except BaseException:
                with suppress(LinkError, SwitchFault):
                    self.conduct()
                raise
        self.conduct()

    def open(self) -> None:
        """Control high, until `conduct` or its own one-shot."""
        self._lines.set_line(self._control, True)

    def conduct(self) -> None:
        """Control low, read back.

        Raises:
            SwitchFault: the line still reads high.
        """
        self._lines.set_line(self._control, False)
        if self._lines.line(self._control):
            raise SwitchFault(
                f"Control {self._control} of the {self._name} reads high after it was driven low: look at its line."
            )
