"""The hand that carries out a bench proof: closes, feeds, looks, judges, and keeps what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rig.bench.proof import SIGMAS, Finding, Proof, ProofFault, Reading, error, signals
from rig.files.bench_checks import PROVED_SIGNALS
from rig.run.chain import unit_per_volt

if TYPE_CHECKING:
    from rig.files.bench import Bench
    from rig.files.bench import Proof as Declared
    from rig.run.stage import Stage

__all__ = ["GATE", "JUDGED", "LOOK_S", "SETTLE_S", "Hand", "reading", "shunt", "steady"]

LOOK_S, SETTLE_S = 0.04, 0.03
"""Bench time of a look, and before it."""
STEADY_S = 2.0
"""The longest that a look waits for a supply's rise, or for what it has left on its capacitor."""
GATE = "gate_voltage"
JUDGED = frozenset({*PROVED_SIGNALS["slow"], *PROVED_SIGNALS["fast"]})
"""What a bench sees besides may be anything, a temperature for one, and is not the proof's."""


def reading(values: np.ndarray) -> Reading:
    """Mean of some samples, the noise of that mean, and theirs."""
    rms = float(values.std())
    return Reading(float(values.mean()), rms / len(values) ** 0.5, rms)


def shunt(bench: Bench, signal: str) -> float:
    """Of a current, in its own branch, ohm."""
    slow = bench.signals[signal].slow
    part = bench.transducers[slow.transducer] if slow is not None else None
    return getattr(part, "resistance", 0.0)


class Hand:
    """One proof on its way. By slow signal: factor and unit, limits of its slope and of its zero, one step."""

    def __init__(self, stage: Stage, declared: Declared) -> None:
        self.stage, self.declared, self.bench = stage, declared, stage.bench
        self.findings: list[Finding] = []
        self.units, self.slopes, self.steps, self.bounds, self.factors = {}, {}, {}, {}, {}
        for name, entry in stage.monitor.signals.items():
            if name not in JUDGED:
                continue
            part = self.bench.transducers[entry.transducer]
            factor, self.units[name] = unit_per_volt(part)
            row = stage.equipment.recorder.channel_accuracy(entry.range)
            bound = row.offset_frac_of_range * row.range + row.offset_abs
            self.factors[name], self.bounds[name] = factor, (bound + row.resolution) * factor
            # The maker bounds a straight line over the whole range: its slope errs by no more than bound / range.
            self.slopes[name] = part.tolerance + row.gain_frac + bound / row.range
            self.steps[name] = row.resolution * factor
        self.zero: dict[str, Reading] = {}

    def look(self, patience: float = STEADY_S) -> dict[str, Reading]:
        """The slow signals, after what was switched has settled: until none moves any more, for at most `patience`."""
        monitor = self.stage.monitor
        begun, count = monitor.seen(), max(4, round(LOOK_S * monitor.rate))
        monitor.wait(SETTLE_S + LOOK_S)
        while monitor.seen() - begun < count:
            monitor.wait(LOOK_S)
        while True:
            values = {name: monitor.volts(name, count) * factor for name, factor in self.factors.items()}
            if patience <= 0.0 or all(steady(one, self.steps[name]) for name, one in values.items()):
                return {name: reading(one) for name, one in values.items()}
            monitor.wait(LOOK_S)
            patience -= LOOK_S

    def judge(self, found: list[Finding]) -> None:
        """Keep, and stop where something is wrong: later steps would only repeat it.

        Raises:
            ProofFault: naming the part.
        """
        self.findings += found
        wrong = Proof(tuple(found))
        if wrong.wrong:
            raise ProofFault(f"Bench proof: {wrong.sentence}.")

    def see(self, step: str, wanted: dict[str, tuple[float, float]]) -> dict[str, Reading]:
        """Look, and judge every signal by `wanted`, value and half width; zero where it is not named."""
        read = self.look()
        self.judge(self.against(step, read, wanted))
        return read

    def against(self, step: str, read: dict[str, Reading], wanted: dict[str, tuple[float, float]]) -> list[Finding]:
        """What was read, signal by signal; the gate has no declared level and is judged by itself."""
        ignored = (GATE,)
        steps = {name: self.step(name, read) for name in read}
        return signals(self.bench, step, read, self.zero, wanted, self.slopes, steps, self.units, ignored)

    def seen(self, read: dict[str, Reading], signal: str) -> float:
        """A signal less its zero, in its unit."""
        return read[signal].mean - self.zero[signal].mean

    def error(self, read: dict[str, Reading], signal: str) -> float:
        """Largest error of a signal less its zero, in its unit."""
        value = self.seen(read, signal)
        return error(value, self.slopes[signal], read[signal], self.zero[signal]) + self.step(signal, read)

    def step(self, signal: str, read: dict[str, Reading]) -> float:
        """What the converter's steps add to a mean: nothing where noise of half a step dithers them."""
        quiet = min(read[signal].rms, self.zero[signal].rms) < self.steps[signal] / 2
        return self.steps[signal] if quiet else 0.0

    def close(self, *contactors: str) -> None:
        """Make exactly these, and the changeover, closed."""
        self.stage.wiring.connect({self.declared.contactor, *contactors})

    def supply(self, on: bool) -> None:
        """Its output as it was set, or nothing."""
        self.stage.equipment.supply.output(on)


def steady(values: np.ndarray, step: float) -> bool:
    """Whether the later half of some samples lies where the earlier one does, within their noise and one step."""
    earlier, later = np.array_split(values, 2)
    noise = (earlier.std() + later.std()) / len(values) ** 0.5
    return bool(abs(later.mean() - earlier.mean()) <= SIGMAS * noise + step)
