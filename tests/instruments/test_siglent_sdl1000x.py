"""Siglent SDL1000X: byte transcripts, synthetic, written from the programming guide."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, OutOfRange
from instruments.loads.siglent_sdl1000x import DRIVER
from instruments.records import Limits, NetworkAddress, Sample

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error"\n')
IDENTITY = (b"*IDN?\n", b"Siglent Technologies,SDL1030X,SDL13GCQ7R0001,1.1.1.21R2\n")
INPUT_ON, INPUT_OFF = (b":SOUR:INP:STAT?\n", b"1\n"), (b":SOUR:INP:STAT?\n", b"0\n")
SHORT_ON, SHORT_OFF = (b":SOUR:SHOR:STAT?\n", b"1\n"), (b":SOUR:SHOR:STAT?\n", b"0\n")


def sets(command):
    return [(command + b"\n", b""), NO_ERROR]


OFF = [*sets(b":SOUR:INP:STAT OFF"), INPUT_OFF]
SAFE = [*OFF, *sets(b":SOUR:SHOR:STAT OFF"), SHORT_OFF]


@pytest.fixture
def load(player, tap, clock):
    opened = []

    def start(*script, identity=IDENTITY):
        server = player([identity, *script])
        opened.append(DRIVER.connect(NetworkAddress(server.address), name="load", tap=tap, clock=clock))
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


@pytest.mark.parametrize(
    ("method", "value", "word", "level"),
    [
        ("set_resistance", 21.6, b"RES", b"21.600"),
        ("set_current", 2.5, b"CURR", b"2.500"),
        ("set_voltage", 12.0, b"VOLT", b"12.000"),
        ("set_power", 96.0, b"POW", b"96.000"),
    ],
)
def test_levels_in_the_large_ranges(load, method, value, word, level):
    driver = load(
        INPUT_OFF,
        *sets(b":SOUR:FUNC " + word),
        *sets(b":SOUR:" + word + b":IRANG 30"),
        *sets(b":SOUR:" + word + b":VRANG 150"),
        *sets(b":SOUR:" + word + b":LEV:IMM " + level),
        (b":SOUR:" + word + b":LEV:IMM?\n", level + b"\n"),
    )
    getattr(driver, method)(value)


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("set_resistance", 0.029),
        ("set_resistance", 10001.0),
        ("set_current", -0.1),
        ("set_current", 30.1),
        ("set_power", 300.1),
        ("set_slew", 2.51e6),
        ("set_von", 150.1),
    ],
)
def test_out_of_range_sends_nothing(load, method, value):
    driver = load()
    with pytest.raises(OutOfRange):
        getattr(driver, method)(value)


def test_a_slope_between_its_steps_sends_nothing(load):
    with pytest.raises(OutOfRange, match=r"1500 A/s is none of its steps .* choose for example 2000 A/s"):
        load().set_slew(1.5e3)


def test_a_change_of_mode_with_the_input_on_sends_nothing(load):
    driver = load(INPUT_ON, (b":SOUR:FUNC?\n", b"CURRENT\n"))
    with pytest.raises(InstrumentError, match=r"its input is on, .* switch the input off first"):
        driver.set_resistance(21.6)


def test_slew_is_set_in_amperes_a_microsecond_and_read_back_at_both_edges(load):
    slopes = [(b":SOUR:CURR:SLEW:POS?\n", b"0.500\n"), (b":SOUR:CURR:SLEW:NEG?\n", b"0.099\n")]
    driver = load(*sets(b":SOUR:CURR:SLEW:BOTH 0.500"), *slopes)
    with pytest.raises(InstrumentError, match="it keeps 99000 where 500000 was set"):
        driver.set_slew(0.5e6)


def test_a_level_that_is_not_taken_is_an_error_even_with_an_empty_queue(load):
    driver = load(*sets(b":SOUR:VOLT:LEV:ON 8.000"), (b":SOUR:VOLT:LEV:ON?\n", b"0.000\n"))
    with pytest.raises(InstrumentError, match="it keeps 0 where 8 was set"):
        driver.set_von(8.0)


def test_input_is_read_back_and_make_safe_switches_off_input_and_short(load):
    driver = load(*sets(b":SOUR:INP:STAT ON"), INPUT_ON, *SAFE, *SAFE)
    driver.input(True)
    driver.make_safe()
    driver.make_safe()


def test_an_input_that_does_not_follow_is_an_error(load):
    driver = load(*sets(b":SOUR:INP:STAT OFF"), INPUT_ON, *sets(b":SOUR:SHOR:STAT OFF"), SHORT_OFF)
    with pytest.raises(InstrumentError, match="its input did not go off"):
        driver.make_safe()  # and ends the short all the same


def test_a_short_leaves_the_input_as_it_was(load):
    on, off = [*sets(b":SOUR:SHOR:STAT ON"), SHORT_ON], [*sets(b":SOUR:SHOR:STAT OFF"), SHORT_OFF]
    driver = load(INPUT_ON, *on, INPUT_ON, INPUT_ON, *off, INPUT_ON, INPUT_ON, *off, INPUT_OFF)
    driver.short(True)
    driver.short(False)
    with pytest.raises(InstrumentError, match="its input went off with the short"):
        driver.short(False)


def test_a_trip_is_an_input_that_nobody_has_switched_off(load):
    driver = load(*sets(b":SOUR:INP:STAT ON"), INPUT_ON, INPUT_ON, INPUT_OFF, *OFF, INPUT_OFF)
    assert driver.trip() is None
    driver.input(True)
    assert driver.trip() is None
    assert driver.trip() == "unnamed"
    driver.clear_protection()
    assert driver.trip() is None


def test_measure_and_read_back(load):
    readings = [(b"MEAS:VOLT?\n", b"53.951\n"), (b"MEAS:CURR?\n", b"2.4980\n")]
    driver = load(*readings, *readings, INPUT_ON, (b":SOUR:FUNC?\n", b"RESISTANCE\n"), SHORT_OFF)
    assert driver.measure() == Sample(53.951, 2.498)
    assert driver.read_back() == {
        "input": True,
        "function": "RESISTANCE",
        "volts": 53.951,
        "amps": 2.498,
        "short": False,
    }
