"""Rigol DL3000: what sets it apart from other loads. Byte transcripts, synthetic."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, NotSupported, OutOfRange
from instruments.loads.rigol_dl3000 import DRIVER
from instruments.records import Limits, NetworkAddress

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error"\n')


def sets(command):
    return [(command + b"\n", b""), NO_ERROR]


def named(model):
    return (b"*IDN?\n", b"RIGOL TECHNOLOGIES," + model + b",DL3D254300331,00.01.05.00.01\n")


@pytest.fixture
def load(player, tap, clock):
    opened = []

    def start(*script, model=b"DL3031A"):
        server = player([named(model), NO_ERROR, *sets(b"*CLS"), *script])
        opened.append(DRIVER.connect(NetworkAddress(server.address), name="load", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


@pytest.mark.parametrize(
    ("model", "amps", "watts", "checked"),
    [
        (b"DL3021", 40.0, 200.0, 0),
        (b"DL3021A", 40.0, 200.0, 0),
        (b"DL3031", 60.0, 350.0, 0),
        (b"DL3031A", 60.0, 350.0, 3),
    ],
)
def test_limits_and_figures_are_those_of_the_model(load, model, amps, watts, checked):
    driver = load(model=model)
    assert driver.limits == Limits(150.0, amps, watts)
    assert sum(row.verified for row in driver.accuracy) == checked
    assert {row.range for row in driver.accuracy if "current" in row.function} == {amps}


def test_a_load_of_another_series_is_refused_and_told_nothing(player, tap, clock):
    server = player([named(b"DL3041")])
    with pytest.raises(LinkRefused, match="which is no DL3021, DL3021A, DL3031 or DL3031A"):
        DRIVER.connect(NetworkAddress(server.address), name="load", tap=tap, clock=clock)


def test_the_wide_range_comes_before_the_level_and_is_that_of_the_model(load):
    driver = load(
        (b":SOUR:INP:STAT?\n", b"0\n"),
        *sets(b":SOUR:FUNC:MODE FIX"),
        *sets(b":SOUR:FUNC CURR"),
        *sets(b":SOUR:CURR:RANG 40"),
        *sets(b":SOUR:CURR:LEV:IMM 2.500"),
        (b":SOUR:CURR:LEV:IMM?\n", b"0.000000\n"),
        model=b"DL3021",
    )
    with pytest.raises(InstrumentError, match=r"it keeps 0 where 2\.5 was set"):
        driver.set_current(2.5)


def test_ohms_of_the_low_range_are_refused(load):
    with pytest.raises(OutOfRange, match="1 ohm is outside 2 to 15000 ohm"):
        load().set_resistance(1.0)


def test_there_is_no_short(load):
    with pytest.raises(NotSupported):
        load().short(True)


def test_slopes_are_in_amperes_a_microsecond(load):
    load(*sets(b":SOUR:CURR:SLEW:BOTH 0.010"), (b":SOUR:CURR:SLEW:BOTH?\n", b"0.010000\n")).set_slew(1e4)
