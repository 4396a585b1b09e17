"""What a device's energy counter said, held against what the bench measured at its port."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rig import measure
from rig.measure import Measurement
from rig.measure.result import no_result
from rig.measure.uncertainty.budget import Budget, rectangular

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rig.files.communication import EnergyCounter, PortTemperature
    from rig.measure import Capture, Span

__all__ = ["Counted", "Reading", "highest_told", "wrong_reports"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The counter showed `joules` first at `at`, and still something else at `after`, s on the slow record."""

    after: float
    at: float
    joules: float


@dataclass(frozen=True)
class Counted:
    """The changes of a counter in `span`, the first reading before them, and the capture of the port. `into`: it counts
    what the device takes."""

    counter: EnergyCounter
    capture: Capture
    readings: Sequence[Reading]
    span: Span
    into: bool

    @cached_property
    def _between(self) -> tuple[float, float, Measurement]:
        """What was counted between two steps, J, to how much that is known, and what went through the port meanwhile.

        Without two steps, between the first reading and the last one, known to a step.
        """
        first, last = (self.readings[1], self.readings[-1]) if len(self.readings) > 2 else (None, None)
        if first is None or last is None:
            counted = self.readings[-1].joules - self.readings[0].joules
            through = measure.energy(self.capture, self.span, ends=self.counter.update, into=self.into)
            return counted, 2.0 * self.counter.step, through
        half = max(one.at - one.after for one in (first, last)) / 2.0 + self.counter.update
        begin, end = ((one.after + one.at) / 2.0 for one in (first, last))
        through = measure.energy(self.capture, (begin, end), ends=half, into=self.into)
        return last.joules - first.joules, 0.0, through

    def error(self) -> Measurement:
        """Of the counter, as a share of what went through the port."""
        return measure.energy_error(*self._between)

    def lost(self) -> Measurement:
        """What went through the port and was not counted, J."""
        return measure.lost_energy(*self._between)

    def decreases(self) -> Measurement:
        """How often the counter went back."""
        count = sum(
            after.joules < before.joules for before, after in zip(self.readings, self.readings[1:], strict=False)
        )
        return self._count("counter_decreases", count, "times that the energy register went back")

    def step(self) -> Measurement:
        """The smallest change of the register, in declared steps; at least what went through without a change."""
        changes = [
            after.joules - before.joules
            for before, after in zip(self.readings, self.readings[1:], strict=False)
            if after.joules > before.joules
        ]
        definition = "smallest change of the energy register, in steps that the maker declares"
        if changes:
            return self._count("counter_step", round(min(changes) / self.counter.step), definition)
        through = measure.energy(self.capture, self.span, ends=self.counter.update, into=self.into)
        if through.value is None or through.U is None:
            return no_result("counter_step", "count", definition, armed=True, flags=through.flags)
        least = int((through.value - through.U) / self.counter.step)
        return replace(self._count("counter_step", least, definition), bound="lower", flags=("no-step-seen",))

    def _count(self, measurand: str, count: int, definition: str) -> Measurement:
        inputs = {"readings": len(self.readings), "step": self.counter.step}
        return Measurement(
            measurand, "Counted", float(count), "count", definition, inputs=inputs,
            source="registers of the device, as its maker declares them",
        )  # fmt: skip


EXPECTED = {"during": "overcurrent", "after": "none"}
"""What a device says of a short or an overload: while it is there, and when the port is back."""


def wrong_reports(reports: Mapping[str, str]) -> Measurement:
    """How many of the two are something else; without both nothing is known."""
    definition = "reports of the device that are not overcurrent while the fault is there, or not none afterwards"
    if set(reports) != set(EXPECTED):
        return no_result("wrong_reports", "count", definition, armed=True, flags=("device-silent",))
    count = sum(reports[when] != said for when, said in EXPECTED.items())
    return Measurement(
        "wrong_reports", "Counted", float(count), "count", definition, inputs=dict(reports),
        source="registers of the device, as its maker declares them",
    )  # fmt: skip


def highest_told(temperatures: Sequence[float], declared: PortTemperature | None) -> Measurement:
    """The highest of the temperatures that a device told of its port, degC; as sure as its maker says."""
    about = "highest temperature of the port that the device told of itself"
    if not temperatures or declared is None:
        return no_result("device_temperature", "degC", about, armed=True, flags=("device-silent",))
    lines = (
        rectangular("what the maker declares of its sensor", declared.within),
        rectangular("resolution of the register", declared.resolution / 2.0),
    )
    return Measurement(
        "device_temperature", "Measured", max(temperatures), "degC", about, budget=Budget(lines, "degC"),
        inputs={"readings": len(temperatures)}, source="the device's own register",
    )  # fmt: skip
