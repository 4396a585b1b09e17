"""Which cases of a plan are for which port, and base loads that the envelope does not allow."""

from __future__ import annotations

import pytest

from rig.faults import Base, Draw, Level, Overload, Ramp, Reverse, Short, Start, Steps
from rig.files.bench import Bench
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run import Case
from rig.run.needs import fitted, fitting, impossible, load_refusals, missing, unfit, whys
from rig.run.planned import new_planned

BENCH = load(resolve("benches", "twin"), Bench)
REFERENCE = load(resolve("devices", "reference"), Device)
PORT = REFERENCE.port
LIMITER = load(resolve("devices", "limiter"), Device)
PASSIVE = load(resolve("devices", "ltc4368-like"), Device)
LOAD = load(resolve("devices", "plain-load"), Device)
BATTERY = load(resolve("devices", "small-battery"), Device)
SHORT = Short("10 mohm")


def fits(case: Case, device=REFERENCE, only=()) -> bool:
    return bool(fitting([new_planned("node", case, "title", "", set())], device, only))


@pytest.mark.parametrize(
    ("declared", "reference", "limiter"),
    [
        ({}, True, True),
        ({"protection": "trip"}, True, False),
        ({"protection": "limit"}, False, True),
        ({"rated_power": "270 W"}, True, True),
        ({"rated_power": "271 W"}, False, False),
        ({"declares": ("droop",)}, True, True),
    ],
)
def test_what_a_case_is_for(declared, reference, limiter):
    case = Case("SC-01", SHORT, **declared)
    assert (fits(case), fits(case, LIMITER)) == (reference, limiter)


def test_a_port_whose_maker_declares_no_droop():
    assert not fits(Case("DRP-01", Steps((0.5,)), declares=("droop",)), PASSIVE)


@pytest.mark.parametrize(
    ("only", "expected"),
    [((), True), (("SC-01",), True), (("REC-01",), True), (("SELV-01",), True), (("OC-01",), False)],
)
def test_only_what_judges_a_clause(only, expected):
    assert fits(Case("SC-01", SHORT, also=("REC-01",)), only=only) is expected


@pytest.mark.parametrize(
    ("case", "refused"),
    [
        (Case("OC-01", Overload(2.0), base=Base(load=0.9)), ""),
        (Case("OC-01", Overload(2.0), base=Base(load=1.0)), "base 100 % could draw 316.9 W at 58.5 V"),
        (Case("DRP-01", Steps((0.2, 1.0))), "base 100 % could draw 316.9 W"),
        (Case("PWR-01", Draw("300 W")), ""),
        (Case("PWR-01", Draw("301 W")), "load of 301 W could draw 301 W"),
    ],
)
def test_a_base_load_within_the_envelope(case, refused):
    found = load_refusals(case, BENCH, PORT)
    assert bool(found) is bool(refused)
    assert refused in " ".join(found)


@pytest.mark.parametrize(("before", "fault"), [(-1, SHORT), (1, Reverse("54 V", "1 A")), (1, Steps((0.5,)))])
def test_only_shorts_and_overloads_are_repeated(before, fault):
    with pytest.raises(ValueError, match="before counts shorts or overloads"):
        Case("SC-06", fault, before=before)


def test_how_long_a_case_takes_at_most():
    assert Case("SC-06", SHORT, before=9).longest_s(PORT) == pytest.approx(125.0)
    assert Case("DRP-01", Steps((0.1, 0.2)), hold="400 ms").longest_s(PORT) == pytest.approx(0.8)
    assert Case("PWR-01", Draw("255 W"), hold="60 s").longest_s(PORT) == pytest.approx(60.0)
    slow = PORT.model_copy(update={"recovery": PORT.recovery.model_copy(update={"time": 300.0})})
    assert Case("REC-02", SHORT).longest_s(slow) == pytest.approx(12.5)
    assert Case("REC-02", SHORT, patient=True).longest_s(slow) == pytest.approx(302.5)


@pytest.mark.parametrize(
    ("case", "reference", "load_", "battery"),
    [
        (Case("SC-01", SHORT), True, False, True),
        (Case("OC-01", Overload(1.5)), True, False, True),
        (Case("DRP-01", Steps((0.0, 0.5))), True, False, True),
        (Case("PNP-01", Start()), True, True, False),
        (Case("SC-02", Start("10 mohm")), True, False, False),
        (Case("UV-01", Ramp("15 V")), True, True, False),
        (Case("UV-04", Level("50 %")), True, True, False),
        (Case("OV-01", Level("57 V"), role="sink"), False, True, False),
        (Case("OV-01", Level("maximum"), role="source"), True, False, False),
        (Case("RP-01", Reverse("54 V", "1 A")), True, True, True),
    ],
)
def test_what_a_case_asks_of_the_role(case, reference, load_, battery):
    assert (fits(case), fits(case, LOAD), fits(case, BATTERY)) == (reference, load_, battery)


def test_an_overload_is_fitted_with_the_base_load_that_makes_it():
    case = Case("OC-01", Overload(2.0), base=Base(0.5))
    assert fitted(case, BENCH, PORT) == case
    other = fitted(case, BENCH, BATTERY.port)
    assert other.fault == case.fault
    assert 0.5 < other.base.load < 0.8
    assert fitted(Case("SC-01", SHORT), BENCH, BATTERY.port) == Case("SC-01", SHORT)


def test_a_bench_without_the_route_that_a_device_needs_says_so():
    bench = BENCH.model_copy(update={"routes": {"forward": BENCH.routes["forward"]}})
    assert missing(Case("UV-04", Level("50 %")), bench, LOAD) == ["a route 'feed': the supply at a port that is fed"]
    assert missing(Case("SC-01", SHORT), bench, BATTERY) == [
        "a route 'own': the load alone at the port of a device that the bench does not feed"
    ]
    assert missing(Case("RP-01", Reverse("54 V", "1 A")), bench, REFERENCE) == [
        "a route 'reversed': the supply backwards at the port"
    ]
    assert missing(Case("SC-01", SHORT), bench, REFERENCE) == []


DANGER = Case("SC-05", SHORT, role="bidirectional", consent="the cells are shorted")


@pytest.mark.parametrize(
    ("case", "device", "why"),
    [
        (Case("SC-01", SHORT), LOAD, "it is for a port that gives current"),
        (Case("SC-02", Start("10 mohm")), LOAD, "it is for a port that gives current"),
        (Case("PNP-01", Start()), LOAD, ""),
        (Case("UV-04", Level("50 %")), BATTERY,
         "it is for a device that the bench feeds, and small-battery lives on its own"),
        (DANGER, REFERENCE, "it is for a bidirectional port"),
        (DANGER, BATTERY, ""),
        (Case("SC-01", SHORT, role="source"), BATTERY, ""),
        (Case("UV-04", Level("50 %"), role="sink"), REFERENCE, "it is for a sink port"),
        (Case("DRP-01", Steps((0.5,)), declares=("droop",)), PASSIVE, "it is for a port whose maker declares droop"),
        (Case("OC-01", SHORT, protection="limit"), BATTERY, "it is for a port with protection of type limit"),
        (Case("PWR-01", Draw("255 W"), rated_power="250 W"), BATTERY,
         "it is for 250 W, and the port is rated for 213.3 W"),
    ],
)  # fmt: skip
def test_why_a_case_is_not_for_a_device(case, device, why):
    assert unfit(case, device) == why


def test_what_may_destroy_a_sample_takes_consent_for_its_serial_number():
    assert impossible(DANGER, BENCH, BATTERY, "SBA-0001") == ""
    asked = "the cells are shorted: this takes consent for "
    cure = "the owner of the sample writes it under consent in the file of device small-battery"
    assert impossible(DANGER, BENCH, BATTERY, "SBA-0002") == f"{asked}serial number SBA-0002; {cure}"
    assert impossible(DANGER, BENCH, BATTERY, None) == (f"{asked}a serial number, and none is given (--serial); {cure}")
    assert impossible(Case("SC-01", SHORT), BENCH, BATTERY, None) == ""
    bench = BENCH.model_copy(update={"routes": {}})
    assert impossible(DANGER, bench, BATTERY, "SBA-0001").startswith("the bench lacks a route 'own'"), "said first"


def test_coverage_says_why_the_cases_of_a_clause_are_not_for_the_device():
    plan = [
        new_planned(f"node {number}", case, "title", "", set())
        for number, case in enumerate((DANGER, Case("SC-01", SHORT, also=("REC-01",), protection="limit")))
    ]
    found = whys(plan, REFERENCE)
    assert found == {
        "SC-05": "of its case 'short 10 mΩ': it is for a bidirectional port",
        "SC-01": "of its case 'short 10 mΩ': it is for a port with protection of type limit",
        "REC-01": "of its case 'short 10 mΩ': it is for a port with protection of type limit",
    }
