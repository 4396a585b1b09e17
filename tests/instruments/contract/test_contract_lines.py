"""The contract of DigitalOutput: a line is driven when it is told, read as it is, and low when all is over."""

import pytest

from instruments.errors import LinkLost, OutOfRange

ROLE = "lines"


@pytest.fixture
def lines(stand):
    return stand.connect()


def test_it_says_who_it_is(lines):
    identity = lines.identity()
    assert identity == lines.known
    assert identity.maker
    assert identity.model


@pytest.mark.needs("outputs")
def test_a_line_is_driven_and_no_other(stand, lines):
    one, other = stand.family.lines
    lines.set_line(one, False)
    lines.set_line(other, False)
    lines.set_line(one, True)
    assert lines.line(one) is True
    assert lines.lines((one, other)) == {one: True, other: False}
    stand.circuit.true(high={one})
    lines.set_line(one, False)
    assert lines.line(one) is False
    stand.circuit.true(high=set())


@pytest.mark.needs("inputs")
def test_an_input_follows_its_contact(stand, lines):
    """The auxiliary contact of the load line's contactor, which is in, and of a contactor that is not."""
    closed, open_ = stand.circuit.contacts()
    assert lines.lines((closed, open_)) == {closed: True, open_: False}


def test_a_line_that_it_does_not_have_sends_nothing(stand, lines):
    for act in (lambda: lines.line("X99"), lambda: lines.lines(("X99",)), lambda: lines.set_line("", True)):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            act()


@pytest.mark.needs("outputs")
def test_make_safe_drives_low_and_is_idempotent(stand, lines):
    one, _ = stand.family.lines
    lines.set_line(one, True)
    for _ in range(2):
        lines.make_safe()
        assert one not in lines.read_back()["high"]
        stand.circuit.true(high=set())


@pytest.mark.needs("outputs")
def test_what_it_reads_back(stand, lines):
    one, other = stand.family.lines
    lines.set_line(one, True)
    lines.set_line(other, False)
    back = lines.read_back()
    assert {one, other} <= set(back["outputs"])
    assert one in back["high"]
    assert other not in back["high"]


@pytest.mark.network
@pytest.mark.needs("outputs")
def test_a_broken_connection_comes_back_safe(stand, lines):
    one, _ = stand.family.lines
    lines.set_line(one, True)
    stand.circuit.true(high={one})
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        lines.line(one)
    lines.reopen()
    stand.circuit.true(high=set())


def test_closing_twice_is_allowed_and_sends_nothing(stand, lines):
    with stand.nothing_sent():
        lines.close()
        lines.close()
        with pytest.raises(LinkLost, match="is closed"):
            lines.read_back()
