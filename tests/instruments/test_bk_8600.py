"""B&K 8600 and ITECH IT8500+: what sets them apart from other loads. Byte transcripts, synthetic."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, ProtocolError
from instruments.loads.bk_8600 import BK_8600, ITECH_IT8500
from instruments.records import Limits, NetworkAddress

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error"\n')


def sets(command):
    return [(command + b"\n", b""), NO_ERROR]


REMOTE = [NO_ERROR, *sets(b"SYST:REM")]
BK = (b"*IDN?\n", b"B&K Precision, 8600, 802197036737120008, 1.37-1.42\n")
ITECH = (b"*IDN?\n", b"ITECH Ltd., IT8512A+, 800071092777210015, 1.57\n")
INPUT_ON, INPUT_OFF = (b"INP?\n", b"1\n"), (b"INP?\n", b"0\n")
OFF = [*sets(b"INP 0"), INPUT_OFF]
CONDITION = b"STAT:QUES:COND?\n"


@pytest.fixture
def start(player, tap, clock):
    opened = []

    def start(family, *script):
        server = player(list(script))
        opened.append(family.connect(NetworkAddress(server.address), name="load", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_remote_control_comes_first_and_a_stranger_is_told_nothing(start):
    assert start(BK_8600, BK, *REMOTE).limits == Limits(120.0, 30.0, 250.0)
    assert start(ITECH_IT8500, ITECH, *REMOTE).limits == Limits(150.0, 30.0, 300.0)
    assert start(ITECH_IT8500, (b"*IDN?\n", b"B&K Precision, 8514B, 1, 1.57\n"), *REMOTE).limits.amps == 240.0
    for family, stranger in ((BK_8600, ITECH), (ITECH_IT8500, BK), (BK_8600, (b"*IDN?\n", b"KEYSIGHT,8600,1,1\n"))):
        with pytest.raises(LinkRefused, match="which is no"):
            start(family, stranger)


def test_a_level_that_the_range_has_clipped_is_an_error(start):
    driver = start(
        BK_8600,
        BK,
        *REMOTE,
        INPUT_OFF,
        *sets(b"FUNC CURR"),
        *sets(b"CURR:RANG 30"),
        *sets(b"CURR 5.0000"),
        (b"CURR?\n", b"3.0000\n"),
    )
    with pytest.raises(InstrumentError, match="it keeps 3 where 5 was set"):
        driver.set_current(5.0)


@pytest.mark.parametrize(
    ("family", "identity", "edges"), [(BK_8600, BK, (b"POS", b"NEG")), (ITECH_IT8500, ITECH, (b"RISE", b"FALL"))]
)
def test_each_edge_of_the_slew_has_its_word(start, family, identity, edges):
    script = []
    for edge in edges:
        script += [*sets(b"CURR:SLEW:" + edge + b" 0.0100"), (b"CURR:SLEW:" + edge + b"?\n", b"0.01\n")]
    start(family, identity, *REMOTE, *script).set_slew(1e4)


def test_the_end_of_a_short_leaves_the_input_on(start):
    """Unlike drivers that open the input with it."""
    script = [INPUT_ON, *sets(b"INP:SHOR 0"), (b"INP:SHOR?\n", b"0\n"), INPUT_ON]
    start(BK_8600, BK, *REMOTE, *script).short(False)


def test_another_mode_is_refused_while_it_would_open_the_input(start):
    level = [*sets(b"FUNC RES"), *sets(b"RES 20.000"), (b"RES?\n", b"20.000\n")]
    driver = start(
        ITECH_IT8500,
        ITECH,
        *REMOTE,
        INPUT_ON,
        (b"FUNC?\n", b"CURRENT\n"),
        INPUT_ON,
        (b"FUNC?\n", b"RESISTANCE\n"),
        *level,
    )
    with pytest.raises(InstrumentError, match="another mode would begin with the level that it last had"):
        driver.set_resistance(20.0)
    driver.set_resistance(20.0)


@pytest.mark.parametrize(
    ("register", "name"),
    [(b"0", None), (b"24578", "OCP"), (b"8", "OPP"), (b"16", "OT"), (b"8193", "OVP"), (b"1", "OVP or reversed")],
)
def test_trips(start, register, name):
    assert start(BK_8600, BK, *REMOTE, (CONDITION, register + b"\n")).trip() == name


def test_clearing_comes_after_the_input_is_off_and_is_verified(start):
    clear = [*OFF, (b"PROT:CLE\n", b""), NO_ERROR]
    driver = start(BK_8600, BK, *REMOTE, *clear, (CONDITION, b"0\n"), INPUT_OFF, *clear, (CONDITION, b"2\n"), INPUT_OFF)
    driver.clear_protection()
    with pytest.raises(InstrumentError, match="its OCP persists"):
        driver.clear_protection()


@pytest.mark.parametrize("register", [b"0\n", b"2\n"])
def test_an_input_that_the_clearing_brings_back_is_switched_off_and_is_an_error(start, register):
    script = [*OFF, (b"PROT:CLE\n", b""), NO_ERROR, (CONDITION, register), INPUT_ON, *OFF]
    with pytest.raises(InstrumentError, match="came back on when cleared and was switched off again"):
        start(BK_8600, BK, *REMOTE, *script).clear_protection()


def test_an_overload_is_no_reading(start):
    with pytest.raises(ProtocolError, match="means overload or no reading"):
        start(BK_8600, BK, *REMOTE, (b"MEAS:VOLT?\n", b"9.9E37\n")).measure()
