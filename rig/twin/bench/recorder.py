"""The slow recorder: the analog inputs of a LabJack in stream mode, 16 bit, of the class that its model has.

Where one converter serves all channels (T7), the multiplexer switches, the input settles, the converter converts: a
channel is taken settling + 5 us after the one before it ([K], so that 100 kS/s are just possible with the shortest
settling of about 5 us, which is the vendor's). What has not settled is a share exp(-settling / 0.5 us) of the step from
the channel before ([K], low source impedance). Where each input has its own (T8), all are taken at once.
A voltage beyond the range reads as the last code.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rig.twin.bench.channel import ChannelPhysics
from rig.twin.bench.lowpass import LowPass, render_each
from rig.twin.bench.recorder_class import InputRange, RecorderClass
from rig.twin.bench.transducer import TransducerPhysics
from rig.twin.draw import noise, rectangular
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps

SETTLING = 10e-6  # s: what the vendor's "automatic" comes to below 60 kS/s; [K]
CONVERSION = 5e-6  # s
Temperatures = Callable[[int, float, int], NDArray[np.float64]]
"""What a thermometer senses at start_ps + k dt_ps, degC; all of it is past."""
MULTIPLEXER = 0.5e-6  # s, time constant


class RecorderPhysics:
    """Analog inputs wired to transducers; unwired inputs see 0 V."""

    def __init__(
        self, sim: Simulation, inputs: Mapping[str, TransducerPhysics], seed: int, rating: RecorderClass,
        temperatures: Mapping[str, Temperatures] = {},
    ) -> None:  # fmt: skip
        """`temperatures`: what thermometers sense, by its name."""
        self._sim, self._inputs, self._seed, self.rating = sim, dict(inputs), seed, rating
        self._warm = {
            name: (wired.warm, temperatures[wired.warm.senses])
            for name, wired in inputs.items()
            if wired.warm is not None
        }
        self.acquisition = 0
        self._time_base = rectangular(seed, "daq time base", rating.time_base)
        self.channels = {name: ChannelPhysics(sim, f"daq {name}", seed) for name in inputs}
        self._paths = {
            name: LowPass(wired.probe, (wired.constant,)) for name, wired in inputs.items() if wired.warm is None
        }
        self._settling = SETTLING
        self._known: tuple[tuple[tuple[str, ...], tuple[float, ...]], NDArray[np.float64]] | None = None

    def begin(self, settling: float = SETTLING) -> None:
        """A stream starts: it gets noise of its own, and waits `settling` [s] after switching to a channel."""
        self.acquisition += 1
        self._settling = settling

    def scans_ready(self, channels: int, start_ps: int, scan_ps: float) -> int:
        """How many scans of a stream begun at `start_ps` are complete now."""
        spent = self._sim.now_ps - start_ps - (channels - 1) * self._spacing_ps
        return max(0, int(spent // self._true_scan(scan_ps)) + 1) if spent >= 0 else 0

    def codes(
        self,
        channels: Sequence[str],
        ranges: Sequence[float],
        start_ps: int,
        scan_ps: float,
        first_scan: int,
        n: int,
    ) -> NDArray[np.uint16]:
        """Scans `first_scan`..`first_scan + n` of a stream begun at `start_ps`, shape (n, channels).

        `scan_ps` is the nominal scan interval; the true one differs by the time base. Channel k of a scan is taken
        k x (settling + 5 us) after its first, or with it. Raises ValueError for an unknown range.
        """
        volts = self._inputs_at(channels, start_ps, self._true_scan(scan_ps), first_scan, n)
        gains, offsets, noises, steps, centres = self._errors(tuple(channels), tuple(ranges))
        drawn = [noise(self._seed, f"daq {channel} noise", self.acquisition, first_scan, n) for channel in channels]
        volts = (volts * gains + offsets) + noises * np.array(drawn).reshape(volts.shape)
        codes = np.clip(np.rint(volts / steps + centres), 0, 65535)
        return np.ascontiguousarray(codes.T, dtype=np.uint16)

    def constants(self, full_scale: float) -> tuple[float, float]:
        """This device's volts a code and code of 0 V: what its maker found and wrote to its flash, as float32."""
        name, rating = f"daq {full_scale:g} V", self.rating
        step = self._range(full_scale).step * (1.0 + rectangular(self._seed, f"{name} step", rating.own_step))
        centre = rating.centre + rectangular(self._seed, f"{name} centre", rating.own_centre)
        return float(np.float32(step)), float(np.float32(centre))

    def read(self, channel: str, full_scale: float) -> float:
        """One command-response reading [V] now, without noise (the instrument averages)."""
        if channel in self._warm:
            warm, temperatures = self._warm[channel]
            volts = self.channels[channel].value(float(warm.volts(temperatures(self._sim.now_ps, 1.0, 1))[0]))
        else:
            path = self._paths.get(channel)
            volts = 0.0 if path is None else self.channels[channel].value(path.value(self._sim))
        gain, offset = self._true(channel, full_scale)
        return volts * gain + offset

    def _inputs_at(
        self, channels: Sequence[str], start_ps: int, true_ps: float, first: int, n: int
    ) -> NDArray[np.float64]:
        """Volts at the inputs, shape (channels, n); what nothing is wired to sees 0 V."""
        out = np.zeros((len(channels), n))
        begin = start_ps + first * true_ps
        wired = [(k, channel) for k, channel in enumerate(channels) if channel in self._paths]
        if wired and n:
            starts = [round(begin + k * self._spacing_ps) for k, _ in wired]
            volts = render_each(self._sim, [self._paths[channel] for _, channel in wired], starts, true_ps, n)
            for row, start, (k, channel) in zip(volts, starts, wired, strict=True):
                out[k] = self.channels[channel].seen(row, start, true_ps, self.acquisition, first)
        for k, channel in enumerate(channels):
            if n and channel in self._warm:
                (warm, temperatures), start = self._warm[channel], round(begin + k * self._spacing_ps)
                row = warm.volts(temperatures(start, true_ps, n))
                out[k] = self.channels[channel].seen(row, start, true_ps, self.acquisition, first)
        if (
            len(channels) > 1 and not self.rating.simultaneous
        ):  # the first channel of a scan has the rest of the interval to settle
            out[1:] += (out[:-1] - out[1:]) * np.exp(-self._settling / MULTIPLEXER)
        return out

    @property
    def _spacing_ps(self) -> int:
        return 0 if self.rating.simultaneous else to_ps(self._settling + CONVERSION)

    def _errors(self, channels: tuple[str, ...], ranges: tuple[float, ...]) -> NDArray[np.float64]:
        """Gains, offsets and noises [V], volts a code and codes of 0 V, each a column; the newest stream's are kept."""
        if self._known is None or self._known[0] != (channels, ranges):
            rows = [
                (*self._true(channel, full_scale), self._range(full_scale).noise, *self.constants(full_scale))
                for channel, full_scale in zip(channels, ranges, strict=True)
            ]
            self._known = ((channels, ranges), np.array(rows).T[:, :, None])
        return self._known[1]

    def _true(self, channel: str, full_scale: float) -> tuple[float, float]:
        """Gain and offset [V] of an input on a range."""
        name, limits = f"daq {channel} {full_scale:g} V", self._range(full_scale)
        gain = 1.0 + rectangular(self._seed, f"{name} gain", self.rating.gain)
        return gain, rectangular(self._seed, f"{name} offset", limits.offset)

    def _range(self, full_scale: float) -> InputRange:
        found = self.rating.ranges.get(full_scale)
        if found is None:
            known = ", ".join(f"{each:g}" for each in self.rating.ranges)
            raise ValueError(f"the {self.rating.name} has no range of {full_scale:g} V; it has {known}")
        return found

    def _true_scan(self, scan_ps: float) -> float:
        return scan_ps * (1.0 + self._time_base)
