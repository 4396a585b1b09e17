"""What a port carried for long, and how warm its connector became: what a capture says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rig import measure
from rig.run.served import DIP_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rig.measure import Capture, Measurement, Span

__all__ = ["Carried"]


@dataclass(frozen=True)
class Carried:
    """The capture of a `Carry`, and the spans of the case on the slow record, s."""

    capture: Capture
    spans: Mapping[str, Span]

    @property
    def looks(self) -> list[Span]:
        """One after the other, equally far apart."""
        return [span for name, span in self.spans.items() if name.startswith("look ")]

    def rise(self) -> Measurement:
        """By how much the connector gets warmer than the room."""
        return measure.connector_rise(self.capture, self.looks)

    def current(self) -> Measurement:
        """The least that the port gave, or took, in any of the looks."""
        return measure.carried_current(self.capture, self.looks)

    def voltage_floor(self) -> Measurement:
        """The lowest port voltage with that current, over `DIP_S`."""
        return measure.voltage_floor(self.capture, self.spans["carried"], average=DIP_S)
