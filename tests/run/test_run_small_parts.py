"""The small tables of a run: exit codes, needs, views, traces, keys."""

from __future__ import annotations

import math

import numpy as np
import pytest

from instruments.accuracy import Accuracy
from instruments.records import Waveform
from rig.faults import Base, Overload, Reverse, Short
from rig.files import document
from rig.files.bench import Bench, Divider, Shunt
from rig.files.device import Device
from rig.run import Case, Window
from rig.run.exit_code import exit_code
from rig.run.needs import missing
from rig.run.planned import new_planned
from rig.run.traces import channel_accuracy, fast_trace, slow_trace, unit_per_volt
from rig.run.views import ChannelSetting, views

SHORT = Case("SC-01", Short("10 mohm"))


@pytest.fixture(scope="module")
def bench():
    return document.load(document.resolve("benches", "twin"), Bench)


@pytest.fixture(scope="module")
def device():
    return document.load(document.resolve("devices", "reference"), Device)


@pytest.mark.parametrize(
    ("verdicts", "bench_fault", "code"),
    [
        (["PASS", "PASS"], False, 0),
        (["PASS", "FAIL", "INCONCLUSIVE"], False, 1),
        (["PASS", "CONDITIONAL_FAIL"], False, 1),
        (["PASS", "CONDITIONAL_PASS"], False, 4),
        (["PASS", "INCONCLUSIVE"], False, 4),
        (["PASS", "NOT_TESTED"], False, 4),
        (["NOT_TESTED"], False, 4),
        ([], False, 4),
        (["FAIL"], True, 3),
        (["PASS"], True, 3),
        ([], True, 3),
    ],
)
def test_the_first_reason_that_applies_is_the_exit_code(verdicts, bench_fault, code):
    assert exit_code(verdicts, bench_fault=bench_fault) == code


def without(bench, **changes):
    return bench.model_copy(update=changes)


def test_what_a_bench_lacks_in_words(bench):
    reverse = Case("RP-01", Reverse("54 V", current="1 A"), needs=frozenset({"reversed"}))
    fast = Case("SC-01", Short("10 mohm"), needs=frozenset({"injector", "digitizer >= 20 MHz"}))
    odd = Case("SC-01", Short("10 mohm"), needs=frozenset({"a thermal chamber"}))
    assert missing(SHORT, bench) == missing(reverse, bench) == missing(fast, bench) == []
    assert missing(odd, bench) == ["'a thermal chamber', which this version does not know"]
    assert missing(fast, without(bench, digitizer_rate_max=20e6)) == []
    assert missing(fast, without(bench, digitizer_rate_max=19e6)) == ["a digitizer of 20 MHz or more"]
    assert missing(reverse, without(bench, routes={"forward": bench.routes["forward"]})) == [
        "a route that reverses the supply"
    ]
    bare = without(bench, injector=bench.injector.model_copy(update={"taps": {}}))
    assert missing(SHORT, bare) == ["an injector with taps"]
    assert missing(reverse, bare) == [], "a reversal needs none"


def test_views_show_what_the_declaration_leads_one_to_expect(bench, device):
    found = views(bench, device.port)
    assert set(found) == {"short", "overload", "recovery"}
    # 300 A declared peak x 1.2 through 5 mohm: +-1.8 V, 8 divisions of 0.5 V are the first that show it
    assert found["short"].settings["port_current"] == ChannelSetting(2, 0.5, 0.0)
    # 5 A x 4 x 1.2 through 5 mohm: +-0.12 V
    assert found["overload"].settings["port_current"] == ChannelSetting(2, 0.05, 0.0)
    # +-70 V divided by 20
    assert found["short"].settings["port_voltage"] == ChannelSetting(1, 1.0, 0.0)
    # -12..64 V divided by 20, centred
    assert found["recovery"].settings["port_voltage"] == ChannelSetting(1, 0.5, 1.3)
    assert found["short"].settings["gate_voltage"].centre == 1.25
    for view in found.values():
        assert "input_voltage" not in view.settings, "only signals with a fast channel"


def test_transducers_turn_volts_into_the_signal(bench):
    assert unit_per_volt(bench.transducers["port_shunt"]) == (pytest.approx(200.0), "A")
    assert unit_per_volt(bench.transducers["port_divider"]) == (20.0, "V")


SHUNT = Shunt(kind="shunt", resistance="5 mohm", tolerance="0.1 %", inductance="0.5 nH", bandwidth="50 MHz")
DIVIDER = Divider(kind="divider", ratio=20.0, tolerance="0.5 %", bandwidth="20 MHz")
CHANNEL = Accuracy(
    "measure voltage", 4.0, gain_frac=0.01, offset_abs=0.002, offset_frac_of_range=0.005, timebase_ppm=25.0,
    skew_s=1e-9, source="data sheet", verified=True,
)  # fmt: skip


def test_limits_of_error_become_standard_uncertainties_at_the_device():
    found = channel_accuracy(CHANNEL, SHUNT)
    assert found.gain_u == pytest.approx(math.hypot(0.01, 0.001) / math.sqrt(3))
    assert found.offset_u == pytest.approx(200 * (0.005 * 4.0 + 0.002) / math.sqrt(3))
    assert found.skew_u == pytest.approx(1e-9 / math.sqrt(3))
    assert found.timebase_u == pytest.approx(25e-6 / math.sqrt(3))
    assert (found.verified, found.checked, found.note) == (False, True, "data sheet"), "read, but not calibrated"
    unread = channel_accuracy(Accuracy("measure voltage", 4.0), DIVIDER)
    assert (unread.verified, unread.checked, unread.skew_u) == (False, False, None)


def test_a_digitizer_channel_as_the_signal_at_the_device():
    wave = Waveform(np.array([0, 2048, 4095], np.uint16), 1e-8, -4e-6, 0.001, -2.048, 0, 4095)
    found = fast_trace("port_current", wave, SHUNT, channel_accuracy(CHANNEL, SHUNT))
    assert (found.unit, found.dt, found.start, found.code_min, found.code_max) == ("A", 1e-8, -4e-6, 0, 4095)
    assert found.scale == pytest.approx(0.2)
    assert found.offset == pytest.approx(-409.6)
    assert found.lead_time == pytest.approx(1e-7), "L/R of the shunt"
    volts = fast_trace("port_voltage", wave, DIVIDER, channel_accuracy(CHANNEL, DIVIDER))
    assert volts.values.tolist() == pytest.approx([-40.96, 0.0, 40.94])
    assert volts.lead_time == 0.0


def test_a_stretch_of_the_recorder_begins_at_time_zero():
    codes = np.array([32768, 33768], np.uint16)
    found = slow_trace("port_voltage", codes, (1e-4, -3.2768), 2000.0, DIVIDER, channel_accuracy(CHANNEL, DIVIDER))
    assert (found.start, found.dt, found.code_min, found.code_max) == (0.0, 5e-4, 0, 65535)
    assert found.values.tolist() == pytest.approx([0.0, 2.0])


@pytest.mark.parametrize(
    ("case", "key"),
    [
        (SHORT, "SC-01-short-10-mohm"),
        (Case("SC-01", Short("2 ohm")), "SC-01-short-2-ohm"),
        (Case("OC-01", Overload(1.05), base=Base(load=0.5)), "OC-01-overload-1_05-x"),
        (Case("RP-01", Reverse("54 V", current="1 A")), "RP-01-reverse--54-V"),
    ],
)
def test_a_key_reads_well_and_is_a_file_name(case, key):
    assert new_planned("id", case, "title", "why", ()).key == key


def test_equal_cases_get_different_keys():
    taken: set[str] = set()
    for expected in ("SC-01-short-10-mohm", "SC-01-short-10-mohm-2", "SC-01-short-10-mohm-3"):
        taken.add(new_planned("id", SHORT, "title", "why", taken).key)
        assert expected in taken


def test_windows_by_kind_of_fault_and_declared():
    assert SHORT.view == Window("2 ms")
    assert SHORT.view.rate_hz == pytest.approx(50e6)
    assert (SHORT.hold_s, SHORT.watch_s) == (0.5, 12.0)
    assert Case("SC-01", Short("10 mohm"), window=Window("5 ms", points=10_000)).view.rate_hz == pytest.approx(2e6)
