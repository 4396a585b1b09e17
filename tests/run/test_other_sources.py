"""A port that is not the only source of its grid: sound devices pass, defects fail, and the neighbour ends safe."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from rig.bench.file import load_bench
from rig.faults import OWN_SHARED, SHARED, BackFeed, Charge, Meet, Overload, Rest, Sharing, SourceLoss
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run.case import Case
from rig.run.needs import missing, unfit
from rig.run.sinking import takes_back
from rig.run.wired import bus_refusals
from tests.run.conftest import verdicts
from tests.run.test_feeding import judged, with_defect

OTHERS = "OC-03 or OC-04 or SCAL-01 or SCAL-02 or charg or (OC-05 and another)"
FULL = load_bench(resolve("benches", "full"))
HIGHER = "OC-03-another-source-2-V-higher"


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def test_what_a_sound_source_lets_in_is_what_the_twin_knows(rig, served, tmp_path):
    twin = served(bench="full", seed=3)
    done = rig("run", "source_port", "--bench", twin.bench, "-k", OTHERS, "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    lines = [line.split() for line in twin.truth.ask("log")["lines"] if "neighbour voltage" in line]
    begin = next(int(t) for t, *_, volts in lines if float(volts) > 55.5) + 2_500_000_000_000
    passed = twin.truth.ask("i2t", probe="port_current", from_ps=begin, to_ps=begin + 10**12)["value"]
    entry = found[HIGHER, "back_fed_current"]
    assert math.sqrt(passed) == pytest.approx(0.0136, abs=0.0003), "56 V at a bleeder of 4.7 and a leakage of 33 kohm"
    assert abs(entry["measurement"]["value"] - math.sqrt(passed)) < entry["U"]
    assert entry["U"] < 0.005
    share = found["SCAL-01-5-shares-to-75-%", "share_error"]
    assert share["measurement"]["value"] < share["U"] < 0.08, "it droops as declared"
    floor = found["SCAL-02-loss-of-a-source-of-50-%", "voltage_floor"]["measurement"]["value"]
    assert floor == pytest.approx(54.0 - 0.05 * 4.5, abs=0.1), "all of the load, on its droop"
    twin.truth.assert_safe()


BACK = "OC-05-another-source-2-V-higher-5-%-of-load", "recovery_time"
LINE, EVEN = ("DRP-01-6-charging-currents-to-90-%", "charging_voltage"), ("SCAL-01-5-shares-to-75-%", "share_error")
LETS_GO = "OC-04-overload-1_75-x-beside-another-source", "operate_time"
REST = "MESH-02-a-bus-at-rest", "idle_current"


@pytest.mark.parametrize(
    ("device", "scene", "defects", "select", "failing"),
    [
        ("tps2663-like", "tps2663-like", "back-feed: default", "OC-03 and higher",
         {(HIGHER, "back_fed_current"): 0.126}),
        ("tps2663-like", "tps2663-like", "light-load-trap: default", "OC-05 and another", {BACK: None}),
        ("reference", "healthy", "stiff-source: 1 %, slow-overload: default", "SCAL-01 or OC-04",
         {EVEN: 0.31, LETS_GO: None}),
        ("charge-controller", "charge-controller", "no-dead-band: default", "MESH-02 or charg",
         {REST: 2.39, LINE: 47.02}),
    ],
)  # fmt: skip
def test_defects_that_another_source_shows(rig, tmp_path, device, scene, defects, select, failing):
    with_defect(tmp_path, scene, defects)
    asked = ("--bench", "full", "--device", device, "--scene", "scene.yaml", "-k", select)
    done = rig("run", "source_port", *asked, "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    for key, value in failing.items():
        assert found[key]["decision"]["verdict"] == "FAIL", key
        assert found[key]["measurement"]["value"] == (None if value is None else pytest.approx(value, rel=0.03)), key


def test_killed_while_another_source_feeds_the_port(started_rig, served, tmp_path):
    twin = served(bench="full", seed=1, pace=1.0)
    asked = ("run", "source_port", "--bench", twin.bench, "-k", "OC-03 and higher", "--out", "run")
    process = started_rig(*asked)
    twin.truth.until_beside(tmp_path / "run")
    process.kill()
    text, _ = process.communicate(timeout=120)  # until the guard, which has its pipe, has ended too
    assert "the guard made the bench safe" in text
    twin.truth.assert_safe()


def test_a_neighbour_that_is_not_connected_is_found_by_the_proof(rig, tmp_path):
    text = "schema: 1\nname: wrong\nextends: healthy\nbench: {faults: [{fault: broken, part: neighbour_line}]}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    asked = ("--bench", "full", "-k", "OC-03 and higher", "--scene", "scene.yaml", "--out", "run")
    done = rig("run", "source_port", *asked)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "5 V of the neighbour through neighbour_line" in done.stdout + done.stderr


def test_the_topology_of_the_full_bench_lets_the_sources_meet():
    told = FULL.topology
    assert bus_refusals(told, FULL, SHARED, device("reference").port) == []
    assert bus_refusals(told, FULL, OWN_SHARED, device("small-battery").port) == []


def test_a_neighbour_with_two_poles_could_float_and_is_refused():
    """One welded pole of two, and the neighbour's other terminal hangs 57 V below the port."""
    told = FULL.topology
    two = told.model_copy(update={
        "neighbour": told.neighbour.model_copy(update={"minus": "neighbour-"}),
        "contacts": {**told.contacts, "neighbour_line": {"neighbour+": "port+", "neighbour-": "return"}},
    })  # fmt: skip
    (refusal,) = bus_refusals(two, FULL, SHARED, device("reference").port)
    assert "the neighbour 57.3 V + the supply 58.8 V = 116.1 V" in refusal


def test_who_is_put_through_it_and_on_which_bench():
    case = Case("OC-03", BackFeed(), role="unidirectional")
    assert missing(case, load_bench(resolve("benches", "twin")), device("reference")) == [
        "a route 'shared': the supply at the energy input, and a neighbour beside the load at the port"
    ]
    assert missing(case, FULL, device("reference")) == []
    assert unfit(case, device("charge-controller")) == "it is for a unidirectional port"
    assert unfit(case, device("appliance")) == "it is for a port that gives current"
    assert unfit(replace(case, fault=BackFeed(dead=True), role=None), device("small-battery")) == (
        "it is for a device that the bench feeds, and small-battery lives on its own"
    )
    for fault in (Charge((0.5,)), Rest()):
        assert unfit(Case("DRP-01", fault), device("small-battery")) == (
            "it is for a port whose maker declares a line on which it charges"
        )
    assert unfit(Case("SCAL-01", Sharing((0.5,))), device("ltc4368-like")) == (
        "it is for a port whose maker declares droop"
    )
    assert missing(
        Case("OC-04", Overload(1.75, beside=True)), load_bench(resolve("benches", "twin")), device("limiter")
    )
    weak = FULL.instruments["supply"].model_copy(update={"driver": "keysight_e36300"})
    giving = FULL.model_copy(update={"instruments": {**FULL.instruments, "supply": weak}})
    assert missing(Case("DRP-01", Charge((0.5,))), giving, device("charge-controller")) == [
        "a supply that takes 8 A back, as the battery for which it stands"
    ]
    without = FULL.model_copy(update={"topology": FULL.topology.model_copy(update={"shared_buses": {}})})
    assert missing(Case("SCAL-02", SourceLoss(0.5)), without, device("limiter")) == [
        "a shared bus 'shared' in its topology, on which a neighbour and the port may meet"
    ]


def test_a_fault_of_a_part_that_the_bench_lacks_is_refused(rig, tmp_path):
    text = "schema: 1\nname: wrong\nextends: healthy\nbench: {faults: [{fault: broken, part: neighbour_line}]}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    done = rig("run", "protection", "-k", "short", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "this bench has no neighbour_line, of which the scene has the fault 'broken'" in done.stderr


@pytest.mark.parametrize(("defect", "code", "floor"), [(None, 0, 1.0), ("jumpy-neighbour: default", 1, 3.0)])
def test_a_short_at_one_port_and_what_hangs_on_another(rig, tmp_path, defect, code, floor):
    scene = "grid-node"
    if defect is not None:
        with_defect(tmp_path, scene, defect)
        scene = "scene.yaml"
    asked = ("--bench", "full", "--device", "grid-node", "--scene", scene, "-k", "SC-08", "--out", "run")
    done = rig("run", "source_port", *asked)
    assert done.returncode == code, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")["SC-08-short-10-mohm-another-port", "status_floor"]
    assert found["measurement"]["value"] == floor


def test_a_node_of_a_ring_serves_on_when_one_way_is_gone_or_faulty(rig, tmp_path):
    done = rig("run", "source_port", "--bench", "full", "--device", "grid-node", "-k", "MESH", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    assert found["MESH-01-loss-of-a-source-of-50-%-another-port", "status_floor"]["measurement"]["value"] == 1.0
    fault = "MESH-03-overload-3_3-x-beside-another-source-another-port"
    assert found[fault, "status_floor"]["measurement"]["value"] == 1.0
    assert found[fault, "operate_time"]["measurement"]["value"] == pytest.approx(0.2, abs=1e-3), "its stage of 12.5 A"


def test_a_port_that_has_let_go_is_waited_for_behind_the_voltage_of_another(rig):
    asked = ("--bench", "full", "--device", "small-battery", "-k", "OC-04 or (OC-05 and another)", "--out", "run")
    done = rig("run", "source_port", *asked)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_source_that_joins_a_live_grid_by_the_twins_truth(rig, served, tmp_path):
    twin = served(bench="full", seed=3)
    done = rig("run", "source_port", "--bench", twin.bench, "-k", "joins_a_live_grid", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    (rush,) = judged(tmp_path / "run", "PNP-01", "inrush_current")
    (floor,) = judged(tmp_path / "run", "PNP-01", "voltage_floor")
    assert rush["measurement"]["value"] < 10.0
    assert floor["measurement"]["value"] == pytest.approx(52.0, abs=0.1), "where the other source holds it"
    log = [line.split() for line in twin.truth.ask("log")["lines"]]
    on = max(int(line[0]) for line in log if line[-2:] == ["device", "on"])
    peak = twin.truth.ask("peak", probe="port_current", from_ps=on - 2 * 10**10, to_ps=on + 10**11)["value"]
    assert abs(rush["measurement"]["value"] - peak) < rush["U"]
    twin.truth.assert_safe()


def test_a_battery_is_plugged_into_a_grid_that_stands_higher_by_the_twins_truth(rig, served, tmp_path):
    twin = served(bench="full", scene="small-battery", seed=5)
    asked = ("--bench", twin.bench, "--device", "small-battery", "-k", "plugged_into", "--out", "run")
    done = rig("run", "source_port", *asked)
    assert done.returncode == 0, done.stdout + done.stderr
    (rush,) = judged(tmp_path / "run", "PNP-01", "inrush_current")
    most = rush["measurement"]["value"]
    assert 3.0 < most < 8.0, "0.8 V over 0.12 ohm, less what its own load takes, or the load alone"
    log = [line.split() for line in twin.truth.ask("log")["lines"]]
    higher = next(int(t) for t, *what in log if what[:2] == ["neighbour", "voltage"] and float(what[2]) > 47.5)
    met = min(int(t) for t, *what in log if what == ["contactor", "neighbour_line", "in"] and int(t) > higher)
    flowed = twin.truth.ask("integral", probe="port_current", from_ps=met + 10**11, to_ps=met + 11 * 10**11)["value"]
    assert flowed < -2.0, "into the port, all through the second after"
    assert -1.1 * most < flowed < -0.7 * most
    twin.truth.assert_safe()


def test_who_is_plugged_into_a_live_grid():
    case = Case("PNP-01", Meet("0.8 V"))
    assert unfit(case, device("small-battery")) == ""
    assert unfit(case, device("reference")) == "it is for a device that lives on its own"
    assert unfit(case, device("appliance")) == "it is for a port that gives current"
    assert case.label == "plugged into a grid 0.8 V higher"
    with pytest.raises(ValueError, match="Meet: higher"):
        Meet("0 V")


def test_a_grid_that_stands_further_off_is_not_met(rig, tmp_path):
    plan = (
        "from rig.faults import Meet\nfrom rig.run import Case, cases\n\n\n"
        '@cases([Case("PNP-01", Meet("1.5 V"), hold="1 s")])\n'
        "def test_far(shot, judge):\n    judge(shot.bus.inrush_current())\n"
    )
    (tmp_path / "test_far.py").write_text(plan, encoding="utf-8")
    done = rig("run", "test_far.py", "--bench", "full", "--device", "small-battery", "--out", "run")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "apart than the 1 V at which route own_shared may be closed" in done.stdout + done.stderr


def test_a_supply_takes_back_no_more_than_the_device_is_declared_to_give():
    told = []
    able = SimpleNamespace(capabilities=frozenset({"ovp", "sink"}), set_sink_current_limit=told.append)
    takes_back(able, 8.0)
    takes_back(able, 0.0)
    takes_back(SimpleNamespace(capabilities=frozenset({"ovp"})), 0.0)
    assert told == [8.0, 0.0]


def test_a_port_that_charges_gives_the_supply_what_it_takes_by_the_twins_truth(rig, served, tmp_path):
    """The supply stands for the battery: 4.5 A into the grid port at about 50.9 V are 0.95 of that at the battery."""
    twin = served(bench="full", scene="charge-controller", seed=4)
    asked = ("--bench", twin.bench, "--device", "charge-controller", "-k", "charg", "--out", "run")
    done = rig("run", "source_port", *asked)
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    case = "DRP-01-6-charging-currents-to-90-%"
    volts, slope = (found[case, what]["measurement"]["value"] for what in ("charging_voltage", "charging_slope"))
    assert volts == pytest.approx(49.0, abs=0.1)
    assert slope == pytest.approx(0.4, rel=0.05)
    taken = {
        level: twin.truth.ask("crossings", probe="input_current", level=level)["crossings"] for level in (-4.1, -4.4)
    }
    (down, _), (up, _) = taken[-4.1][-2:]
    assert up - down > 4 * 10**11, "all through the last current: 0.95 of 4.5 A, less what the electronics take"
    assert not [at for at, _ in taken[-4.4] if at > down]
    twin.truth.assert_safe()
