"""Chroma 63600: channels, ranges in the mode word, and clearing that reports an error. Byte transcripts, synthetic."""

from dataclasses import asdict

import pytest

from instruments.errors import LinkRefused, OutOfRange
from instruments.loads.chroma_63600 import DRIVER, PAGE
from instruments.records import Limits, NetworkAddress

NO_ERROR = (b"SYST:ERR?\n", b'0,"No Error"\n')
FRAME = (b"*IDN?\n", b"CHROMA,63600-5,636002000123,1.92\n")


def sets(command):
    return [(command + b"\n", b""), NO_ERROR]


def begins(channel, module):
    select = b"CHAN " + channel + b";:"
    return [
        FRAME,
        (select + b"CHAN?\n", channel + b"\n"),
        (select + b"CHAN:ID?\n", b"CHROMA," + module + b",636308007635,1.92,1.92\n"),
    ]


@pytest.fixture
def start(player, tap, clock):
    opened = []

    def start(*script, channel=1):
        server = player(list(script))
        address = NetworkAddress(server.address)
        opened.append(DRIVER.connect(address, name="load", tap=tap, clock=clock, channel=channel))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_the_module_in_the_channel_says_what_it_can_do(start):
    driver = start(*begins(b"3", b"63640-80-80"), NO_ERROR, *sets(b"CONF:REM ON"), channel=3)
    assert driver.limits == Limits(80.0, 80.0, 400.0)
    assert driver.known.model == "63600-5"


def test_an_absent_channel_and_an_unknown_module_are_refused(start):
    with pytest.raises(LinkRefused, match="has no channel 4"):
        start(FRAME, (b"CHAN 4;:CHAN?\n", b"1\n"), channel=4)
    with pytest.raises(LinkRefused, match="which is no Chroma 63600 with module"):
        start(*begins(b"1", b"63630-600-15"))


@pytest.mark.parametrize(
    ("method", "value", "mode", "level", "seen"),
    [
        ("set_current", 0.1, b"CCH", b"CURR:STAT:L1 0.1000", b"0.1"),
        ("set_resistance", 2.0, b"CRH", b"RES:STAT:L1 2.0000", b"2.00"),
        ("set_resistance", 0.5, b"CRM", b"RES:STAT:L1 0.5000", b"0.50"),
        ("set_resistance", 0.02, b"CRL", b"RES:STAT:L1 0.0200", b"0.02"),
        ("set_voltage", 12.0, b"CVH", b"VOLT:STAT:L1 12.0000", b"12.0"),
        ("set_power", 54.0, b"CPH", b"POW:STAT:L1 54.000", b"54.0"),
    ],
)
def test_the_highest_range_that_holds_the_level_is_in_the_mode_word(start, method, value, mode, level, seen):
    select = b"CHAN 1;:"
    driver = start(
        *begins(b"1", b"63640-80-80"),
        NO_ERROR,
        *sets(b"CONF:REM ON"),
        (select + b"LOAD?\n", b"OFF\n"),
        *sets(select + b"MODE " + mode),
        *sets(select + level),
        (select + level.split()[0] + b"?\n", seen + b"\n"),
    )
    getattr(driver, method)(value)


def test_resistances_below_the_lowest_range_are_refused(start):
    driver = start(*begins(b"1", b"63640-80-80"), NO_ERROR, *sets(b"CONF:REM ON"))
    for ohms in (0.009, 2901.0):
        with pytest.raises(OutOfRange):
            driver.set_resistance(ohms)


def test_every_command_of_a_channel_selects_it_in_the_same_message():
    """Whatever another program sends in between cannot make it act on another channel."""
    page = asdict(PAGE)
    texts = [page[name] for name in ("function", "measure_voltage", "measure_current", "channel", "module")]
    texts += [page[part][name] for part in ("input", "short") for name in ("write", "ask")]
    texts += [page["trips"][name] for name in ("ask", "clear")]
    for setting in (*page["slew"], page["von"], *(mode["level"] for mode in page["modes"].values())):
        texts += [setting["write"], *setting["ask"]]
    texts += [command for mode in page["modes"].values() for command in mode["select"]]
    assert [text for text in texts if not text.startswith("CHAN {channel};:")] == []


def test_clearing_counts_as_done_when_the_status_says_so_whatever_the_error_queue_says(start):
    select = b"CHAN 1;:"
    driver = start(
        *begins(b"1", b"63630-80-60"),
        NO_ERROR,
        *sets(b"CONF:REM ON"),
        (select + b"STAT:CHAN:COND?\n", b"8\n"),
        *sets(select + b"LOAD OFF"),
        (select + b"LOAD?\n", b"OFF\n"),
        (select + b"LOAD:PROT:CLE\n", b""),
        (b"SYST:ERR?\n", b'4,"Execution Error"\n'),
        NO_ERROR,
        (select + b"STAT:CHAN:COND?\n", b"0\n"),
        (select + b"LOAD?\n", b"OFF\n"),
    )
    assert driver.trip() == "OPP"
    driver.clear_protection()
