"""Our engine against ngspice on the same circuits: we lie within what ngspice itself changes when its step is halved.

Steps are fixed, so that this difference is about three times the error that the finer run has left. Floors: switches
of ngspice need 10 ps to move, and 1 Gohm flows past them when they are open.
"""

import numpy as np
import pytest

from rig.twin.engine import truth
from rig.twin.engine.units import PICO, to_ps
from tests.twin.engine import ngspice
from tests.twin.engine.circuits import CIRCUITS
from tests.twin.engine.oracle import Bench, Event

pytestmark = pytest.mark.skipif(ngspice.PROGRAM is None, reason=ngspice.WHY_NOT)

EDGE = ngspice.EDGE
SMALL = 1e-6  # of the output's largest magnitude


def counterparts(ours: list[Event], theirs: list[Event], moves: list[float], step: float) -> list[float]:
    """Their time for each of our events; what they have beyond must be a jump at the move of a switch."""
    left = list(theirs)
    found = []
    for name, at in ours:
        nearest = min((event for event in left if event[0] == name), key=lambda event: abs(event[1] - at))
        left.remove(nearest)
        found.append(nearest[1])
    for name, at in left:
        assert min(abs(at - move) for move in moves) < step, f"{name} at {at} s only in ngspice"
    return found


@pytest.mark.parametrize("name", CIRCUITS)
def test_within_the_difference_of_halving_the_step(name, tmp_path):
    circuit = CIRCUITS[name]()
    bench = Bench(circuit).run(circuit.end)
    decks = [
        ngspice.deck(circuit, bench.switched, ngspice.FIXED, h, circuit.end) for h in (circuit.step, circuit.step / 2)
    ]
    coarse, fine = (ngspice.run(circuit, text, tmp_path) for text in decks)
    assert len(fine.time) > 1.9 * len(coarse.time)

    moves = [at for history in bench.switched.values() for at, _ in history]
    ours = np.array([at for _, at in bench.events])
    theirs = [np.array(counterparts(bench.events, waves.events(), moves, circuit.step)) for waves in (coarse, fine)]
    assert np.all(np.abs(ours - theirs[1]) <= np.abs(theirs[0] - theirs[1]) + EDGE)

    times = [to_ps(t) for t in circuit.end * np.linspace(0.0013, 0.999, 211)]
    for output, observed in circuit.outputs.items():
        here = np.array([bench.sim.render([observed.probe], at, 1.0, 1)[0, 0] for at in times])
        rough, good = (waves.at(output, [at * PICO for at in times]) for waves in (coarse, fine))
        floor = SMALL * np.abs(fine.values[output]).max()
        assert np.abs(here - good).max() <= np.abs(rough - good).max() + floor
        peak = truth.peak(bench.sim, observed.probe, 0, to_ps(circuit.end))[0]
        assert abs(peak - fine.peak(output)) <= abs(coarse.peak(output) - fine.peak(output)) + floor
