"""The digitizer in the bench proof: its zeros, and each injection as it sees it, against the recorder."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from rig.bench.proof import SIGMAS, Finding, ProofFault, Reading, error
from rig.run.conduct import GATE_V
from rig.run.proof_hand import GATE, JUDGED, LOOK_S, SETTLE_S, reading
from rig.run.transfer import CalibrationFault, forced

if TYPE_CHECKING:
    from rig.measure import Record, Trace
    from rig.run.proof_hand import Hand
    from rig.run.views import ChannelSetting

__all__ = ["Captures", "held"]

RATE_HZ, POINTS, BEFORE = 5e3, 1_000, 0.1
"""A record of 200 ms, which an injection of `HELD_S` fits into."""
HELD_S = LOOK_S + SETTLE_S
LATE_S = 0.3e-3
"""Between the gate's edge and the current's: a transistor and its driver take microseconds."""
MOST = 51
"""Samples that may be averaged for an edge: what is noisier than that shows none."""
HELD = (SETTLE_S, SETTLE_S + 0.9 * LOOK_S)
"""When an injection is surely on, after the gate's edge, s."""


class Captures:
    """The digitizer's part of one proof; a bench may have no such instrument in some signal, which is left out."""

    def __init__(self, hand: Hand) -> None:
        self.hand, self.stage = hand, hand.stage
        self.view = hand.view
        self.rate = min(RATE_HZ, self.stage.rate_max or RATE_HZ)
        self.zero: dict[str, Reading] = {}

    def zeros(self) -> list[Finding]:
        """With everything off: no channel beyond what its maker allows its zero, nor noisier than that.

        Raises:
            ProofFault: the digitizer takes no record.
        """
        try:
            record = forced(self.stage, self.view, calibrated=False)
        except CalibrationFault as none:
            raise ProofFault(f"Bench proof: {none}") from None
        found = []
        for name, trace in record.traces.items():
            if name not in JUDGED:
                continue
            self.zero[name], setting = reading(trace.values), self.view.settings[name]
            row = self.stage.equipment.digitizer.channel_accuracy(setting.volts_per_div, -setting.centre)
            factor = self._factor(name)
            most = (row.offset_abs + row.offset_frac_of_range * row.range + row.resolution) * factor
            part, seen = self._part(name, setting), self.zero[name]
            room = most + SIGMAS * seen.noise
            found.append(Finding("everything off", part, seen.mean, -room, room, trace.unit))
            found.append(Finding("noise with everything off", part, seen.rms, 0.0, room, trace.unit))
        return found

    def arm(self) -> None:
        """Wait for the gate's edge."""
        digitizer = self.stage.equipment.digitizer
        self.stage.configure(self.view)
        digitizer.configure_time(sample_rate_hz=self.rate, points=POINTS, pretrigger=BEFORE)
        digitizer.trigger(self.view.settings[GATE].channel, GATE_V / self._factor(GATE), "rising")
        digitizer.arm()
        self.stage.monitor.wait((BEFORE * POINTS + 50) / self.rate)

    def taken(self, step: str) -> Record:
        """What the digitizer saw of an injection.

        Raises:
            ProofFault: it has not triggered.
        """
        record = self.stage.read("proof", self.view, patience_s=2 * POINTS / self.rate, calibrated=False)
        if not record.triggered:
            part = self._part(GATE, self.view.settings[GATE])
            raise ProofFault(f"Bench proof: the digitizer did not trigger on the gate: {part} ({step}).")
        return record

    def levels(self, record: Record) -> dict[str, Reading]:
        """Each signal while the injection was surely on."""
        return {
            name: reading(trace.values[trace.slice(HELD)]) for name, trace in record.traces.items() if name in JUDGED
        }

    def injection(self, step: str, record: Record, read: dict[str, Reading], told_s: float) -> list[Finding]:
        """The `record` of an injection against what the recorder has `read`, if there is one, and its times.

        `told_s`: bench time from before its begin was told to after its end was acknowledged.
        """
        levels = [] if self.hand.alone else self._levels(step, record, read)
        return [*levels, *self._times(step, record, told_s)]

    def _levels(self, step: str, record: Record, read: dict[str, Reading]) -> list[Finding]:
        """Each channel's step from its zero against the recorder's; both see through their own transducers."""
        found = []
        for name, trace in record.traces.items():
            if name not in read:
                continue
            slow, setting = read[name].mean - self.hand.zero[name].mean, self.view.settings[name]
            row = self.stage.equipment.digitizer.channel_accuracy(setting.volts_per_div, -setting.centre)
            entry = self.stage.fast(name).transducer
            alike = entry == self.stage.monitor.signals[name].transducer
            own = 0.0 if alike else self.hand.bench.transducers[entry].tolerance
            fast = reading(trace.values[trace.slice(HELD)])
            most = (
                error(slow, self.hand.slopes[name], read[name], self.hand.zero[name]) + self.hand.steps[name]
                + error(slow, own + row.gain_frac, fast, self.zero[name]) + row.resolution * self._factor(name)
            )  # fmt: skip
            seen = fast.mean - self.zero[name].mean
            against = self.stage.monitor.signals[name].channel
            part = f"{self._part(name, setting)}, against {against}"
            found.append(Finding(step, part, seen, slow - most, slow + most, trace.unit))
        return found

    def _times(self, step: str, record: Record, told_s: float) -> list[Finding]:
        """When the current followed the gate, and for how long the gate was high."""
        seen = {name: held(record.traces[name], self.zero[name]) for name in (GATE, "injector_current")}
        unseen = [
            Finding(step, self._part(name, self.view.settings[name]), math.nan, 0.0, 0.0, record.traces[name].unit)
            for name, times in seen.items()
            if times is None
        ]
        if unseen:
            return unseen
        (on, off, blur), (begin, end, more) = (times for times in seen.values() if times is not None)
        line = f"line {self.hand.bench.injector.gate}, which drives the injector"
        late = LATE_S + blur + more
        return [
            Finding(step, "injector's current after its gate", begin - on, -blur - more, late, "s"),
            Finding(step, "injector's current after its gate has fallen", end - off, -late, late, "s"),
            Finding(step, f"time that {line} was high", off - on, HELD_S - 2 * blur, told_s + 2 * blur, "s"),
        ]

    def _factor(self, name: str) -> float:
        setting = self.view.settings[name]
        return self.stage.fast_channel(name, setting).factor

    def _part(self, name: str, setting: ChannelSetting) -> str:
        return f"{name} (digitizer {setting.channel} behind {self.stage.fast(name).transducer})"


def held(trace: Trace, zero: Reading) -> tuple[float, float, float] | None:
    """From when to when a signal was beyond half of what it has in an injection, and how well that is known, s.

    As many samples are averaged as keep noise alone below that half; None when nothing was there.
    """
    values = trace.values - zero.mean
    half = float(values[trace.slice(HELD)].mean()) / 2.0
    if not abs(half) > SIGMAS * zero.rms / MOST**0.5:
        return None
    count = 2 * int((SIGMAS * zero.rms / half) ** 2 / 2) + 1
    smooth = np.convolve(values, np.full(count, 1.0 / count), "same")
    beyond = np.flatnonzero(smooth * np.sign(half) > abs(half))
    begin, end = (float(trace.start + index * trace.dt) for index in (beyond[0], beyond[-1] + 1))
    return begin, end, (1 + count // 2) * trace.dt
