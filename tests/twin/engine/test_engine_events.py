"""Order, atomicity, arming, determinism and the limits of time."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.twin.engine import truth
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.watch import ZenoError

US = 1_000_000


def divider() -> Simulation:
    """out = in / 2 at once, with a contact that shorts out; a slow RC hangs beside."""
    net = Network()
    net.source("e", "in", "0", 1.0)
    net.resistor("top", "in", "out", 1.0)
    net.resistor("bottom", "out", "0", 2.0)
    net.resistor("short", "out", "0", 0.01, switch="short")
    net.resistor("r", "in", "slow", 1e3)
    net.capacitor("c", "slow", "0", 1e-9, 1.0)
    return Simulation(net)


def test_a_watch_whose_threshold_has_moved_looks_at_the_new_one():
    sim = divider()
    seen = []
    watch = sim.watch(v("slow"), 5.0, +1, lambda: seen.append(sim.value(v("slow"))))
    for threshold in (5.0, 2.0, 6.0):
        watch.enabled = False
        watch.threshold = threshold
        sim.set_input("e", 0.0)
        sim.run_until(sim.now_ps + 100 * US)
        watch.enabled = True
        sim.set_input("e", 10.0)
        sim.run_until(sim.now_ps + 100 * US)
    assert seen == pytest.approx([5.0, 2.0, 6.0], abs=1e-4)


def test_order_at_one_instant_is_priority_then_age():
    sim = divider()
    seen = []
    sim.at(50, lambda: seen.append("b"))
    sim.at(50, lambda: seen.append("c"))
    sim.at(50, lambda: seen.append("a"), priority=-1)
    sim.at(40, lambda: sim.at(50, lambda: seen.append("d")))
    sim.at(50, lambda: sim.at(50, lambda: seen.append("first after"), priority=-5))
    sim.run_until(49)
    assert seen == []
    sim.run_until(50)
    assert seen == ["a", "b", "c", "first after", "d"]


def test_cancelled_timer_and_watch_stay_silent():
    sim = divider()
    seen = []
    sim.at(10, lambda: seen.append("timer")).cancel()
    watch = sim.watch(v("slow"), 0.1, 1, lambda: seen.append("watch"))
    watch.cancel()
    sim.set_input("e", 1.0)
    sim.run_until(100 * US)
    assert seen == []


def test_simultaneous_crossings_fire_together_even_if_the_first_ends_the_second():
    sim = divider()
    seen = []

    def one():
        seen.append((sim.now_ps, "one"))
        sim.set_switch("short", True)

    sim.watch(v("out"), 1.0, 1, one)
    sim.watch(v("out") * 2.0, 2.0, 1, lambda: seen.append((sim.now_ps, "two")))
    sim.watch(v("out"), 1.0, 1, lambda: seen.append((sim.now_ps, "zero")), priority=-1)
    sim.set_input("e", 0.0, 1e6)
    sim.run_until(3 * US)
    assert [name for _, name in seen] == ["zero", "one", "two"]
    assert len({ps for ps, _ in seen}) == 1


def test_switching_at_one_instant_is_atomic():
    net = Network()
    net.source("e", "a", "0", 1.0)
    net.branch("l", "a", "0", 1.0, 1e-3, switch="k")
    sim = Simulation(net)
    sim.set_input("e", 2.0)
    sim.set_switch("k", True)
    sim.run_until(10_000 * US)
    before = sim.value(i("l"))
    sim.set_switch("k", False)
    sim.set_switch("k", True)
    assert sim.value(i("l")) == before
    seen = []

    def twice():
        sim.set_switch("k", False)
        seen.append(sim.value(i("l")))
        sim.set_switch("k", True)

    sim.at(sim.now_ps + 5, twice)
    sim.run_until(sim.now_ps + 10)
    assert seen == [pytest.approx(before)]
    assert sim.value(i("l")) == pytest.approx(before)
    assert sim.events.lines == []


def test_past_the_threshold_counts_only_with_level():
    sim = divider()
    sim.set_input("e", 8.0)
    sim.run_until(US)
    seen = []
    sim.watch(v("out"), 1.0, 1, lambda: seen.append("edge"))
    sim.watch(v("out"), 1.0, 1, lambda: seen.append("level"), level=True)
    sim.run_until(2 * US)
    assert seen == ["level"]
    sim.set_input("e", 0.0)  # a jump below
    sim.run_until(3 * US)
    sim.set_input("e", 8.0)  # and a jump back: no crossing but for the level watch
    sim.run_until(4 * US)
    assert seen == ["level", "level"]
    sim.set_input("e", 8.0, -8e6)
    sim.run_until(5 * US)
    sim.set_input("e", 0.0, 8e6)
    sim.run_until(6 * US)
    assert seen == ["level", "level", "edge", "level"]


def test_enabling_starts_afresh():
    sim = divider()
    seen = []
    edge = sim.watch(v("out"), 1.0, 1, lambda: seen.append("edge"))
    level = sim.watch(v("out"), 1.0, 1, lambda: seen.append("level"), level=True)
    edge.enabled = level.enabled = False
    sim.set_input("e", 0.0, 8e6)
    sim.run_until(US)
    assert seen == []
    edge.enabled = level.enabled = True
    sim.run_until(2 * US)
    assert seen == ["level"]
    level.enabled = True  # no change, no new start
    sim.run_until(3 * US)
    assert seen == ["level"]


def test_watch_fires_once_per_crossing_at_the_first_picosecond_past():
    sim = divider()
    seen = []
    sim.watch(v("slow"), 3.0, 1, lambda: seen.append((1, sim.now_ps, sim.value(v("slow")))))
    sim.watch(v("slow"), 3.0, -1, lambda: seen.append((-1, sim.now_ps, sim.value(v("slow")))))
    for k in range(6):
        sim.at(20 * k * US, lambda k=k: sim.set_input("e", 8.0 if k % 2 == 0 else 0.0))
    sim.run_until(120 * US)
    assert [d for d, _, _ in seen] == [1, -1] * 3
    for direction, at, value in seen:
        assert direction * (value - 3.0) > 0.0
        before = sim.render([v("slow")], at - 1, 1.0, 1)[0, 0]
        assert direction * (before - 3.0) <= 1e-10


def test_excursion_between_grid_points_is_seen():
    """Two decays of similar rates make a low hump; the watch sits a part in 1e7 below its top."""
    net = Network()
    net.source("e", "in", "0", 1.0)
    net.branch("l", "in", "mid", 1.0, 1e-3)
    net.capacitor("c", "mid", "0", 100e-6, 5.0)
    probe_sim = Simulation(net)
    probe_sim.set_input("e", 1.0)
    probe_sim.run_until(10**11)
    top, at = truth.peak(probe_sim, i("l"), 0, 10**11)
    for margin, count in ((1e-7, 1), (1e-10, 1), (-1e-10, 0)):
        sim = Simulation(net)
        seen = []
        sim.watch(i("l"), top * (1 - margin), 1, lambda sim=sim, seen=seen: seen.append(sim.now_ps))
        sim.set_input("e", 1.0)
        sim.run_until(10**11)
        assert len(seen) == count
        assert all(ps <= at for ps in seen)


@pytest.mark.parametrize("level", [False, True])
def test_zeno_names_the_watch(level):
    """A relay law without hysteresis slides along its threshold: both sides push back at once."""
    net = Network()
    net.source("e", "a", "0", 1.0)
    net.capacitor("c", "a", "0", 1e-6, 1.0)
    net.current_source("j", "a", "0")
    sim = Simulation(net)
    across = v("a") - i("c")  # without the jump over the esr
    sim.watch(across, 0.1, 1, lambda: sim.set_input("j", -1.0), name="too high", level=level)
    sim.watch(across, 0.1, -1, lambda: sim.set_input("j", 1.0), name="too low", level=level)
    sim.set_input("j", 1.0)
    with pytest.raises(ZenoError, match=r"watch 'too (high|low)'"):
        sim.run_until(10**12)


def test_endless_rescheduling_at_one_instant_raises():
    sim = divider()

    def again():
        sim.at(sim.now_ps, again)

    sim.at(10, again)
    with pytest.raises(ZenoError, match="at 10 ps"):
        sim.run_until(20)


def bouncing_bench() -> Simulation:
    """A supply, a bouncing line contact, an input with start threshold, a clamp and a load with a set-point ramp."""
    net = Network()
    net.source("e", "plus", "0", 0.02)
    net.capacitor("co", "plus", "0", 470e-6, 0.02)
    net.branch("line", "plus", "in", 0.03, 2e-6, switch="contact")
    net.capacitor("cin", "in", "0", 220e-6, 0.03)
    net.resistor("idle", "in", "0", 460.0)
    net.diode("tvs", "in", "0", 58.0, 0.1)
    net.diode("reverse", "0", "in", 0.6, 0.01)
    net.current_source("load", "0", "in", switch="load")
    sim = Simulation(net)
    rng = np.random.default_rng(7)
    sim.set_input("e", 0.0, 1600.0)
    sim.at(30_000 * US, lambda: sim.set_input("e", 48.0))
    for k in range(400):
        at = 31_000 * US + int(rng.integers(0, 60_000 * US))
        sim.at(at, lambda k=k: sim.set_switch("contact", k % 2 == 0))
    sim.at(92_000 * US, lambda: sim.set_switch("contact", True))
    for level in (38.0, 42.0):
        sim.watch(v("in"), level, 1, lambda level=level: sim.log("input", f"above {level} V"))
        sim.watch(v("in"), level, -1, lambda level=level: sim.log("input", f"below {level} V"))
    sim.watch(v("in"), 42.0, 1, lambda: sim.set_switch("load", True))
    sim.watch(v("in"), 38.0, -1, lambda: sim.set_switch("load", False))
    sim.set_input("load", 3.0)
    return sim


def test_equal_runs_have_equal_logs_however_they_are_cut_up():
    whole, parts, again = bouncing_bench(), bouncing_bench(), bouncing_bench()
    whole.run_until(100_000 * US)
    again.run_until(100_000 * US)
    for k in range(1, 101):
        parts.run_until(k * 1000 * US)
    assert len(whole.events.lines) > 100
    assert whole.log_sha256() == again.log_sha256() == parts.log_sha256()
    assert len(whole.history) == len(parts.history)
    grid = [v("in"), i("line"), i("co"), v("plus")]
    np.testing.assert_array_equal(whole.render(grid, 0, 1e6, 100_001), again.render(grid, 0, 1e6, 100_001))


def test_log_hash_depends_on_time_kind_and_text():
    sims = [divider() for _ in range(4)]
    sims[0].log("a", "b")
    sims[1].log("a", "c")
    sims[2].log("b", "b")
    sims[3].run_until(1)
    sims[3].log("a", "b")
    assert len({s.log_sha256() for s in sims}) == 4
    sims[0].log("two", "lines\nin one")
    assert sims[0].events.lines[-1] == "0 two lines in one"


def test_render_equals_value_at_events_and_in_between():
    sim = bouncing_bench()
    probes = [v("in"), i("line"), i("cin"), i("tvs"), v("plus")]
    seen = []

    def note():
        seen.append((sim.now_ps, [sim.value(p) for p in probes]))

    for at in range(0, 100_000 * US, 777 * US):
        sim.at(at, note)
    sim.run_until(100_000 * US)
    for at, values in seen:
        np.testing.assert_allclose(sim.render(probes, at, 1.0, 1)[:, 0], values, rtol=1e-9, atol=1e-9)
    edges = [s.start_ps for s in sim.history.segments[5:60]]
    for k, at in enumerate(edges):
        one = sim.render(probes, at, 1.0, 1)[:, 0]
        window = sim.render(probes, at - 3 * k, 3.0, 2 * k + 1)[:, k]
        np.testing.assert_allclose(window, one, rtol=1e-9, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, 90_000 * US), step=st.floats(1e3, 1e9), count=st.integers(1, 200))
def test_any_window_shows_the_same_motion(start, step, count):
    sim = _shared()
    count = min(count, 1 + int((sim.now_ps - start) / step))
    probes = [v("in"), i("line")]
    window = sim.render(probes, start, step, count)
    for k in (0, count // 2, count - 1):
        at = start + k * step
        if at == int(at):
            np.testing.assert_allclose(window[:, k], sim.render(probes, int(at), 1.0, 1)[:, 0], rtol=1e-8, atol=1e-8)


def _shared(cache=[]):  # noqa: B006 - one run for all examples
    if not cache:
        cache.append(bouncing_bench())
        cache[0].run_until(100_000 * US)
    return cache[0]


def test_a_day_of_idling_costs_nothing():
    sim = bouncing_bench()
    sim.run_until(100_000 * US)
    before = len(sim.history)
    hour = 3600 * 10**12
    for k in range(1, 25):
        sim.at(k * hour, lambda k=k: sim.set_input("e", 48.0 if k % 2 else 47.0))
        sim.at(k * hour - hour // 2, lambda: sim.log("clock", "half past"))
    clock = time.process_time()
    sim.run_until(24 * hour)
    assert time.process_time() - clock < 2.0
    assert len(sim.history) - before <= 24
    (volts,) = sim.render([v("in")], 2 * hour, hour / 1000, 20_000)
    assert volts.min() > 46.0
    assert volts.max() < 48.0


def test_rendering_leaves_dead_exponentials_out():
    sim = bouncing_bench()
    sim.run_until(3600 * 10**12)
    start = sim.now_ps - 10**12
    clock = time.process_time()
    quiet = sim.render([v("in"), i("line"), v("plus"), i("cin")], start, 1e6, 1_000_000)
    assert time.process_time() - clock < 0.5
    assert np.ptp(quiet[0]) < 1e-9
