"""VXI-11: our own calls, and the same instrument through the VISA library, whose path HiSLIP, USB and GPIB take too."""

import gc
import socket
import threading
import time
from contextlib import suppress

import pytest

from instruments.address import VisaPlace
from instruments.errors import InstrumentError, LinkDesync, LinkLost, LinkRefused, LinkTimeout, ProtocolError
from instruments.link import VisaLink
from instruments.scpi import set_checked
from instruments.state import LinkState
from instruments.visa_port import open_visa
from tests.instruments.vxi11 import Vxi11Server

PAYLOAD = bytes(range(256)) * 200


@pytest.fixture(params=["own", "library"])
def path(request, monkeypatch):
    """How the instrument is reached; the library is given its VXI-11 address by hand."""
    if request.param == "library":

        def through_library(place, timeout_s):
            return open_visa(VisaPlace(str(place)), "@py", timeout_s)

        monkeypatch.setattr("instruments.connecting.open_vxi11", through_library)
    return request.param


@pytest.fixture
def linked(path, tap, clock):
    started = []

    def start(answer, timeout_s=0.3, **how):
        server = Vxi11Server(answer, **how)
        link = VisaLink(server.address, name="scope", tap=tap, clock=clock, timeout_s=timeout_s)
        started.extend((link.close, server.finish))
        link.open()
        return link, server

    yield start
    for end in started:
        end()


def says(*messages):
    return lambda command: messages if command.endswith(b"?\n") else ()


def test_it_speaks_the_same_bytes_as_a_socket(linked, tap, clock):
    link, _ = linked(says(b"48.00\n"))
    link.write("VOLT 48")
    assert link.query("VOLT?") == "48.00"
    assert tap.events[1:] == [(">", b"VOLT 48\n", ""), (">", b"VOLT?\n", ""), ("<", b"48.00\n", "")]
    assert clock.totals == {"scope": len("VOLT 48\nVOLT?\n")}


def test_the_end_of_a_message_needs_no_newline(linked):
    link, _ = linked(says(b"48.00"))
    assert link.query("VOLT?") == "48.00"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_block(linked, end):
    link, _ = linked(says(b"#551200" + PAYLOAD + end))
    assert bytes(link.query_block("DATA?")) == PAYLOAD
    assert link.state is LinkState.SYNC


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        (b"#551200" + PAYLOAD[1:], "a reply that ends 1 bytes too early"),
        (b"#551200" + PAYLOAD + b"x\n", "a block longer than its header says"),
        (b"#9999999999" + PAYLOAD, "the block header"),
        (b"#0" + PAYLOAD, "instead of the header"),
        (b"51200" + PAYLOAD, "instead of the header"),
        (b"#551", "a reply that ends 3 bytes too early"),
    ],
)
def test_blocks_that_lie(linked, reply, what):
    link, _ = linked(says(reply))
    with pytest.raises(ProtocolError, match=what):
        link.query_block("DATA?")
    assert link.state is LinkState.DESYNC


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_refuse(tap, clock):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    link = VisaLink(f"TCPIP::127.0.0.1,{port}::inst0::INSTR", name="scope", tap=tap, clock=clock, timeout_s=0.3)
    with pytest.raises(LinkRefused, match="scope: no connection to TCPIP"):
        link.open()
    gc.collect()  # pyvisa-py forgets its socket


def test_no_reply(linked):
    link, _ = linked(says())
    wall, cpu = time.monotonic(), time.process_time()
    with pytest.raises(LinkTimeout):
        link.query("VOLT?")
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    assert 0.29 <= wall < 0.45
    assert cpu < 0.1
    with pytest.raises(LinkDesync):
        link.query("VOLT?")


def test_a_late_reply_is_cleared_by_reopening(linked):
    link, server = linked(lambda command: [b"%s" % command[4:].replace(b"?", b"")] if b"ECHO" in command else [])
    with pytest.raises(LinkTimeout):
        link.query("SLOW?")
    server.queue.append(b"late\n")
    with pytest.raises(LinkDesync):
        link.query("ECHO 5?")
    link.reopen()
    assert link.query("ECHO 5?") == " 5"


def test_a_doubled_reply_is_seen_in_the_status_byte(linked, clock):
    link, _ = linked(says(b"48.00\n", b"48.00\n"))
    assert link.query("VOLT?") == "48.00"
    sent = dict(clock.totals)
    with pytest.raises(LinkDesync, match=r"nobody asked for before the command: b'48.00\\n'"):
        link.query("CURR?")
    assert clock.totals == sent


@pytest.mark.parametrize(("path", "status"), [("own", False), ("own", None), ("library", False)], indirect=["path"])
def test_residue_without_the_bit_a_doubled_reply_answers_the_next_question(linked, status):
    link, _ = linked(lambda command: [command, command], status=status)
    assert link.query("VOLT?") == "VOLT?"
    assert link.query("CURR?") == "VOLT?"  # the wrong value


def test_two_lines_in_one_message_are_stale(linked):
    link, _ = linked(says(b"48.00\n1.00\n"))
    with pytest.raises(LinkDesync, match="behind the reply"):
        link.query("VOLT?")


def test_a_server_that_stops_answering(linked, path):
    """pyvisa-py gives the network a second more than the instrument, and then calls it an error of the connection."""
    link, _ = linked(lambda command: None, timeout_s=0.1)
    begin = time.monotonic()
    with pytest.raises(LinkTimeout if path == "own" else LinkLost):
        link.query("VOLT?")
    assert time.monotonic() - begin < (0.3 if path == "own" else 1.5)
    assert link.state is (LinkState.DESYNC if path == "own" else LinkState.LOST)


@pytest.mark.parametrize("path", ["own"], indirect=True)
def test_power_cycle_inside_an_exchange(linked):
    volts = [b"48.00\n", None, b"0.00\n"]

    def answer(command):
        if volts[0] is None:
            server.drop()
        return [volts.pop(0)]

    link, server = linked(answer, timeout_s=5.0)
    assert link.query("VOLT?") == "48.00"
    wall, cpu = time.monotonic(), time.process_time()
    with pytest.raises(LinkLost):
        link.query("VOLT?")
    link.reopen()
    assert time.monotonic() - wall < 1
    assert time.process_time() - cpu < 0.2
    assert link.query("VOLT?") == "0.00"


@pytest.mark.parametrize("path", ["own"], indirect=True)
def test_a_connection_closed_between_commands_is_lost_before_anything_is_sent(linked, clock):
    link, server = linked(says(b"48.00\n"), timeout_s=5.0)
    assert link.query("VOLT?") == "48.00"
    sent = dict(clock.totals)
    server.drop()
    with pytest.raises(LinkLost, match="end of file"):
        link.query("VOLT?")
    assert clock.totals == sent


@pytest.mark.parametrize("path", ["own"], indirect=True)
def test_the_port_mapper_says_the_port(linked, tap, clock, monkeypatch):
    _, server = linked(says(b"48.00\n"))
    monkeypatch.setattr("instruments.vxi11._MAPPER_PORT", server.port)
    server.drop()
    link = VisaLink("TCPIP::127.0.0.1::INSTR", name="scope", tap=tap, clock=clock)
    link.open()
    assert link.query("VOLT?") == "48.00"
    link.close()


def test_what_is_no_vxi_11_is_refused(tap, clock):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            client, _ = listener.accept()
            with client, suppress(OSError):
                client.recv(1000)
                client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)
                client.recv(1000)

        thread = threading.Thread(target=answer)
        thread.start()
        address = f"TCPIP::127.0.0.1,{listener.getsockname()[1]}::INSTR"
        with pytest.raises(LinkRefused, match="does not speak VXI-11"):
            VisaLink(address, name="scope", tap=tap, clock=clock, timeout_s=0.5).open()
        thread.join()


@pytest.mark.parametrize("path", ["own"], indirect=True)
def test_long_commands_go_in_pieces(linked):
    link, _ = linked(lambda command: [command], largest=7, timeout_s=5.0)
    assert link.query("ROUT:CLOS (@1001:1008)?") == "ROUT:CLOS (@1001:1008)?"


def test_text_and_error_queue_as_on_a_socket(linked):
    link, _ = linked(says(b"48\xc2\xb0\n"))
    with pytest.raises(ProtocolError, match="not ASCII"):
        link.query("TEMP?")
    assert link.state is LinkState.SYNC
    link, _ = linked(says(b'-350,"Queue overflow"\n'))
    with pytest.raises(InstrumentError, match="never empties: -350"):
        set_checked(link, "VOLT 99")


def test_three_threads_get_their_own_answers(linked):
    link, _ = linked(lambda command: [command], timeout_s=5.0)
    wrong = []

    def ask(word):
        questions = [f"{word}{number}?" for number in range(50)]
        wrong.extend(question for question in questions if link.query(question) != question)

    threads = [threading.Thread(target=ask, args=(word,)) for word in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
