"""The small tables of a run: exit codes, needs, views, traces, keys."""

from __future__ import annotations

import pytest

from rig.faults import Base, Overload, Reverse, Short
from rig.files import document
from rig.files.bench import Bench
from rig.files.device import Device
from rig.run import Case, Window
from rig.run.chain import unit_per_volt
from rig.run.exit_code import exit_code
from rig.run.needs import missing
from rig.run.planned import new_planned
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
    device = document.load(document.resolve("devices", "reference"), Device)
    assert all(missing(one, bench, device) == [] for one in (SHORT, reverse, fast))
    assert missing(odd, bench, device) == ["'a thermal chamber', which this version does not know"]
    assert missing(fast, without(bench, digitizer_rate_max=20e6), device) == []
    assert missing(fast, without(bench, digitizer_rate_max=19e6), device) == ["a digitizer of 20 MHz or more"]
    assert missing(reverse, without(bench, routes={"forward": bench.routes["forward"]}), device) == [
        "a route 'reversed': the supply backwards at the port"
    ]
    bare = without(bench, injector=bench.injector.model_copy(update={"taps": {}}))
    assert missing(SHORT, bare, device) == ["an injector with taps"]
    assert missing(reverse, bare, device) == [], "a reversal needs none"


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


def test_windows_by_kind_of_fault_and_declared(device):
    assert SHORT.view == Window("2 ms")
    assert SHORT.view.rate_hz == pytest.approx(50e6)
    assert (SHORT.hold_s, SHORT.watch_s(device.port)) == (0.5, 12.0)
    assert Case("SC-01", Short("10 mohm"), window=Window("5 ms", points=10_000)).view.rate_hz == pytest.approx(2e6)
