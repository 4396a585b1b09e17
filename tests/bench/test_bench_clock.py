"""Bench time over a socket: byte totals with every sleep, and no reply taken for that of another question."""

from __future__ import annotations

import json
import re
import socket
import threading
from contextlib import suppress
from types import SimpleNamespace

import pytest

from instruments.clock import WallClock
from rig.bench.clock import ClockLost, EventLog, ReplayClock, Stamp, TwinClock, open_clock


class FakeTwin:
    """Serves one clock socket: `answer` makes the reply; after one without a line end it hangs up."""

    def __init__(self, path) -> None:
        self.path = str(path)
        self.heard: list[dict] = []
        self.now = 1_000
        self.reasons: list[str] = []
        self.answer = self.usual
        self.closed = 0
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.path)
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def usual(self, message: dict) -> bytes:
        self.now += message.get("ns", 0)
        extra = {"sha256": "abc", "reasons": self.reasons} if message["op"] == "log" else {}
        if message["op"] == "claim":
            extra = {"claimed": [port for port in message["ports"] if port != self.closed]}
        return json.dumps({"now": self.now, **extra}).encode() + b"\n"

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection, connection.makefile("rb") as lines, suppress(ConnectionError):
                for line in lines:
                    message = json.loads(line)
                    if message["op"] == "end":
                        return
                    self.heard.append(message)
                    reply = self.answer(message)
                    connection.sendall(reply)
                    if not reply.endswith(b"\n"):
                        break

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self.path)
            last.sendall(b'{"op": "end"}\n')
        self._thread.join()
        self._socket.close()


@pytest.fixture
def twin(tmp_path):
    served = FakeTwin(tmp_path / "clock.sock")
    yield served
    served.close()


def test_a_sleep_carries_the_bytes_of_every_link(twin):
    with TwinClock(twin.path) as clock:
        clock.opened("supply", 40_001)
        clock.opened("load", 40_002)
        clock.sent("supply", 10)
        clock.sent("supply", 5)
        clock.sent("load", 7)
        clock.sent("a link that no TCP port is known of", 9)
        clock.sleep(0.25)
        assert clock.now_ns() == clock.last_ns == 250_001_000
    assert twin.heard[0] == {"op": "hello", "owner": True, "name": "rig"}
    assert twin.heard[1] == {"op": "claim", "ports": [40_001], "links": ["supply"], "sent": {}}
    assert twin.heard[3] == {"op": "sleep", "ns": 250_000_000, "sent": {"supply": 15, "load": 7}}


def test_a_link_that_connects_again_is_claimed_and_counted_again(twin):
    with TwinClock(twin.path) as clock:
        clock.opened("supply", 40_001)
        clock.sent("supply", 10)
        clock.opened("supply", 40_009)
        clock.sent("supply", 2)
        clock.sleep(0.0)
    assert [message.get("ports") for message in twin.heard] == [None, [40_001], [40_009], None]
    assert twin.heard[-1]["sent"] == {"supply": 2}


def test_a_link_that_closed_at_once_is_not_counted(twin):
    """The twin would refuse every later request that speaks of its bytes."""
    twin.closed = 40_001
    with TwinClock(twin.path) as clock:
        clock.opened("supply", 40_001)
        clock.sent("supply", 3)
        clock.sleep(0.0)
    assert twin.heard[-1]["sent"] == {}


def test_partners_are_named_at_hello_and_met_later(twin):
    with TwinClock(twin.path, name="guard", partners=("rig",)) as clock:
        clock.meet("script", "rig")
        clock._whole = False
        clock.now_ns()
    hello = {"op": "hello", "owner": True, "name": "guard"}
    assert twin.heard[:2] == [hello | {"with": ["rig"]}, hello | {"with": ["script", "rig"], "sent": {}}]
    assert twin.heard[2] == hello, "who connects again does not wait for anybody again"


def test_the_event_log_says_whether_an_equal_run_repeats_it(twin):
    with TwinClock(twin.path) as clock:
        assert (clock.event_log(), clock.event_log().deterministic) == (EventLog("abc"), True)
        twin.reasons = ["the wall clock had a hand in it"]
        assert clock.event_log() == EventLog("abc", ("the wall clock had a hand in it",))
        assert not clock.event_log().deterministic


def test_a_stamp_costs_no_message(twin):
    with TwinClock(twin.path) as clock:
        heard = len(twin.heard)
        assert Stamp(clock).now_ns() == 1_000
        assert len(twin.heard) == heard


def test_after_an_exchange_that_was_broken_off_the_late_reply_is_never_used(twin, monkeypatch):
    with TwinClock(twin.path) as clock:
        clock.opened("supply", 40_001)
        clock.sent("supply", 3)

        def interrupted() -> bytes:
            raise KeyboardInterrupt

        monkeypatch.setattr(clock, "_reader", SimpleNamespace(readline=interrupted, close=clock._reader.close))
        with pytest.raises(KeyboardInterrupt):
            clock.sleep(1.0)
        assert clock.event_log().sha256 == "abc"
        assert [message["op"] for message in twin.heard] == ["hello", "claim", "sleep", "hello", "claim", "log"]
        assert twin.heard[-2]["ports"] == [40_001]
        assert twin.heard[-1]["sent"] == {}, "the twin counts from the claim"


def test_a_hello_that_was_broken_off_is_said_again(twin):
    clock = TwinClock(twin.path)
    clock._whole = False
    exchange, calls = clock._exchange, []

    def broken_off(message: dict) -> dict:
        calls.append(message["op"])
        if len(calls) == 1:
            raise KeyboardInterrupt
        return exchange(message)

    clock._exchange = broken_off
    with pytest.raises(KeyboardInterrupt):
        clock.now_ns()
    assert clock.now_ns() == 1_000
    assert calls == ["hello", "hello", "now"]
    clock.close()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"", "has gone away"),
        (b'{"now": 1', "has gone away"),
        (b"HTTP/1.1 400\n", "is no twin's clock: it said b'HTTP/1.1 400"),
        (b'{"error": "no such op"}\n', "refuses now: no such op"),
    ],
)
def test_a_twin_that_breaks_off_or_talks_nonsense_is_a_lost_clock(twin, reply, said):
    with TwinClock(twin.path) as clock:
        twin.answer = lambda message: reply
        with pytest.raises(ClockLost, match=re.escape(said)):
            clock.now_ns()


def test_a_twin_that_does_not_answer_in_time_is_a_lost_clock(twin):
    with TwinClock(twin.path, timeout_s=0.05) as clock:
        wake = threading.Event()

        def too_late(_message: dict) -> bytes:
            wake.wait()
            return b""

        twin.answer = too_late
        with pytest.raises(ClockLost, match="stopped answering"):
            clock.now_ns()
        wake.set()


@pytest.mark.parametrize("path", ["nowhere.sock", "x" * 200])
def test_no_twin_at_all_is_one_sentence(tmp_path, path):
    with pytest.raises(ClockLost, match=r"does not answer \(.+\): is its process running\?"):
        TwinClock(str(tmp_path / path))


def test_a_bench_without_a_clock_runs_by_the_wall():
    assert isinstance(open_clock(None), WallClock)


def test_questions_are_heard_with_their_answers_and_can_be_played_back(twin):
    heard = []
    with TwinClock(twin.path) as clock:
        clock.heard = lambda question: heard.append((question, clock.last_ns))
        clock.sleep(0.25)
        clock.now_ns()
        clock.opened("supply", 40_001)  # tells the time too, but nobody asked for it
    assert heard == [("sleep 0.25", 250_001_000), ("now", 250_001_000)]
    answers = dict(heard)
    played = ReplayClock(answers.pop)
    played.sleep(0.25)
    assert (played.last_ns, Stamp(played).now_ns()) == (250_001_000, 250_001_000)
    assert played.now_ns() == 250_001_000
    assert answers == {}
    with pytest.raises(KeyError):
        played.sleep(0.25)
