"""A port's arc detector, and a bench's amplifier that plays a table: both against exact truth."""

import numpy as np
import pytest

from rig.faults import RATE_HZ, Arc, Chopper
from rig.twin.device import arc
from rig.twin.engine.probe import v
from rig.twin.engine.signals import Samples
from rig.twin.engine.units import to_ps
from rig.twin.scene.protection import Arc as Model
from tests.twin.operator import Operator
from tests.twin.world.port_bench import MS, PortBench

STEP_PS = to_ps(1.0 / RATE_HZ)
BLOCK = 20 * MS
LOUD = Arc("500 mV")


def bench(**detector) -> PortBench:
    found = PortBench(protection={"arc": {"level": "10 mA", "time": "100 ms", **detector}})
    found.sim.set_switch("load", on=True)
    found.wait(0.05)
    return found


def noise(found: PortBench, what, seconds: float) -> int:
    """The noise inside for so long; when it began."""
    begin, codes = found.now, np.array(what.table.codes)
    found.sim.set_samples("feed", Samples(codes / codes.max() * what.peak, STEP_PS, "zero", "repeat"))
    found.wait(seconds)
    found.sim.set_samples("feed", None)
    return begin


def asleep(found: PortBench) -> bool:
    (detector,) = found.port._protection._parts
    return not detector._tick.running


def test_it_trips_after_so_many_blocks_of_noise_without_interruption():
    found = bench()
    assert asleep(found)
    begin = noise(found, LOUD, 0.13)
    first = -(-begin // BLOCK) * BLOCK
    assert found.trips == [(first + 5 * BLOCK, "arc")]


def test_noise_that_ends_before_is_forgotten_and_it_sleeps_again():
    found = bench()
    for _ in range(2):
        noise(found, LOUD, 0.09)
        assert not asleep(found)
        found.wait(0.05)
        assert asleep(found)
    assert found.trips == []


def test_a_current_that_has_moved_is_no_noise_and_what_comes_later_is_found_all_the_same():
    found = bench()
    for ohms in (20.0, 5.0, 10.0):
        found.sim.set_ohms("load", ohms)
        found.wait(0.2)
        assert asleep(found)
    noise(found, LOUD, 0.13)
    assert [reason for _, reason in found.trips] == ["arc"]


@pytest.mark.parametrize(("tonal", "trips"), [(False, []), (True, ["arc"])])
def test_tones_are_no_arc_for_a_sound_detector(tonal, trips):
    found = bench(tonal=tonal)
    noise(found, Chopper("500 mV"), 0.13)
    assert [reason for _, reason in found.trips] == trips


def test_what_it_calls_noise_is_the_rms_of_white_noise_in_its_band_and_no_tone():
    model = Model.model_construct(level=1.0, time=1.0, low=10e3, high=100e3, tonal=False)
    rng, t = np.random.default_rng(1), np.arange(arc.COUNT) / RATE_HZ
    white = rng.normal(size=arc.COUNT)
    inside = np.sqrt(90e3 / (RATE_HZ / 2))
    assert arc.noise(white, model) == pytest.approx(inside, rel=0.05)
    tone = 10.0 * np.sin(2 * np.pi * 24.7e3 * t)
    assert arc.noise(white + tone, model) == pytest.approx(inside, rel=0.05)
    both = model.model_copy(update={"tonal": True})
    assert arc.noise(tone, both) == pytest.approx(10.0 / np.sqrt(2.0), rel=0.01)
    assert arc.noise(10.0 * np.sin(2 * np.pi * 5e3 * t), both) < 0.01


def test_the_amplifier_gives_what_is_played_times_its_gain_and_no_more_than_its_supply_has():
    operator = Operator("healthy", parts=("series_switch", "amplifier"))
    model, sim = operator.world.scene.bench.amplifier, operator.sim
    operator.world.lines.write(model.control, True)
    operator.wait(0.01)
    volts = (0.1, -0.2, 0.25, -0.3)
    begin = operator.now
    operator.world.generator.play(volts, STEP_PS)
    operator.wait(40e-6)
    seen = sim.render([v("amplified", "fed")], begin + STEP_PS // 2, STEP_PS, 8)[0]
    assert seen == pytest.approx([1.0, -2.0, 2.5, -2.5] * 2, abs=1e-6)
    operator.world.generator.play((), STEP_PS)
    assert sim.value(v("amplified", "fed")) == pytest.approx(0.0, abs=1e-6)
