"""An arc's noise on the feed: who is put through it, and on which bench. Who finds it in time, and who does not, is the
catch study's: the twin computes a quarter of a million samples a second, which takes 20 s a case."""

from __future__ import annotations

import pytest

from rig.bench.file import load_bench
from rig.faults import Arc, Base, Chopper, prospective
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run.case import Case
from rig.run.kept import declaration, declared
from rig.run.needs import arc_refusals, missing, unfit
from rig.run.wired import SUPPLY_OVP, ceiling, topology_refusals

FULL = load_bench(resolve("benches", "full"))
CASE = Case("ARC-01", Arc("50 mV"), hold="3 s", declares=("arc_detection",))


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def test_who_is_put_through_it_and_on_which_bench():
    appliance = device("appliance")
    assert (unfit(CASE, appliance), missing(CASE, FULL, appliance)) == ("", [])
    assert unfit(CASE, device("grid-node")) == ""
    assert unfit(CASE, device("plain-load")) == "it is for a port whose maker declares arc_detection"
    assert "ac-adapter lives on its own" in unfit(CASE, device("ac-adapter"))
    assert missing(CASE, FULL.model_copy(update={"amplifier": None}), appliance) == ["an amplifier in the feed"]
    assert missing(Case("ARC-01", Arc("1 V")), FULL, appliance) == ["an amplifier of 6.916 V from peak to peak"]
    assert missing(Case("ARC-03", Chopper("1 V"), hold="25 s"), FULL, appliance) == [
        "an amplifier that stays in the feed for 30 s"
    ]


def test_a_hold_that_ends_before_the_declared_time_is_refused():
    port = device("appliance").port
    assert arc_refusals(CASE, port) == []
    (refusal,) = arc_refusals(Case("ARC-01", Arc("50 mV"), hold="1 s"), port)
    assert refusal == (
        "arc noise of 50 mV is held for 1 s, and to see whether the port is off 1 s after its begin takes 1.1 s"
    )
    assert arc_refusals(Case("ARC-03", Chopper("50 mV"), hold="1 s"), port) == []


def test_the_supply_gives_way_as_with_a_ripple():
    appliance = device("appliance")
    assert ceiling(CASE, FULL) == SUPPLY_OVP - 2.5
    assert topology_refusals(CASE, None, FULL, appliance) == []
    expected = prospective(CASE.fault, Base(load=0.9), 3.0, appliance.port, FULL, appliance)
    assert expected.energy == pytest.approx(52.0 * 5.0 * 3.0)


@pytest.mark.parametrize("fault", [Arc("50 mV"), Chopper("0.2 V")], ids=["arc", "chopper"])
def test_a_run_folder_keeps_it(fault):
    case = Case("ARC-01", fault, hold="3 s", declares=("arc_detection",))
    assert declared(declaration(case)) == case
