"""Many steps of sampled inputs in one go: the same as one by one, through a low-pass, multiplied, and at a level."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.twin.bench.lowpass import LowPass, render_each
from rig.twin.engine import integrals, stepped, truth
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.segments import Steps
from rig.twin.engine.signals import Samples
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps

STEP_PS = 4_000_000
PROBES = v("out"), i("cable"), v("fast"), i("e")


def noisy(seed: int, order: str = "zero", ramp: float = 0.0) -> Simulation:
    """A source with noise behind a cable, on a capacitor and a load; beside it poles far slower and far faster."""
    net = Network()
    net.source("e", "in", "0", 0.05)
    net.branch("cable", "in", "out", 0.02, 2e-6)
    net.capacitor("c", "out", "0", 200e-6, 0.03)
    net.resistor("load", "out", "0", 10.0)
    net.resistor("r", "out", "fast", 10.0)
    net.capacitor("small", "fast", "0", 1e-9, 0.1)
    net.resistor("open", "out", "0", 1.0, switch="open")
    net.resistor("r2", "out", "slow", 1e6)
    net.capacitor("store", "slow", "0", 1e-6, 1.0)
    sim = Simulation(net)
    sim.set_input("e", 48.0, ramp)
    sim.run_until(to_ps(2e-3))
    table = np.random.default_rng(seed).normal(size=64)
    sim.set_samples("e", Samples(table, STEP_PS, order, "repeat"))
    sim.run_until(to_ps(4e-3))
    sim.set_samples("e", None)
    sim.run_until(to_ps(4.5e-3))
    return sim


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 1000),
    order=st.sampled_from(["zero", "first"]),
    ramp=st.sampled_from([0.0, 100.0]),
    window=st.tuples(st.integers(0, to_ps(4e-3)), st.integers(to_ps(50e-6), to_ps(0.5e-3))),
    constant=st.sampled_from([3e-9, 8e-6, 1e-3]),
)
def test_all_at_once_is_as_one_by_one(seed, order, ramp, window, constant):
    sim = noisy(seed, order, ramp)
    begin, end = window[0], window[0] + window[1]
    own = [p for p in stepped.pieces(sim, PROBES, begin, end) if isinstance(p.wave, Steps)]
    if 2e-3 < begin * 1e-12 < 3.9e-3:
        assert own  # so that there is something to compare
    paths = [LowPass(probe, (constant * factor,)) for probe, factor in zip(PROBES, (1.0, 1.0, 2.0, 0.5), strict=True)]
    starts = [begin, begin + 7_000_000, begin, begin + 123]
    count, dt = 30, (end - max(starts)) / 30.0
    found = render_each(sim, paths, starts, dt, count)
    for path, start, row in zip(paths, starts, found, strict=True):
        expected = np.full(count, np.nan)
        times = start + dt * np.arange(count)
        for piece in path.pieces(sim, start, min(end + 1, sim.now_ps)):
            inside = (times >= piece.from_ps) & (times <= piece.to_ps)
            expected[inside] = piece.wave.at((times[inside] - piece.start_ps) * 1e-12)[0]
        scale = np.abs(expected).max() + 1.0
        assert np.abs(row - expected).max() < 1e-9 * scale
    one_by_one = sum(integrals.product(p.wave, p.begin, p.end) for p in sim.pieces(PROBES[:2], begin, end))
    assert truth.energy(sim, PROBES[0], PROBES[1], begin, end) == pytest.approx(one_by_one, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("level", [47.9, 0.0, 60.0])
def test_crossings_are_the_same_where_all_steps_lie_on_one_side(level, monkeypatch):
    sim = noisy(1)
    found = truth.crossings(sim, v("out"), level, 0, sim.now_ps)
    monkeypatch.setattr(stepped, "surely", lambda _piece, _level: None)
    assert truth.crossings(sim, v("out"), level, 0, sim.now_ps) == found
    assert (len(found) > 1) == (level == 47.9)


def test_what_an_open_switch_carries_crosses_nothing_at_all(monkeypatch):
    sim = noisy(1)
    monkeypatch.setattr(sim, "pieces", lambda *_: pytest.fail("one by one"))
    monkeypatch.setattr(stepped, "pieces", lambda sim, *asked: sim.history.whole(*asked))
    assert truth.crossings(sim, i("open"), 0.0, 0, sim.now_ps) == []


def test_steps_with_a_sine_beside_them_come_one_by_one():
    sim = noisy(1)
    sim.set_samples("e", Samples(np.ones(4), STEP_PS, "zero", "repeat"))
    sim.set_sine("e", 1.0, 50.0)
    begin = sim.now_ps
    sim.run_until(begin + to_ps(1e-3))
    assert not [p for p in stepped.pieces(sim, PROBES, begin, sim.now_ps) if isinstance(p.wave, Steps)]
