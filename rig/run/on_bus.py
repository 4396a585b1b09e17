"""What happened at a port with another source on it: what a capture says of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rig import measure
from rig.faults import Meet, SourceLoss
from rig.measure import Instant, Measurement, Threshold
from rig.run.conduct import AVERAGE_S
from rig.run.mean_current import mean_current
from rig.run.reach_of_readings import only_a_bound
from rig.run.served import DIP_S
from rig.run.service import PERIOD_S
from rig.run.shared import share_level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rig.measure import Capture, Span
    from rig.run.case import Case
    from rig.run.served import Served

__all__ = ["Bus"]


@dataclass(frozen=True)
class Bus:
    """The case, its capture, its spans on the slow record, s, and how the port served."""

    case: Case
    capture: Capture
    spans: Mapping[str, Span]
    served: Served

    def back_fed_current(self) -> Measurement:
        """What another source pushes into the port, the mean of the second half of the hold, A; OC-03."""
        return mean_current(self.capture, self.spans["back fed"], "back_fed_current", zero=self.spans.get("zero"))

    def inrush_current(self) -> Measurement:
        """Of a port that is plugged into a live grid, what flows at it at most, averaged over `AVERAGE_S`; PNP-01."""
        found = measure.reverse_current(self.capture, self.spans["met"], average=AVERAGE_S)
        return replace(found, measurand="inrush_current")

    def charging_voltage(self) -> Measurement:
        """Where the line on which the port charges begins, V: through all currents of a `Charge`."""
        return replace(self._line[0], measurand="charging_voltage")

    def charging_slope(self) -> Measurement:
        """By how much the voltage rises with the charging current, ohm."""
        return replace(self._line[1], measurand="charging_slope")

    def share_error(self) -> Measurement:
        """By how much more or less than its share of a `Sharing` the port gives, of the rated current; SCAL-01."""
        port = self.served.port
        assert port.droop is not None, "a port without a declared droop is not put through it"
        return measure.share_error(
            self.capture, self._steady, voltage=port.voltage, droop=port.droop, rated_current=port.rated_current,
            alone=self.spans.get("alone"),
        )  # fmt: skip

    def idle_current(self) -> Measurement:
        """What flows at the port on a bus at rest, the mean of the second half of the hold, A; MESH-02."""
        (span,) = self._steady
        return mean_current(self.capture, span, "idle_current")

    def recovery_time(self) -> Measurement:
        """From when the other source was gone until the port works as declared, s; 0 if it did all along."""
        return replace(self.served.back_after(self._gone), measurand="recovery_time")

    def voltage_floor(self) -> Measurement:
        """The lowest port voltage since the other source was gone, or before a `Meet`, averaged over `DIP_S`."""
        begin, end = self.spans["met" if isinstance(self.case.fault, Meet) else "lost"]
        return measure.voltage_floor(self.capture, (begin, max(end, self.spans["after"][1])), average=DIP_S)

    def other_floor(self) -> Measurement:
        """The worst functional status of another port, from before the other source goes until it is over."""
        return only_a_bound(self.served.other_floor())

    @property
    def _line(self) -> tuple[Measurement, Measurement]:
        return measure.droop(self.capture, self._steady)

    @property
    def _steady(self) -> list[Span]:
        return [span for name, span in self.spans.items() if name.startswith("load ")]

    @property
    def _gone(self) -> Instant:
        """The current that was then the port's own; where it did not come, when the neighbour was told to go."""
        fault, port = self.case.fault, self.served.port
        if isinstance(fault, SourceLoss):
            begin = self.spans["lost"][0]
            level = share_level(self.case, fault, port.rated_current)
            edge = Threshold("port_current", level, "rising")
        else:
            begin = self.spans["met" if isinstance(fault, Meet) else "back fed"][1]
            edge = Threshold("port_current", 0.5 * self.case.base.load * port.rated_current, "rising")
        found = measure.t0(self.capture, edge, record="slow", span=(begin, math.inf))
        if found.value is None or found.u is None:
            return Instant("slow", begin, PERIOD_S, "the other source was told to go")
        return Instant("slow", found.value, found.u, "the port carries its load alone")
