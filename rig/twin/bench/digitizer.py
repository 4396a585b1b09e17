"""The digitizer: an oscilloscope of four channels and 8 divisions, of the class that its model has.

    input ─ low-pass of the transducer ─ low-pass of the front end ─┬─ sampled, with gain, offset and noise
                                                                    └─ trigger comparator

The front end is a first-order low-pass, with or without the bandwidth limit; a step therefore rises in 0.35 / f. The
comparator sees the filtered input, without noise and without hysteresis. A code is 16 bit with the converter's result
in its upper bits. Clipping is at the ends of the codes.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rig.twin.bench.channel import ChannelPhysics
from rig.twin.bench.digitizer_class import DIVISIONS, FULL_SCALE, DigitizerClass
from rig.twin.bench.edge import EdgeFinder
from rig.twin.bench.lowpass import LowPass, time_constant
from rig.twin.bench.transducer import TransducerPhysics
from rig.twin.draw import noise, rectangular, stream
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps


class DigitizerPhysics:
    """Four channels wired to transducers. All volts are at the instrument's input; unwired channels see 0 V.

    Each arming begins a new acquisition, which has its own noise.
    """

    def __init__(
        self, sim: Simulation, inputs: Mapping[int, TransducerPhysics], seed: int, rating: DigitizerClass
    ) -> None:
        self._sim, self._inputs, self._seed, self.rating = sim, dict(inputs), seed, rating
        self.acquisition = 0
        self._time_base = rectangular(seed, "scope time base", rating.time_base)
        self._skew = {n: rectangular(seed, f"scope CH{n} skew", rating.skew) for n in inputs}
        self._edge: EdgeFinder | None = None
        self.trigger_ps: int | None = None
        self.channels = {n: ChannelPhysics(sim, f"scope CH{n}", seed) for n in inputs}
        self._armed: tuple[int, float, int, Callable[[int], None], bool] | None = None
        for n, channel in self.channels.items():
            channel.changed = partial(self._again, n)

    def arm(
        self, channel: int, level_volts: float, slope: int, callback: Callable[[int], None], *, limited: bool = False
    ) -> None:
        """Wait for the input of `channel` to cross `level_volts` rising (+1) or falling (-1).

        `callback(t_ps)` runs once, as soon as the instrument has seen the crossing; t_ps is the trigger time with
        jitter. A channel without a transducer never triggers. `limited`: through the bandwidth limit.
        """
        self.disarm()
        self.acquisition += 1
        self.trigger_ps = None
        jitter = to_ps(float(stream(self._seed, "scope jitter", self.acquisition).normal(0.0, self.rating.jitter)))
        if channel not in self._inputs:
            return
        self._armed = (channel, level_volts, slope, callback, limited)
        if (sought := self.channels[channel].trigger(level_volts, slope)) is None:
            return
        late = to_ps(self._skew[channel]) + jitter

        def seen(crossed_ps: int) -> None:
            self._armed = None
            self.trigger_ps = crossed_ps + late
            self._sim.log("scope", f"triggered, acquisition {self.acquisition}")
            callback(self.trigger_ps)

        self._edge = EdgeFinder(self._sim, self._path(channel, limited), *sought, seen)

    def disarm(self) -> None:
        """Stop waiting; a trigger that was seen already stays."""
        self._armed = None
        if self._edge is not None:
            self._edge.cancel()
            self._edge = None

    def _again(self, changed: int) -> None:
        """The way to an input has changed: the same acquisition looks for its edge there anew."""
        if self._armed is not None and self._armed[0] == changed:
            channel, level, slope, callback, limited = self._armed
            self.acquisition -= 1
            self.arm(channel, level, slope, callback, limited=limited)

    def codes(
        self,
        channel: int,
        volts_per_div: float,
        offset_volts: float,
        start_ps: int,
        dt_ps: float,
        n: int,
        first: int = 0,
        *,
        limited: bool = False,
    ) -> NDArray[np.uint16]:
        """Samples `first`..`first + n` of a record that begins at `start_ps` of the instrument's time, shape (n,).

        The instrument's clock is anchored at the trigger (at `start_ps` when the record does not hold one) and runs
        off from there by the time base error. The record must lie in the past by that clock too.
        """
        rating, screen = self.rating, DIVISIONS * volts_per_div
        name = f"scope CH{channel} {volts_per_div:g} V/div"
        gain = 1.0 + rectangular(self._seed, f"{name} gain", rating.gain)
        limit = rating.offset_divisions * volts_per_div
        offset = rectangular(self._seed, f"{name} offset", limit)
        volts = self._input(channel, limited, start_ps, dt_ps, first, n) + offset_volts
        volts *= gain
        volts += offset
        volts += rating.noise * screen * noise(self._seed, f"scope CH{channel} noise", self.acquisition, first, n)
        steps = volts  # in place: a long record is taken in and out of memory once for each array
        steps /= rating.volts_per_code(volts_per_div) * rating.step
        steps += 0.5
        np.floor(steps, out=steps)
        steps *= rating.step
        steps += rating.centre
        codes: NDArray[np.uint16] = np.clip(steps, 0, FULL_SCALE - rating.step, out=steps).astype(np.uint16)
        return codes

    def _input(
        self, channel: int, limited: bool, start_ps: int, dt_ps: float, first: int, n: int
    ) -> NDArray[np.float64]:
        if channel not in self._inputs:
            return np.zeros(n)
        trigger = self.trigger_ps
        reference = trigger if trigger is not None and trigger >= start_ps else start_ps
        stretch = 1.0 + self._time_base
        begin = reference + (start_ps + first * dt_ps - reference) * stretch - to_ps(self._skew[channel])
        volts = self._path(channel, limited).render(self._sim, max(round(begin), 0), dt_ps * stretch, n)
        return self.channels[channel].seen(volts, begin, dt_ps * stretch, self.acquisition, first)

    def _path(self, channel: int, limited: bool) -> LowPass:
        """From the sensed quantity to the converter and the comparator."""
        wired = self._inputs[channel]
        front_end = time_constant(self.rating.limited_bandwidth if limited else self.rating.bandwidth)
        return LowPass(wired.probe, (wired.constant, front_end))
