"""The supply with a PI loop against closed forms, LSODA and what a real one does."""

from math import exp, log, pi, sqrt

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from rig.twin.engine import truth
from rig.twin.engine.loop import Loop, wire_loop
from rig.twin.engine.network import Network, NetworkError
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation

US = 1_000_000
MS = 1000 * US
C, ESR, BANDWIDTH = 470e-6, 1e-6, 2e3
W = 2 * pi * BANDWIDTH


def bench(*, resistance=0.0, esr=ESR, sink=0.0, limit=20.0, volts=48.0, ohms=24.0):
    """Supply, permanent load of `ohms`, a load step of 5 A (input `step`) and a short."""
    net = Network()
    # Charged: a load of 1 Gohm would hold the overshoot of a start for hours.
    wire_loop(net, "supply", "out", "0", bandwidth=BANDWIDTH, farads=C, esr=esr, volts=volts, resistance=resistance)
    net.resistor("load", "out", "0", ohms)
    net.current_source("step", "0", "out")
    net.branch("short", "out", "0", 0.02, 2e-6, switch="short")
    sim = Simulation(net)
    supply = Loop(sim, "supply", "out", "0", sink=sink)
    supply.set_limit(limit)
    supply.set_voltage(volts)
    supply.turn_on()
    sim.run_until(400 * MS)
    return sim, supply


def test_rest_is_the_set_point_less_droop():
    sim, supply = bench(resistance=0.1)
    current = sim.value(supply.current)
    assert sim.value(v("out")) == pytest.approx(48.0 - 0.1 * current, rel=1e-9)
    assert current == pytest.approx(48.0 / 24.1, rel=1e-9)


def test_load_step_against_its_closed_form():
    """Without droop, ESR and load the output is a double pole: undershoot dI / (C (p2 - p1)) (e^-p1t - e^-p2t)."""
    sim, supply = bench(ohms=1e9)
    sim.set_input("step", 5.0)
    start = sim.now_ps
    sim.run_until(start + 10 * MS)
    p1, p2 = (W * (1 - s * sqrt(0.2)) / 2 for s in (1, -1))
    t_low = log(p2 / p1) / (p2 - p1)
    low = 5.0 / (C * (p2 - p1)) * (exp(-p1 * t_low) - exp(-p2 * t_low))
    depth, at = truth.peak(sim, -v("out"), start, sim.now_ps)
    assert 48.0 + depth == pytest.approx(low, rel=1e-5)
    assert (at - start) * 1e-12 == pytest.approx(t_low, rel=1e-4)
    (volts,) = sim.render([v("out")], start, 1e6, 10_000)
    t = np.arange(10_000) * 1e-6
    np.testing.assert_allclose(volts, 48 - 5 / (C * (p2 - p1)) * (np.exp(-p1 * t) - np.exp(-p2 * t)), atol=2e-6)
    assert supply.mode == "cv"


def test_load_dump_overshoots_and_hangs_until_the_load_empties_the_capacitor():
    """A stage that cannot sink blocks at 0 A; the overshoot then decays with R C of what is connected."""
    sim, supply = bench(ohms=1e4)
    sim.set_input("step", 15.0)
    sim.run_until(sim.now_ps + 50 * MS)
    start = sim.now_ps
    sim.set_input("step", 0.0)
    sim.run_until(start + 40 * MS)
    assert supply.mode == "blocked"
    top, _ = truth.peak(sim, v("out"), start, sim.now_ps)
    assert 49.0 < top < 50.0
    later = start + 20 * MS
    top = sim.render([v("out")], start + 1 * MS, 1.0, 1)[0, 0]
    assert sim.render([v("out")], later, 1.0, 1)[0, 0] == pytest.approx(top * exp(-19e-3 / (1e4 * C)), rel=1e-9)
    sim.run_until(start + 1000 * MS)
    assert supply.mode == "cv"
    assert sim.value(v("out")) == pytest.approx(48.0, rel=1e-6)
    assert truth.peak(sim, -v("out"), later, sim.now_ps)[0] == pytest.approx(-48.0, abs=0.01)


def test_a_sinking_stage_takes_the_overshoot_away():
    sim, supply = bench(ohms=1e3, sink=30.0)
    sim.set_input("step", 15.0)
    sim.run_until(sim.now_ps + 50 * MS)
    sim.set_input("step", 0.0)
    sim.run_until(sim.now_ps + 10 * MS)
    assert supply.mode == "cv"
    assert sim.value(v("out")) == pytest.approx(48.0, abs=1e-5)


def test_sink_limit_holds_against_a_source():
    sim, supply = bench(sink=2.0)
    sim.set_input("step", -10.0)
    sim.run_until(sim.now_ps + 100 * MS)
    assert supply.mode == "sinking"
    assert sim.value(supply.current) == pytest.approx(-2.0, rel=1e-12)
    sim.set_input("step", 0.0)
    sim.run_until(sim.now_ps + 2000 * MS)
    assert supply.mode == "cv"


def recovery_after_short(duration_ps):
    sim, supply = bench(limit=8.0)
    sim.set_switch("short", True)
    sim.run_until(sim.now_ps + duration_ps)
    assert supply.mode == "cc"
    assert sim.value(i("short")) == pytest.approx(8.0, rel=2e-3)
    assert sim.value(supply.current) == pytest.approx(8.0, rel=1e-12)
    sim.set_switch("short", False)
    start = sim.now_ps
    sim.run_until(start + 200 * MS)
    assert supply.mode == "cv"
    assert sim.value(v("out")) == pytest.approx(48.0, rel=1e-6)
    return truth.peak(sim, v("out"), start, sim.now_ps)[0]


def test_recovery_from_a_short_does_not_remember_how_long_it_was():
    short, long = recovery_after_short(20 * MS), recovery_after_short(60_000 * MS)
    assert long == pytest.approx(short, rel=1e-6)
    assert 48.5 < short < 49.5


@pytest.mark.parametrize("resistance", [0.0, 0.02, 0.5])
def test_crossover_and_recovery_against_lsoda(resistance):
    """Overload for 2 ms, then back, with the limits as minimum and maximum and the anti-windup written by hand."""
    esr, ohms, limit = 5e-3, 24.0, 6.0
    sim, _ = bench(resistance=resistance, esr=esr, limit=limit, ohms=ohms)
    kp, ki = W * C, W * C * W / 5
    pull = 0.1 * kp

    def rates(step):
        def command(y, mode, stage):
            """Commanded current and terminal voltage with the stage at `stage`, or following (None)."""
            vc, x = y
            # v = vc + esr (stage - v / ohms - step); (48 - v) = (u - x) / kp + u R (+ (u - limit) / pull)
            g, held = 1 / kp + resistance, 0.0
            if mode:
                bound = limit if mode == "cc" else 0.0
                g, held = g + 1 / pull, bound / pull
            a = 1 + esr / ohms
            if stage is None:  # v = (vc + esr (u - step)) / a
                u = (48 - (vc - esr * step) / a + x / kp + held) / (g + esr / a)
                return u, (vc + esr * (u - step)) / a
            volts = (vc + esr * (stage - step)) / a
            return (48 - volts + x / kp + held) / g, volts

        def rhs(_, y):
            u, volts = command(y, None, None)
            stage = u
            if u > limit or u < 0:
                stage, mode = (limit, "cc") if u > limit else (0.0, "blocked")
                u, volts = command(y, mode, stage)
            return [(stage - volts / ohms - step) / C, ki * (u - y[1]) / kp]

        return rhs

    start = sim.now_ps
    y = [sim.value(v("out")), sim.value(v("supply_comp"))]
    sim.set_input("step", 12.0)
    sim.at(start + 2 * MS, lambda: sim.set_input("step", 0.0))
    sim.run_until(start + 20 * MS)
    kinds = [line.split()[2] for line in sim.events.lines if int(line.split()[0]) >= start and " supply " in line]
    assert kinds[:2] == ["cc", "cv"]
    times = np.linspace(0, 2e-3, 2001), np.linspace(2e-3, 20e-3, 2001)
    for t, step in zip(times, (12.0, 0.0), strict=True):
        out = solve_ivp(rates(step), (t[0], t[-1]), y, "LSODA", t_eval=t, rtol=1e-10, atol=1e-11, max_step=2e-6)
        y = out.y[:, -1]
        inner = t[1:-1]
        cap = sim.render([v("out") - 0.0 * v("out")], start + round(t[1] * 1e12), (t[2] - t[1]) * 1e12, len(inner))[0]
        stage = sim.render([i("supply_capacitor")], start + round(t[1] * 1e12), (t[2] - t[1]) * 1e12, len(inner))[0]
        np.testing.assert_allclose(cap - esr * stage, out.y[0, 1:-1], atol=2e-6)


def test_at_rest_at_zero_nothing_happens():
    for limit, volts in ((0.0, 0.0), (5.0, 0.0), (0.0, 5.0)):
        sim, supply = at_zero(limit, volts)
        lines = len(sim.events.lines)
        sim.run_until(3_600_000 * MS)
        assert len(sim.events.lines) - lines <= 1
        assert sim.value(v("out")) == pytest.approx(0.0, abs=1e-6)
        assert abs(sim.value(supply.current)) < 1e-6


def at_zero(limit, volts):
    net = Network()
    wire_loop(net, "supply", "out", "0", bandwidth=BANDWIDTH, farads=C, esr=0.02, resistance=5e-3)
    net.resistor("load", "out", "0", 500.0)
    sim = Simulation(net)
    supply = Loop(sim, "supply", "out", "0")
    supply.set_limit(limit)
    supply.set_voltage(volts)
    supply.turn_on()
    return sim, supply


def test_switching_at_the_brink_of_the_limit_does_not_chatter():
    """A load that draws exactly the limit, and a limit that is exactly the load."""
    sim, supply = bench(limit=2.0, ohms=24.0)
    lines = len(sim.events.lines)
    sim.run_until(sim.now_ps + 10_000 * MS)
    supply.set_limit(2.0 - 1e-9)
    sim.run_until(sim.now_ps + 10_000 * MS)
    assert len(sim.events.lines) - lines < 10


def test_off_empties_through_the_load_and_starts_again_at_a_ramp():
    sim, supply = bench()
    start = sim.now_ps
    supply.turn_off()
    sim.run_until(start + 10 * MS)
    assert supply.mode == "off"
    assert not supply.on
    assert sim.value(supply.current) == 0.0
    assert sim.value(v("out")) == pytest.approx(48.0 * exp(-10e-3 / (24.0 * C)), rel=1e-6)
    supply.set_voltage(48.0, slew=48.0 / 30e-3, start=sim.value(v("out")))
    supply.turn_on()
    begin = sim.now_ps
    sim.run_until(begin + 100 * MS)
    assert truth.peak(sim, v("out"), begin, sim.now_ps)[0] < 48.3
    assert sim.value(v("out")) == pytest.approx(48.0, rel=1e-6)


def test_limit_on_a_ramp_is_followed_exactly():
    sim, supply = bench(limit=8.0)
    sim.set_switch("short", True)
    sim.run_until(sim.now_ps + 20 * MS)
    supply.set_limit(4.0, slew=1000.0)
    sim.run_until(sim.now_ps + 1 * MS)
    assert sim.value(supply.current) == pytest.approx(7.0, rel=1e-9)
    sim.run_until(sim.now_ps + 10 * MS)
    assert sim.value(supply.current) == pytest.approx(4.0, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"bandwidth": 0.0}, r"'s': bandwidth"),
        ({"bandwidth": float("nan")}, r"'s': bandwidth"),
        ({"resistance": -1.0}, r"'s': output resistance"),
        ({"farads": -1.0}, r"'s_capacitor': capacitance"),
    ],
)
def test_nonsense_names_the_loop(change, match):
    values = {"bandwidth": 1e3, "farads": 1e-3, "esr": 0.01, "resistance": 0.0, **change}
    with pytest.raises(NetworkError, match=match):
        wire_loop(Network(), "s", "a", "0", **values)


def test_negative_limits_are_refused():
    sim, supply = bench()
    with pytest.raises(NetworkError, match=r"'supply': current limit"):
        supply.set_limit(-1.0)
    with pytest.raises(NetworkError, match=r"'supply': sink limit"):
        Loop(sim, "supply", "out", "0", sink=-1.0)
