"""Converters alone, against closed forms: droop lines, limits, power, ripple, voltage loop, storage."""

import math

import numpy as np
import pytest

from rig.twin.engine import truth
from rig.twin.engine.probe import i
from tests.twin.world.parts_bench import PartsBench, node_volts

MS = 10**9
BLEEDER = 4700.0
CONVERTER = {
    "block": "converter", "source": None, "node": "out", "voltage": "54 V", "resistance": "100 mohm",
    "current_limit": "10 A", "capacitance": "470 uF", "esr": "20 mohm", "ramp": "10 ms", "ratio": 1.2,
}  # fmt: skip
FED = CONVERTER | {"source": "in"}
LOOP = {"loop": {"bandwidth": "2 kHz"}}


def running(model, **more):
    bench = PartsBench({"converter": model} | more, pushed=("out",), held=("in",) if model["source"] else ())
    if model["source"]:
        bench.hold("in", 48.0)
    bench.start()
    return bench


@pytest.mark.parametrize("loop", [{}, LOOP], ids=["at once", "loop"])
def test_the_output_is_its_droop_line_and_draws_its_ratio(loop):
    bench = running(FED | loop)
    for amps in np.linspace(0.0, 9.8, 8):
        bench.push("out", -amps)
        total = amps + bench.volts("out") / BLEEDER
        assert bench.volts("out") == pytest.approx(54.0 - 0.1 * total, rel=1e-9)
        assert bench.value(i("hold_in")) == pytest.approx(1.2 * total, rel=1e-9)


@pytest.mark.parametrize("loop", [{}, LOOP], ids=["at once", "loop"])
def test_at_its_limit_the_current_is_vertical_and_the_draw_falls_with_the_voltage(loop):
    bench = running(FED | loop, short={"block": "load", "node": "out", "resistance": "2 ohm"})
    bench.wait(0.5)
    ohms = 1 / (1 / 2 + 1 / BLEEDER)
    assert bench.volts("out") == pytest.approx(10 * ohms, rel=1e-8)
    assert bench.value(i("hold_in")) == pytest.approx(1.2 * 10 * bench.volts("out") / 54, rel=1e-6)


def loaded(ohms, **limits):
    resistor = {"block": "resistor", "node": "out", "resistance": f"{ohms:.9f} ohm"}
    bench = running(FED | limits, load=resistor)
    return bench.volts("out"), bench.volts("out") * (1 / ohms + 1 / BLEEDER), bench.value(i("hold_in"))


@pytest.mark.parametrize("loop", [{}, LOOP], ids=["at once", "loop"])
def test_a_power_limit_is_a_hyperbola_within_a_thousandth(loop):
    """250 W from 54 V down to 10 A, then 10 A vertical (domain facts 1.2: set voltage, constant power, maximum)."""
    for volts in np.geomspace(25.5, 53.0, 9):
        at, amps, drawn = loaded(volts**2 / 250, power="250 W", **loop)
        assert -1e-6 <= at * amps / 250 - 1 <= 1e-3
        assert drawn == pytest.approx(1.2 * 250 / 54, rel=1e-5)
    for ohms in (0.5, 2.0):
        at, amps, drawn = loaded(ohms, power="250 W", **loop)
        assert amps == pytest.approx(10.0, rel=1e-6)
        assert drawn == pytest.approx(1.2 * 10 * at / 54, rel=1e-5)
    at, amps, _ = loaded(20.0, power="250 W", **loop)
    assert at == pytest.approx(54 - 0.1 * amps, rel=1e-6)


def test_a_converter_never_sinks_and_stops():
    bench = running(CONVERTER)
    bench.push("out", 1e-3 * 57.0 / BLEEDER + 57.0 / BLEEDER, 60.0)
    assert bench.volts("out") == pytest.approx(57.057, rel=1e-6)
    bench.parts.stop()
    bench.push("out", 0.0, 60.0)
    assert bench.volts("out") == pytest.approx(0.0, abs=1e-6)


def test_ripple_is_a_sine_of_twice_the_mains_behind_the_droop():
    ripple = {"ripple": {"amplitude": "200 mV", "frequency": "100 Hz"}}
    bench = running(CONVERTER | ripple, load={"block": "resistor", "node": "out", "resistance": "27 ohm"})
    capacitor = 0.02 + 1 / (2j * math.pi * 100 * 470e-6)
    admittance = 1 / 27 + 1 / BLEEDER + 1 / capacitor
    mean = 54 / (1 + 0.1 * (1 / 27 + 1 / BLEEDER))
    expected = 0.2 * abs(1 / (1 + 0.1 * admittance))
    begin = bench.sim.now_ps
    bench.wait(1.0)
    top, low = (s * truth.peak(bench.sim, s * node_volts("out"), begin, bench.sim.now_ps)[0] for s in (1, -1))
    assert ((top + low) / 2, (top - low) / 2) == pytest.approx((mean, expected), rel=1e-6)
    ups = [at for at, up in truth.crossings(bench.sim, node_volts("out"), mean, begin, bench.sim.now_ps) if up > 0]
    np.testing.assert_allclose(np.diff(ups), 10 * MS, rtol=1e-6)


def dump(model):
    """How far the output rises above its idle voltage when a load of 8 A goes."""
    bench = running(model)
    idle = bench.volts("out")
    bench.push("out", -8.0)
    begin = bench.sim.now_ps
    bench.push("out", 0.0, 0.1)
    return truth.peak(bench.sim, node_volts("out"), begin, bench.sim.now_ps)[0] - idle


def test_a_load_dump_overshoots_with_a_loop_and_the_more_the_slower_it_is():
    stiff = CONVERTER | {"resistance": "5 mohm", "esr": "5 mohm"}
    none, fast, slow = (
        dump(stiff),
        *(dump(stiff | {"loop": {"bandwidth": f"{khz} kHz"}}) for khz in (5, 1)),
    )
    assert none == pytest.approx(0.0, abs=1e-3)
    assert 0.1 < fast < 0.5 < slow < 3.0


BATTERY = {
    "block": "battery", "node": "cells", "empty": "44 V", "full": "54 V", "capacity": "1 Ah", "charge": "50 %",
    "resistance": "30 mohm",
}  # fmt: skip
STORAGE = {
    "block": "storage", "source": "cells", "node": "out", "capacitance": "470 uF", "esr": "20 mohm", "ramp": "20 ms",
    "export": {"intercept": "47 V", "resistance": "400 mohm", "limit": "5 A", "ratio": 1.02},
    "import": {"intercept": "49 V", "resistance": "400 mohm", "limit": "5 A", "ratio": 0.95},
}  # fmt: skip
SHIFT = {
    "shift": {
        "battery": "battery", "high": "80 %", "low": "20 %", "hysteresis": "2 %", "volts": "1 V", "ramp": "1 s",
    }
}  # fmt: skip


def storing(charge="50 %", **more):
    bench = PartsBench({"battery": BATTERY | {"charge": charge}, "storage": STORAGE | more}, pushed=("out",))
    bench.start()
    return bench


def test_storage_feeds_and_takes_on_its_lines_with_a_dead_band_between():
    bench = storing()
    battery = bench.parts.batteries["battery"].current
    for amps in (0.0, 1.0, 4.9):
        bench.push("out", -amps)
        total = amps + bench.volts("out") / BLEEDER
        assert bench.volts("out") == pytest.approx(47.0 - 0.4 * total, rel=1e-9)
        assert bench.value(battery) == pytest.approx(-1.02 * total, rel=1e-9)
        bench.push("out", amps + 48.0 / BLEEDER, 5.0)
        taken = amps + 48.0 / BLEEDER - bench.volts("out") / BLEEDER
        if amps:
            assert bench.volts("out") == pytest.approx(49.0 + 0.4 * taken, rel=1e-9)
            assert bench.value(battery) == pytest.approx(0.95 * taken, rel=1e-9)
        else:
            assert bench.value(battery) == pytest.approx(0.0, abs=1e-9)
            assert 47.0 < bench.volts("out") <= 48.0


def test_storage_takes_and_gives_no_more_than_its_limits():
    bench = PartsBench({"battery": BATTERY, "storage": STORAGE}, held=("out",))
    bench.hold("out", 48.0)
    bench.start()
    bench.hold("out", 58.0)
    assert bench.value(i("hold_out")) - 58 / BLEEDER == pytest.approx(5.0, rel=1e-4)
    assert bench.value(bench.parts.batteries["battery"].current) == pytest.approx(0.95 * 5, rel=1e-9)
    bench.hold("out", 40.0)
    assert bench.value(i("hold_out")) - 40 / BLEEDER == pytest.approx(-5.0, rel=1e-4)


def test_an_export_line_ends_in_a_hyperbola_down_to_its_limit():
    """47 V, 0.4 ohm to 45 V, 225 W to 43 V, then vertical (domain facts 1.2)."""
    export = STORAGE["export"] | {"power": "225 W", "limit": "5.25 A"}
    bench = PartsBench({"battery": BATTERY, "storage": STORAGE | {"export": export}}, held=("out",))
    bench.hold("out", 48.0)
    bench.start()
    for held in (46.5, 45.1, 44.5, 43.9, 43.2, 42.5, 30.0):
        bench.hold("out", held, 0.1)
        at = bench.volts("out")
        expected = min((47.0 - at) / 0.4, 225.0 / at, 5.25)
        assert at / BLEEDER - bench.value(i("hold_out")) == pytest.approx(expected, rel=1e-3)


def test_the_lines_shift_with_the_charge_at_its_thresholds():
    bench = storing("79 %", **SHIFT)
    storage, battery = bench.parts.sources["storage"], bench.parts.batteries["battery"]
    begin, charge = bench.sim.now_ps, battery.charge
    bench.push("out", 4.0, 60.0)
    amps = bench.value(battery.current)
    assert storage.level == "high"
    assert bench.volts("out") == pytest.approx(50.0 + 0.4 * amps / 0.95, rel=1e-9)
    (high,) = [int(line.split()[0]) for line in bench.sim.events.lines if line.endswith("charge high")]
    assert (high - begin) * 1e-12 == pytest.approx((0.80 - charge) * 3600 / amps, rel=1e-3)  # begins within a second
    bench.push("out", -4.0, 90.0)
    assert storage.level == "middle"
    assert bench.volts("out") == pytest.approx(47.0 - 0.4 * (4 + bench.volts("out") / BLEEDER), rel=1e-9)
    low = storing("19 %", **SHIFT)
    assert (low.parts.sources["storage"].level, low.volts("out")) == ("low", pytest.approx(46.0, abs=0.01))
