"""One link against its own transcript."""

from __future__ import annotations

import socket
import zlib

import pytest

from instruments.clock import WallClock
from instruments.errors import LinkLost, LinkRefused
from instruments.link import VisaLink
from rig.record import BrokenRun, Deviation, LinkPlayer, WireLog
from rig.record.wire import read_blocks


class Standing:
    def now_ns(self):
        return 7


BLOCK = bytes(range(256)) * 4_000


def recorded(path, events):
    """A transcript of (direction, data, note, content)."""
    log = WireLog(path, Standing(), blocks=True)
    for direction, data, note, *content in events:
        log(direction, data, note)
        for one in content:
            log.content(one)
    log.close()
    return path


@pytest.fixture
def player(tmp_path):
    made = []

    def make(*events):
        made.append(LinkPlayer("scope", recorded(tmp_path / "scope.jsonl", events)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def link_to(player):
    return VisaLink(f"TCPIP::127.0.0.1::{player.port}::SOCKET", name="scope", tap=player, clock=WallClock())


def closed(link):
    """A link whose player has heard enough."""
    with pytest.raises(Deviation):
        link.close()


OPEN, CLOSE = ("note", b"", "open"), ("note", b"", "close")
ASK = [OPEN, (">", b"*IDN?\n", ""), ("<", b"ME\n", "")]


def test_the_same_exchange_ends_without_a_rest(player):
    played = player(*ASK, CLOSE)
    link = link_to(played)
    link.open()
    assert link.query("*IDN?") == "ME"
    assert played.rest().startswith("scope, line 4: expected the note 'close', and nothing came; 1 lines are left")
    link.close()
    assert (played.rest(), played.sent) == ("", 6)


def test_a_block_comes_from_beside_the_transcript(player):
    head = f"#7{len(BLOCK):07d}".encode()
    note = "block of 1024000 bytes, crc32 {:08x}, 2 line feeds"
    played = player(OPEN, (">", b"DATA?\n", ""), ("<", head, note.format(zlib.crc32(BLOCK)), BLOCK), CLOSE)
    link = link_to(played)
    link.open()
    assert link.query_block("DATA?", line_feeds=2) == BLOCK
    link.close()
    assert played.rest() == ""


def test_another_command_is_told_with_its_line(player):
    played = player(*ASK)
    link = link_to(played)
    link.open()
    with pytest.raises(Deviation, match=r"^scope, line 2: expected > b'\*IDN\?\\n', found > b'\*RST\\n'$"):
        link.query("*RST")
    closed(link)


def test_what_comes_after_the_end_is_told(player):
    played = player(*ASK)
    link = link_to(played)
    link.open()
    link.query("*IDN?")
    with pytest.raises(Deviation, match=r"scope, line 4: the transcript ends before it; the rig did > b'\*RST"):
        link.write("*RST")
    closed(link)


def test_a_lost_and_a_refused_connection_happen_again(player):
    lost, refused = ("note", b"", "lost: the wording of then"), ("note", b"", "refused: the wording of then")
    played = player(*ASK, lost, CLOSE, refused, OPEN, CLOSE)
    link = link_to(played)
    link.open()
    link.query("*IDN?")
    with pytest.raises(LinkLost):
        link.query("*IDN?")
    with pytest.raises(LinkRefused):
        link.reopen()
    link.open()
    link.close()
    assert played.rest() == ""


def test_a_stream_gives_each_look_what_it_found(player):
    played = player(
        OPEN,
        ("note", b"", "stream: open"),
        ("note", b"", "stream: scans 0 to 1 in 1 packets, 4 bytes", b"abcd"),
        ("note", b"", "stream: nothing yet"),
        (">", b"X\n", ""),
        ("note", b"", "stream: scans 2 to 2 in 1 packets, 2 bytes", b"ef"),
    )
    link = link_to(played)
    link.open()
    stream = socket.create_connection(("127.0.0.1", played.stream_port))
    stream.setblocking(False)
    played("note", b"", "stream: open")
    assert stream.recv(100) == b"abcd"
    played("note", b"", "stream: scans 0 to 1 in 1 packets, 4 bytes")
    with pytest.raises(BlockingIOError):
        stream.recv(100)
    played("note", b"", "stream: nothing yet")
    assert stream.recv(100) == b"ef"
    link.write("X")
    played("note", b"", "stream: scans 2 to 2 in 1 packets, 2 bytes")
    stream.close()
    closed(link)
    assert played.rest() == ""


def test_a_link_that_was_never_open_lets_nobody_in(tmp_path):
    played = LinkPlayer("load", tmp_path / "absent.jsonl")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", played.port))
    played.close()


def test_blocks_of_another_length_or_none_are_refused(tmp_path):
    path = recorded(tmp_path / "x.jsonl", [("<", b"#", "", BLOCK), (">", b"y" * 5000, "")])
    assert read_blocks(path, [len(BLOCK), 5000]) == [BLOCK, b"y" * 5000]
    assert read_blocks(path, [len(BLOCK), 5000, 1]) == [BLOCK, b"y" * 5000], "the run was killed before the last"
    for lengths in ([len(BLOCK)], [10, 5000], [len(BLOCK), 5000, 1, 1]):
        with pytest.raises(BrokenRun, match="the blocks beside it"):
            read_blocks(path, lengths)
