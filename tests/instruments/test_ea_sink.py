"""The two views of one EA PSB: what each sends before it switches the terminal on, and that they exclude each other."""

import pytest
from instrument_player import Hostile

from instruments.errors import InstrumentError, LinkTimeout, NotSupported, OutOfRange
from instruments.records import Limits, NetworkAddress, Sample
from instruments.supplies.ea_psb9000 import EaPsb9000

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error"\n')
COUNTS = [(b"SYST:ALAR:COUN:%s?\n" % word, b"0\n") for word in (b"OVOL", b"OCUR", b"OPOW", b"OTEM", b"PFA")]
COUNTS += [(b"SYST:SINK:ALAR:COUN:%s?\n" % word, b"0\n") for word in (b"OCUR", b"OPOW")]
BEGIN = [
    (b"*IDN?\n", b"EA Elektro-Automatik GmbH & Co. KG, PSB 10080-60, 2538170001, V3.02, \n"),
    NO_ERROR,
    (b"SYST:LOCK ON\n", b""),
    NO_ERROR,
    (b"SYST:LOCK:OWN?\n", b"REMOTE\n"),
    *COUNTS,
    (b"SYST:NOM:VOLT?\n", b"80.00 V\n"),
    (b"SYST:NOM:CURR?\n", b"60.00 A\n"),
    (b"SYST:NOM:POW?\n", b"1500 W\n"),
    (b"SYST:NOM:RES:MIN?\n", b"0.040 OHM\n"),
    (b"SYST:NOM:RES:MAX?\n", b"80.000 OHM\n"),
]


def sets(*commands):
    """Settings, each followed by the error queue."""
    return [step for command in commands for step in ((command + b"\n", b""), NO_ERROR)]


def is_on(word):
    return (b"OUTP?\n", word + b"\n")


ZERO_VOLTS = [*sets(b"VOLT 0.000"), (b"VOLT?\n", b"0.00 V\n")]
UNTRIPPED = [(b"STAT:QUES:COND?\n", b"0\n"), *COUNTS]
SINK_ON = [
    *UNTRIPPED,
    is_on(b"OFF"),
    *ZERO_VOLTS,
    *sets(b"SINK:CURR 5.000", b"SYST:CONF:MODE UIP", b"SINK:POW 1500.000", b"OUTP ON"),
    is_on(b"ON"),
]


@pytest.fixture
def psb(player, tap, clock):
    opened = []

    def start(*script):
        server = player([*BEGIN, *script])
        opened.append(EaPsb9000.connect(NetworkAddress(server.address), name="psb", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_the_sink_has_the_nominal_values_of_the_instrument(psb):
    driver = psb()
    assert (driver.sink.limits, driver.sink.ohms) == (Limits(80.0, 60.0, 1500.0), (0.04, 80.0))
    assert driver.sink.known == driver.known


def test_the_input_goes_on_with_the_voltage_at_zero_and_the_level_last(psb):
    sink = psb(*SINK_ON, *sets(b"SINK:CURR 7.500"), *sets(b"OUTP OFF"), is_on(b"OFF")).sink
    sink.set_current(5.0)  # nothing is sent while the terminal may be a source's
    sink.input(True)
    sink.set_current(7.5)  # a step is one command
    sink.input(False)


@pytest.mark.parametrize(
    ("method", "value", "commands"),
    [
        ("set_power", 100.0, (b"SINK:POW 100.000", b"SYST:CONF:MODE UIP", b"SINK:CURR 60.000")),
        (
            "set_resistance",
            8.0,
            (b"SYST:CONF:MODE UIR", b"SINK:RES 8.000", b"SINK:CURR 60.000", b"SINK:POW 1500.000"),
        ),
    ],
)
def test_another_quantity_is_held_alone(psb, method, value, commands):
    sink = psb(*SINK_ON, *sets(*commands)).sink
    sink.set_current(5.0)
    sink.input(True)
    getattr(sink, method)(value)


def test_current_into_the_sink_is_positive(psb):
    assert psb((b"MEAS:ARR?\n", b"48.02 V, -1.20 A, -58 W\n")).sink.measure() == Sample(48.02, 1.20)


def test_a_source_that_is_on_refuses_the_sink(psb):
    driver = psb(*sets(b"OUTP ON"), is_on(b"ON"), *UNTRIPPED, is_on(b"ON"))
    driver.output(True)
    with pytest.raises(InstrumentError, match="its DC terminal is on as a source"):
        driver.sink.input(True)


def test_a_sink_that_is_on_refuses_the_source(psb):
    driver = psb(*SINK_ON, is_on(b"ON"), is_on(b"ON"), is_on(b"ON"))
    driver.sink.set_current(5.0)
    driver.sink.input(True)
    for refused in (
        lambda: driver.output(True),
        lambda: driver.set_voltage(48.0),
        lambda: driver.set_sink_current_limit(1.0),
    ):
        with pytest.raises(InstrumentError, match="its DC terminal is on as a sink"):
            refused()


def test_an_alarm_that_ended_the_sink_leaves_the_source_free(psb):
    driver = psb(*SINK_ON, is_on(b"OFF"), *sets(b"VOLT 12.000"))
    driver.sink.set_current(5.0)
    driver.sink.input(True)
    driver.set_voltage(12.0)


def test_a_source_after_a_sink_has_its_own_sink_limit_again(psb):
    driver = psb(
        *sets(b"SINK:POW 1500.000", b"SINK:CURR 0.500"),
        *SINK_ON,
        *sets(b"OUTP OFF"),
        is_on(b"OFF"),
        *sets(b"SYST:CONF:MODE UIP", b"SINK:POW 1500.000", b"SINK:CURR 0.500", b"OUTP ON"),
        is_on(b"ON"),
    )
    driver.set_sink_current_limit(0.5)
    driver.sink.set_current(5.0)
    driver.sink.input(True)
    driver.sink.input(False)
    driver.output(True)


def test_a_voltage_that_does_not_go_to_zero_keeps_the_input_off(psb):
    sink = psb(*UNTRIPPED, is_on(b"OFF"), *sets(b"VOLT 0.000"), (b"VOLT?\n", b"48.00 V\n")).sink
    with pytest.raises(InstrumentError, match="set voltage reads 48 V"):
        sink.input(True)


def test_a_sink_that_has_tripped_stays_off_until_it_is_cleared(psb):
    *before, (counter, _), after = UNTRIPPED
    sink = psb(*before, (counter, b"1\n"), (counter, b"0\n"), after).sink  # purged by the reading
    with pytest.raises(InstrumentError, match="its OCP has not been cleared"):
        sink.input(True)


def test_either_view_switches_the_terminal_off(psb):
    driver = psb(*SINK_ON, *sets(b"OUTP OFF"), is_on(b"OFF"), *sets(b"OUTP OFF"), is_on(b"OFF"))
    driver.sink.set_current(5.0)
    driver.sink.input(True)
    driver.output(False)
    driver.sink.make_safe()
    assert not driver.sink.active


def test_what_the_sink_cannot_do_and_what_is_out_of_its_range_sends_nothing(psb):
    sink = psb().sink
    for method in ("set_voltage", "set_slew", "set_von"):
        with pytest.raises(NotSupported):
            getattr(sink, method)(1.0)
    with pytest.raises(NotSupported):
        sink.short(True)
    for method, value in (
        ("set_current", 60.1),
        ("set_power", 1501.0),
        ("set_resistance", 0.039),
        ("set_resistance", 81.0),
    ):
        with pytest.raises(OutOfRange):
            getattr(sink, method)(value)


def test_reopening_the_sink_is_reopening_the_instrument(player, tap, clock):
    safe = [*sets(b"OUTP OFF"), is_on(b"OFF"), *ZERO_VOLTS]
    server = player([*BEGIN, (b"MEAS:ARR?\n", b""), Hostile()], [*BEGIN, *safe])
    entry = NetworkAddress(server.address)
    driver = EaPsb9000.connect(entry, name="psb", tap=tap, clock=clock, timeout_s=0.15)
    with pytest.raises(LinkTimeout):
        driver.sink.measure()
    driver.sink.reopen()
    driver.sink.close()
