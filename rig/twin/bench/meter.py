"""A meter: one input or a scanner's channels, each wired to a transducer, read one reading at a time.

The reading is the mean that the instrument's integration would give of a steady input; what is not steady is read as it
is at that instant. A current input carries nothing: the bench measures currents with shunts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from rig.twin.bench.channel import ChannelPhysics
from rig.twin.bench.lowpass import LowPass
from rig.twin.bench.transducer import TransducerPhysics
from rig.twin.draw import rectangular
from rig.twin.engine.simulation import Simulation


@dataclass(frozen=True, slots=True)
class MeterClass:
    """Errors of DC voltage: `gain` of the reading + `offset` of the range (half widths); `overrange` times a range."""

    gain: float
    offset: float
    overrange: float


IDEAL = MeterClass(0.0, 0.0, 1.2)
# Of the DMM6500 those of its 10 V range, one year (calibration manual, page 2-4); other ranges have at most these [K].
METERS: dict[str, MeterClass] = {
    "keithley_dmm6500": MeterClass(25e-6, 5e-6, 1.2),
    "keysight_34972a": MeterClass(3.5e-5, 5e-6, 1.2),  # [K]
    "keysight_34980a": MeterClass(3.5e-5, 5e-6, 1.2),  # [K]
    "keysight_daq970a": MeterClass(3.0e-5, 4e-6, 1.2),  # data sheet, page 10, one year, 10 V
}
"""By the scene's name of the model."""


class MeterPhysics:
    """`inputs`: the transducer behind each input, by its name ("front", "301"); unwired inputs see 0 V."""

    def __init__(self, sim: Simulation, inputs: Mapping[str, TransducerPhysics], seed: int, rating: MeterClass) -> None:
        self._sim, self._seed, self.rating = sim, seed, rating
        self.channels = {name: ChannelPhysics(sim, f"meter {name}", seed) for name in inputs}
        self._paths = {name: LowPass(wired.probe, (wired.constant,)) for name, wired in inputs.items()}

    def read(self, channel: str, full_scale: float) -> float:
        """One reading [V] now on the range `full_scale` [V]; +-inf beyond it."""
        volts = self.channels[channel].value(self._paths[channel].value(self._sim)) if channel in self._paths else 0.0
        name = f"meter {channel} {full_scale:g} V"
        gain = 1.0 + rectangular(self._seed, f"{name} gain", self.rating.gain)
        reading = volts * gain + rectangular(self._seed, f"{name} offset", self.rating.offset * full_scale)
        if abs(reading) > self.rating.overrange * full_scale:
            return inf if reading > 0 else -inf
        return reading
