"""The clock socket against real instrument sockets: nothing is overtaken, equal runs have equal logs."""

import json
import threading

import pytest

from rig.twin import control

MS = 1_000_000


def test_hello_now_and_log(rig):
    clock = rig.clock()
    assert clock.ask(op="hello", owner=True) == {
        "now": 0,
        "owner": True,
        "links": ["daq", "load", "relays", "scope", "supply"],
        "pace": None,
    }
    assert clock.ask(op="now") == {"now": 0, "streamed": {"daq": 0}}
    assert clock.ask(op="sleep", ns=5) == {"now": 5, "streamed": {"daq": 0}}
    log = {"sha256": rig.world.sim.log_sha256(), "events": 0, "deterministic": True, "reasons": []}
    assert clock.ask(op="log") == log


def test_cost_counts_the_engine_and_moves_nothing(rig):
    clock = rig.clock(owner=True)
    log = clock.ask(op="log")
    before = clock.ask(op="cost")
    clock.ask(op="sleep", ns=20 * MS)
    after = clock.ask(op="cost")
    assert set(after) == {"engine_ns", "rendering_ns"}
    assert after["engine_ns"] > before["engine_ns"]
    assert clock.ask(op="now")["now"] == 20 * MS
    assert clock.ask(op="log") == log


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"op": "jump"}, "unknown op 'jump'"),
        ({}, "unknown op None"),
        ({"op": "sleep"}, "whole number"),
        ({"op": "sleep", "ns": 1.5}, "whole number"),
        ({"op": "sleep", "ns": True}, "whole number"),
        ({"op": "sleep", "ns": -1}, "whole number"),
        ({"op": "sleep", "ns": 10**16}, "whole number"),
        ({"op": "hello", "owner": "me"}, "true or false"),
        ({"op": "now", "sent": [1]}, "by link"),
        ({"op": "now", "sent": {"scop": 1}}, "unknown link 'scop'"),
        ({"op": "now", "sent": {"daq stream": 1}}, "unknown link 'daq stream'"),
        ({"op": "now", "sent": {"scope": -1}}, "byte count"),
        ({"op": "now", "sent": {"load": 1}}, "link 'load' in \"sent\" is not yours"),
        ({"op": "hello", "name": 5}, "line of at most 80"),
        ({"op": "hello", "name": "a\nb"}, "line of at most 80"),
        ({"op": "hello", "with": "guard"}, "list of names"),
        ({"op": "hello", "with": ["guard", ""]}, "list of names"),
        ({"op": "hello", "owner": False, "with": ["guard"]}, "holds time for nobody"),
        ({"op": "claim"}, "list of the local TCP ports"),
        ({"op": "claim", "ports": ["40112"]}, "list of the local TCP ports"),
        ({"op": "claim", "ports": [1, 2], "links": ["supply"]}, "name of the link of each port"),
    ],
)
def test_mistakes_are_sentences(rig, message, sentence):
    clock = rig.clock(owner=True)
    rig.scpi("scope")
    assert sentence in clock.ask(**message)["error"]
    assert clock.ask(op="now")["now"] == 0


@pytest.mark.parametrize("garbage", [b"\n", b"{\n", b"[]\n", b"\xff\xfe\n", b'"now"\n', b"[" * 20_000 + b"\n"])
def test_garbage_is_answered_and_survived(rig, garbage):
    clock = rig.clock()
    clock.sock.sendall(garbage)
    assert "error" in clock.reply()
    assert clock.ask(op="now")["now"] == 0


def test_a_line_without_end_is_cut_off(rig):
    clock = rig.clock()
    clock.sock.sendall(b"x" * (1 << 17))
    assert clock.sock.recv(1) == b""
    assert rig.clock().ask(op="now")["now"] == 0


def test_a_set_write_followed_at_once_by_a_sleep_is_never_overtaken(rig):
    clock = rig.clock(owner=True)
    supply, load = rig.scpi("supply"), rig.scpi("load")
    supply.write("SYST:LOCK ON")
    clock.ask(op="now", sent={"supply": supply.sent})
    for k in range(1, 201):
        supply.write(f"VOLT {k % 80}")
        load.write(f":CURR {k % 30}")
        clock.ask(op="sleep", ns=100 * MS, sent={"supply": supply.sent, "load": load.sent})
    times = [int(line.split()[0]) // (MS * 1000) for line in rig.world.sim.lines if " supply voltage" in line]
    # A round is 100 ms of sleep and the latencies of both links, the supply's of 3 ms first: it is first on the bench.
    assert times == [3 + 3 + 108 * k for k in range(200)]


def test_a_query_on_one_link_comes_after_the_set_writes_of_others(rig):
    supply, load = rig.scpi("supply"), rig.scpi("load")
    supply.write("SYST:LOCK ON")
    for k in range(1, 101):
        supply.write(f"VOLT {k % 80}")
        load.ask(":CURR?")
        assert rig.world.supply.volts == k % 80


def test_bytes_that_come_late_are_waited_for(rig):
    clock, load = rig.clock(owner=True), rig.scpi("load")
    message = b":CURR 5\n"
    clock.send(op="sleep", ns=MS, sent={"load": len(message)})
    load.write(message[:3])
    load.write(message[3:])
    assert clock.reply()["now"] == 6 * MS
    assert rig.world.sim.lines == ["5000000000 load CURR 5"]


def test_bytes_that_never_come_are_an_error(rig, monkeypatch):
    monkeypatch.setattr(control, "PATIENCE_S", 0.02)
    clock, load = rig.clock(owner=True), rig.scpi("load")
    assert load.ask("*OPC?") == "1"
    error = clock.ask(op="sleep", ns=MS, sent={"load": 1000})["error"]
    assert error == "link 'load' has received 6 of 1000 bytes, and no more came within 0.02 s"
    assert clock.ask(op="now")["now"] == 5 * MS


def test_a_link_without_a_client_is_not_waited_for(rig):
    clock, load = rig.clock(owner=True), rig.scpi("load")
    load.close()
    assert clock.ask(op="sleep", ns=MS, sent={"load": 1000})["now"] == MS


def test_counts_begin_with_the_claim(rig):
    clock, load = rig.clock(owner=True), rig.scpi("load")
    assert load.ask("*OPC?") == "1"
    sent = load.sent
    clock.claim(load, "load")
    load.write(":CURR 5")
    assert clock.ask(op="sleep", ns=MS, sent={"load": load.sent - sent})["now"] == 11 * MS


def test_one_request_at_a_time(rig):
    first, second = rig.clock(owner=True), rig.clock(owner=True)
    first.send(op="sleep", ns=MS)
    first.send(op="now")
    assert "one at a time" in first.reply()["error"]
    second.send(op="sleep", ns=2 * MS)
    assert first.reply()["now"] == MS


def test_two_owners_move_time_together(rig):
    first, second = rig.clock(owner=True), rig.clock(owner=True)
    seen = []

    def run(clock, name, step):
        seen.extend((clock.ask(op="sleep", ns=step)["now"], name) for _ in range(50))
        clock.close()

    threads = [threading.Thread(target=run, args=args) for args in ((first, "a", 3 * MS), (second, "b", 5 * MS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(now for now, name in seen if name == "a") == [3 * MS * k for k in range(1, 51)]
    assert sorted(now for now, name in seen if name == "b") == [5 * MS * k for k in range(1, 51)]


def session(rig):
    """A rig at work: sets, queries, sleeps, a stream and a capture. The log's hash and all replies."""
    clock = rig.clock(owner=True)
    supply, load, scope = rig.scpi("supply"), rig.scpi("load"), rig.scpi("scope")
    relays, daq = rig.modbus("relays"), rig.modbus("daq")
    links = {"supply": supply, "load": load, "scope": scope, "relays": relays, "daq": daq}
    replies = []

    def sleep(ns):
        replies.append(clock.ask(op="sleep", ns=ns, sent={name: link.sent for name, link in links.items()})["now"])

    replies.append(supply.ask("SYST:LOCK ON;:VOLT 48;:OUTP ON;:SYST:ERR?"))
    relays.ask(bytes.fromhex("05 0000 FF00"))
    for k in range(20):
        load.write(f":CURR {k}")
        sleep(7 * MS)
        replies.append(load.ask("MEAS:CURR?"))
        scope.write(":CHAN1:SCAL 0.5;:TIM:MAIN:SCAL 1e-3;:SING")
        sleep(3 * MS)
        replies.append(scope.ask(":TRIG:STAT?"))
    relays.ask(bytes.fromhex("05 0205 0003"))
    sleep(1000 * MS)
    daq.put(2000, ">H", 1)
    replies.append(clock.ask(op="log"))
    return replies


def test_equal_runs_have_equal_logs(make_rig):
    assert session(make_rig()) == session(make_rig())


def until(condition, clock):
    """Ask again, a bounded number of times."""
    for _ in range(100_000):
        if condition():
            return
        clock.ask(op="now")
    pytest.fail("the condition never came true")


def test_when_the_owner_is_gone_time_runs_by_the_wall(rig):
    owner, watcher = rig.clock(owner=True), rig.clock()
    owner.ask(op="sleep", ns=MS)
    assert watcher.ask(op="now")["now"] == MS
    owner.close()
    seen = [MS]

    def passed():
        seen.append(watcher.ask(op="now")["now"])
        return seen[-1] > 20 * MS

    until(passed, watcher)  # no sleeping here: the wall does it
    assert seen == sorted(seen)
    follower = rig.clock(owner=True)  # somebody takes over: time stands still again
    held = follower.ask(op="now")["now"]
    assert watcher.ask(op="now")["now"] == held
    assert follower.ask(op="sleep", ns=5 * MS)["now"] == held + 5 * MS


def test_a_command_that_waits_for_the_wall_is_done_when_time_becomes_virtual(rig):
    clock, supply = rig.clock(owner=True), rig.scpi("supply")
    assert supply.ask("SYST:LOCK ON;*OPC?") == "1"
    clock.close()
    watcher = rig.clock()
    until(lambda: rig.call(lambda: rig.time.rate) is not None, watcher)
    rig.call(setattr, rig.hub.ports["supply"], "latency_ps", 10**18)  # no wall clock will ever come that far
    supply.write("VOLT 7;VOLT?")
    until(lambda: rig.call(lambda: bool(rig.hub.ports["supply"].waiting)), watcher)
    rig.call(setattr, rig.hub.ports["supply"], "latency_ps", 1000)
    rig.clock(owner=True)
    assert supply.line() == "7.00 V"


def test_an_observer_sleeps_along_and_a_guard_can_take_over(rig):
    owner, guard = rig.clock(owner=True), rig.clock(owner=False)
    guard.send(op="sleep", ns=5 * MS)
    assert owner.ask(op="sleep", ns=20 * MS)["now"] == 20 * MS
    assert guard.reply()["now"] == 5 * MS
    held = guard.ask(op="revoke")["now"]
    assert guard.ask(op="sleep", ns=10 * MS)["now"] >= held + 10 * MS  # by the wall


def test_a_pace_ties_time_to_the_wall(fast_rig):
    clock, supply = fast_rig.clock(owner=True), fast_rig.scpi("supply")
    before = clock.ask(op="now")["now"]
    after = clock.ask(op="sleep", ns=1000 * MS)["now"]
    assert after >= before + 1000 * MS
    assert supply.ask("SYST:LOCK ON;:VOLT 5;:VOLT?") == "5.00 V"
    start = clock.ask(op="now")["now"]
    for _ in range(20):
        assert supply.ask("*OPC?") == "1"
    assert clock.ask(op="now")["now"] >= start + 20 * 3 * MS  # each command takes its latency by the wall


def test_what_was_sent_before_the_clock_went_is_still_obeyed(rig):
    clock, supply = rig.clock(owner=True), rig.scpi("supply")
    supply.write("SYST:LOCK ON;:VOLT 12")
    clock.close()
    assert supply.ask("VOLT?") == "12.00 V"


def test_replies_are_json_lines(rig):
    clock = rig.clock()
    clock.sock.sendall(b'{"op": "now"}\n{"op": "now"}\n')
    assert [json.loads(clock.file.readline())["now"] for _ in range(2)] == [0, 0]
