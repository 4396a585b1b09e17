"""How a device served while it was fed otherwise, and when it served again: what a capture says of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rig import measure
from rig.measure import Capture, Instant, Measurement, Threshold
from rig.run.conduct import GATE_V
from rig.run.reach_of_readings import only_a_bound
from rig.run.service import PERIOD_S, USABLE, Service, service
from rig.safety.topology import SAFE_BELOW_V

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rig.files.device import Port
    from rig.measure import Span

__all__ = ["DIP_S", "RECOVERED_HOLD_S", "Served"]

RECOVERED_HOLD_S = 0.2
EARLY_S = 0.005
"""By how much the supply may have begun to go back before the rig knew it."""
ASLEEP_S = 0.5
LASTS_S = 1.0
"""What is back is so until the end: so long before it is looked at again."""
DIP_S = 0.002
"""A source that leaves its band for longer has not served (a consumer is looked at period by period)."""
OTHER_DIP_S = 0.01
"""By which a short at one port may show at another (the catalogue of the plans; t.b.d. in the standard)."""
MISSED_S = 0.005
"""As long as this the recorder sees a fault current surely that should have gone within half a millisecond."""
RETURNED = 0.95
"""Of the nominal voltage: there a sag is over."""


@dataclass(frozen=True)
class Served:
    """A port, its capture, the spans of the case on the slow record, s, how long the rig waited for it to come back, s,
    and the least that the device is declared to be fed with, V."""

    port: Port
    capture: Capture
    spans: Mapping[str, Span]
    window: float
    least: float | None

    @property
    def feed(self) -> str:
        """The signal that sees what feeds the device."""
        return "port_voltage" if self.port.role == "sink" else "input_voltage"

    @property
    def least_feed(self) -> float:
        """The least that it is declared to be fed with, V. Raises ValueError where the bench does not feed it."""
        if self.least is None:
            raise ValueError("the bench does not feed this device, and the case asks when it did")
        return self.least

    @cached_property
    def level(self) -> float | None:
        """What it was fed with otherwise, V, in a sag at last; None where it was not."""
        span = self.spans.get("level")
        if span is not None:
            return measure.level(self.capture, self.feed, ((span[0] + span[1]) / 2, span[1])).value
        down = self.spans.get("down")
        end = None if down is None else (down[1] - self._settled, down[1])
        return None if end is None else measure.level(self.capture, self.feed, end).value

    @cached_property
    def nominal(self) -> float | None:
        """What it was fed with at the end, V; None where it was not fed otherwise."""
        span = self.spans.get("after")
        end = None if span is None else (span[1] - self._settled, span[1])
        return None if end is None else measure.level(self.capture, self.feed, end).value

    @property
    def _settled(self) -> float:
        """How much before the end of a span is its end, s: of read-backs more, whose time is not well known."""
        trace = self.capture.trace("slow", self.feed)
        late = trace is not None and trace.accuracy is not None and measure.READ_BACK in trace.accuracy.flags
        return LASTS_S if late else RECOVERED_HOLD_S

    def floor(self) -> Measurement:
        """The worst functional status while it was fed otherwise or with noise; in a sag, down to its minimum."""
        span = self.spans.get("level", self.spans.get("rippled", self.spans.get("replayed")))
        if "interrupted" in self.spans:
            return self._floor(service(self.port), (self.spans["interrupted"][0], self.spans["after"][1]))
        if "between grounds" in self.spans:
            return self._floor(service(self.port), (self.spans["between grounds"][0], self.spans["after"][1]))
        if "day" in self.spans:
            return self._floor(service(self.port), self.spans["day"])
        if span is None:
            begin, end = self.spans["down"]
            crossing = measure.t0(self.capture, Threshold(self.feed, self.least_feed, "falling"), record="slow")
            span = begin, end if crossing.value is None else min(end, crossing.value)
        return self._floor(service(self.port, fed_otherwise=True), span)

    def other_floor(self) -> Measurement:
        """The worst functional status of another port meanwhile: what hangs there may stop below `USABLE`."""
        bands = (USABLE * self.port.link, SAFE_BELOW_V), (0.0, SAFE_BELOW_V)
        return measure.status_floor(
            self.capture, bands, self.spans["fed"], shortest=OTHER_DIP_S, signal="other_voltage"
        )  # fmt: skip

    def rush(self) -> Measurement:
        """The largest current at the port since the device was fed, by the digitizer, which waited for it."""
        found = measure.port_voltage_peak(
            self.capture, records=("recovery", "slow"), must=("recovery", "slow"), signal="port_current", absolute=True
        )
        return replace(found, measurand="inrush_current", unit="A")

    @property
    def input_watched(self) -> bool:
        """Whether anybody saw what the device takes at its energy input, if the bench feeds it there."""
        return self.least is not None and self.capture.trace("slow", "input_current") is not None

    @property
    def repetitions_watched(self) -> bool:
        """Whether the port trips, and somebody saw the faults before the judged one."""
        watched = self.capture.trace("before", "injector_current") is not None
        return watched and self.port.protection.type == "trip"

    def missed_trips(self) -> Measurement:
        """How many of the faults before the judged one the protection let flow for `MISSED_S` or more."""
        return measure.missed_trips(self.capture, level=0.5 * self.port.rated_current, longest=MISSED_S)

    def nuisance_trips(self) -> Measurement:
        """How often the port stopped working in all of several overloads that it has to carry, the judged one too."""
        own, found = service(self.port), []
        records = ("before", "slow") if "before" in self.capture.records else ("slow",)  # the first was the last
        for record in records:
            trace = self.capture.trace(record, own.signal)
            begin, end = (0.0, 0.0) if trace is None else (trace.start, trace.stop)
            span = begin, end if record == "before" else self.spans["fed"][1]  # then the rig switches it off
            found.append(measure.nuisance_trips(self.capture, own.full, own.partly, span, record=record))
        unseen = next((one for one in found if one.value is None), None)
        if unseen is not None:
            return unseen
        return replace(
            found[0], value=math.fsum(one.value or 0.0 for one in found), inputs={"record": ", ".join(records)}
        )

    def efficiency(self) -> Measurement:
        """What the port gives of what its energy input takes, in the second half of a `Draw`."""
        return measure.efficiency(self.capture, self.spans["load 1"])

    def ripple_current(self) -> Measurement:
        """Largest less smallest current of a consumer that has started, in the second half of the hold."""
        span = self.spans.get("load 1", (0.0, 0.0))  # of one that never did, nothing
        found = measure.ripple_peak_to_peak(self.capture, "port_current", span, record="slow")
        return only_a_bound(replace(found, measurand="ripple_current"))

    def asleep(self) -> Measurement:
        """What it takes in the second half of a level, at most, averaged over `ASLEEP_S`."""
        begin, end = self.spans["level"]
        found = measure.reverse_current(
            self.capture, ((begin + end) / 2, end), average=ASLEEP_S, zero_span=self.spans.get("zero")
        )
        return replace(found, measurand="sleep_current")

    def returned(self) -> Measurement:
        """From the return of what feeds it until it serves as declared, and goes on to."""
        own, end = self._own_after, self.spans["after"][1]
        found = self.back_after(self._feed_back)
        if found.value is not None and self._floor(own, (end - LASTS_S, end)).value != 1.0:  # it went again
            return replace(found, outcome="NotRecovered", value=None, budget=None, bound="lower", window=0.0)
        return found

    def back_after(self, removal: Threshold | Instant) -> Measurement:
        """From `removal` until it serves as declared; 0 for what served then already."""
        own = self._own_after
        return measure.status_return(
            self.seen, own.full, removal=removal, hold=RECOVERED_HOLD_S, signal=own.signal, window=self.window
        )

    @property
    def _own_after(self) -> Service:
        """By what it shows that it works again; a port that follows its feed, on the feed that it has come back to."""
        return service(self.port, fed_otherwise="low" in self.spans)

    def restarts(self) -> Measurement:
        """How often it came back in a slow sag and its return."""
        own = service(self.port, fed_otherwise=True)
        span = self.spans["down"][0], self.spans["after"][1]
        return measure.restarts(self.seen, own.full, own.partly, span, signal=own.signal)

    @cached_property
    def shedding(self) -> tuple[Measurement, Measurement]:
        """How far off the stages of a load went in a slow sag, and how many too many or too few."""
        taken = self.port.consumption
        stages = [(stage.off_below, stage.current) for stage in taken.stages] if taken is not None else []
        return measure.shedding(
            self.capture, stages, self.spans["down"], volts=self.feed, amps=service(self.port).signal
        )

    def _floor(self, own: Service, span: Span) -> Measurement:
        shortest = PERIOD_S if self.port.role == "sink" else DIP_S
        return measure.status_floor(self.seen, own.bands, span, shortest=shortest, signal=own.signal)

    @property
    def _feed_back(self) -> Instant:
        """When what feeds the device was back: half-way from a level, near its nominal voltage from a sag.

        Sought from when the supply was told to go back on; what comes before is the going, or a ripple on it.
        """
        if "interrupted" in self.spans:
            return self._switched_on
        level, nominal = self.level, self.nominal
        told = self.spans["level"][1] if "level" in self.spans else self.spans["up"][0]
        at = RETURNED * (nominal or 0.0)
        if "level" in self.spans and level is not None and nominal is not None:
            at = 0.5 * (level + nominal)
        falls = level is not None and nominal is not None and level > nominal
        edge = Threshold(self.feed, at, "falling" if falls else "rising")
        found = measure.t0(self.capture, edge, record="slow", span=(told - EARLY_S, math.inf))
        if found.value is None or found.u is None:
            return Instant("slow", told, PERIOD_S, "the supply was told to go back")
        return Instant("slow", found.value, found.u, f"{self.feed} back past {at:g} V")

    @cached_property
    def interruption(self) -> Measurement:
        """How long the series switch was open: both edges of what drives it, by the digitizer, s."""
        return measure.pulse_width(self.capture, "gate_voltage", GATE_V)

    @property
    def _switched_on(self) -> Instant:
        """When the series switch conducted again: by the recorder, where it saw the pulse that opened it."""
        begin, end = self.spans["interrupted"]
        edge = Threshold("gate_voltage", GATE_V, "falling")
        found = measure.t0(self.capture, edge, record="slow", span=(begin, math.inf))
        if found.value is None or found.u is None:  # between two of its samples
            half = (end - begin) / 2
            return Instant(
                "slow", begin + half, half / math.sqrt(3.0), "the series switch was told to open and conduct"
            )
        return Instant("slow", found.value, found.u, "the series switch conducts")

    @property
    def back(self) -> Instant | Threshold:
        """When what was away came back: a lifted load, when it was told to draw again; or the mains."""
        if "lifted" in self.spans:
            return Instant("slow", self.spans["lifted"][1], PERIOD_S, "the load was told to draw again")
        return self._mains_back

    @property
    def _mains_back(self) -> Instant | Threshold:
        """Half-way to what it has at the end. The edge is not there where it never went."""
        after = self.spans["after"]
        there = measure.level(self.capture, "mains_voltage", (after[1] - RECOVERED_HOLD_S, after[1])).value
        edge = Threshold("mains_voltage", 0.5 * (there or math.inf), "rising")
        gone = self.spans["away"] if "away" in self.spans else self.spans["dark"]
        found = measure.t0(self.capture, edge, record="slow", span=(gone[0], math.inf))
        if found.value is None or found.u is None:
            return edge
        return Instant("slow", found.value, found.u, "the mains is back")

    @cached_property
    def seen(self) -> Capture:
        """The capture, with what a consumer takes averaged over a period of the mains."""
        if self.port.role != "sink":
            return self.capture
        return measure.averaged_in(self.capture, "slow", service(self.port).signal, PERIOD_S)
