"""EA PSB over SCPI: byte transcripts, synthetic, written from the programming guide."""

import pytest
from instrument_player import Hostile

from instruments.errors import (
    InstrumentError,
    LinkDesync,
    LinkLost,
    LinkRefused,
    LinkTimeout,
    OutOfRange,
    ProtocolError,
)
from instruments.records import Identity, Limits, NetworkAddress, Sample
from instruments.supplies.ea_psb9000 import EaPsb9000

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error"\n')
COUNTERS = [b"SYST:ALAR:COUN:%s?\n" % word for word in (b"OVOL", b"OCUR", b"OPOW", b"OTEM", b"PFA")]
COUNTERS += [b"SYST:SINK:ALAR:COUN:%s?\n" % word for word in (b"OCUR", b"OPOW")]
COUNTS = [(query, b"0\n") for query in COUNTERS]
BEGIN = [
    (b"*IDN?\n", b"EA Elektro-Automatik GmbH & Co. KG, PSB 9080-60, 1234567890, V2.03, \n"),
    NO_ERROR,
    (b"SYST:LOCK ON\n", b""),
    NO_ERROR,
    (b"SYST:LOCK:OWN?\n", b"REMOTE\n"),
    *COUNTS,
    (b"SYST:NOM:VOLT?\n", b"80.00 V\n"),
    (b"SYST:NOM:CURR?\n", b"60.00 A\n"),
    (b"SYST:NOM:POW?\n", b"5000 W\n"),
    (b"SYST:NOM:RES:MIN?\n", b"0.040 OHM\n"),
    (b"SYST:NOM:RES:MAX?\n", b"80.000 OHM\n"),
]


def counts(word, value, again=b"0\n"):
    """The counters, one of which has moved and is read again."""
    found = []
    for query, zero in COUNTS:
        found += [(query, value), (query, again)] if word in query else [(query, zero)]
    return found


@pytest.fixture
def supply(player, tap, clock):
    opened = []

    def start(*script, begin=BEGIN):
        server = player([*begin, *script])
        opened.append(EaPsb9000.connect(NetworkAddress(server.address), name="supply", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_connect_takes_control_and_reads_the_nominal_values(supply):
    driver = supply(BEGIN[0])
    assert driver.limits == Limits(80.0, 60.0, 5000.0)
    assert driver.identity() == Identity("EA Elektro-Automatik GmbH & Co. KG", "PSB 9080-60", "1234567890", "V2.03,")


@pytest.mark.parametrize("owner", [b"LOCAL\n", b"NONE\n"])
def test_a_supply_that_keeps_its_control_is_refused(supply, owner):
    with pytest.raises(LinkRefused, match="keeps its remote control"):
        supply(begin=[*BEGIN[:4], (b"SYST:LOCK:OWN?\n", owner)])


def test_another_instrument_is_refused_before_anything_is_set(supply):
    with pytest.raises(
        LinkRefused, match=r"RIGOL TECHNOLOGIES,DHO804,1,2 answers at .*, which is no PSB or PSBE of series"
    ):
        supply(begin=[(b"*IDN?\n", b"RIGOL TECHNOLOGIES,DHO804,1,2\n")])


SAFE = [
    (b"OUTP OFF\n", b""),
    NO_ERROR,
    (b"OUTP?\n", b"OFF\n"),
    (b"VOLT 0.000\n", b""),
    NO_ERROR,
    (b"VOLT?\n", b"0.00 V\n"),
]


def test_reopen_after_a_time_out_identifies_takes_control_and_makes_safe(player, tap, clock):
    server = player([*BEGIN, (b"MEAS:ARR?\n", b""), Hostile()], [*BEGIN, *SAFE])
    entry = NetworkAddress(server.address)
    driver = EaPsb9000.connect(entry, name="supply", tap=tap, clock=clock, timeout_s=0.15)
    with pytest.raises(LinkTimeout):
        driver.measure()
    with pytest.raises(LinkDesync, match="reopen"):
        driver.output(False)
    driver.reopen()
    driver.close()


def test_reopen_leaves_another_instrument_alone(player, tap, clock):
    other = [(b"*IDN?\n", BEGIN[0][1].replace(b"1234567890", b"999")), *BEGIN[1:]]
    server = player(BEGIN, other)
    driver = EaPsb9000.connect(NetworkAddress(server.address), name="supply", tap=tap, clock=clock)
    with pytest.raises(LinkRefused, match=r"999.* answers at .* where .*1234567890.* was"):
        driver.reopen()
    with pytest.raises(LinkLost, match="is closed"):
        driver.output(True)


def test_settings_in_si_each_with_the_error_queue(supply):
    driver = supply(
        (b"VOLT 48.000\n", b""),
        NO_ERROR,
        (b"CURR 10.500\n", b""),
        NO_ERROR,
        (b"POW 480.0\n", b""),
        NO_ERROR,
        (b"SINK:CURR 0.000\n", b""),
        NO_ERROR,
        (b"SOUR:VOLT:PROT 56.000\n", b""),
        NO_ERROR,
    )
    driver.set_voltage(48.0)
    driver.set_current_limit(10.5)
    driver.set_power_limit(480.0)
    driver.set_sink_current_limit(0.0)
    driver.set_ovp(56.0)


def test_an_error_of_the_supply_is_raised(supply):
    driver = supply((b"VOLT 48.000\n", b""), (b"SYST:ERR?\n", b'-201,"Invalid while in local"\n'), NO_ERROR)
    with pytest.raises(InstrumentError, match="-201"):
        driver.set_voltage(48.0)


@pytest.mark.parametrize(
    ("method", "value"),
    [("set_voltage", 80.01), ("set_voltage", -1.0), ("set_current_limit", 60.1), ("set_power_limit", 5001.0),
     ("set_sink_current_limit", 61.0), ("set_ovp", 88.1)],
)  # fmt: skip
def test_out_of_range_sends_nothing(supply, method, value):
    driver = supply()
    with pytest.raises(OutOfRange):
        getattr(driver, method)(value)


def test_output_is_read_back(supply):
    driver = supply(
        (b"OUTP ON\n", b""), NO_ERROR, (b"OUTP?\n", b"ON\n"), (b"OUTP OFF\n", b""), NO_ERROR, (b"OUTP?\n", b"OFF\n")
    )
    driver.output(True)
    driver.output(False)


def test_an_output_that_does_not_follow_is_an_error(supply):
    driver = supply((b"OUTP ON\n", b""), NO_ERROR, (b"OUTP?\n", b"OFF\n"))
    with pytest.raises(InstrumentError, match="did not go on"):
        driver.output(True)


def test_measure_reads_units_with_and_without_a_blank(supply):
    """The guide prints them without, public drivers read both."""
    driver = supply(
        (b"MEAS:ARR?\n", b"48.02 V, -1.20 A, -57.6 W\n"),
        (b"MEAS:ARR?\n", b"12.5V, 33.3A, 420W\n"),
        (b"MEAS:ARR?\n", b"48.02 V, 1.20 A\n"),
    )
    assert driver.measure() == Sample(48.02, -1.20)
    assert driver.measure() == Sample(12.5, 33.3)
    with pytest.raises(ProtocolError, match="not voltage, current, power"):
        driver.measure()


@pytest.mark.parametrize(
    ("condition", "mode"), [(b"256\n", "CV"), (b"512\n", "CC"), (b"1024\n", "CP"), (b"2048\n", "CR")]
)
def test_regulation(supply, condition, mode):
    driver = supply((b"OUTP?\n", b"ON\n"), (b"STAT:OPER:COND?\n", condition))
    assert driver.regulation() == mode


def test_regulation_off_and_unknown(supply):
    driver = supply((b"OUTP?\n", b"OFF\n"), (b"OUTP?\n", b"ON\n"), (b"STAT:OPER:COND?\n", b"0\n"))
    assert driver.regulation() == "OFF"
    with pytest.raises(ProtocolError, match="no regulation mode"):
        driver.regulation()


@pytest.mark.parametrize(
    ("bits", "alarm"),
    [(b"1\n", "OVP"), (b"2\n", "OCP"), (b"4\n", "OPP"), (b"8\n", "OT"), (b"8192\n", "PF"), (b"2048\n", None)],
)
def test_trip_from_the_condition_register(supply, bits, alarm):
    assert supply((b"STAT:QUES:COND?\n", bits), *COUNTS).trip() == alarm


@pytest.mark.parametrize(
    ("word", "alarm"), [(b"OVOL", "OVP"), (b"OCUR", "OCP"), (b"OPOW", "OPP"), (b"OTEM", "OT"), (b"PFA", "PF")]
)
@pytest.mark.parametrize("again", [b"0\n", b"1\n"])
def test_trip_that_was_acknowledged_by_reading_errors_is_still_found_in_the_counters(supply, word, alarm, again):
    """Whether this firmware purges a counter by reading it or not; and the trip stays told."""
    quiet = [(query, again if word in query else zero) for query, zero in COUNTS]
    condition = (b"STAT:QUES:COND?\n", b"0\n")
    driver = supply(condition, *counts(word, b"1\n", again), condition, *quiet)
    assert driver.trip() == alarm
    assert driver.trip() == alarm


def test_a_trip_of_the_sink_is_told(supply):
    once = [(query, b"0\n") for query in COUNTERS[:5]] + [(COUNTERS[5], b"2\n"), (COUNTERS[5], b"0\n"), COUNTS[6]]
    assert supply((b"STAT:QUES:COND?\n", b"0\n"), *once).trip() == "OCP"


@pytest.mark.parametrize("again", [b"0\n", b"3\n"])
def test_alarms_from_before_the_connection_are_not_a_trip(supply, again):
    old = [*BEGIN[:5], *counts(b"OVOL", b"3\n", again), *BEGIN[-5:]]
    quiet = [(query, again if b"OVOL" in query else zero) for query, zero in COUNTS]
    driver = supply((b"STAT:QUES:COND?\n", b"0\n"), *quiet, begin=old)
    assert driver.trip() is None


def test_clear_protection_switches_off_first_and_forgets_the_alarm(supply):
    driver = supply(
        (b"OUTP OFF\n", b""),
        (b"SYST:ERR?\n", b'-222,"Data out of range"\n'),
        NO_ERROR,
        (b"OUTP?\n", b"OFF\n"),
        (b"STAT:QUES:COND?\n", b"0\n"),
        *counts(b"OVOL", b"1\n", b"1\n"),
        (b"STAT:QUES:COND?\n", b"0\n"),
        *[(query, b"1\n" if b"OVOL" in query else zero) for query, zero in COUNTS],
    )
    driver.clear_protection()
    assert driver.trip() is None


def test_clear_protection_with_the_cause_still_there(supply):
    driver = supply((b"OUTP OFF\n", b""), NO_ERROR, (b"OUTP?\n", b"OFF\n"), (b"STAT:QUES:COND?\n", b"1\n"))
    with pytest.raises(InstrumentError, match="alarm OVP persists"):
        driver.clear_protection()


def test_make_safe_reads_both_back(supply):
    safe = [(b"OUTP OFF\n", b""), NO_ERROR, (b"OUTP?\n", b"OFF\n"), (b"VOLT 0.000\n", b""), NO_ERROR]
    driver = supply(*safe, (b"VOLT?\n", b"0.00 V\n"), *safe, (b"VOLT?\n", b"48.00 V\n"))
    driver.make_safe()
    with pytest.raises(InstrumentError, match="set voltage reads 48 V"):
        driver.make_safe()


def test_make_safe_with_the_output_stuck_takes_the_voltage_down(supply):
    driver = supply((b"OUTP OFF\n", b""), NO_ERROR, (b"OUTP?\n", b"ON\n"), (b"VOLT 0.000\n", b""), NO_ERROR)
    with pytest.raises(InstrumentError, match="did not go off"):
        driver.make_safe()


def test_read_back(supply):
    driver = supply(
        (b"MEAS:ARR?\n", b"47.99 V, 0.10 A, 4.8 W\n"),
        (b"OUTP?\n", b"ON\n"),
        (b"VOLT?\n", b"48.00 V\n"),
        (b"CURR?\n", b"10.00 A\n"),
        (b"SOUR:VOLT:PROT?\n", b"56.00 V\n"),
    )
    assert driver.read_back() == {
        "output": True,
        "set_voltage": 48.0,
        "current_limit": 10.0,
        "ovp": 56.0,
        "volts": 47.99,
        "amps": 0.10,
    }


def test_an_old_error_keeps_no_link_from_being_opened_again(player, tap, clock):
    old = [BEGIN[0], (b"SYST:ERR?\n", b'-224,"Illegal parameter value"\n'), *BEGIN[1:]]
    server = player(BEGIN, [*old, *SAFE])
    driver = EaPsb9000.connect(NetworkAddress(server.address), name="supply", tap=tap, clock=clock)
    driver.reopen()
    driver.close()
