"""The bench's own topology: every case of the plan is proved, and a bench that could make 108 V is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rig.faults import Level, Overload, Reverse, Short
from rig.files import document
from rig.files.bench import Bench
from rig.files.device import Device
from rig.run import Case
from rig.run.preview import preview
from rig.run.runner import collect
from rig.run.setup import Options, load_setup, plan_paths
from rig.run.wired import ceiling, topology_refusals

REVERSED = Case("RP-01", Reverse("58 V", "1 A"))


@pytest.fixture(scope="module")
def bench():
    return document.load(document.resolve("benches", "twin"), Bench)


@pytest.fixture(scope="module")
def device():
    return document.load(document.resolve("devices", "reference"), Device)


@pytest.mark.parametrize(
    ("case", "tap"),
    [
        (Case("SC-01", Short("10 mohm")), "tap_short"), (Case("OC-01", Overload(3.0)), "tap_4"), (REVERSED, None),
        (Case("RP-01", Reverse("48 V", "1 A")), None),
    ],
)  # fmt: skip
def test_the_plan_is_proved_on_the_twins_bench(bench, device, case, tap):
    assert topology_refusals(case, tap, bench, device) == []


def test_a_reversed_source_is_protected_near_its_own_voltage(bench):
    assert ceiling(REVERSED, bench) == 58.5
    assert ceiling(Case("RP-01", Reverse("48 V", "1 A")), bench) == 48.5
    assert ceiling(Case("SC-01", Short("10 mohm")), bench) == 58.5
    assert ceiling(REVERSED, bench) + bench.topology.overshoot + 1.0 < 60.0


def test_a_route_that_leaves_the_device_alive_is_refused_with_its_loop(bench, device):
    alive = bench.model_copy(update={"routes": {**bench.routes, "reversed": ("reverse_line", "load_line")}})
    live_input = alive.topology.model_copy(update={"input": "return"})  # the device is fed by what the route closes
    (sentence,) = topology_refusals(REVERSED, None, alive.model_copy(update={"topology": live_input}), device)
    assert "the supply 58.8 V" in sentence
    assert "the port 56.7 V" in sentence
    assert "= 115.5 V between" in sentence
    assert "reverse_line (supply+ to return)" in sentence


def test_a_bench_that_says_nothing_is_not_proved(bench, device):
    (sentence,) = topology_refusals(REVERSED, None, bench.model_copy(update={"topology": None}), device)
    assert sentence == "bench twin has no topology, so that nobody can prove that its sources stay below 60 V"


def test_it_is_seen_in_the_plan_before_anything_is_opened(bench):
    setup = replace(load_setup(Options()), bench=bench.model_copy(update={"topology": None}))
    rows = preview(setup, collect(plan_paths(["protection"]), None))
    assert all("has no topology" in row.problem for row in rows)


def test_the_supply_is_protected_before_its_output_goes_on(whole_run):
    wire = (whole_run[1] / "wire" / "supply.jsonl").read_text()
    before, _, _after = wire.partition("VOLT 58.000")
    assert before.rfind("SOUR:VOLT:PROT 58.500") > before.rfind("OUTP OFF")
    assert "SOUR:VOLT:PROT 48.500" in wire
    assert "SOUR:VOLT:PROT 59" not in wire


def test_a_device_that_lives_on_its_own_is_never_reversed_and_is_loaded_with_the_supply_off(bench):
    battery = document.load(document.resolve("devices", "small-battery"), Device)
    (sentence,) = topology_refusals(REVERSED, None, bench, battery)
    assert sentence.startswith("the supply 58.8 V + the port 50.718 V = 109.518 V between supply- and inside")
    assert topology_refusals(Case("SC-01", Short("10 mohm")), "tap_short", bench, battery) == []


def test_a_consumer_is_fed_and_reversed(bench):
    load = document.load(document.resolve("devices", "plain-load"), Device)
    assert topology_refusals(REVERSED, None, bench, load) == []
    assert topology_refusals(Case("OV-01", Level("57 V")), None, bench, load) == []


def test_what_a_consumer_may_still_hold_behind_its_own_switch_counts_unless_it_is_declared_to_empty_itself(bench):
    load = document.load(document.resolve("devices", "plain-load"), Device)
    port = load.port.model_copy(
        update={"consumption": load.port.consumption.model_copy(update={"discharge_time": None})}
    )
    (sentence,) = topology_refusals(REVERSED, None, bench, load.model_copy(update={"ports": {"feed": port}}))
    assert "the port 57.6 V" in sentence
