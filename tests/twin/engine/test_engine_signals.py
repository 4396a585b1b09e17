"""Sines and tables of samples at the inputs: exact, and without a step per period or an event per sample."""

from math import pi

import numpy as np
import pytest

from rig.twin.engine import truth
from rig.twin.engine.network import Network, NetworkError
from rig.twin.engine.probe import i, v
from rig.twin.engine.signals import Samples, noise, recording
from rig.twin.engine.simulation import Simulation

US = 1_000_000
MS = 1000 * US
S = 1000 * MS


def low_pass(*, watched=False, extra=True):
    """1 kohm and 1 uF (tau 1 ms), with a ringing RLC branch and a nanosecond pole beside it."""
    net = Network()
    net.source("e", "in", "0", 1e-3)
    net.resistor("r", "in", "out", 1e3)
    net.capacitor("c", "out", "0", 1e-6, 1e-3)
    if extra:
        net.branch("l", "in", "tank", 0.5, 1e-5)
        net.capacitor("ct", "tank", "0", 1e-6, 0.01)
    net.capacitor("fast", "in", "0", 1e-9, 0.1)
    return Simulation(net)


def test_sine_settles_to_its_phasor_and_makes_no_segments():
    sim = low_pass(extra=False)
    sim.set_input("e", 10.0)
    sim.set_sine("e", 2.0, 159.154943, 0.3)
    sim.run_until(600 * S)
    assert len(sim.history.segments) == 1
    w = 2 * pi * 159.154943
    start = 599 * S + 123_456_789
    t = np.arange(2000) * 1e-5 + 599 + 123_456_789e-12
    gain = 1 / (1 + 1j * w * 1e-3 * (1 + 1e-6) / (1 + 0j) / (1 + 1j * w * 1e-9) * (1 + 1j * w * 1e-9))
    expected = 10 + 2.0 * (gain * -1j * np.exp(1j * (w * t + 0.3))).real
    (out,) = sim.render([v("out")], start, 1e7, 2000)
    np.testing.assert_allclose(out, expected, atol=2e-5)
    top, at = truth.peak(sim, v("out"), start, start + 20 * MS)
    assert top == pytest.approx(10 + 2.0 * abs(gain), rel=1e-5)
    assert start <= at <= start + 20 * MS
    assert truth.i2t(sim, v("in"), 598 * S, 599 * S) == pytest.approx(102.0, rel=1e-3)


def test_sine_transient_against_its_closed_form():
    """u = sin(w t) into an RC from rest: (sin wt - w tau cos wt + w tau exp(-t / tau)) / (1 + (w tau)^2)."""
    net = Network()
    net.source("e", "in", "0", 1e3)
    net.capacitor("c", "in", "0", 1e-6, 1e-9)
    sim = Simulation(net)
    sim.set_sine("e", 1.0, 25e3)
    sim.run_until(5 * MS)
    w, tau = 2 * pi * 25e3, 1e-3
    t = np.arange(5000) * 1e-6
    exact = (np.sin(w * t) - w * tau * np.cos(w * t) + w * tau * np.exp(-t / tau)) / (1 + (w * tau) ** 2)
    np.testing.assert_allclose(sim.render([v("in")], 0, 1e6, 5000)[0], exact, atol=1e-9)


def test_sine_crosses_a_watch_at_the_exact_instant_and_never_overlooked():
    net = Network()
    net.source("e", "in", "0", 1.0)
    net.resistor("r", "in", "0", 1e9)
    sim = Simulation(net)
    sim.set_input("e", 5.0)
    sim.set_sine("e", 1.0, 10e3)
    seen = []
    sim.watch(v("in"), 5.5 * (1 - 1e-9), 1, lambda: seen.append(sim.now_ps))
    sim.watch(v("in"), 6.01, 1, lambda: seen.append(-1))
    sim.run_until(10 * MS)
    assert len(seen) == 100
    np.testing.assert_allclose(np.diff(seen), 100 * US, atol=2)
    assert seen[0] == pytest.approx(1e12 / 12 / 10e3, abs=2e3)


def test_a_sine_in_a_critically_damped_network_takes_the_ladder():
    """Critical damping: R = 2 sqrt(L / C)."""
    net = Network()
    net.source("e", "in", "0", 1.0)
    net.branch("l", "in", "out", 1.0 - 1e-12, 1e-6)
    net.capacitor("c", "out", "0", 1e-6, 1e-12)
    sim = Simulation(net)
    sim.set_sine("e", 1.0, 50e3, 0.2)
    sim.run_until(1 * MS)
    assert sim.history.segments[-1].mode.ladder is not None
    w = 2 * pi * 50e3
    gain = 1 / (1 - w * w * 1e-12 + 1j * w * 2e-6)
    t = 0.9e-3 + np.arange(100) * 1e-7
    expected = (gain * -1j * np.exp(1j * (w * t + 0.2))).real
    np.testing.assert_allclose(sim.render([v("out")], 900 * US, 1e5, 100)[0], expected, atol=1e-7)


def by_events(sim, name, table, start_ps):
    """The same table as one event per sample."""
    values = table.values
    for k in range(len(values) - (table.order == "first")):
        slope = (values[k + 1] - values[k]) / (table.dt_ps * 1e-12) if table.order == "first" else 0.0
        sim.at(start_ps + k * table.dt_ps, lambda k=k, slope=slope: sim.set_input(name, values[k], slope))
    sim.at(start_ps + table.steps * table.dt_ps, lambda: sim.set_input(name, values[-1]))


@pytest.mark.parametrize("order", ["zero", "first"])
@pytest.mark.parametrize("dt_ps", [100_000, 7_300_000])
def test_table_equals_one_event_per_sample(order, dt_ps):
    table = Samples(np.random.default_rng(3).normal(5.0, 2.0, 60), dt_ps, order)
    one, other = low_pass(), low_pass()
    for sim in (one, other):
        sim.run_until(12_345)
    one.set_samples("e", table)
    by_events(other, "e", table, 12_345)
    end = 12_345 + 65 * dt_ps
    for sim in (one, other):
        sim.run_until(end)
    probes = [v("out"), v("tank"), i("l"), v("in")]
    dt = dt_ps / 7.0
    count = int(end / dt)
    np.testing.assert_allclose(one.render(probes, 0, dt, count), other.render(probes, 0, dt, count), atol=1e-9)
    for probe in (v("tank"), v("out")):
        assert truth.peak(one, probe, 0, end) == pytest.approx(truth.peak(other, probe, 0, end), rel=1e-9)
        assert truth.i2t(one, probe, 0, end) == pytest.approx(truth.i2t(other, probe, 0, end), rel=1e-9)
    starts = [0, 1234, 50_000]
    np.testing.assert_allclose(
        one.render_each(probes[:3], starts, dt, 300), other.render_each(probes[:3], starts, dt, 300), atol=1e-9
    )
    assert len(one.history.segments) < 20 < 60 <= len(other.history.segments)


@pytest.mark.parametrize("order", ["zero", "first"])
@pytest.mark.parametrize("threshold", [2.0, 5.0, 9.0])
def test_watches_see_every_crossing_inside_a_table(order, threshold):
    """Jumps count for a level watch only, as with an event per sample."""
    table = Samples(np.random.default_rng(5).normal(5.0, 2.0, 150), 1_700_000, order)
    logs = []
    for play in (lambda s: s.set_samples("e", table), lambda s: by_events(s, "e", table, 0)):
        sim = low_pass()
        play(sim)
        log = []
        for probe in (v("tank"), v("in"), v("out")):
            for level in (False, True):
                sim.watch(
                    probe,
                    threshold,
                    1,
                    lambda probe=probe, level=level, log=log, sim=sim: log.append((sim.now_ps, str(probe), level)),
                    level=level,
                )
        sim.run_until(155 * 1_700_000)
        logs.append(log)
    assert len(logs[0]) == len(logs[1])
    for mine, theirs in zip(*logs, strict=True):
        assert mine[1:] == theirs[1:]
        assert abs(mine[0] - theirs[0]) <= 2


def test_superposition_of_line_sine_and_two_tables_on_different_grids():
    first = Samples(np.sin(np.arange(50)), 10 * US, "first", "repeat")
    second = Samples([1.0, -1.0], 7 * US, "zero", "repeat")

    def circuit():
        net = Network()
        net.source("e", "a", "0", 10.0)
        net.current_source("j", "a", "0")
        net.capacitor("c", "a", "0", 1e-6, 0.1)
        return Simulation(net)

    parts = [
        lambda sim: sim.set_input("e", 1.0, 20.0),
        lambda sim: sim.set_sine("e", 0.5, 3e3),
        lambda sim: sim.set_samples("e", first),
        lambda sim: sim.set_samples("j", second),
    ]
    waves = []
    for chosen in [*([part] for part in parts), parts]:
        sim = circuit()
        for part in chosen:
            part(sim)
        sim.run_until(2 * MS)
        waves.append(sim.render([v("a")], 0, 0.33 * US, 6000)[0])
    np.testing.assert_allclose(waves[4], sum(waves[:4]), atol=1e-11)


def test_ends_of_a_table():
    for order, end, after in (
        ("zero", "hold", 3.0),
        ("zero", "zero", 0.0),
        ("first", "hold", 3.0),
        ("first", "zero", 0.0),
        ("zero", "repeat", 1.0),
        ("first", "repeat", 1.5),
    ):
        net = Network()
        net.source("e", "a", "0", 1.0)
        net.resistor("r", "a", "0", 1e12)
        sim = Simulation(net)
        sim.set_samples("e", Samples([1.0, 2.0, 3.0], 10, order, end))
        sim.run_until(35)
        assert sim.value(v("a")) == pytest.approx(after, abs=1e-9), (order, end)
        assert sim.render([v("a")], 5, 1.0, 1)[0, 0] == pytest.approx(1.5 if order == "first" else 1.0)
        sim.set_samples("e", None)
        assert sim.value(v("a")) == 0.0


def test_hundred_thousand_samples_leave_few_segments():
    """One second of noise at 100 kS/s beside watches that it never reaches."""
    sim = low_pass()
    sim.set_input("e", 48.0)
    sim.run_until(50 * MS)
    sim.set_samples("e", noise(1, 0.1, 100_000, 10 * US))
    for limit in range(5):
        sim.watch(v("out"), 50.0 + limit, 1, lambda: None)
    sim.run_until(1050 * MS)
    assert len(sim.history.segments) < 40
    (volts,) = sim.render([v("in")], 50 * MS, 10 * US, 100_000)
    assert np.std(volts) == pytest.approx(0.1, rel=0.1)


def test_noise_is_what_it_says():
    white, again = noise(7, 0.25, 5000, US), noise(7, 0.25, 5000, US)
    assert np.array_equal(white.values, again.values)
    assert np.sqrt(np.mean(white.values**2)) == pytest.approx(0.25, rel=1e-12)
    assert not np.array_equal(white.values, noise(8, 0.25, 5000, US).values)
    pink = np.abs(np.fft.rfft(noise(7, 1.0, 1 << 16, US, pink=True).values)) ** 2
    low, high = pink[8:64].mean(), pink[8 * 64 : 64 * 64].mean()
    assert low / high == pytest.approx(64.0, rel=0.5)


def test_recording_is_joined_by_straight_lines():
    t = 1e-3 + np.arange(100) * 1e-6
    table = recording(t, np.sin(t * 1e4))
    assert (table.dt_ps, table.order, table.end) == (US, "first", "hold")


@pytest.mark.parametrize(
    ("build", "match"),
    [
        (lambda: Samples([1.0, float("nan")], 10), "sample 1 is not finite"),
        (lambda: Samples([1.0], 10), "at least two"),
        (lambda: Samples([1.0, 2.0], 0), "every 0 ps"),
        (lambda: Samples([1.0, 2.0], 10, "second"), "'second'"),
        (lambda: recording([0.0, 1.0, 1.0], [0.0, 0.0, 0.0]), "must rise, but 1 s follows 1 s at sample 2"),
        (lambda: recording([0.0, 1.0, 5.0], [0.0, 0.0, 0.0]), "not evenly spaced at sample 1"),
        (lambda: recording([0.0, float("inf")], [0.0, 0.0]), "time 1 .* not finite"),
        (lambda: recording([0.0, 1.0], [0.0]), "equally many"),
        (lambda: noise(1, float("nan"), 10, 10), "noise of nan"),
    ],
)
def test_nonsense_tables(build, match):
    with pytest.raises(NetworkError, match=match):
        build()


def test_nonsense_sines():
    sim = low_pass()
    for arguments in ((1.0, 0.0), (float("nan"), 50.0), (1.0, float("inf")), (1.0, 50.0, float("nan"))):
        with pytest.raises(NetworkError, match="input 'e': a sine"):
            sim.set_sine("e", *arguments)
    with pytest.raises(NetworkError, match="no input 'x'"):
        sim.set_samples("x", None)
