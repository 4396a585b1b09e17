"""The contract of a Chamber: the air goes where it is sent while it runs, and rests when it is told to."""

import pytest

from instruments.errors import LinkLost, OutOfRange

ROLE = "chamber"


@pytest.fixture
def chamber(stand):
    return stand.connect()


def test_it_says_who_it_is(chamber):
    identity = chamber.identity()
    assert identity == chamber.known
    assert identity.maker
    assert identity.model


@pytest.mark.needs("temperature")
def test_the_air_goes_where_it_is_sent(stand, chamber):
    for degc in (45.0, -10.0):
        chamber.set_temperature(degc)
        chamber.run(True)
        stand.clock.sleep(3600.0)
        assert chamber.temperature() == pytest.approx(degc, abs=0.5)
        stand.circuit.true(air_degc=(degc, 0.5))
    assert chamber.read_back()["on"] is True


@pytest.mark.needs("temperature")
def test_a_setting_switches_nothing_on(stand, chamber):
    chamber.set_temperature(45.0)
    stand.circuit.true(chamber_on=False)
    seen = chamber.read_back()
    assert (seen["on"], seen["set point degC"]) == (False, pytest.approx(45.0, abs=0.1))


@pytest.mark.needs("temperature")
def test_at_rest_it_neither_heats_nor_cools(stand, chamber):
    chamber.set_temperature(45.0)
    chamber.run(True)
    stand.clock.sleep(3600.0)
    chamber.run(False)
    stand.circuit.true(chamber_on=False)
    stand.clock.sleep(3600.0)
    stand.circuit.true(air_degc=(25.0, 0.5))


@pytest.mark.needs("temperature")
def test_a_value_out_of_range_sends_nothing(stand, chamber):
    for degc in (-300.0, 1000.0, float("nan")):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            chamber.set_temperature(degc)


def test_make_safe_is_read_back_and_idempotent(stand, chamber):
    chamber.run(True)
    for _ in range(2):
        chamber.make_safe()
        assert chamber.read_back()["on"] is False
    stand.circuit.true(chamber_on=False)


@pytest.mark.network
def test_a_broken_connection_comes_back_safe(stand, chamber):
    chamber.run(True)
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        chamber.read_back()
    chamber.reopen()
    stand.circuit.true(chamber_on=False)


def test_closing_twice_is_allowed_and_sends_nothing(stand, chamber):
    with stand.nothing_sent():
        chamber.close()
        chamber.close()
        with pytest.raises(LinkLost, match="is closed"):
            chamber.identity()
