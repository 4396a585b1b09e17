"""The digitizer: a DHO800 class oscilloscope, 12 bit, 8 divisions high, 4 channels.

Figures, all [K] unverified class figures: DC gain 2 % of full screen, offset 0.5 % of full screen + 0.1 division (both
drawn per channel and range), noise 0.05 % of full screen rms (20 MHz bandwidth limit), inter-channel skew 1 ns, time
base 25 ppm (rectangular draws), trigger jitter 100 ps rms. A code is 16 bit with the 12-bit result in the upper bits;
65536 codes are one screen. Clipping is at the edge of the screen.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rig.twin.bench.channel import ChannelPhysics
from rig.twin.bench.draw import noise, rectangular, stream
from rig.twin.bench.transducer import TransducerPhysics
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer, Watch

DIVISIONS = 8
FULL_SCALE = 65536
CENTRE = FULL_SCALE // 2
STEP = 16  # codes per 12-bit step
GAIN_CLASS, OFFSET_CLASS, OFFSET_DIVISIONS = 0.02, 0.005, 0.1
NOISE = 0.0005  # of full screen, rms
TIME_BASE_CLASS = 25e-6
SKEW_CLASS, JITTER = 1e-9, 100e-12  # s


def volts_per_code(volts_per_div: float) -> float:
    """The step of the 16-bit code: a code means (code - CENTRE) * volts_per_code - offset_volts."""
    return DIVISIONS * volts_per_div / FULL_SCALE


class DigitizerPhysics:
    """Four channels wired to transducers. All volts are at the instrument's input; unwired channels see 0 V.

    Each arming begins a new acquisition, which has its own noise.
    """

    def __init__(self, sim: Simulation, inputs: Mapping[int, TransducerPhysics], seed: int) -> None:
        self._sim, self._inputs, self._seed = sim, dict(inputs), seed
        self.acquisition = 0
        self._time_base = rectangular(seed, "scope time base", TIME_BASE_CLASS)
        self._skew = {n: rectangular(seed, f"scope CH{n} skew", SKEW_CLASS) for n in inputs}
        self._watches: list[Watch] = []
        self._report: Timer | None = None
        self.trigger_ps: int | None = None
        self.channels = {n: ChannelPhysics(sim, f"scope CH{n}", seed) for n in inputs}
        self._armed: tuple[int, float, int, Callable[[int], None]] | None = None
        for n, channel in self.channels.items():
            channel.changed = partial(self._again, n)

    def arm(self, channel: int, level_volts: float, slope: int, callback: Callable[[int], None]) -> None:
        """Wait for the input of `channel` to cross `level_volts` rising (+1) or falling (-1).

        `callback(t_ps)` runs once, as soon as the instrument has seen the crossing; t_ps is the trigger time with
        jitter. A channel without a transducer never triggers.
        """
        self.disarm()
        self.acquisition += 1
        self.trigger_ps = None
        jitter = to_ps(float(stream(self._seed, "scope jitter", self.acquisition).normal(0.0, JITTER)))
        self._armed = (channel, level_volts, slope, callback)
        if (wired := self._inputs.get(channel)) is None:
            return
        if (sought := self.channels[channel].trigger(level_volts, slope)) is None:
            return
        level_volts, slope = sought
        delay = max(self._delay_ps(channel), 0)

        def seen() -> None:
            self._armed = None
            self.trigger_ps = self._sim.now_ps + jitter
            self._sim.log("scope", f"triggered, acquisition {self.acquisition}")
            callback(self.trigger_ps)

        def crossed() -> None:
            self._stop_looking()
            self._report = self._sim.at(self._sim.now_ps + delay, seen)

        self._on_edge(wired.probe, level_volts, slope, crossed)

    def disarm(self) -> None:
        """Stop waiting; a trigger that was seen already stays."""
        self._armed = None
        self._stop_looking()

    def _stop_looking(self) -> None:
        for watch in self._watches:
            watch.cancel()
        self._watches.clear()
        if self._report is not None:
            self._report.cancel()
            self._report = None

    def _again(self, channel: int) -> None:
        """The way to an input has changed: the same acquisition looks for its edge there anew."""
        if self._armed is not None and self._armed[0] == channel and self._report is None:
            self.acquisition -= 1
            self.arm(*self._armed)

    def _on_edge(self, probe: Probe, level: float, slope: int, crossed: Callable[[], None]) -> None:
        """An edge needs the far side first; once there, a jump across the level counts like a ramp."""

        def ready() -> None:
            self._stop_looking()
            self._watches.append(self._sim.watch(probe, level, slope, crossed, level=True, name="scope trigger"))

        self._watches.append(self._sim.watch(probe, level, -slope, ready, level=True, name="scope trigger ready"))

    def codes(
        self,
        channel: int,
        volts_per_div: float,
        offset_volts: float,
        start_ps: int,
        dt_ps: float,
        n: int,
        first: int = 0,
    ) -> NDArray[np.uint16]:
        """Samples `first`..`first + n` of a record that begins at `start_ps` of the instrument's time, shape (n,).

        The instrument's clock is anchored at the trigger (at `start_ps` when the record does not hold one) and runs
        off from there by the time base error. The record must lie in the past by that clock too.
        """
        screen = DIVISIONS * volts_per_div
        name = f"scope CH{channel} {volts_per_div:g} V/div"
        gain = 1.0 + rectangular(self._seed, f"{name} gain", GAIN_CLASS)
        offset = rectangular(self._seed, f"{name} offset", OFFSET_CLASS * screen + OFFSET_DIVISIONS * volts_per_div)
        volts = self._input(channel, start_ps, dt_ps, first, n) + offset_volts
        volts = volts * gain + offset
        volts += NOISE * screen * noise(self._seed, f"scope CH{channel} noise", self.acquisition, first, n)
        steps = np.floor(volts / (volts_per_code(volts_per_div) * STEP) + 0.5) * STEP + CENTRE
        codes: NDArray[np.uint16] = np.clip(steps, 0, FULL_SCALE - STEP).astype(np.uint16)
        return codes

    def _input(self, channel: int, start_ps: int, dt_ps: float, first: int, n: int) -> NDArray[np.float64]:
        if (wired := self._inputs.get(channel)) is None:
            return np.zeros(n)
        trigger = self.trigger_ps
        reference = trigger if trigger is not None and trigger >= start_ps else start_ps
        stretch = 1.0 + self._time_base
        begin = reference + (start_ps + first * dt_ps - reference) * stretch - self._delay_ps(channel)
        volts = self._sim.render([wired.probe], max(round(begin), 0), dt_ps * stretch, n).reshape(n)
        return self.channels[channel].seen(volts, begin, dt_ps * stretch, self.acquisition, first)

    def _delay_ps(self, channel: int) -> int:
        return self._inputs[channel].delay_ps + to_ps(self._skew[channel])
