"""The scripts about arcs: noise on what feeds an appliance, as the bench's amplifier puts it there."""

import numpy as np

from rig.faults import RATE_HZ, Arc, Chopper, Replay
from rig.twin.engine.signals import Samples
from rig.twin.engine.units import PICO, to_ps
from tests.twin.defects.reading import Truths
from tests.twin.operator import Operator

FED_V = 52.0
PARTS = ("series_switch", "amplifier")
STEP_S = 0.05
LONGEST_S = 1.8


def noisy(bench: Operator, noise: Replay, longest: float = LONGEST_S) -> float | None:
    """The noise until the port trips, for `longest` s at most: after how long it decided, or None."""
    bench.world.supply.set_current(25.0)
    bench.world.supply.set_ovp(59.5)
    bench.close("feed_line")
    bench.world.supply.set_voltage(FED_V)
    bench.world.supply.set_output(True)
    bench.wait(3.0)
    (port,) = bench.world.device.ports.values()
    assert (port.state, port.trips) == ("on", [])
    bench.sim.set_switch("amplifier_bypass", False)
    bench.wait(0.05)
    volts = np.array(noise.table.codes) / max(noise.table.codes) * noise.peak
    begin = bench.now
    bench.sim.set_samples("amplifier", Samples(volts, to_ps(1.0 / RATE_HZ), "zero", "repeat"))
    while not port.trips and bench.now - begin < to_ps(longest):
        bench.wait(STEP_S)
    return (port.trips[0][0] - begin) * PICO if port.trips else None


def arc(bench: Operator) -> Truths:
    """From the begin of an arc's noise of 50 mV to the decision; to the end of the noise where there is none."""
    found = noisy(bench, Arc("50 mV"))
    return {"arc_time": LONGEST_S if found is None else found}


def motor_drive(bench: Operator) -> Truths:
    """How often a motor drive's noise of 50 mV trips the port within 0.8 s."""
    noisy(bench, Chopper("50 mV"), longest=0.8)
    (port,) = bench.world.device.ports.values()
    return {"nuisance_trips": float(len(port.trips))}
