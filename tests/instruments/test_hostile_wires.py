"""The same misbehaviour on every wire: the right named error in time, and no command until the link is opened anew."""

import socket
import threading
import time
from types import SimpleNamespace

import pytest

from instruments.errors import LinkDesync, LinkLost, LinkRefused, LinkTimeout, ProtocolError
from instruments.state import LinkState
from tests.instruments.hostile import WIRES

TIMEOUT_S, MARGIN_S = 0.15, 0.25


@pytest.fixture(params=WIRES, ids=lambda wire: wire.name)
def wire(request):
    return request.param


@pytest.fixture
def linked(wire, tmp_path, tap, clock):
    """`linked(*behaviours)` -> an open link to a server with these."""
    started = []

    def start(*behaviours, timeout_s=TIMEOUT_S):
        server = wire.start(tmp_path, *behaviours)
        started.append(server)
        link = wire.link(wire.address(server), tap=tap, clock=clock, timeout_s=timeout_s)
        started.append(link)
        link.open()
        return link

    yield start
    for link in started[1::2]:
        link.close()
    for server in started[::2]:
        server.finish()


def good(wire):
    def behave(end):
        while True:
            end.say(wire.reply(end.request()))

    return behave


def refused_until_reopened(wire, link, clock, state, error):
    assert link.state is state
    sent = dict(clock.totals)
    for command in (wire.ask, wire.tell):
        with pytest.raises(error, match=r"call the driver's reopen\(\)"):
            command(link)
    assert clock.totals == sent


def test_refuse(wire, tmp_path, tap, clock):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = SimpleNamespace(port=listener.getsockname()[1], path=tmp_path / "unplugged")
    link = wire.link(wire.address(gone), tap=tap, clock=clock)
    with pytest.raises(LinkRefused, match=r"^meter: no connection to .*(ECONNREFUSED|ENOENT): "):
        link.open()
    assert link.state is LinkState.CLOSED
    ((direction, data, note),) = tap.events
    assert (direction, data) == ("note", b"")
    assert note.startswith(("refused: ECONNREFUSED: ", "refused: ENOENT: "))


def test_accept_then_close(wire, linked, clock):
    opened, closed = threading.Event(), threading.Event()

    def behave(end):
        end.until(opened)
        end.close()
        closed.set()

    link = linked(behave)
    opened.set()
    assert closed.wait(5)
    with pytest.raises(LinkLost, match="closed the connection"):
        wire.ask(link)
    assert clock.totals == {}
    refused_until_reopened(wire, link, clock, LinkState.LOST, LinkLost)


def test_no_reply(wire, linked, clock):
    link = linked(lambda end: end.silent(), timeout_s=0.4)
    wall, cpu = time.monotonic(), time.process_time()
    with pytest.raises(LinkTimeout, match=r"within 0.4 s \(0 bytes came\)"):
        wire.ask(link)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    assert 0.4 <= wall < 0.4 + MARGIN_S
    assert cpu <= 0.05 * wall
    refused_until_reopened(wire, link, clock, LinkState.DESYNC, LinkDesync)


def test_half_a_reply(wire, linked, clock, tap):
    half = []

    def behave(end):
        whole = wire.reply(end.request())
        half.append(whole[: len(whole) // 2])
        end.say(half[0])

    link = linked(behave)
    with pytest.raises(LinkTimeout):
        wire.ask(link)
    assert ("<", half[0], "") in tap.events
    refused_until_reopened(wire, link, clock, LinkState.DESYNC, LinkDesync)


def test_a_dripping_reply_ends_at_the_time_out_of_the_whole(wire, linked, clock):
    def behave(end):
        request = end.request()
        for byte in wire.reply(request, 12345) * 20:
            end.say(bytes([byte]) if byte != 10 else b"0")
            end.pause(0.06)

    link = linked(behave)
    begin = time.monotonic()
    with pytest.raises(LinkTimeout):
        wire.ask(link)
    assert time.monotonic() - begin < TIMEOUT_S + MARGIN_S
    refused_until_reopened(wire, link, clock, LinkState.DESYNC, LinkDesync)


def test_a_reply_in_single_bytes_is_joined(wire, linked):
    def behave(end):
        for byte in wire.reply(end.request()):
            end.say(bytes([byte]))
            end.pause(0.001)

    assert wire.ask(linked(behave, timeout_s=5.0)) == 7


def test_a_late_reply_answers_nothing(wire, linked, clock):
    late, said = threading.Event(), threading.Event()

    def behave(end):
        request = end.request()
        end.until(late)
        end.say(wire.reply(request, 1))
        said.set()
        good(wire)(end)

    link = linked(behave, good(wire))
    with pytest.raises(LinkTimeout):
        wire.ask(link)
    late.set()
    assert said.wait(5)
    refused_until_reopened(wire, link, clock, LinkState.DESYNC, LinkDesync)
    link.reopen()
    assert wire.ask(link, 5) == 5


def test_a_doubled_reply_in_one_piece(wire, linked, clock):
    link = linked(lambda end: end.say(wire.reply(end.request()) * 2))
    with pytest.raises(LinkDesync, match="nobody asked for behind the reply"):
        wire.ask(link)
    refused_until_reopened(wire, link, clock, LinkState.DESYNC, LinkDesync)


def test_a_reply_doubled_later(wire, linked, clock):
    once, twice = threading.Event(), threading.Event()

    def behave(end):
        reply = wire.reply(end.request())
        end.say(reply)
        end.until(once)
        end.say(reply)
        twice.set()

    link = linked(behave)
    assert wire.ask(link) == 7
    once.set()
    assert twice.wait(5)
    assert link._transport._readable(2000)
    sent = dict(clock.totals)
    with pytest.raises(LinkDesync, match="nobody asked for before the command"):
        wire.tell(link)
    assert clock.totals == sent
    refused_until_reopened(wire, link, clock, LinkState.DESYNC, LinkDesync)


def test_reset_inside_a_reply(wire, linked, clock):
    def behave(end):
        end.say(wire.reply(end.request())[:-1])
        end.reset()

    link = linked(behave, timeout_s=5.0)
    begin = time.monotonic()
    with pytest.raises(LinkLost):
        wire.ask(link)
    assert time.monotonic() - begin < 1
    refused_until_reopened(wire, link, clock, LinkState.LOST, LinkLost)


def test_power_cycle(wire, linked, clock):
    def before(end):
        end.say(wire.reply(end.request(), 48))
        end.request()
        end.reset()

    def after(end):
        end.say(wire.reply(end.request(), 0))

    link = linked(before, after, timeout_s=5.0)
    assert wire.ask(link) == 48
    with pytest.raises(LinkLost):
        wire.ask(link)
    refused_until_reopened(wire, link, clock, LinkState.LOST, LinkLost)
    link.reopen()
    assert wire.ask(link) == 0


def test_nonsense_that_never_ends(wire, linked, clock):
    link = linked(lambda end: (end.request(), end.say(b"\xee" * (1 << 21))), timeout_s=5.0)
    with pytest.raises(ProtocolError):
        wire.ask(link)
    refused_until_reopened(wire, link, clock, LinkState.DESYNC, LinkDesync)


def test_three_threads_get_their_own_answers(wire, linked):
    link = linked(good(wire), timeout_s=5.0)
    wrong = []

    def ask(first):
        numbers = range(first, first + 60)
        wrong.extend(number for number in numbers if wire.ask(link, number) != number)

    threads = [threading.Thread(target=ask, args=(first,)) for first in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert link.state is LinkState.SYNC
