"""Our engine against scipy's LSODA and Radau on equations written by hand, with a restart at every switching.

The aims are 1 ns for events and 0.1 % for peaks; what is asserted is what the two agree to: an event of ours is the
first picosecond past the level by the rounding that the engine allows for (1e-12 of the terms that make up a value).
"""

import numpy as np
import pytest

from rig.twin.engine import truth
from rig.twin.engine.units import PICO, to_ps
from tests.twin.engine.circuits import CIRCUITS
from tests.twin.engine.oracle import Bench, Reference

RTOL = {"LSODA": 1e-11, "Radau": 1e-8}
EVENT = {"constant power": 1e-9}  # s; a port moves in steps, whose error is bounded
EXACT = 10e-12  # s, of everything else
PEAK = 1e-6
VALUE = {"constant power": 5e-6}
ROUNDED = 1e-6  # of the largest magnitude of an output: what a picosecond of a switching is worth


@pytest.mark.parametrize("method", RTOL)
@pytest.mark.parametrize("name", CIRCUITS)
def test_events_peaks_and_values(name, method):
    circuit = CIRCUITS[name]()
    bench = Bench(circuit).run(circuit.end)
    known = Reference(circuit, method, RTOL[method]).solve()
    assert [mark for mark, _ in bench.events] == [mark for mark, _ in known.events]
    assert len(bench.events) > 2
    for (_, ours), (_, theirs) in zip(bench.events, known.events, strict=True):
        assert ours == pytest.approx(theirs, abs=EVENT.get(name, EXACT), rel=0.0)
    chosen = [to_ps(t) for t in circuit.end * np.linspace(0.013, 0.999, 23)]
    for output, observed in circuit.outputs.items():
        peak = truth.peak(bench.sim, observed.probe, 0, to_ps(circuit.end))[0]
        assert peak == pytest.approx(known.peak(output), rel=PEAK)
        ours = [bench.sim.render([observed.probe], at, 1.0, 1)[0, 0] for at in chosen]
        theirs = known.at(output, [at * PICO for at in chosen])
        np.testing.assert_allclose(
            ours, theirs, rtol=0.0, atol=VALUE.get(name, ROUNDED) * max(abs(peak), np.abs(theirs).max())
        )
