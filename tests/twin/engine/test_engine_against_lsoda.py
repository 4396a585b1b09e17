"""The same circuits written down by hand as ordinary differential equations and solved by LSODA."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from rig.twin.engine import truth
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation

US = 1_000_000
NS = 1e-9


def solve(rhs, start, end, y0, events=(), step=np.inf):
    """LSODA at rtol 1e-10 with terminal events where they say so; returns the solution object."""
    out = solve_ivp(
        rhs, (start, end), y0, "LSODA", rtol=1e-10, atol=1e-12, events=list(events), dense_output=True, max_step=step
    )
    assert out.success
    return out


def up(function):
    function.terminal, function.direction = True, 1
    return function


def down(function):
    function.terminal, function.direction = True, -1
    return function


def test_short_with_trip():
    E, RS, CB, RB, RSW, CP, RP, RL, L = 54.0, 0.04, 470e-6, 0.02, 0.01, 4.7e-6, 0.25, 0.012, 1e-6
    net = Network()
    net.source("e", "bulk", "0", RS)
    net.capacitor("cb", "bulk", "0", CB, RB, volts=E)
    net.resistor("sw", "bulk", "port", RSW, switch="port")
    net.capacitor("cp", "port", "0", CP, RP, volts=E)
    net.resistor("leak", "port", "0", 33e3)
    net.branch("short", "port", "0", RL, L, switch="short")
    sim = Simulation(net)
    sim.set_input("e", E)
    sim.set_switch("port", True)
    sim.run_until(100 * US)
    trip = []

    def seen():
        trip.append(sim.now_ps)
        sim.at(sim.now_ps + 2_300_000, lambda: sim.set_switch("port", False))

    sim.watch(i("sw"), 20.0, 1, seen)
    sim.set_switch("short", True)
    sim.run_until(300 * US)

    G = np.array([[1 / RS + 1 / RB + 1 / RSW, -1 / RSW], [-1 / RSW, 1 / RSW + 1 / RP + 1 / 33e3]])

    def closed(t, y):
        bulk, port = np.linalg.solve(G, [E / RS + y[0] / RB, y[1] / RP - y[2]])
        return [(bulk - y[0]) / (RB * CB), (port - y[1]) / (RP * CP), (port - RL * y[2]) / L]

    def through(t, y):
        bulk, port = np.linalg.solve(G, [E / RS + y[0] / RB, y[1] / RP - y[2]])
        return (bulk - port) / RSW

    y0 = [E, E, 0.0]
    lead = solve(lambda t, y: [*closed(t, [y[0], y[1], 0.0])[:2], 0.0], 0, 100e-6, y0)
    first = solve(closed, 0, 50e-6, lead.y[:, -1], [up(lambda t, y: through(t, y) - 20.0)])
    t_trip = first.t_events[0][0]
    assert abs((trip[0] - 100 * US) * 1e-12 - t_trip) < NS
    assert len(trip) == 1
    second = solve(closed, t_trip, t_trip + 2.3e-6, first.y_events[0][0])

    def opened(t, y):
        port = (y[1] / RP - y[2]) / (1 / RP + 1 / 33e3)
        return [0.0, (port - y[1]) / (RP * CP), (port - RL * y[2]) / L]

    third = solve(opened, t_trip + 2.3e-6, 200e-6, second.y[:, -1], step=2e-7)
    tops = [third.sol(np.linspace(third.t[0], third.t[0] + 2e-5, 200_001))[2].max(), second.y[2].max()]
    assert truth.peak(sim, i("short"), 0, 300 * US)[0] == pytest.approx(max(tops), rel=1e-6)
    assert truth.peak(sim, i("sw"), 0, 300 * US)[0] == pytest.approx(through(0, second.y[:, -1]), rel=1e-6)
    (current,) = sim.render([i("short")], 110 * US, 1e5, 900)
    t = 10e-6 + np.arange(900) * 1e-7
    np.testing.assert_allclose(current, third.sol(t)[2], atol=1e-6 * max(tops))


def test_cc_cv_crossover_on_a_ramp():
    """A supply (CV behind 10 mohm or CC) with output capacitor starts into a load, limits, and comes out again."""
    C, ESR, RO, LIMIT, GOAL = 470e-6, 0.02, 0.01, 3.0, 48.0
    net = Network()
    net.source("cv", "out", "0", RO, switch="cv")
    net.current_source("cc", "out", "0", switch="cc")
    net.source("set", "set", "0", 1.0)
    net.capacitor("c", "out", "0", C, ESR)
    net.resistor("load", "out", "0", 25.0)
    sim = Simulation(net)
    modes = []

    def enter(mode):
        modes.append((sim.now_ps, mode))
        sim.set_switch("cv", mode == "cv")
        sim.set_switch("cc", mode == "cc")
        over.enabled, sated.enabled = mode == "cv", mode == "cc"

    over = sim.watch(i("cv"), LIMIT, 1, lambda: enter("cc"))
    sated = sim.watch(v("out") - v("set"), 0.0, 1, lambda: enter("cv"))
    sim.set_input("cc", LIMIT)
    slope = GOAL / 4e-3
    for name in ("cv", "set"):
        sim.set_input(name, 0.0, slope)
    sim.at(4000 * US, lambda: [sim.set_input(n, GOAL) for n in ("cv", "set")])
    enter("cv")
    sim.run_until(60_000 * US)

    def target(t):
        return min(slope * t, GOAL)

    def current(t, y):
        out = (target(t) / RO + y[0] / ESR) / (1 / RO + 1 / ESR + 1 / 25.0)
        return (target(t) - out) / RO

    def cv(t, y):
        return [((target(t) - RO * current(t, y)) - y[0]) / (ESR * C)]

    def out_cc(y):
        return (LIMIT + y[0] / ESR) / (1 / ESR + 1 / 25.0)

    a = solve(cv, 0, 4e-3, [0.0], [up(lambda t, y: current(t, y) - LIMIT)])
    b = solve(
        lambda t, y: [(out_cc(y) - y[0]) / (ESR * C)],
        a.t_events[0][0], 60e-3, a.y_events[0][0],
        [up(lambda t, y: out_cc(y) - target(t))], step=1e-4,
    )  # fmt: skip
    assert [m for _, m in modes] == ["cv", "cc", "cv"]
    assert abs(modes[1][0] * 1e-12 - a.t_events[0][0]) < NS
    assert abs(modes[2][0] * 1e-12 - b.t_events[0][0]) < NS
    assert sim.value(v("out")) == pytest.approx(48.0 * 25.0 / 25.01, rel=1e-9)


def test_bouncing_contact_into_a_capacitive_input():
    E, RC, L, C, ESR, RL = 48.0, 0.06, 2e-6, 220e-6, 0.03, 20.0
    edges = [(1.0e-4, True), (1.3e-4, False), (2.1e-4, True), (2.2e-4, False), (5e-4, True)]
    net = Network()
    net.source("e", "plus", "0", 0.01)
    net.capacitor("ce", "plus", "0", 10e-6, 0.5, volts=E)
    net.branch("line", "plus", "in", RC, L, switch="contact")
    net.capacitor("cin", "in", "0", C, ESR)
    net.resistor("load", "in", "0", RL)
    sim = Simulation(net)
    sim.set_input("e", E)
    for at, on in edges:
        sim.at(round(at * 1e12), lambda on=on: sim.set_switch("contact", on))
    starts = []
    sim.watch(v("in"), 42.0, 1, lambda: starts.append(sim.now_ps))
    sim.run_until(2000 * US)

    def rhs(t, y, on):
        plus = (E / 0.01 + y[0] / 0.5 - y[2]) / (1 / 0.01 + 1 / 0.5)
        vin = (y[1] / ESR + y[2]) / (1 / ESR + 1 / RL)
        return [(plus - y[0]) / (0.5 * 10e-6), (vin - y[1]) / (ESR * C), (plus - vin - RC * y[2]) / L if on else 0.0]

    def vin(t, y):
        return (y[1] / ESR + y[2]) / (1 / ESR + 1 / RL) - 42.0

    vin.direction = 1
    y, times, tops, on = np.array([E, 0.0, 0.0]), [], [], False
    for (at, state), end in zip(edges, [*(t for t, _ in edges[1:]), 2e-3], strict=True):
        on = state
        if not on:
            y[2] = 0.0
        part = solve(lambda t, y, on=on: rhs(t, y, on), at, end, y, [vin], step=1e-6)
        y = part.y[:, -1].copy()
        times += list(part.t_events[0])
        tops.append(part.sol(np.linspace(at, end, 400_001))[2].max())
    assert len(starts) == len(times)
    assert np.abs(np.array(starts) * 1e-12 - times).max() < NS
    assert truth.peak(sim, i("line"), 0, 2000 * US)[0] == pytest.approx(max(tops), rel=1e-6)
    assert [line.split()[1] for line in sim.events.lines] == ["cut", "cut"]


def test_diode_clamps_a_load_dump():
    E, RS, L, C, ESR, RD, VD = 48.0, 0.05, 20e-6, 2e-6, 0.1, 0.2, 58.0
    net = Network()
    net.source("e", "src", "0", 0.001)
    net.branch("cable", "src", "bus", RS, L)
    net.capacitor("c", "bus", "0", C, ESR, volts=E)
    net.resistor("leak", "bus", "0", 10e3)
    net.resistor("load", "bus", "0", 2.0, switch="load")
    net.diode("tvs", "bus", "0", VD, RD)
    sim = Simulation(net)
    sim.set_input("e", E)
    sim.set_switch("load", True)
    sim.run_until(10_000 * US)
    sim.set_switch("load", False)
    sim.run_until(10_500 * US)
    g0 = 1 / ESR + 1 / 10e3

    def bus(y):
        free = (y[0] / ESR + y[1]) / g0
        return free if free < VD else (y[0] / ESR + y[1] + VD / RD) / (g0 + 1 / RD)

    def rhs(t, y):
        return [(bus(y) - y[0]) / (ESR * C), (E - (RS + 0.001) * y[1] - bus(y)) / L]

    g1 = g0 + 0.5
    i0 = E / (RS + 0.001 + 1 / (1 / 10e3 + 0.5))
    y0 = [E - (RS + 0.001) * i0, i0]
    assert (y0[0] / ESR + y0[1]) / g1 == pytest.approx(y0[0])

    def edge(t, y):
        return (y[0] / ESR + y[1]) / g0 - VD

    sol = solve(rhs, 0, 500e-6, y0, [edge], step=2e-7)
    turns = sol.t_events[0]
    assert len(turns) >= 2
    seen = [ps for ps, _ in truth.crossings(sim, v("bus"), VD, 10_000 * US, 10_500 * US)]
    assert len(seen) == len(turns)
    assert np.abs((np.array(seen) - 10_000 * US) * 1e-12 - turns).max() < NS
    dense = sol.sol(np.linspace(0, 500e-6, 200_001))
    top = max(bus(y) for y in dense[:, :20_000].T)
    assert truth.peak(sim, v("bus"), 10_000 * US, 10_500 * US)[0] == pytest.approx(top, rel=1e-6)
    np.testing.assert_allclose(
        sim.render([i("cable")], 10_000 * US, 1e5, 5001)[0], dense[1, ::40], atol=2e-6
    )  # LSODA's own steps across the edges of the diode limit this


def test_joule_integral_and_energy_agree_with_quadrature():
    net = Network()
    net.source("e", "in", "0", 0.05)
    net.branch("l", "in", "out", 0.1, 3e-6)
    net.capacitor("c", "out", "0", 8e-6, 0.02)
    net.resistor("r", "out", "0", 12.0)
    sim = Simulation(net)
    sim.set_input("e", 20.0, -1e5)
    sim.at(37 * US, lambda: sim.set_input("e", 9.0))
    sim.run_until(400 * US)

    def rhs(t, y, ramp):
        e = 20.0 - 1e5 * t if ramp else 9.0
        out = (y[1] / 0.02 + y[0]) / (1 / 0.02 + 1 / 12.0)
        return [(e - 0.15 * y[0] - out) / 3e-6, (out - y[1]) / (0.02 * 8e-6), y[0] ** 2, out * y[0], y[0]]

    one = solve(lambda t, y: rhs(t, y, True), 0, 37e-6, np.zeros(5), step=1e-6)
    two = solve(lambda t, y: rhs(t, y, False), 37e-6, 400e-6, one.y[:, -1], step=1e-6)
    known = two.y[:, -1]
    assert truth.i2t(sim, i("l"), 0, 400 * US) == pytest.approx(known[2], rel=1e-8)
    assert truth.energy(sim, v("out"), i("l"), 0, 400 * US) == pytest.approx(known[3], rel=1e-8)
    assert truth.integral(sim, i("l"), 0, 400 * US) == pytest.approx(known[4], rel=1e-8)
    middle = [truth.i2t(sim, i("l"), a * US, b * US) for a, b in ((0, 13), (13, 250), (250, 400))]
    assert sum(middle) == pytest.approx(truth.i2t(sim, i("l"), 0, 400 * US), rel=1e-13)
