"""What is drawn over a waveform is what the verdicts rest on, at the place where it was measured."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from reports.overlays import Band, Level, Mark, Overlays, overlays
from reports.waveform import draw, drawn, whole, zoom
from rig.measure.captures.capture import Record, Trace

T0 = {"record": "fault", "signal": "injector_current", "t": 1e-6, "label": "t0"}
TRIP = {"record": "fault", "signal": "port_current", "t": 5e-6, "label": "trip"}


def verdict(measurement: dict, limit: dict | None = None, U: float | None = None, said: str = "PASS") -> dict:
    return {"measurement": measurement, "limit": limit or {}, "U": U, "decision": {"verdict": said}}


def record(n: int = 1000, dt: float = 1e-7, units: tuple[str, ...] = ("V", "A")) -> Record:
    names = {"V": "port_voltage", "A": "port_current", "degC": "case_temperature"}
    codes = (np.arange(n) % 50).astype(np.uint16)
    return Record(
        "fault", {names[u]: Trace(names[u], u, codes, 0.1, 0.0, dt, -2e-6, 0, 4095) for u in units}, True, "scope"
    )


def test_a_time_limit_and_its_uncertainty_start_at_t0():
    over = overlays("fault", [verdict({"unit": "s", "value": 4e-6, "marks": [T0, TRIP]}, {"high": 6e-6}, 1e-7)])
    assert over.marks == (Mark(1e-6, "t0"), Mark(5e-6, "trip"))
    assert over.levels == (Level("s", pytest.approx(7e-6), 6e-6, "limit"),)
    assert over.bands == (Band("s", pytest.approx(4.9e-6), pytest.approx(5.1e-6)),)


def test_an_interval_that_began_on_another_record_is_counted_back_from_its_end():
    end = {**TRIP, "record": "slow", "t": 0.7}
    found = verdict({"unit": "s", "value": 0.6, "marks": [T0, end]}, {"high": 0.65}, 0.01)
    over = overlays("slow", [found])
    assert over.marks == (Mark(0.7, "trip"),)
    assert over.levels == (Level("s", pytest.approx(0.75), 0.65, "limit"),)
    assert over.bands == (Band("s", pytest.approx(0.69), pytest.approx(0.71)),)
    assert overlays("fault", [found]).levels == (Level("s", pytest.approx(0.650001), 0.65, "limit"),)
    open_ended = verdict({"unit": "s", "value": None, "marks": [T0, end]}, {"high": 0.65})
    assert overlays("slow", [open_ended]).levels == ()


def test_a_time_without_an_end_is_said():
    began = {"unit": "s", "value": None, "marks": [T0]}
    assert overlays("fault", [verdict(began)]).unended
    assert not overlays("slow", [verdict(began)]).unended
    assert not overlays("fault", [verdict({**began, "value": 1.0}), verdict({**began, "unit": "A"})]).unended


def test_levels_bands_and_the_band_to_return_to():
    peak = {"unit": "V", "value": 59.0, "marks": [{**TRIP, "label": "port_voltage_peak"}]}
    recovery = {
        "measurand": "recovery_time",
        "unit": "s",
        "value": None,
        "marks": [T0],
        "inputs": {"low": 51, "high": 57},
    }
    verdicts = [verdict(peak, {"high": 60.0, "low": "-inf"}, 0.3, "FAIL"), verdict(recovery)]
    over = overlays("fault", verdicts)
    assert over.unended
    assert over.levels == (Level("V", 60.0, 60.0, "limit"),)
    assert over.bands == (Band("V", 58.7, 59.3),)
    assert over.marks == (Mark(1e-6, "t0"), Mark(5e-6, "port_voltage_peak", "V", clear=False))
    elsewhere = Overlays((), (Level("V", 60.0, 60.0, "limit"),), (Band("V", 51.0, 57.0, "band"),))
    assert overlays("slow", verdicts) == elsewhere
    assert overlays("fault", [{"measurement": None, "decision": {"verdict": "NOT_TESTED"}}]) == Overlays((), (), ())


def test_a_current_limit_is_drawn_where_the_current_was_judged():
    peak = verdict({"unit": "A", "value": 90.0, "marks": [TRIP]}, {"high": 300.0})
    assert overlays("fault", [peak]).levels == (Level("A", 300.0, 300.0, "limit"),)
    assert overlays("slow", [peak]).levels == ()


def test_a_mark_shared_with_a_failed_verdict_is_not_clear():
    found = {"unit": "s", "value": 4e-6, "marks": [T0, TRIP]}
    for order in (("PASS", "FAIL"), ("FAIL", "PASS")):
        over = overlays("fault", [verdict(found, said=said) for said in order])
        assert [mark.clear for mark in over.marks] == [False, False]


def test_a_mark_of_a_time_and_a_current_is_one_of_a_time():
    units = ("A", "s")
    for first, second in (units, units[::-1]):
        found = [verdict({"unit": unit, "value": 1.0, "marks": [T0]}) for unit in (first, second)]
        assert overlays("fault", found).marks == (Mark(1e-6, "t0"),)


def test_the_window_is_the_event_with_room():
    over = Overlays((Mark(0.0, "t0"), Mark(1e-5, "trip"), Mark(9e-5, "port_voltage_peak", "V")), (), ())
    window = zoom(record(), over)
    assert (window.first, window.last) == (pytest.approx(-2e-6), pytest.approx(1.45e-5))
    assert (window.origin, window.origin_label) == (0.0, "t0")
    aside = Overlays((*over.marks, Mark(8e-5, "reverse_current", "A")), (), ())
    assert zoom(record(), aside) == window
    near = Overlays(over.marks, (Level("s", 3e-5, 3e-5, "limit"),), ())
    assert zoom(record(), near).last == pytest.approx(3.45e-5)
    far = Overlays(over.marks, (Level("s", 8e-5, 8e-5, "limit"),), ())
    assert zoom(record(), far).last == window.last


def test_without_two_instants_the_whole_record_is_shown():
    for marks in ((), (Mark(3e-6, "removal"),), (Mark(3e-6, "removal"), Mark(9e-6, "peak", "V"))):
        over = Overlays(marks, (), ())
        assert zoom(record(), over) == whole(record(), over)
    assert whole(record(), Overlays((), (), ())).origin_label == ""
    assert whole(record(), Overlays((Mark(3e-6, "port_voltage_peak", "V"),), (), ())).origin == 0.0
    assert whole(record(), Overlays((Mark(3e-6, "removal"),), (), ())).origin == 3e-6


def svg(over: Overlays, of: Record | None = None) -> str:
    of = of or record()
    return draw(of, over, zoom(of, over))


def test_the_svg_is_well_formed_scalable_and_text_stays_text():
    over = Overlays(
        (Mark(0.0, "t0"), Mark(1e-5, "$trip$ <&>")),
        (Level("s", 3e-5, 3e-5, "limit"), Level("V", 6.0, 6.0, "limit"), Level("A", 300.0, 300.0, "limit")),
        (Band("A", 1.0, 2.0), Band("s", 0.9e-5, 1.1e-5), Band("V", 4.0, 5.0, "band")),
    )
    root = ET.fromstring(svg(over))
    assert root.get("width") is root.get("height") is None
    assert root.get("viewBox")
    words = ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]
    for label in (
        "t0",
        "$trip$ <&>",
        "limit 30\u00a0µs",
        "limit 6\u00a0V",
        "limit 300\u00a0A ↑",
        "voltage / V",
        "time after t0 / µs",
    ):
        assert label in words


def test_drawing_twice_gives_the_same_bytes():
    over = Overlays((Mark(0.0, "t0"), Mark(1e-5, "trip")), (), (Band("A", 1.0, 2.0),))
    assert svg(over) == svg(over)
    assert "<dc:date>" not in svg(over)


def test_two_figures_share_no_ids_but_those_of_equal_content():
    first, second = (svg(Overlays((Mark(0.0, "t0"), Mark(end, "trip")), (), ())) for end in (1e-5, 2e-5))
    shared = set(re.findall(r'id="([^"]+)"', first)) & set(re.findall(r'id="([^"]+)"', second))
    for name in shared:
        define = re.compile(rf'<(\w+) id="{name}".*?</\1>|<path id="{name}"[^>]*/>', re.DOTALL)
        assert define.search(first).group() == define.search(second).group()


def test_long_records_are_decimated():
    text = svg(Overlays((), (), ()), record(200_000, 1e-9))
    assert len(text) < 150_000


def test_a_record_of_one_kind_has_one_panel():
    assert "current / A" not in svg(Overlays((), (), ()), record(units=("V", "degC")))


def test_a_limit_far_away_is_named_at_the_edge():
    over = Overlays(
        (Mark(0.0, "t0"), Mark(1e-5, "trip")), (Level("s", 5e-4, 5e-4, "limit"), Level("V", -99.0, -99.0, "limit")), ()
    )
    shown = svg(over)
    assert "limit 500\u00a0µs →" in shown
    assert "limit \u221299\u00a0V ↓" in shown


NONE = Overlays((), (), ())


def test_the_mains_is_drawn_small_and_what_the_device_has_not_is_left_out():
    ramp = np.arange(100, dtype=np.uint16)
    made = {
        "port_voltage": (0.5, ramp), "mains_voltage": (3.3, ramp), "input_voltage": (0.005, ramp),
        "injector_current": (0.0001, ramp),
    }  # fmt: skip
    traces = {
        name: Trace(name, "A" if "current" in name else "V", codes, scale, 0.0, 1e-3, 0.0, 0, 4095)
        for name, (scale, codes) in made.items()
    }
    own = Record("slow", traces, True, "daq")
    assert [trace.signal for trace in drawn(own)] == ["port_voltage", "mains_voltage", "injector_current"]
    numbers = [int(text) for text in re.findall(r">(\d+)</text>", draw(own, NONE, whole(own, NONE)))]
    assert max(numbers) < 100, "the axis goes to 50 V, not to 330"
