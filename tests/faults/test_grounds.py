"""A volt between grounds as data: what may be asked for, and what a bench refuses."""

import pytest

from rig.bench.file import load_bench
from rig.faults import Base, SecondReturn, prospective
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run.case import Case
from rig.run.kept import declaration, declared

FULL = load_bench(resolve("benches", "full"))


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def test_a_volt_between_grounds() -> None:
    fault = SecondReturn("1 V", current="3 A")
    assert (fault.voltage, fault.current, fault.label) == (1.0, 3.0, "1 V between grounds")
    assert SecondReturn() == fault


@pytest.mark.parametrize("wrong", [("2.1 V", "3 A"), ("1 V", "5.1 A"), ("0 V", "3 A"), ("1 A", "3 A"), ("1", "3 A")])
def test_what_is_none_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="SecondReturn: "):
        SecondReturn(*wrong)


@pytest.mark.parametrize("name", ["reference", "appliance", "small-battery"])
def test_what_it_could_do_is_the_ports_own_load_and_its_limit(name) -> None:
    tested = device(name)
    expected = prospective(SecondReturn(), Base(load=0.5), 2.0, tested.port, FULL, tested)
    assert expected.tap is None
    assert expected.refusals == ()
    assert expected.path.endswith("; up to 3 A through second_return")


def test_more_than_its_contactor_carries_is_refused() -> None:
    part = FULL.contactors["second_return"].model_copy(update={"carry": 2.0})
    bench = FULL.model_copy(update={"contactors": {**FULL.contactors, "second_return": part}})
    tested = device("reference")
    expected = prospective(SecondReturn(), Base(load=0.5), 2.0, tested.port, bench, tested)
    assert expected.refusals == (
        "1 V between grounds may drive 3 A through contactor second_return, which carries 2 A; lower the current",
    )


def test_the_journal_keeps_it() -> None:
    case = Case("GND-01", SecondReturn("500 mV", current="1 A"))
    assert declared(declaration(case)) == case
