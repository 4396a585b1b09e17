"""The digitizer's bandwidth, bits and trigger, on circuits small enough for closed forms."""

from functools import partial

import numpy as np
import pytest

from rig.twin.bench.digitizer import DigitizerPhysics
from rig.twin.bench.digitizer_class import DIGITIZERS, RIGOL_DHO804
from rig.twin.bench.edge import EdgeFinder
from rig.twin.bench.lowpass import LowPass, time_constant
from rig.twin.bench.transducer import TransducerPhysics
from rig.twin.engine.network import Network
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation

NS, US, S = 10**3, 10**6, 10**12
T1, T2 = 8e-9, 3e-9


@pytest.fixture
def step():
    """A source whose node `a` goes from 0 to 1 V at 1 us; `steps` adds other instants and levels."""

    def build(steps=((US, 1.0),), network=None):
        network = network or Network()
        network.source("source", "a", "0", 1e-3)
        network.resistor("load", "a", "0", 1e6)
        sim = Simulation(network)
        for at, volts in steps:
            sim.at(at, partial(sim.set_input, "source", volts))
        return sim

    return build


def test_a_low_pass_is_an_rc_of_the_circuit(step):
    network = Network()  # the same filter as a part of the circuit, beside a ring and a ramp
    network.branch("coil", "a", "b", 2.0, 1e-6)
    network.capacitor("tank", "b", "0", 1e-9, 1.0)
    network.resistor("filter", "b", "c", 1e4)
    network.capacitor("filtered", "c", "0", 20e-9 / 1e4, 1e-6)
    sim = step([(US, 5.0), (US + 50 * NS, -2.0), (2 * US, 3.0)], network)
    sim.at(3 * US, lambda: sim.set_input("source", 3.0, 1e6))
    sim.run_until(4 * US)
    inside = sim.render([v("c")], 0, 1000.0, 4001)[0]
    assert LowPass(v("b"), (20e-9,)).render(sim, 0, 1000.0, 4001) == pytest.approx(inside, abs=2e-8 * 20)
    assert np.ptp(inside) > 5.0


def test_without_an_eigenbasis_it_is_exact_too(step):
    network = Network()  # critically damped: 2 sqrt(L / C)
    network.branch("coil", "a", "b", 199.998, 1e-6)
    network.capacitor("tank", "b", "0", 100e-12, 1e-3)
    sim = step(network=network)
    sim.run_until(2 * US)
    assert sim.history.segments[-1].mode.ladder is not None
    fine = sim.render([v("b")], 0, 100.0, 20_001)[0]
    expected, decay = np.zeros_like(fine), np.exp(-100e-12 / T1)
    for k in range(1, len(fine)):  # the filter between samples that lie close enough for a straight line
        expected[k] = expected[k - 1] * decay + (fine[k - 1] + fine[k]) / 2 * (1 - decay)
    seen = LowPass(v("b"), (T1,)).render(sim, 0, 100.0, 20_001)
    assert seen == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("one", "two"), [(T1, T2), (T1, T1)])
def test_two_low_passes_in_a_row(step, one, two):
    sim = step()
    sim.run_until(2 * US)
    t = np.arange(1000) * 1e-10
    if one == two:
        expected = 1 - (1 + t / one) * np.exp(-t / one)
    else:
        expected = 1 - (one * np.exp(-t / one) - two * np.exp(-t / two)) / (one - two)
    assert LowPass(v("a"), (one, two)).render(sim, US, 100.0, 1000) == pytest.approx(expected, abs=2e-5)
    assert LowPass(v("a"), (one, two)).value(sim) == pytest.approx(1.0, abs=1e-8)


def test_a_step_rises_in_0_35_over_the_bandwidth(step):
    sim = step()
    sim.run_until(2 * US)
    seen = LowPass(v("a"), (time_constant(20e6),)).render(sim, US, 10.0, 10_000)
    rise = (np.searchsorted(seen, 0.9) - np.searchsorted(seen, 0.1)) * 10e-12
    assert rise == pytest.approx(0.35 / 20e6, rel=2e-3)


def test_windows_of_a_record_agree(step):
    sim = step([(US, 1.0), (US + 7 * NS, 0.0), (US + 9 * NS, 2.0)])
    sim.run_until(2 * US)
    path = LowPass(v("a"), (T1, T2))
    whole = path.render(sim, 900 * NS, 250.0, 2000)
    parts = [path.render(sim, 900 * NS + first * 250, 250.0, 500) for first in range(0, 2000, 500)]
    assert np.concatenate(parts) == pytest.approx(whole, abs=1e-12)


@pytest.fixture
def scope():
    """A digitizer with channel 1 at node `a` through a 500 MHz probe of ratio 1."""

    def build(sim, seed=1, rating=RIGOL_DHO804):
        return DigitizerPhysics(sim, {1: TransducerPhysics("probe", v("a"), time_constant(500e6), None)}, seed, rating)

    return build


def test_the_bandwidth_limit_slows_the_edge_and_delays_the_trigger(step, scope):
    seen, half = {}, {}
    for limited in (False, True):
        sim = step()
        instrument = scope(sim)
        instrument.arm(1, 0.5, +1, partial(seen.__setitem__, limited), limited=limited)
        sim.run_until(2 * US)
        codes = instrument.codes(1, 0.25, -0.5, US - 50 * NS, 200.0, 2000, limited=limited)
        half[limited] = np.searchsorted(codes, RIGOL_DHO804.centre) * 200 - 50 * NS  # ps after the step
    # Two poles reach a half a little after ln 2 of the slow one.
    assert half[False] == pytest.approx(np.log(2) * 2.27e3, rel=0.5)
    assert half[True] - half[False] == pytest.approx(np.log(2) * (7.96e3 - 2.27e3), rel=0.1)
    assert seen[True] - seen[False] == pytest.approx(np.log(2) * (7.96e3 - 2.27e3), rel=0.1)


def test_the_trigger_jitters_by_100_ps_rms(step, scope):
    edges = 120
    sim = step([(k * US, float(k % 2)) for k in range(1, 2 * edges)])
    instrument, seen = scope(sim), []

    def again(at):
        seen.append(at)
        sim.at(sim.now_ps + US // 2, lambda: instrument.arm(1, 0.5, +1, again))

    instrument.arm(1, 0.5, +1, again)
    sim.run_until(2 * edges * US)
    late = np.array(seen) % (2 * US) - US
    assert len(late) == edges
    assert late.std() == pytest.approx(100.0, rel=0.2)


def test_noise_leaves_9_bits_of_12(step, scope):
    sim = step([])
    sim.run_until(10 * US)
    codes = scope(sim).codes(1, 1.0, 0.0, 0, 100.0, 50_000).astype(float)
    volts = (codes - RIGOL_DHO804.centre) * RIGOL_DHO804.volts_per_code(1.0)
    assert np.log2(8.0 / (volts.std() * np.sqrt(12))) == pytest.approx(9.2, abs=0.1)


@pytest.mark.parametrize(("length_ns", "found"), [(2, False), (4, False), (8, True)])
def test_a_pulse_too_short_for_the_filter_is_no_edge(step, length_ns, found):
    """After a pulse of length T the filter stands at 1 - exp(-length / 8 ns): one half at 5.55 ns."""
    sim, seen = step([(US, 1.0), (US + length_ns * NS, 0.0)]), []
    EdgeFinder(sim, LowPass(v("a"), (T1,)), 0.5, +1, seen.append)
    sim.run_until(3 * US)
    assert seen == ([pytest.approx(US + np.log(2) * 8 * NS, abs=2)] if found else [])


def test_the_edge_after_a_missed_pulse_is_found(step):
    sim, seen = step([(US, 1.0), (US + 2 * NS, 0.0), (US + 100 * NS, 1.0)]), []
    EdgeFinder(sim, LowPass(v("a"), (T1,)), 0.5, +1, seen.append)
    sim.run_until(3 * US)
    assert seen == [pytest.approx(US + 100 * NS + np.log(2) * 8 * NS, abs=2)]


def test_a_level_that_is_all_but_touched_does_not_keep_the_trigger_busy(step):
    sim, seen = step([(US, 0.5 + 1e-12)]), []
    EdgeFinder(sim, LowPass(v("a"), (T1,)), 0.5, +1, seen.append)
    sim.run_until(S)
    assert len(sim.history) < 5


def test_a_record_of_the_future_is_refused(step):
    sim = step()
    sim.run_until(US)
    with pytest.raises(ValueError, match="are not the past"):
        LowPass(v("a"), (T1,)).render(sim, 0, 1000.0, 1002)


@pytest.mark.parametrize("rating", DIGITIZERS.values(), ids=DIGITIZERS)
def test_each_model_has_its_codes(step, scope, rating):
    """A code is a step of the converter, 0.5 V is where it belongs within the class, and what is too much clips."""
    sim = step([(US, 0.5), (3 * US, 100.0), (5 * US, -100.0)])
    sim.run_until(8 * US)
    codes = scope(sim, rating=rating).codes(1, 0.25, 0.0, US, 1e5, 60).astype(int)
    assert not (codes % rating.step).any()
    volts = (codes[5:15].mean() - rating.centre) * rating.volts_per_code(0.25)
    assert volts == pytest.approx(0.5, abs=0.5 * rating.gain + rating.offset_divisions * 0.25)
    assert (codes[30], codes[55]) == (65536 - rating.step, 0)
