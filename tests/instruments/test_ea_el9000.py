"""EA PS and EL over SCPI: which models each driver takes, and what an EL sends to hold one quantity."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, NotSupported, OutOfRange
from instruments.loads.ea_el9000 import EaEl9000
from instruments.records import Limits, NetworkAddress, Sample
from instruments.supplies.ea_ps9000 import EaPs9000
from instruments.supplies.ea_psb9000 import EaPsb9000

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error"\n')
COUNTS = [(b"SYST:ALAR:COUN:%s?\n" % word, b"0\n") for word in (b"OVOL", b"OCUR", b"OPOW", b"OTEM", b"PFA")]


def begin(model, watts=b"1200", *, resistance=True):
    nominal = [
        (b"SYST:NOM:VOLT?\n", b"80.00V\n"),
        (b"SYST:NOM:CURR?\n", b"60.00A\n"),
        (b"SYST:NOM:POW?\n", watts + b"W\n"),
    ]
    ends = [(b"SYST:NOM:RES:MIN?\n", b"0.090\n"), (b"SYST:NOM:RES:MAX?\n", b"30.000\n")]
    return [
        (b"*IDN?\n", b"EA Elektro-Automatik GmbH & Co. KG, %s, 2228100002, V2.14 14.05.2018\n" % model),
        NO_ERROR,
        (b"SYST:LOCK ON\n", b""),
        NO_ERROR,
        (b"SYST:LOCK:OWN?\n", b"REMOTE\n"),
        *COUNTS,
        *nominal,
        *(ends if resistance else []),
    ]


def sets(*commands):
    return [step for command in commands for step in ((command + b"\n", b""), NO_ERROR)]


@pytest.fixture
def load(player, tap, clock):
    opened = []

    def start(*script):
        server = player([*begin(b"EL 9080-60 DT"), *script])
        opened.append(EaEl9000.connect(NetworkAddress(server.address), name="load", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


@pytest.mark.parametrize(
    "model", [b"PS 9080-60 T", b"PSI 9080-510 3U", b"PSE 9040-40", b"EA-PS 10080-170", b"PSI 91500-30"]
)
def test_a_source_of_either_series_is_taken(player, tap, clock, model):
    server = player(begin(model, b"1500", resistance=False))
    driver = EaPs9000.connect(NetworkAddress(server.address), name="supply", tap=tap, clock=clock)
    assert driver.limits == Limits(80.0, 60.0, 1500.0)
    assert [row.range for row in driver.accuracy] == [80.0, 80.0, 60.0, 60.0]
    driver.close()


@pytest.mark.parametrize(
    ("driver", "model"),
    [
        (EaPs9000, b"PSB 9080-60"),
        (EaPs9000, b"PS 2042-06B"),
        (EaPs9000, b"PSI 5080-10 A"),
        (EaPsb9000, b"PS 9080-60 T"),
        (EaEl9000, b"PSB 9080-60"),
        (EaEl9000, b"EL 3080-60 B"),
    ],
)
def test_a_model_of_another_kind_is_refused_before_anything_is_set(player, tap, clock, driver, model):
    server = player(begin(model)[:1])
    with pytest.raises(LinkRefused, match=r"answers at .*, which is no "):
        driver.connect(NetworkAddress(server.address), name="it", tap=tap, clock=clock)


def test_messages_are_10_ms_apart_as_the_guide_recommends(player, tap, clock):
    server = player(begin(b"PS 9080-60 T", resistance=False))
    EaPs9000.connect(NetworkAddress(server.address), name="supply", tap=tap, clock=clock).close()
    assert clock.slept == [pytest.approx(0.010)] * 12


@pytest.mark.parametrize(
    ("method", "value", "commands"),
    [
        ("set_current", 5.0, (b"CURR 5.000", b"SYST:CONF:MODE UIP", b"POW 1200.000", b"VOLT 0.000")),
        ("set_power", 100.0, (b"POW 100.000", b"SYST:CONF:MODE UIP", b"CURR 60.000", b"VOLT 0.000")),
        ("set_voltage", 24.0, (b"VOLT 24.000", b"SYST:CONF:MODE UIP", b"CURR 60.000", b"POW 1200.000")),
        ("set_resistance", 8.0, (b"SYST:CONF:MODE UIR", b"RES 8.000", b"CURR 60.000", b"POW 1200.000", b"VOLT 0.000")),
    ],
)
def test_one_quantity_is_held_and_a_step_of_it_is_one_command(load, method, value, commands):
    level = commands[1 if method == "set_resistance" else 0]
    step = level.split()[0] + b" %.3f" % (2 * value)
    driver = load(*sets(*commands), *sets(step))
    getattr(driver, method)(value)
    getattr(driver, method)(2 * value)


def test_a_level_that_was_refused_half_way_is_set_as_a_whole_again(load):
    first = [(b"CURR 5.000\n", b""), (b"SYST:ERR?\n", b'-222,"Data out of range"\n'), NO_ERROR]
    driver = load(*first, *sets(b"CURR 4.000", b"SYST:CONF:MODE UIP", b"POW 1200.000", b"VOLT 0.000"))
    with pytest.raises(InstrumentError, match="-222"):
        driver.set_current(5.0)
    driver.set_current(4.0)


def test_from_a_resistance_to_a_current_the_new_level_comes_before_the_mode_that_frees_the_current(load):
    """The other way round the load would take its nominal current until the level is there."""
    resistance = (b"SYST:CONF:MODE UIR", b"RES 8.000", b"CURR 60.000", b"POW 1200.000", b"VOLT 0.000")
    driver = load(*sets(*resistance), *sets(b"CURR 1.000", b"SYST:CONF:MODE UIP", b"POW 1200.000", b"VOLT 0.000"))
    driver.set_resistance(8.0)
    driver.set_current(1.0)


def test_an_old_error_in_the_queue_is_no_reason_to_call_an_input_that_is_off_unsafe(load):
    old = (b"SYST:ERR?\n", b'-113,"Undefined header"\n')
    load((b"INP OFF\n", b""), old, NO_ERROR, (b"INP?\n", b"OFF\n")).make_safe()


def test_the_input_is_inp_and_read_back(load):
    untripped = [(b"STAT:QUES:COND?\n", b"0\n"), *COUNTS]
    on, off = sets(b"INP ON"), sets(b"INP OFF")
    driver = load(*untripped, *on, (b"INP?\n", b"ON\n"), *off, (b"INP?\n", b"ON\n"))
    driver.input(True)
    with pytest.raises(InstrumentError, match="did not go off"):
        driver.make_safe()


def test_current_into_a_load_is_what_it_says(load):
    assert load((b"MEAS:ARR?\n", b"12.50V, 3.30A, 41W\n")).measure() == Sample(12.5, 3.3)


def test_what_a_load_cannot_do_and_what_is_out_of_range_sends_nothing(load):
    driver = load()
    for method in ("set_slew", "set_von"):
        with pytest.raises(NotSupported):
            getattr(driver, method)(1.0)
    with pytest.raises(NotSupported):
        driver.short(True)
    for method, value in (
        ("set_current", 60.1),
        ("set_voltage", -1.0),
        ("set_power", 1201.0),
        ("set_resistance", 0.08),
    ):
        with pytest.raises(OutOfRange):
            getattr(driver, method)(value)
