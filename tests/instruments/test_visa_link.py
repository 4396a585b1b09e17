"""The SCPI link against good and hostile servers: each fault has its named error, and waiting costs no CPU."""

import os
import socket
import threading
import zlib

import pytest
from instrument_player import Close, Hostile, Say, WaitFor

from instruments.errors import LinkDesync, LinkLost, LinkRefused, LinkTimeout, ProtocolError
from instruments.link import VisaLink
from instruments.state import LinkState


@pytest.fixture
def connect(tap, clock):
    links = []

    def open_link(address, **options):
        link = VisaLink(address, name="supply", tap=tap, clock=clock, **{"timeout_s": 0.15, **options})
        links.append(link)
        link.open()
        return link

    yield open_link
    for link in links:
        link.close()


def test_query_and_write_are_exact_and_in_the_transcript(player, connect, tap, clock):
    link = connect(
        player([(b"*IDN?\n", b"maker,model,1,2\r\n"), (b"VOLT 48\n", b""), (b"VOLT?\n", b"48.00 V\n")]).address
    )
    assert link.query("*IDN?") == "maker,model,1,2"
    link.write("VOLT 48")
    assert link.query("VOLT?") == "48.00 V"
    link.close()
    assert tap.events == [
        ("note", b"", "open"),
        (">", b"*IDN?\n", ""),
        ("<", b"maker,model,1,2\r\n", ""),
        (">", b"VOLT 48\n", ""),
        (">", b"VOLT?\n", ""),
        ("<", b"48.00 V\n", ""),
        ("note", b"", "close"),
    ]
    assert clock.totals == {"supply": len(b"*IDN?\nVOLT 48\nVOLT?\n")}


def test_the_real_socket_is_used_without_nagle(player, connect):
    link = connect(player([]).address)
    with socket.socket(fileno=os.dup(link._transport._fd)) as same:
        assert same.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert not os.get_blocking(link._transport._fd)


def test_a_reply_in_pieces_is_joined(player, connect):
    pause = threading.Event()
    link = connect(player([(b"X?\n", b"one "), WaitFor(pause), Say(b"two\n")]).address, timeout_s=5.0)
    timer = threading.Timer(0.05, pause.set)
    timer.start()
    assert link.query("X?") == "one two"
    timer.join()


def test_refused_port_names_instrument_address_and_cure(connect):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(LinkRefused) as refused:
        connect(f"TCPIP::127.0.0.1::{port}::SOCKET")
    assert str(refused.value).startswith(f"supply: no connection to TCPIP::127.0.0.1::{port}::SOCKET (ECONNREFUSED")
    assert "check that the instrument is on" in str(refused.value)


def test_a_resource_nobody_can_parse_is_refused(connect):
    with pytest.raises(LinkRefused, match="supply: no connection to nonsense"):
        connect("nonsense")


def test_accept_then_close_is_lost_and_nothing_is_sent(player, connect, clock):
    server = player([Close()])
    link = connect(server.address)
    server.finish()
    with pytest.raises(LinkLost, match=r"closed the connection \(end of file\)"):
        link.query("*IDN?")
    assert link.state is LinkState.LOST
    assert clock.totals == {}
    with pytest.raises(LinkLost, match="was lost"):
        link.write("OUTP OFF")


@pytest.mark.parametrize("partial", [b"", b"maker,mo"])
def test_end_of_file_instead_of_the_reply_is_lost_at_once(player, connect, partial):
    link = connect(player([(b"*IDN?\n", partial), Close()]).address, timeout_s=5.0)
    with pytest.raises(LinkLost, match=f"{len(partial)} bytes" if partial else "end of file"):
        link.query("*IDN?")
    assert link.state is LinkState.LOST


def test_half_a_reply_times_out_and_stays_in_the_transcript(player, connect, tap):
    link = connect(player([(b"MEAS?\n", b"48.0"), Hostile()]).address)
    with pytest.raises(LinkTimeout, match=r"no whole reply from .* within 0.15 s \(4 bytes came\)"):
        link.query("MEAS?")
    assert link.state is LinkState.DESYNC
    assert tap.events[-2:] == [("<", b"48.0", ""), ("note", b"", "timeout after 0.15 s with 4 bytes")]


def test_after_a_late_reply_the_link_refuses_until_reopened(player, connect):
    late = threading.Event()
    server = player([(b"SLOW?\n", b""), WaitFor(late), Say(b"late\n"), Hostile()], [(b"FAST?\n", b"fast\n")])
    link = connect(server.address)
    with pytest.raises(LinkTimeout):
        link.query("SLOW?")
    late.set()
    for command in (link.query, link.write, link.query_block):
        with pytest.raises(LinkDesync, match="out of step"):
            command("FAST?")
    link.reopen()
    assert link.state is LinkState.SYNC
    assert link.query("FAST?") == "fast"


def test_doubled_reply_in_one_piece_is_stale(player, connect):
    link = connect(player([(b"X?\n", b"1\n1\n"), Hostile()]).address)
    with pytest.raises(LinkDesync, match=r"nobody asked for behind the reply: b'1\\n'"):
        link.query("X?")
    assert link.state is LinkState.DESYNC


def test_stale_bytes_are_found_before_the_next_command(player, connect, clock):
    said = threading.Event()
    server = player([(b"X?\n", b"1\n"), WaitFor(said), Say(b"junk\n"), Hostile()])
    link = connect(server.address)
    assert link.query("X?") == "1"
    said.set()
    assert link._transport._readable(2000)
    before = dict(clock.totals)
    with pytest.raises(LinkDesync, match=r"before the command: b'junk\\n'"):
        link.write("OUTP ON")
    assert clock.totals == before


def test_a_flood_without_newline_ends(player, connect):
    link = connect(player([(b"X?\n", b"x" * (1 << 21)), Hostile()]).address, timeout_s=5.0)
    with pytest.raises(ProtocolError, match="a line of more than 1048576 bytes"):
        link.query("X?")
    assert link.state is LinkState.DESYNC


def test_text_that_is_not_ascii_is_a_protocol_error_and_the_link_stays_in_step(player, connect):
    link = connect(player([(b"X?\n", b"\xff\xfe\n"), (b"Y?\n", b"1\n")]).address)
    with pytest.raises(ProtocolError, match="not ASCII"):
        link.query("X?")
    assert link.query("Y?") == "1"


def test_closed_link_says_so(tap, clock):
    link = VisaLink("TCPIP::127.0.0.1::1::SOCKET", name="supply", tap=tap, clock=clock)
    with pytest.raises(LinkLost, match="is closed"):
        link.query("*IDN?")
    link.close()
    assert tap.events == []


def test_a_broken_off_exchange_is_out_of_step(player, connect, monkeypatch):
    link = connect(player([(b"X?\n", b"1\n"), Hostile()]).address)

    def interrupt(deadline):
        raise KeyboardInterrupt

    monkeypatch.setattr(link._transport, "line", interrupt)
    with pytest.raises(KeyboardInterrupt):
        link.query("X?")
    assert link.state is LinkState.DESYNC


def test_pace_is_kept_in_bench_time(player, connect, clock):
    link = connect(player([(b"A\n", b""), (b"B\n", b"")]).address, pace_s=0.02)
    link.write("A")
    clock.ns += 5_000_000
    link.write("B")
    assert clock.slept == [pytest.approx(0.015)]


def test_threads_do_not_mix_their_answers(player, connect):
    server = EchoServer()
    link = connect(server.address, timeout_s=5.0)
    wrong = []

    def ask(word):
        questions = [f"{word}{number}" for number in range(100)]
        wrong.extend(question for question in questions if link.query(question) != question)

    threads = [threading.Thread(target=ask, args=(word,)) for word in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    link.close()
    server.stop()
    assert wrong == []


class EchoServer:
    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"TCPIP::127.0.0.1::{self._listener.getsockname()[1]}::SOCKET"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        connection, _ = self._listener.accept()
        with connection:
            while data := connection.recv(4096):
                connection.sendall(data)

    def stop(self):
        self._thread.join()
        self._listener.close()


# -- blocks


def test_block_with_newlines_inside_is_whole_and_its_checksum_is_in_the_transcript(player, connect, tap):
    payload = b"\n" * 5 + bytes(range(256)) * 40
    header = b"#9%09d" % len(payload)
    link = connect(player([(b"DATA?\n", header + payload + b"\n"), (b"X?\n", b"1\n")]).address)
    assert bytes(link.query_block("DATA?")) == payload
    assert link.query("X?") == "1"
    direction, data, note = tap.events[2]
    assert (direction, data) == ("<", header)
    assert note == f"block of {len(payload)} bytes, crc32 {zlib.crc32(payload):08x}"


def test_block_is_read_into_the_callers_buffer(player, connect):
    link = connect(player([(b"DATA?\n", b"#14abcd\r\n")]).address)
    room = bytearray(6)
    view = link.query_block("DATA?", into=memoryview(room))
    assert (bytes(view), bytes(room)) == (b"abcd", b"abcd\0\0")


def test_empty_block_is_empty(player, connect):
    link = connect(player([(b"DATA?\n", b"#9000000000\n")]).address)
    assert len(link.query_block("DATA?")) == 0
    assert link.state is LinkState.SYNC


def test_block_shorter_than_its_header_times_out(player, connect):
    link = connect(player([(b"DATA?\n", b"#210abc"), Hostile()]).address)
    with pytest.raises(LinkTimeout, match=r"\(3 bytes came\)"):
        link.query_block("DATA?")
    assert link.state is LinkState.DESYNC


def test_block_cut_by_end_of_file_is_lost(player, connect):
    link = connect(player([(b"DATA?\n", b"#210abc"), Close()]).address, timeout_s=5.0)
    with pytest.raises(LinkLost, match="after 3 of 10 bytes"):
        link.query_block("DATA?")


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        (b"#13abcd\n", "longer than its header"),
        (b"#0abcd\n", "instead of the header"),
        (b"#2x3abcd\n", "block header"),
        (b"#9999999999", "block header"),
        (b"-113,error\n", "instead of the header"),
    ],
)
def test_bad_block_is_a_protocol_error_and_out_of_step(player, connect, reply, what):
    link = connect(player([(b"DATA?\n", reply), Hostile()]).address)
    with pytest.raises(ProtocolError, match=what):
        link.query_block("DATA?")
    assert link.state is LinkState.DESYNC


def test_block_larger_than_asked_for_is_a_protocol_error(player, connect):
    link = connect(player([(b"DATA?\n", b"#14abcd\n"), Hostile()]).address)
    with pytest.raises(ProtocolError, match="4 bytes where 2 were asked for"):
        link.query_block("DATA?", into=memoryview(bytearray(2)))


def test_empty_line_instead_of_a_block_leaves_the_link_in_step(player, connect):
    link = connect(player([(b"DATA?\n", b"\n"), (b"X?\n", b"1\n")]).address)
    with pytest.raises(ProtocolError, match="empty line"):
        link.query_block("DATA?")
    assert link.query("X?") == "1"


def test_bytes_behind_a_block_are_stale(player, connect):
    link = connect(player([(b"DATA?\n", b"#14abcd\n1\n"), Hostile()]).address)
    with pytest.raises(LinkDesync):
        link.query_block("DATA?")
