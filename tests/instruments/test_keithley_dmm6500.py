"""Keithley DMM6500: byte transcripts, from the replies that a public driver's tests pin."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, NotSupported, OutOfRange, ProtocolError
from instruments.meters.keithley_dmm6500 import KeithleyDmm6500
from instruments.records import NetworkAddress

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error;0;0 0"\n')
IDENTITY = (b"*IDN?\n", b"KEITHLEY INSTRUMENTS,MODEL DMM6500,04592448,1.7.12b\n")
SCPI = (b"*LANG?\n", b"SCPI\n")


def checked(*commands):
    return [step for command in commands for step in ((command + b"\n", b""), NO_ERROR)]


TEN_VOLTS = [
    *checked(b':SENS:FUNC "VOLT:DC"', b":SENS:VOLT:RANG 10", b":SENS:VOLT:NPLC 1", b":SENS:VOLT:AZER ON"),
    (b":SENS:FUNC?\n", b"VOLT:DC\n"),
    (b":SENS:VOLT:RANG?\n", b"10\n"),
]


@pytest.fixture
def meter(player, tap, clock):
    opened = []

    def start(*script):
        server = player([IDENTITY, SCPI, *script])
        opened.append(KeithleyDmm6500.connect(NetworkAddress(server.address), name="meter", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ([(b"*IDN?\n", b"KEITHLEY INSTRUMENTS,MODEL DMM7510,04592448,1.7.12b\n")], "which is no DMM6500"),
        ([IDENTITY, (b"*LANG?\n", b"TSP\n")], "its command set is TSP, not SCPI"),
    ],
)
def test_refused_before_anything_is_set(player, tap, clock, script, says):
    server = player(script)
    with pytest.raises(LinkRefused, match=says):
        KeithleyDmm6500.connect(NetworkAddress(server.address), name="meter", tap=tap, clock=clock)


def test_a_reading(meter):
    driver = meter(*TEN_VOLTS, (b":READ?\n", b"-4.999995E-01\n"), NO_ERROR)
    driver.configure("DC voltage", 10.0)
    assert driver.read() == (-0.4999995,)


def test_current(meter):
    driver = meter(
        *checked(b':SENS:FUNC "CURR:DC"', b":SENS:CURR:RANG 1e-05", b":SENS:CURR:NPLC 1", b":SENS:CURR:AZER ON"),
        (b":SENS:FUNC?\n", b'"CURR:DC"\n'),
        (b":SENS:CURR:RANG?\n", b"1E-05\n"),
    )
    driver.configure("DC current", 10e-6)


def test_a_range_that_did_not_take_is_an_error(meter):
    driver = meter(*TEN_VOLTS[:-1], (b":SENS:VOLT:RANG?\n", b"100\n"))
    with pytest.raises(InstrumentError, match="measures VOLT:DC on the range 100"):
        driver.configure("DC voltage", 10.0)
    with pytest.raises(InstrumentError, match="call configure"):
        driver.read()


@pytest.mark.parametrize(
    ("reply", "error"), [(b"9.9E+37", InstrumentError), (b"-9.9E+37", InstrumentError), (b"nan", InstrumentError),
                         (b"overflow", ProtocolError)],
)  # fmt: skip
def test_an_overflow_is_no_reading(meter, reply, error):
    driver = meter(*TEN_VOLTS, (b":READ?\n", reply + b"\n"), NO_ERROR)
    driver.configure("DC voltage", 10.0)
    with pytest.raises(error):
        driver.read()


def test_an_error_of_the_instrument_is_raised(meter):
    driver = meter(
        (b":ABOR\n", b""), (b"SYST:ERR?\n", b'-113,"Undefined header;1;2018/05/26 14:00:14.871"\n'), NO_ERROR
    )
    with pytest.raises(InstrumentError, match="-113"):
        driver.make_safe()


def test_what_it_lacks_sends_nothing(meter):
    driver = meter()
    with pytest.raises(NotSupported):
        driver.configure("DC voltage", 10.0, channels=[1])
    with pytest.raises(OutOfRange, match=r"choose one of 0.1, 1, 10, 100, 1000"):
        driver.configure("DC voltage", 50.0)


def test_read_back(meter):
    driver = meter((b":SENS:FUNC?\n", b"VOLT:DC\n"), (b":SENS:VOLT:RANG?\n", b"10\n"), (b":SENS:FUNC?\n", b"RES\n"))
    assert driver.read_back() == {"function": "VOLT:DC", "range": 10.0}
    assert driver.read_back() == {"function": "RES"}


def test_only_the_figures_that_were_read_are_verified(meter):
    driver = meter()
    row = driver.channel_accuracy("DC voltage", 10.0)
    assert (row.gain_frac, row.offset_frac_of_range, row.verified) == (25e-6, 5e-6, True)
    assert (row.tempco_frac_per_k, row.tempco_abs_per_k) == (1e-6, pytest.approx(10e-6))
    assert {row.function for row in driver.accuracy if row.verified} == {"measure voltage"}
    assert [row.range for row in driver.accuracy if row.verified] == [0.1, 1.0, 10.0, 100.0, 1000.0]
