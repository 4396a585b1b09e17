"""Where double precision alone, or a coarse grid, would give wrong answers."""

from decimal import Decimal, getcontext
from itertools import pairwise

import numpy as np
import pytest

from rig.twin.engine import truth
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation

SECOND = 10**12
EXTENDED = np.finfo(np.longdouble).eps < 1e-18


def test_discharge_over_hours_beside_a_pole_of_a_nanosecond():
    """470 uF over 10 Mohm with 1 nF in parallel: s C1/(1 + s r1 C1) + s C2/(1 + s r2 C2) + 1/R = 0."""
    net = Network()
    net.capacitor("big", "a", "0", 470e-6, 0.02, volts=50.0)
    net.capacitor("small", "a", "0", 1e-9, 1.0, volts=50.0)
    net.resistor("leak", "a", "0", 10e6)
    sim = Simulation(net)
    getcontext().prec = 60
    c1, r1, c2, r2, g = (Decimal(x) for x in ("470e-6", "0.02", "1e-9", "1", "1e-7"))
    t1, t2 = r1 * c1, r2 * c2
    a, b, c = c1 * t2 + c2 * t1 + g * t1 * t2, c1 + c2 + g * (t1 + t2), g
    slow = 2 * c / (-b - (b * b - 4 * a * c).sqrt())
    fast = -b / a - slow
    sim.run_until(SECOND)
    begin = sim.value(v("a"))
    sim.run_until(10_000 * SECOND)
    assert float(fast) < -0.9e9
    ratio = sim.value(v("a")) / begin
    assert ratio == pytest.approx(float((slow * 9999).exp()), rel=1e-10 if EXTENDED else 1e-4)


def test_floating_supply_is_centred_by_its_leaks_alone():
    net = Network()
    net.source("e", "plus", "minus", 1e-3)
    net.capacitor("c", "plus", "minus", 470e-6, 0.02)
    net.resistor("leak plus", "plus", "0", 10e6)
    net.resistor("leak minus", "minus", "0", 10e6)
    sim = Simulation(net)
    sim.set_input("e", 48.0)
    sim.run_until(SECOND)
    rel = 1e-9 if EXTENDED else 1e-4  # of 1000 S against 0.1 uS
    assert sim.value(v("plus")) == pytest.approx(24.0 * 20e6 / (20e6 + 1e-3), rel=rel)
    assert sim.value(v("plus") + v("minus")) == pytest.approx(0.0, abs=24.0 * rel)


def test_charge_without_a_leak_stays_for_a_day():
    net = Network()
    net.capacitor("c", "a", "0", 4.7e-6, 0.25, volts=54.0)
    net.resistor("contact", "a", "b", 0.01, switch="k")
    net.resistor("r", "b", "0", 1e3)
    sim = Simulation(net)
    sim.run_until(86_400 * SECOND)
    assert sim.value(v("a")) == pytest.approx(54.0, rel=1e-9 if EXTENDED else 1e-3)


def random_net(seed: int) -> tuple[Network, int]:
    """A ladder of random branches and capacitors: rates from 1e1 to 1e11 per second, overdamped and ringing."""
    rng = np.random.default_rng(seed)
    net = Network()
    net.source("e", "n0", "0", 10 ** rng.uniform(-3, 1))
    count = int(rng.integers(1, 5))
    for k in range(count):
        if rng.random() < 0.7:
            net.branch(f"l{k}", f"n{k}", f"n{k + 1}", 10 ** rng.uniform(-2.5, 0.5), 10 ** rng.uniform(-8, -3))
        else:
            net.resistor(f"r{k}", f"n{k}", f"n{k + 1}", 10 ** rng.uniform(-2, 2))
        esr, volts = 10 ** rng.uniform(-2.5, 0.5), rng.uniform(-10, 10)
        net.capacitor(f"c{k}", f"n{k + 1}", "0", 10 ** rng.uniform(-9, -3), esr, volts=volts)
    return net, count


@pytest.mark.parametrize("seed", range(20))
def test_nothing_between_dense_samples_is_overlooked(seed):
    """Peaks and crossings against brute force on linear and logarithmic grids."""
    net, count = random_net(seed)
    rng = np.random.default_rng(1000 + seed)
    sim = Simulation(net)
    sim.set_input("e", rng.uniform(-10, 10), float(rng.choice([0.0, 1e3])))
    end = int(10 ** rng.uniform(6, 11))
    sim.run_until(end)
    for probe in (v(f"n{rng.integers(0, count + 1)}"), i(f"c{rng.integers(0, count)}")):
        (piece,) = sim.pieces([probe], 0, end)
        grids = np.linspace(0.0, end * 1e-12, 20_000), np.geomspace(1e-12, end * 1e-12, 20_000)
        samples = [piece.wave.at(grid)[0] for grid in grids]
        noise = 1e-9 * float(piece.wave.scale()[0])
        top, low = max(s.max() for s in samples), min(s.min() for s in samples)
        assert truth.peak(sim, probe, 0, end)[0] >= top - noise
        for level in (top - 1e-3 * (top - low), top - 1e-6 * (top - low), rng.uniform(low, top)):
            found = truth.crossings(sim, probe, level, 0, end)
            assert all(a != b for (_, a), (_, b) in pairwise(found))
            for sample in samples:
                side = np.sign(sample - level)[np.abs(sample - level) > 10 * noise]
                assert len(found) >= np.count_nonzero(side[1:] != side[:-1])


def test_joule_integral_of_random_nets_agrees_with_gauss_quadrature():
    nodes, weights = np.polynomial.legendre.leggauss(24)
    for seed in range(8):
        net, count = random_net(seed)
        sim = Simulation(net)
        sim.set_input("e", 7.0, 1e3)
        end = 10**9
        sim.run_until(end)
        probe = i(f"c{count - 1}")
        (piece,) = sim.pieces([probe], 0, end)
        rings = [r.omega for r in piece.wave.rings(1e-12)]
        edges = np.concatenate([[0.0], np.geomspace(1e-14, 1e-3, 3000), np.linspace(0, 1e-3, 20_000)])
        edges = np.unique(edges[edges <= 1e-3])
        if rings and max(rings) * np.diff(edges).max() > 3.0:
            continue  # the quadrature, not the closed form, would be wrong
        half = np.diff(edges)[:, None] / 2.0
        at = edges[:-1, None] + half * (1.0 + nodes)
        values = piece.wave.at(at.ravel())[0].reshape(at.shape)
        known = float((half * weights * values**2).sum())
        assert truth.i2t(sim, probe, 0, end) == pytest.approx(known, rel=1e-9)
        assert truth.integral(sim, probe, 0, end) == pytest.approx(float((half * weights * values).sum()), abs=1e-12)
