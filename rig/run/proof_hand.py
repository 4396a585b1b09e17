"""The hand that carries out a bench proof: closes, feeds, looks, judges, and keeps what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rig.bench.proof import SIGMAS, Finding, Proof, ProofFault, Reading, error, signals
from rig.files.bench_checks import GROUND_CURRENT, PROVED_SIGNALS
from rig.files.transducers import Shunt
from rig.run.chain import unit_per_volt
from rig.run.transfer import CalibrationFault, forced
from rig.run.views import view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from instruments.accuracy import Accuracy
    from rig.files.bench import Bench
    from rig.files.bench import Proof as Declared
    from rig.files.transducers import Transducer
    from rig.run.stage import Stage

__all__ = ["GATE", "JUDGED", "LOOK_S", "SETTLE_S", "Hand", "reading", "shunt", "steady"]

LOOK_S, SETTLE_S = 0.04, 0.03
"""Bench time of a look, and before it."""
STEADY_S = 2.0
"""The longest that a look waits for a supply's rise, or for what it has left on its capacitor."""
GATE = "gate_voltage"
AMPS, VOLTS = (-6.0, 6.0), (-8.0, 8.0)
"""What the digitizer's screen shows: the proof's own 5 V and at most 4 A, and some room."""
JUDGED = frozenset({*PROVED_SIGNALS["slow"], *PROVED_SIGNALS["fast"], GROUND_CURRENT})
"""What a bench sees besides may be anything, a temperature for one, and is not the proof's."""


def reading(values: np.ndarray) -> Reading:
    """Mean of some samples, the noise of that mean, and theirs."""
    rms = float(values.std())
    return Reading(float(values.mean()), rms / len(values) ** 0.5, rms)


def shunt(bench: Bench, signal: str) -> float:
    """Of a current, in its own branch, ohm."""
    seen = bench.signals[signal]
    parts = [bench.transducers[one.transducer] for one in (seen.slow, seen.fast) if one is not None]
    return next((part.resistance for part in parts if isinstance(part, Shunt)), 0.0)


class Hand:
    """One proof on its way. By signal: factor and unit, limits of its slope and of its zero, one step.

    It looks with the recorder; on a bench without one, with single acquisitions of the digitizer, which is coarser.
    """

    def __init__(self, stage: Stage, declared: Declared) -> None:
        self.stage, self.declared, self.bench = stage, declared, stage.bench
        self.findings: list[Finding] = []
        self.units, self.slopes, self.steps, self.bounds, self.factors = {}, {}, {}, {}, {}
        self.view = view("proof", self.bench, AMPS, VOLTS)
        self.alone = "recorder" not in self.bench.roles
        for name, part, row in self._channels():
            factor, self.units[name] = unit_per_volt(part)
            bound = row.offset_frac_of_range * row.range + row.offset_abs
            self.factors[name], self.bounds[name] = factor, (bound + row.resolution) * factor
            # The maker bounds a straight line over the whole range: its slope errs by no more than bound / range.
            self.slopes[name] = part.tolerance + row.gain_frac + bound / row.range
            self.steps[name] = row.resolution * factor
        self.zero: dict[str, Reading] = {}

    def look(self, patience: float = STEADY_S) -> dict[str, Reading]:
        """The signals, after what was switched has settled: until none moves any more, for at most `patience`."""
        if self.alone:
            return self._look_with_the_digitizer(patience)
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

    def _channels(self) -> Iterator[tuple[str, Transducer, Accuracy]]:
        """Of each signal that is judged: name, transducer, what its maker states."""
        parts, equipment = self.bench.transducers, self.stage.equipment
        if self.alone:
            for name, setting in self.view.settings.items():
                if name in JUDGED:
                    row = equipment.digitizer.channel_accuracy(setting.volts_per_div, -setting.centre)
                    yield name, parts[self.stage.fast(name).transducer], row
            return
        for name, entry in self.stage.monitor.signals.items():
            if name in JUDGED:
                yield name, parts[entry.transducer], equipment.recorder.channel_accuracy(entry.range)

    def _look_with_the_digitizer(self, patience: float) -> dict[str, Reading]:
        """One acquisition after the other, until two agree."""
        self.stage.monitor.wait(SETTLE_S)
        before: dict[str, Reading] | None = None
        while True:
            try:
                record = forced(self.stage, self.view, calibrated=False)
            except CalibrationFault as none:
                raise ProofFault(f"Bench proof: {none}") from None
            read = {name: reading(trace.values) for name, trace in record.traces.items() if name in JUDGED}
            if patience <= 0.0 or (before is not None and self._agree(before, read)):
                return read
            before, patience = read, patience - LOOK_S

    def _agree(self, before: dict[str, Reading], after: dict[str, Reading]) -> bool:
        return all(
            abs(after[name].mean - one.mean) <= SIGMAS * (one.noise + after[name].noise) + self.steps[name]
            for name, one in before.items()
        )

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
