"""When a replayed noise began at the device, whether it was there, and when the port switched off for it."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from rig import measure
from rig.measure import Measurement
from rig.measure.captures.noise import noise
from rig.measure.result import no_result

if TYPE_CHECKING:
    from rig.faults import Replay
    from rig.measure import Instant
    from rig.run.shot import Shot

__all__ = ["GONE", "NoiseSeen"]

GONE = 0.1
"""Of the rated current: below it a port has switched off."""
GONE_S = 0.02
"""For so long, a period of the mains: an inverter's current has gaps."""
QUIET_S = 0.4
"""Before the noise, in which the feed shows what it is without."""
THERE = 0.1, 1.3
"""Of a noise's rms as an open circuit has it, what there must be at the device: its own capacitor takes the most of it,
and the recorder sees 20 kHz."""
SUPPLY_V, SUPPLY_SHARE = 0.5, 0.03
"""By how much the feed may stand elsewhere afterwards: V, and of itself."""


class NoiseSeen:
    """A noise on what feeds a device, by the slow record of its case."""

    def __init__(self, shot: Shot, fault: Replay) -> None:
        self._shot, self._fault = shot, fault
        self._span = shot.taken.spans["replayed"]

    @cached_property
    def begin(self) -> Instant | None:
        """When it began, by the feed's own voltage; None where it did not."""
        begin, end = self._span
        return measure.onset(
            self._shot.capture, self._shot.served.feed, quiet=(begin - QUIET_S, begin), search=(begin, end)
        )

    def operate_time(self) -> Measurement:
        """From the begin of the noise until the port's current has gone; NotTripped where it was there to the end."""
        begin, shot = self.begin, self._shot
        if begin is None:
            return no_result(
                "operate_time", "s", "the begin of the noise, until the port's current has gone", armed=True,
                flags=("no-injection-edge",),
            )  # fmt: skip
        floor = GONE * shot.port.rated_current
        found = measure.recovery_time(
            shot.capture, removal=begin, low=-floor, high=floor, hold=GONE_S, signal="port_current",
            window=self._span[1] - begin.t,
        )  # fmt: skip
        named = replace(
            found, measurand="operate_time", source="from the begin of the noise at the device",
            definition=f"the begin of the noise on {shot.served.feed} to the first instant after which |port_current| "
            f"stays below {floor:g} A for {GONE_S:g} s",
        )  # fmt: skip
        if found.outcome == "NotRecovered":
            return replace(named, outcome="NotTripped")
        return replace(named, outcome="Tripped") if found.outcome == "Measured" else named

    def gap(self) -> str | None:
        """Why the device cannot be said to have had the noise on its feed; None when it had."""
        shot, feed = self._shot, self._shot.served.feed
        trace, begin = shot.capture.trace("slow", feed), self.begin
        if trace is None:
            return f"nobody saw whether a noise was there ({feed.replace('_', ' ')})"
        after = shot.taken.spans["after"][1]
        was, now = (float(trace.read(trace.slice((t - QUIET_S, t))).mean()) for t in (self._span[0], after))
        quiet = noise(trace, (self._span[0] - QUIET_S, self._span[0])).rms
        seen = 0.0 if begin is None else math.sqrt(max(noise(trace, (begin.t, self._span[1])).rms ** 2 - quiet**2, 0.0))
        least, most = (share * self._fault.rms for share in THERE)
        if begin is None or not least <= seen <= most:
            asked = f"a noise of {1e3 * self._fault.rms:.3g} mV rms, of which its capacitor may take the most"
            told = f"{1e3 * seen:.3g} mV" if begin is not None else "none that began"
            return f"the feed was to have {asked}, and had {told}; look at the amplifier, its bypass and the generator"
        if abs(now - was) > max(SUPPLY_V, SUPPLY_SHARE * was):
            return (
                f"the feed stood at {was:.2f} V before the noise, and at {now:.2f} V after it; "
                "look at the supply and at its cable"
            )
        return None
