"""Reading the truth of a bench: when something passed a level, ended, came back."""

from itertools import pairwise
from math import inf

from rig.twin.engine import truth
from rig.twin.engine.probe import Probe, i
from rig.twin.engine.units import PICO
from tests.twin.operator import Operator

MS, S = 10**9, 10**12
FLOOR_AMPS = 50e-3  # a fault current below this has ended
BACK_VOLTS = 0.9 * 54.0  # the port is back
FULL_LOAD = 54.0**2 / 250.0  # ohm
SWITCH = i("port_switch")

Truths = dict[str, float]
"""True quantities by name, SI. A time that never came is infinite; a count is a count."""


def said(bench: Operator, text: str, since: int) -> int:
    """How often the event log says so."""
    lines = (line.split(" ", 1) for line in bench.sim.events.lines)
    return sum(int(stamp) >= since and rest == text for stamp, rest in lines)


def passages(bench: Operator, probe: Probe, level: float, since: int, way: int) -> list[int]:
    """The times at which the probe passes the level upwards (+1) or downwards (-1)."""
    return [t for t, went in truth.crossings(bench.sim, probe, level, since, bench.now) if went == way]


def lowest(bench: Operator, probe: Probe, since: int) -> float:
    return -truth.peak(bench.sim, -probe, since, bench.now)[0]


def ended(bench: Operator, probe: Probe, level: float, start: int, end: int) -> float:
    """From `start` until the probe is below the level for good, as far as `end`."""
    below = [t for t, way in truth.crossings(bench.sim, probe, level, start, end) if way < 0]
    still = bench.sim.render([probe], end - 1, 1.0, 1)[0, 0] > level
    return inf if still or not below else (below[-1] - start) * PICO


def returned(bench: Operator, end: int, probe: Probe | None = None, level: float = BACK_VOLTS) -> float:
    """From the end of a fault until the port is back for good."""
    volts = bench.probe["port_voltage"] if probe is None else probe
    back = passages(bench, volts, level, end, +1)
    return (back[-1] - end) * PICO if back and bench.sim.value(volts) > level else inf


def below(bench: Operator, probe: Probe, level: float, since: int) -> float:
    """For how long the probe has been below the level."""
    edges = [since, *(t for t, _ in truth.crossings(bench.sim, probe, level, since, bench.now)), bench.now]
    values = [bench.sim.render([probe], begin + (end - begin) // 2, 1.0, 1)[0, 0] for begin, end in pairwise(edges)]
    return sum(end - begin for (begin, end), value in zip(pairwise(edges), values, strict=True) if value < level) * PICO


def cut(bench: Operator, line: str, seconds: float) -> None:
    bench.sim.set_switch(line, on=False)
    bench.wait(seconds)
    bench.sim.set_switch(line, on=True)
