"""What the bytes do not show: where a wrong value is believed, for how long, and what ends it. See docs/link.md."""

import threading

import pytest

from instruments.errors import LinkDesync, LinkTimeout, ProtocolError
from instruments.state import LinkState
from tests.instruments.hostile import MODBUS, SCPI

TCP, SERIAL = SCPI
MODBUS_TCP, RTU_SERIAL, RTU_OVER_TCP = MODBUS


@pytest.fixture
def linked(tmp_path, tap, clock):
    started = []

    def start(wire, *behaviours, timeout_s=5.0):
        server = wire.start(tmp_path, *behaviours)
        link = wire.link(wire.address(server), tap=tap, clock=clock, timeout_s=timeout_s)
        started.extend((link.close, server.finish))
        link.open()
        return link

    yield start
    for end in started:
        end()


@pytest.mark.parametrize("wire", SCPI, ids=lambda wire: wire.name)
def test_scpi_believes_a_reply_to_a_write_that_comes_behind_the_next_question(linked, wire):
    """A write has no reply; where an instrument gives one all the same, and late, it is taken for the next one's."""

    def behave(end):
        end.request()
        question = end.request()
        end.say(b"999\n")
        end.until(believed)
        end.say(wire.reply(question))
        said.set()

    believed, said = threading.Event(), threading.Event()
    link = linked(wire, behave)
    wire.tell(link)
    assert wire.ask(link) == 999  # the wrong value
    believed.set()
    assert said.wait(5)
    assert link._transport._readable(2000)
    with pytest.raises(LinkDesync, match="before the command"):  # and the end of it
        wire.ask(link)


@pytest.mark.parametrize("wire", SCPI, ids=lambda wire: wire.name)
def test_scpi_does_not_believe_it_when_the_true_reply_is_there_too(linked, wire):
    def behave(end):
        end.request()
        end.say(b"999\n" + wire.reply(end.request()))

    link = linked(wire, behave)
    wire.tell(link)
    with pytest.raises(LinkDesync, match="behind the reply"):
        wire.ask(link)


@pytest.mark.parametrize("wire", [SERIAL, RTU_SERIAL], ids=lambda wire: wire.name)
def test_a_serial_line_believes_a_late_reply_after_reopening(linked, wire):
    """TCP gives a reopened link a stream of its own; a serial line is the same line as before."""
    reopened = threading.Event()

    def behave(end):
        first = end.request()
        end.until(reopened)
        end.request()
        end.say(wire.reply(first))

    link = linked(wire, behave, timeout_s=0.15)
    with pytest.raises(LinkTimeout):
        wire.ask(link, 1)
    link.reopen()
    reopened.set()
    assert wire.ask(link, 2) == 1  # the wrong value


def test_so_does_a_gateway_which_hands_the_reply_to_its_new_client(linked):
    wire, first = RTU_OVER_TCP, []

    def before(end):
        first.append(end.request())

    def after(end):
        end.request()
        end.say(wire.reply(first[0]))

    link = linked(wire, before, after, timeout_s=0.15)
    with pytest.raises(LinkTimeout):
        wire.ask(link, 1)
    link.reopen()
    assert wire.ask(link, 2) == 1  # the wrong value


@pytest.mark.parametrize("wire", [SERIAL, RTU_SERIAL], ids=lambda wire: wire.name)
def test_a_late_reply_before_the_first_question_after_reopening_is_found(linked, wire):
    reopened, said = threading.Event(), threading.Event()

    def behave(end):
        first = end.request()
        end.until(reopened)
        end.say(wire.reply(first))
        said.set()

    link = linked(wire, behave, timeout_s=0.15)
    with pytest.raises(LinkTimeout):
        wire.ask(link, 1)
    link.reopen()
    reopened.set()
    assert said.wait(5)
    assert link._transport._readable(2000)
    with pytest.raises(LinkDesync, match="before the command"):
        wire.ask(link, 2)


@pytest.mark.parametrize("wire", [RTU_SERIAL, RTU_OVER_TCP], ids=lambda wire: wire.name)
def test_rtu_believes_any_frame_of_the_same_unit_function_and_length(linked, wire):
    """A gateway that serves two masters may hand over the other one's reply; nothing in the frame says whose it is."""
    link = linked(wire, lambda end: end.say(wire.reply(end.request(), 999)))
    assert wire.ask(link) == 999


def test_modbus_tcp_knows_it_by_the_transaction(linked):
    wire = MODBUS_TCP

    def behave(end):
        first = end.request()
        end.say(wire.reply(first))
        end.request()
        end.say(wire.reply(first))

    link = linked(wire, behave)
    assert wire.ask(link) == 7
    with pytest.raises(ProtocolError, match="the reply of transaction 1 where 2 was asked"):
        wire.ask(link, 8)
    assert link.state is LinkState.DESYNC
