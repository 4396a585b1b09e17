"""Parts that draw power alone, against closed forms: loads, stages, the inverter's ripple."""

import numpy as np
import pytest
from pydantic import ValidationError

from rig.twin.engine import truth
from rig.twin.engine.probe import i, v
from rig.twin.scene.load import load_scene
from tests.twin.operator import Operator
from tests.twin.world.parts_bench import MODEL, PartsBench, node_volts

MS = 10**9
POWER = {"block": "load", "node": "in", "power": "100 W", "minimum": "30 V"}
CURRENT = {"block": "load", "node": "in", "current": "3 A", "minimum": "30 V"}


def fed(volts, **parts):
    bench = PartsBench(parts, held=("in",))
    bench.hold("in", volts, 1e-3)
    return bench


def test_constant_power_is_a_hyperbola_down_to_its_minimum_and_a_resistance_below():
    bench = fed(48.0, load=POWER)
    load = bench.parts.sinks["load"]
    assert bench.value(load.current) == pytest.approx(0.0, abs=1e-9)
    bench.start()
    for volts in np.geomspace(30.1, 59.9, 12):
        bench.hold("in", volts, 1e-3)
        assert -1e-6 <= bench.volts("in") * bench.value(load.current) / 100 - 1 <= 0.86e-3
    for volts in (20.0, 1.0):
        bench.hold("in", volts, 1e-3)
        assert bench.value(load.current) == pytest.approx(bench.volts("in") * 100 / 30**2, rel=1e-9)
    bench.hold("in", 48.0, 1e-3)
    assert bench.value(load.current) == pytest.approx(100 / 48, rel=1e-3)
    bench.parts.stop()
    assert bench.value(load.current) == pytest.approx(0.0, abs=1e-9)


def test_constant_current_down_to_its_minimum():
    bench = fed(48.0, load=CURRENT | {"always": True})
    load = bench.parts.sinks["load"]
    for volts, amps in ((48.0, 3.0), (31.0, 3.0), (15.0, 1.5), (0.0, 0.0), (55.0, 3.0)):
        bench.hold("in", volts, 1e-3)
        assert bench.value(load.current) == pytest.approx(amps, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("model", [POWER, CURRENT], ids=["power", "current"])
def test_a_soft_start_rises_in_tenths(model):
    bench = fed(48.0, load=model | {"soft_start": "100 ms"})
    bench.start(0.0)
    load, begin, full = bench.parts.sinks["load"], bench.sim.now_ps, None
    bench.wait(0.2)
    amps = bench.sim.render([load.current], begin + 5 * MS, 10 * MS, 15)[0]
    full = amps[-1]
    np.testing.assert_allclose(amps[:10], full * np.arange(10) / 10, rtol=1e-3, atol=1e-6)
    assert full == pytest.approx(3.0 if model is CURRENT else 100 / 48, rel=1e-3)


STAGES = {
    "block": "stages",
    "node": "in",
    "stages": [
        {"on_above": "42 V", "off_below": "40 V", "ramp": "100 ms", "power": "40 W"},
        {"on_above": "50 V", "off_below": "48 V", "ramp": "0 s", "resistance": "30 ohm"},
    ],
}


def test_stages_come_and_go_at_their_thresholds_in_order_of_priority():
    """The grid goes 36 -> 54 -> 36 V at 1 V/s (domain facts 1.2: high priority 40-42 V, low priority 48-50 V)."""
    bench = fed(36.0, stages=STAGES)
    bench.start(0.0)
    begin = bench.sim.now_ps
    for volts, slope in ((36.0, 1.0), (54.0, -1.0)):
        bench.sim.set_input("hold_in", volts, slope)
        bench.wait(18.0)
        bench.sim.set_input("hold_in", volts + 18 * slope)
    lines = [line.split() for line in bench.sim.events.lines]
    found = [(line[-2][-1], line[-1], (int(line[0]) - begin) * 1e-12) for line in lines if "stages" in line[-2]]
    assert [(which, what) for which, what, _ in found] == [("1", "on"), ("2", "on"), ("2", "off"), ("1", "off")]
    # Behind 1 mohm: the grid is above the terminals by less than 3 mV.
    np.testing.assert_allclose([at for *_, at in found], [6.0, 14.0, 24.0, 32.0], atol=3e-3)


def test_a_stage_ramps_and_goes_at_once():
    bench = fed(48.0, stages=STAGES)
    bench.start(0.055)
    assert bench.parts.sinks["stages"].on == [True, False]
    assert -bench.value(-i("hold_in")) == pytest.approx(0.5 * 40 / 48, rel=1e-3)
    bench.hold("in", 39.9, 0.0)
    bench.wait(1e-6)
    assert bench.parts.sinks["stages"].on == [False, False]
    assert bench.value(i("hold_in")) == pytest.approx(0.0, abs=1e-6)


def test_stages_that_overlap_or_have_no_hysteresis_are_refused():
    overlap = STAGES | {"stages": [STAGES["stages"][0], STAGES["stages"][1] | {"off_below": "41 V"}]}
    with pytest.raises(ValidationError, match="stage 2 goes off below 41 V, and stage 1 comes on only above 42 V"):
        MODEL.validate_python({"stages": overlap})
    flat = STAGES | {"stages": [STAGES["stages"][0] | {"off_below": "42 V"}]}
    with pytest.raises(ValidationError, match="off_below must lie below on_above"):
        MODEL.validate_python({"stages": flat})


def test_an_inverter_draws_a_mean_and_a_sine_at_100_hz():
    inverter = {
        "block": "inverter", "node": "in", "current": "3 A", "ripple": "80 %", "frequency": "100 Hz",
        "soft_start": "200 ms",
    }  # fmt: skip
    bench = fed(48.0, inverter=inverter)
    bench.start(0.1)
    current = bench.parts.sinks["inverter"].current
    assert bench.value(current) == pytest.approx(1.5, rel=1e-9)
    bench.wait(0.2)
    begin = bench.sim.now_ps
    bench.wait(0.1)
    top, low = (s * truth.peak(bench.sim, s * current, begin, bench.sim.now_ps)[0] for s in (1, -1))
    assert (top, low) == pytest.approx((5.4, 0.6), rel=1e-9)
    ups = [at for at, up in truth.crossings(bench.sim, current, 3.0, begin, bench.sim.now_ps) if up > 0]
    np.testing.assert_allclose(np.diff(ups), 10 * MS, atol=2)
    assert truth.peak(bench.sim, node_volts("in"), begin, bench.sim.now_ps)[0] < 48.0
    bench.parts.stop()
    assert bench.value(current) == pytest.approx(0.0, abs=1e-12)


def test_a_constant_power_behind_an_ohm_does_not_chatter_where_it_ends(tmp_path):
    """The capacitor that it is left with has an ohm in series; below 30 V it is a resistance."""
    scene = tmp_path / "early.yaml"
    text = "schema: 1\nname: early\nextends: plain-load\ndevice: {defects: {early-cut-off: default}}\n"
    scene.write_text(text, encoding="utf-8")
    bench = Operator(load_scene(scene))
    bench.feed(48.0)
    bench.ramp_supply(43.0, 2.0)
    bench.wait(1.0)
    assert bench.world.device.ports["feed"].state != "on"
    assert bench.sim.value(v("device_inside")) == pytest.approx(0.0, abs=1e-3)
