"""Siglent SDL1000X: byte transcripts, synthetic, written from the programming guide."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, OutOfRange
from instruments.loads.siglent_sdl1000x import SiglentSdl1000x
from instruments.records import Limits, NetworkAddress, Sample

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error"\n')
IDENTITY = (b"*IDN?\n", b"Siglent Technologies,SDL1030X,SDL13GCQ7R0001,1.1.1.21R2\n")


@pytest.fixture
def load(player, tap, clock):
    opened = []

    def start(*script, identity=IDENTITY):
        server = player([identity, *script])
        opened.append(SiglentSdl1000x.connect(NetworkAddress(server.address), name="load", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_limits_follow_the_model(load):
    assert load(IDENTITY).identity().model == "SDL1030X"
    small = (IDENTITY[0], b"Siglent Technologies,SDL1020X-E,1,2\n")
    assert load(identity=small).limits == Limits(150.0, 30.0, 200.0)
    with pytest.raises(LinkRefused, match=r"SDG1032X,1,2 answers at .*, which is no SDL1020X or SDL1030X"):
        load(identity=(IDENTITY[0], b"Siglent Technologies,SDG1032X,1,2\n"))


def test_resistance_and_current_in_the_large_ranges(load):
    def level(function, value):
        for setting in (
            b"FUNC " + function,
            function + b":IRANG 30",
            function + b":VRANG 150",
            function + b":LEV:IMM " + value,
        ):
            yield (b":SOUR:" + setting + b"\n", b"")
            yield NO_ERROR

    driver = load(*level(b"RES", b"21.600"), *level(b"CURR", b"2.500"))
    driver.set_resistance(21.6)
    driver.set_current(2.5)


@pytest.mark.parametrize(
    ("method", "value"),
    [("set_resistance", 0.029), ("set_resistance", 10001.0), ("set_current", -0.1), ("set_current", 30.1)],
)
def test_out_of_range_sends_nothing(load, method, value):
    driver = load()
    with pytest.raises(OutOfRange):
        getattr(driver, method)(value)


def test_input_is_read_back_and_make_safe_switches_off(load):
    off = [(b":SOUR:INP:STAT OFF\n", b""), NO_ERROR, (b":SOUR:INP:STAT?\n", b"0\n")]
    driver = load((b":SOUR:INP:STAT ON\n", b""), NO_ERROR, (b":SOUR:INP:STAT?\n", b"1\n"), *off, *off)
    driver.input(True)
    driver.make_safe()
    driver.make_safe()


def test_an_input_that_does_not_follow_is_an_error(load):
    driver = load((b":SOUR:INP:STAT OFF\n", b""), NO_ERROR, (b":SOUR:INP:STAT?\n", b"1\n"))
    with pytest.raises(InstrumentError, match="did not go off"):
        driver.make_safe()


def test_measure_and_read_back(load):
    readings = [(b"MEAS:VOLT?\n", b"53.951\n"), (b"MEAS:CURR?\n", b"2.4980\n")]
    driver = load(*readings, *readings, (b":SOUR:INP:STAT?\n", b"1\n"), (b":SOUR:FUNC?\n", b"RESISTANCE\n"))
    assert driver.measure() == Sample(53.951, 2.498)
    assert driver.read_back() == {"input": True, "function": "RESISTANCE", "volts": 53.951, "amps": 2.498}
