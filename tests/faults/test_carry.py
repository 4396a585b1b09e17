"""The rated current for long, as data: what it could do, and what it takes."""

import pytest

from rig.faults import Base, Carry, feed, prospective
from rig.files.bench import Bench
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run.case import Case
from rig.run.kept import declaration, declared
from rig.run.needs import impossible, load_refusals, missing, unfit

FULL = load(resolve("benches", "full"), Bench)
TWIN = load(resolve("benches", "twin"), Bench)


def device(name):
    return load(resolve("devices", name), Device)


REFERENCE, APPLIANCE, ADAPTER = device("reference"), device("appliance"), device("ac-adapter")


def case(told=None, role="source"):
    return Case("PWR-03", Carry(told), hold="40 min", role=role, declares=("connector",))


def test_only_the_ends_of_the_feeds_range_can_be_told():
    assert Carry("minimum").label == "rated current at its minimum"
    assert Carry().label == "rated current"
    with pytest.raises(ValueError, match='told must be "minimum", "maximum" or left out, found \'31 V\''):
        Carry("31 V")


@pytest.mark.parametrize("told", ["minimum", "maximum", None])
def test_a_record_gives_the_same_case_again(told):
    assert declared(declaration(case(told))) == case(told)


@pytest.mark.parametrize(("told", "volts"), [("minimum", 40.15), ("maximum", 56.0)])
def test_the_port_carries_its_rated_current_and_its_feed_stands_at_an_end(told, volts):
    expected = prospective(Carry(told), Base(load=0.5), 2400.0, REFERENCE.port, FULL, REFERENCE)
    assert (expected.peak_current, expected.steady_current) == (5.0, 5.0)
    assert (expected.feed, expected.nominal) == (pytest.approx(volts), 48.0)
    assert expected.energy == pytest.approx(54.0 * 5.0 * 2400.0)
    assert (expected.tap, expected.refusals) == (None, ())


def test_a_consumer_is_fed_with_either_end_at_its_port():
    expected = prospective(Carry("maximum"), Base(load=0.5), 2400.0, APPLIANCE.port, FULL, APPLIANCE)
    assert (expected.feed, expected.steady_current) == (58.0, 5.0)
    assert prospective(Carry("minimum"), Base(load=0.5), 1.0, APPLIANCE.port, FULL, APPLIANCE).feed == 42.65


def test_what_the_envelope_of_the_load_does_not_allow_is_refused():
    assert load_refusals(case("minimum"), FULL, REFERENCE.port) == []
    (refusal,) = load_refusals(case(), FULL, REFERENCE.port.model_copy(update={"rated_current": 6.0}))
    assert refusal == ("rated current could draw 351 W at 58.5 V, and the envelope of the load allows 300 W")
    assert load_refusals(case("minimum", "sink"), FULL, APPLIANCE.port) == []


def test_what_cannot_bear_it_is_refused_by_the_contactors():
    port = REFERENCE.port.model_copy(update={"rated_current": 41.0})
    whys = prospective(Carry(), Base(load=0.5), 10.0, port, FULL, REFERENCE).refusals
    assert any("which carries 40 A" in why for why in whys)


def test_a_bench_without_thermometers_says_which_it_lacks():
    assert missing(case("minimum"), FULL, REFERENCE) == []
    lacking = missing(case("minimum"), TWIN, REFERENCE)
    assert lacking == [
        "a thermometer at the connector of the device's port (signal connector_temperature)",
        "a thermometer in the air around the device (signal room_temperature)",
    ]
    assert impossible(case("minimum"), TWIN, REFERENCE, None) == f"the bench lacks {', '.join(lacking)}"


def test_who_is_asked_for_what():
    assert unfit(case("minimum"), REFERENCE) == ""
    assert "lives on its own" in unfit(case("maximum"), ADAPTER)
    assert unfit(case(), ADAPTER) == ""
    assert unfit(case(), REFERENCE) == "it is for a device that lives on its own"
    assert unfit(case("minimum"), APPLIANCE) == "it is for a source port"
    assert unfit(case("minimum", "sink"), APPLIANCE) == ""
    assert unfit(case("minimum"), device("bq769x2")) == "it is for a port whose maker declares connector"
    assert feed(ADAPTER) is None
