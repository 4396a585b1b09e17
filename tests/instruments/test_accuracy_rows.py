"""What every row of accuracy data has to say, in all drivers, whoever adds one."""

import re
from dataclasses import replace
from typing import get_args

import pytest

from instruments.accuracy import Accuracy, Function
from instruments.catalogue import FAMILIES, load_driver
from instruments.records import Limits
from instruments.relays.keysight_switch import ACCURACY as SWITCHES
from instruments.relays.keysight_switch import FRAMES
from instruments.supplies.ea_accuracy import ea_accuracy
from tests.instruments import table
from tests.instruments.contract.families import FAMILIES as PROVED

PLACE = re.compile(r"\b(pages?|p\.|sections?|chapter|tables?|systems?|A-3|[0-9]+\.[0-9]+)\b", re.IGNORECASE)
SAMPLED = {"digitizer", "recorder", "meter"}


def faults(row, roles=()):
    """What is wrong with a row of an instrument with these roles."""
    found = []
    if row.function not in get_args(Function):
        found.append(f"{row.function!r} is no function")
    if not row.range > 0.0:
        found.append("no range")
    parts = (row.gain_frac, row.offset_abs, row.offset_frac_of_range)
    if min(parts) < 0.0 or not max(parts) > 0.0:
        found.append("no limit of error")
    if row.resolution < 0.0 or (SAMPLED & set(roles) and not row.resolution > 0.0):
        found.append("no resolution")
    if not row.source:
        found.append("no source")
    if row.verified and ("not verified" in row.source or not PLACE.search(row.source)):
        found.append("verified, and its source names no place in a document")
    if not row.verified and "not verified" not in row.source:
        found.append("not verified, and its source does not say so")
    return found


def rows(name):
    """All that a driver's page holds for all its models, and what the recorded model answers with."""
    driver = load_driver(name)
    kept = tuple(getattr(driver, "accuracy", ()))
    return kept + tuple(row for one in PROVED if one.driver == name for row in table.accuracy(one))


@pytest.mark.parametrize("name", FAMILIES)
def test_every_row_is_complete(name):
    roles = FAMILIES[name].roles
    wrong = {row: faults(row, roles) for row in rows(name)}
    assert {row: found for row, found in wrong.items() if found} == {}
    if SAMPLED & set(roles):
        assert wrong, "a verdict without a row is INCONCLUSIVE"


@pytest.mark.parametrize("name", FAMILIES)
def test_supplies_and_loads_say_how_well_they_set_and_measure(name):
    functions = {row.function for row in rows(name)}
    roles = (*FAMILIES[name].roles, *FAMILIES[name].also)
    if "supply" in roles:
        assert functions == set(get_args(Function))
    if "load" in roles:
        assert {"set current", "measure current"} <= functions


@pytest.mark.parametrize("model", FRAMES)
def test_every_switch_unit_has_rows_of_its_own(model):
    assert [row for row in SWITCHES[model] if faults(row, ("meter",)) or row.models != model] == []


def test_what_is_known_of_switch_units():
    """The data sheet of the DAQ970A has all ranges, that of the 34970A one by example, the others have none."""
    verified = {model: [row.range for row in own if row.verified] for model, own in SWITCHES.items()}
    assert verified == {
        "34980A": [], "34970A": [10.0], "34972A": [10.0], "DAQ970A": [0.1, 1.0, 10.0, 100.0, 300.0], "DAQ973A": [],
    }  # fmt: skip
    noise = SWITCHES["34970A"][2]
    assert noise.offset_frac_of_range == pytest.approx(0.0005e-2 + 0.001e-2), "with the noise of one power line cycle"


@pytest.mark.parametrize(
    ("limits", "steps"),
    [
        (Limits(80.0, 60.0, 1500.0), [0.01, 0.01, 0.01, 0.01]),
        (Limits(200.0, 20.0, 1500.0), [0.01, 0.01, 0.001, 0.001]),
        (Limits(500.0, 360.0, 15000.0), [0.1, 0.1, 0.1, 0.1]),
    ],
)
def test_an_ea_rounds_as_its_nominal_values_say(limits, steps):
    found = ea_accuracy(limits)
    assert [row.resolution for row in found] == steps
    assert not any(faults(row) for row in found)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"function": "measure power"}, "is no function"),
        ({"range": 0.0}, "no range"),
        ({"gain_frac": 0.0}, "no limit of error"),
        ({"resolution": 0.0}, "no resolution"),
        ({"source": ""}, "no source"),
        ({"source": "a shop"}, "names no place"),
        ({"verified": False}, "does not say so"),
    ],
)
def test_what_is_missing_is_found(wrong, told):
    good = Accuracy(
        "measure voltage", 10.0, gain_frac=1e-3, resolution=1e-3, source="Data Sheet, page 3", verified=True
    )  # fmt: skip
    assert faults(good, ("meter",)) == []
    assert any(told in fault for fault in faults(replace(good, **wrong), ("meter",)))
