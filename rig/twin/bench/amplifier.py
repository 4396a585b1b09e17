"""The amplifier of the feed: what a waveform generator gives it, in series with the lines that feed a device.

    fed ─┬ bypass ─┬─ "amplified": energy_input, feed_line
         └ source ─┘
    control ─ driver ─ bypass (it conducts at rest)

`GeneratorPhysics` is the generator before it: without an amplifier its output is an open circuit.
"""

from collections.abc import Sequence

import numpy as np

from rig.twin.bench.one_shot import OneShot
from rig.twin.bench.series_switch import FED
from rig.twin.engine.network import Network
from rig.twin.engine.signals import Samples
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.bench import Amplifier

AMPLIFIED = "amplified"
BYPASS_OHMS = 1e-3
GENERATORS = ("keysight_33500",)
"""By the scene's name of the model."""


def wire_amplifier(network: Network, model: Amplifier) -> None:
    """Add it between `fed` and `amplified`."""
    network.source("amplifier", AMPLIFIED, FED, model.resistance)
    network.resistor("amplifier_bypass", FED, AMPLIFIED, BYPASS_OHMS, switch="amplifier_bypass")


class AmplifierPhysics:
    """Its bypass opens `delay` after its control line has gone high, until that goes low or its one-shot ends it."""

    def __init__(self, sim: Simulation, model: Amplifier) -> None:
        self._sim, self._model = sim, model
        self.drive = OneShot(sim, "amplifier", model.one_shot, self._drive).drive
        """Its control line moves."""
        self.stuck = False
        """Its bypass conducts for good."""
        sim.set_switch("amplifier_bypass", True)

    def amplify(self, hertz: float, volts: float) -> None:
        """What stands at its input: a sine of this amplitude, V; its output ends where its supply does."""
        self._sim.set_sine("amplifier", min(self._model.gain * volts, self._model.peak), hertz)

    def play(self, volts: Sequence[float], dt_ps: int) -> None:
        """What stands at its input: these samples over and over, V; its output ends where its supply does."""
        most = self._model.peak
        table = np.clip(self._model.gain * np.asarray(volts, dtype=np.float64), -most, most)
        self._sim.set_samples("amplifier", Samples(table, dt_ps, "zero", "repeat") if table.size else None)

    def _drive(self, opens: bool) -> None:
        self._sim.at(self._sim.now_ps + to_ps(self._model.delay), lambda: self._switch(opens))

    def _switch(self, opens: bool) -> None:
        in_the_feed = opens and not self.stuck
        self._sim.log("amplifier", "in the feed" if in_the_feed else "bypassed")
        self._sim.set_switch("amplifier_bypass", not in_the_feed)


class GeneratorPhysics:
    """`hertz` and `amplitude` [V] of the sine that an open circuit at its output has; or its `samples` [V],
    each for `dt_ps`.
    """

    def __init__(self, amplifier: AmplifierPhysics | None) -> None:
        self._amplifier = amplifier
        self.hertz, self.amplitude = 1e3, 0.0
        self.samples: tuple[float, ...] = ()
        self.dt_ps = 0

    def set_sine(self, hertz: float, amplitude: float) -> None:
        """From now on."""
        self.hertz, self.amplitude = hertz, amplitude
        if self._amplifier is not None:
            self._amplifier.amplify(hertz, amplitude)

    def play(self, volts: Sequence[float], dt_ps: int) -> None:
        """From now on, beside a sine of no amplitude."""
        self.samples, self.dt_ps = tuple(volts), dt_ps
        if self._amplifier is not None:
            self._amplifier.play(volts, dt_ps)
