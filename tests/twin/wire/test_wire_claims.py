"""Which connection is whose: foreign clients, observers, claims before and after a connection is there."""

import socket

from rig.twin import control
from tests.twin.wire.looking import reasons

MS = 1_000_000


def test_a_foreign_client_is_answered_moves_nothing_and_is_written_down(rig):
    clock = rig.clock(owner=True)
    clock.ask(op="sleep", ns=MS)
    load, supply = rig.stranger("load"), rig.stranger("supply")
    assert load.ask(":CURR?;*OPC?") == "0.000;1"
    assert reasons(rig) == ["a client that no participant has claimed spoke to load"]
    load.write(":CURR 5")
    assert load.ask(":CURR?") == "5.000"
    assert supply.ask("*OPC?") == "1"
    assert clock.ask(op="now")["now"] == MS
    assert rig.world.sim.lines == [
        "1000000000 foreign load has a client that no participant has claimed",
        "1000000000 foreign load is told :CURR 5",
        "1000000000 load CURR 5",
        "1000000000 foreign supply has a client that no participant has claimed",
    ]
    log = clock.ask(op="log")
    assert (log["deterministic"], log["events"]) == (False, 4)
    assert "a client that no participant has claimed told load :CURR 5" in log["reasons"]


def test_a_foreign_setting_over_modbus_is_written_in_hexadecimal(rig):
    rig.clock(owner=True)
    stranger = rig._keep(type(rig.modbus("daq"))(rig.hub.ports["relays"].number))
    stranger.ask(bytes.fromhex("01 0000 0020"))
    assert [line.split(" ", 2)[2] for line in rig.world.sim.lines] == [
        "relays has a client that no participant has claimed"
    ]
    stranger.ask(bytes.fromhex("05 0003 FF00"))
    assert rig.world.sim.lines[1] == "0 foreign relays is told 00 02 00 00 00 06 01 05 00 03 ff 00"


def test_a_client_that_only_connects_is_nobody(rig):
    clock = rig.clock(owner=True)
    rig.stranger("load")
    assert clock.ask(op="log")["events"] == 0
    assert reasons(rig) == []


def test_a_foreign_client_alone_is_served_by_the_wall(rig):
    load = rig.stranger("load")
    assert load.ask("*OPC?") == "1"
    assert rig.clock().ask(op="now")["now"] >= 5 * MS
    assert reasons(rig) == ["time ran with the wall clock from 0 s on, when nobody owned it"]


def test_a_pace_is_a_reason(fast_rig):
    log = fast_rig.clock(owner=True).ask(op="log")
    assert log["deterministic"] is False
    assert log["reasons"] == ["time is tied to the wall clock, 100 bench seconds per second"]


def test_an_observer_has_no_links(rig):
    observer = rig.clock(owner=False)
    assert "observer" in observer.ask(op="claim", ports=[1])["error"]


def test_only_a_connection_that_is_there_and_free_can_be_claimed(rig):
    first, second = rig.clock(owner=True), rig.clock(owner=True)
    port = rig.scpi("supply", first).sock.getsockname()[1]
    assert second.ask(op="claim", ports=[1, port]) == {"now": 0, "claimed": []}
    assert first.ask(op="claim", ports=[port]) == {"now": 0, "claimed": [port]}


def test_a_claim_waits_for_a_connection_that_the_kernel_has_not_shown_yet(rig):
    clock, other = rig.clock(owner=True), rig.clock()
    late = socket.socket()
    late.bind(("127.0.0.1", 0))
    port = late.getsockname()[1]
    clock.send(op="claim", ports=[port])
    assert other.ask(op="holders")["participants"][0]["last"] == "claim", "the claim has been heard"
    late.connect(("127.0.0.1", rig.hub.ports["supply"].number))
    assert clock.reply() == {"now": 0, "claimed": [port]}
    late.close()


def test_a_claim_does_not_wait_for_a_connection_that_has_gone(rig, monkeypatch):
    clock, supply = rig.clock(owner=True), rig.stranger("supply")
    port = supply.sock.getsockname()[1]
    supply.ask("*IDN?")
    supply.close()
    assert any(rig.call(lambda: ("supply", port) in rig.hub.gone) for _ in range(100_000))
    monkeypatch.setattr(control, "ARRIVAL_S", 60.0)
    assert clock.ask(op="claim", ports=[port]) == {"now": 0, "claimed": []}


def test_two_connections_with_one_port_number_at_the_client_are_told_apart(rig):
    clock = rig.clock(owner=True)
    both = []
    for name in ("supply", "load"):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(("127.0.0.1", both[0].getsockname()[1] if both else 0))
        one.connect(("127.0.0.1", rig.hub.ports[name].number))
        both.append(one)
    port = both[0].getsockname()[1]
    assert [one.getsockname()[1] for one in both] == [port, port]
    assert clock.ask(op="claim", ports=[port], links=["load"]) == {"now": 0, "claimed": [port]}
    assert "sent" in clock.ask(op="now", sent={"supply": 0})["error"], "only the load's was claimed"
    assert clock.ask(op="claim", ports=[port], links=["supply"], sent={"load": 0}) == {"now": 0, "claimed": [port]}
    assert clock.ask(op="now", sent={"supply": 0, "load": 0})["now"] == 0
    for one in both:
        one.close()
