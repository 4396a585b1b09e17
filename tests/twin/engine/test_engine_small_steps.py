"""Many small steps, as the latencies of commands make them, are one large one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.twin.engine.eigen import eigenbasis
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation

US = 1_000_000
END = 4_000 * US


def ringing() -> tuple[Simulation, list[tuple[int, str]]]:
    """A ringing circuit whose guards fire early, late, at a turning point and never; one switches the load."""
    net = Network()
    net.source("e", "in", "0", 0.1)
    net.branch("l", "in", "out", 0.2, 1e-5)
    net.capacitor("c", "out", "0", 1e-6, 1e-2)
    net.resistor("load", "out", "0", 20.0, switch="load")
    net.resistor("leak", "out", "0", 1e6)
    sim = Simulation(net)
    seen: list[tuple[int, str]] = []

    def note(name: str) -> None:
        seen.append((sim.now_ps, name))

    for level in (1.0, 12.0, 18.0, 19.0, 100.0):
        sim.watch(v("out"), level, 1, lambda level=level: note(f"above {level}"))
        sim.watch(v("out"), level, -1, lambda level=level: note(f"below {level}"))
    sim.watch(v("out"), 12.2, -1, lambda: note("level"), level=True)
    sim.watch(i("l"), 0.3, 1, lambda: (note("load on"), sim.set_switch("load", True)))
    sim.at(1_500 * US, lambda: sim.set_input("e", 12.0, -4e3))
    sim.set_input("e", 12.0)
    return sim, seen


@given(st.lists(st.integers(1, 700 * US), min_size=5, max_size=60), st.booleans())
@settings(max_examples=30, deadline=None)
def test_events_do_not_depend_on_the_steps_taken(steps, looked):
    whole, expected = ringing()
    whole.run_until(END)
    stepped, seen = ringing()
    for step in steps:
        stepped.run_until(min(stepped.now_ps + step, END))
        if looked:
            stepped.value(v("out"))
    stepped.run_until(END)
    assert seen == expected
    assert len(expected) > 5
    assert stepped.value(v("out")) == whole.value(v("out"))


@given(st.lists(st.integers(0, 300 * US), min_size=3, max_size=3), st.integers(1, 400), st.floats(1e5, 5e6))
@settings(max_examples=30, deadline=None)
def test_each_probe_with_its_own_start_is_that_probe_rendered_alone(starts, n, dt):
    sim, _ = ringing()
    sim.run_until(END)
    probes = [v("out"), i("l"), v("in")]
    together = sim.render_each(probes, starts, dt, n)
    alone = [sim.render([probe], start, dt, n)[0] for probe, start in zip(probes, starts, strict=True)]
    np.testing.assert_allclose(together, alone, rtol=1e-13, atol=1e-13)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
@settings(max_examples=50, deadline=None)
def test_the_basis_of_unconnected_parts_diagonalises_the_whole(seed, size):
    rng = np.random.default_rng(seed)
    part = rng.integers(0, 3, size)
    single = -rng.uniform(0.1, 10.0, (size, size)) * (part[:, None] == part[None, :])
    matrix = (single + single.T - 40.0 * np.eye(size)).astype(np.longdouble)
    poles, vectors, inverse = eigenbasis(matrix)
    np.testing.assert_allclose(vectors @ np.diag(poles) @ inverse, matrix.astype(float), atol=1e-12)
    np.testing.assert_allclose(inverse @ vectors, np.eye(size), atol=1e-14)
    assert np.all((vectors != 0.0).any(axis=1))
