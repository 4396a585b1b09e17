"""Several participants at once over real sockets: equal runs are equal whatever the wall clock does."""

import random
import struct
import threading
import time
from functools import partial

from rig.files.document import resolve
from rig.twin.process import scene_models
from rig.twin.scene.load import load_scene
from rig.twin.world import World
from tests.twin.wire.looking import reasons, until

MS = 1_000_000
PATIENCE_S = 20.0
TRIO = ["a", "b", "c"]


def together(*works):
    """Run each in a thread of its own; their results. An error in one is raised here."""
    results, errors = [None] * len(works), []

    def run(index, work):
        try:
            results[index] = work()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads)
    return results


class Part:
    """One participant with a clock connection and links of its own, who dawdles at random between its requests."""

    def __init__(self, rig, name, partners):
        self.rig, self.links, self.replies = rig, {}, []
        self.wall = random.Random()  # the jitter of the wall: another one in every run
        self.dawdle()
        self.clock = rig.clock()
        hello = {"name": name, "owner": True} | ({"with": partners} if partners else {})
        self.replies.append(self.clock.ask(op="hello", **hello))

    def dawdle(self):
        time.sleep(self.wall.choice((0, 0, 1e-5, 1e-4, 1e-3)))

    def link(self, name, kind="scpi"):
        self.dawdle()
        self.links[name] = getattr(self.rig, kind)(name, self.clock)
        return self.links[name]

    def sleep(self, ns):
        self.dawdle()
        sent = {name: link.sent for name, link in self.links.items()}
        self.replies.append(self.clock.ask(op="sleep", ns=ns, sent=sent)["now"])

    def ask(self, link, request):
        self.dawdle()
        self.replies.append(self.links[link].ask(request))

    def write(self, link, message):
        self.dawdle()
        self.links[link].write(message)

    def close(self):
        self.clock.close()
        for link in self.links.values():
            link.close()


def source(rig):
    """Sets the supply and reads it back; lets a fourth one in halfway, and outlives all others."""
    part = Part(rig, "a", TRIO)
    part.link("supply")
    part.link("daq", "modbus")
    part.ask("supply", "SYST:LOCK ON;:CURR 8;:OUTP ON;:SYST:ERR?")
    for k in range(6):
        part.write("supply", f"VOLT {40 + k}")
        part.write("supply", f"CURR {8 + k / 10}")
        part.sleep(7 * MS)
        part.ask("supply", "MEAS:ARR?")
        part.ask("daq", struct.pack(">BHH", 3, 0, 2))
        if k == 4:
            fourth = threading.Thread(target=late, args=(rig, part.replies), daemon=True)
            fourth.start()
            part.dawdle()
            part.clock.ask(op="hello", owner=True, name="a", **{"with": ["d"]})
    part.sleep(500 * MS)
    fourth.join(PATIENCE_S)
    part.replies.append(part.clock.ask(op="log"))
    part.close()
    return part.replies


def late(rig, replies):
    part = Part(rig, "d", [])
    part.link("supply")
    for k in range(3):
        part.ask("supply", "MEAS:VOLT?")
        part.sleep(3 * MS)
        part.write("supply", f"POW {100 + k}")
    part.close()
    replies.append(tuple(map(str, part.replies)))


def sink(rig):
    """Sets the load and watches the supply over a connection of its own."""
    part = Part(rig, "b", TRIO)
    part.link("load")
    part.link("supply")
    part.ask("load", "*IDN?")
    for k in range(10):
        part.write("load", f":CURR {k / 10}")
        if k % 3 == 0:
            part.write("load", f":INP {'ON' if k % 2 else 'OFF'}")
        part.sleep(5 * MS)
        part.ask("supply", "MEAS:VOLT?")
        part.ask("load", "MEAS:CURR?")
    part.close()
    return part.replies


def switch(rig):
    """Moves relays, arms the digitizer, writes to two links at once; goes away in the middle."""
    part = Part(rig, "c", TRIO)
    part.link("relays", "modbus")
    part.link("scope")
    part.link("load")
    for k in range(8):
        part.ask("relays", bytes.fromhex("05 0000 FF00" if k % 2 else "05 0000 0000"))
        part.write("scope", f":CHAN1:SCAL 0.5;:TIM:MAIN:SCAL 1e-{3 + k % 2};:SING")
        part.write("load", f":CURR:SLEW {1 + k}")
        part.sleep(k * MS)
        part.ask("scope", ":TRIG:STAT?")
    part.write("load", ":CURR 0.7")
    part.close()
    return part.replies


def test_twenty_runs_of_three_participants_are_one(make_rig):
    scene = load_scene(resolve("scenes", "healthy"))
    seen = set()
    for _ in range(20):
        rig = make_rig(world=World(scene, 7), models=scene_models(scene))
        replies = together(*(partial(one, rig) for one in (source, sink, switch)))
        log = replies[0][-1]
        assert (log["deterministic"], log["reasons"]) == (True, [])
        assert log["events"] > 40
        seen.add((log["sha256"], repr(replies)))
    assert len(seen) == 1


def times(rig, text):
    """Bench times of log lines in ms."""
    return [int(line.split()[0]) / (MS * 1000) for line in rig.world.sim.lines if text in line]


def test_set_writes_of_three_followed_at_once_by_sleeps_are_never_overtaken(rig):
    def work(name, link, command, pause):
        def run():
            clock = rig.clock(owner=True, name=name, **{"with": TRIO})
            wire = rig.scpi(link, clock)
            for k in range(100):
                wire.write(f"{command} {k % 30}")
                clock.ask(op="sleep", ns=pause * MS, sent={link: wire.sent})
            clock.close()

        return run

    keeper = rig.clock(owner=True, name="z")
    lock = rig.scpi("supply", keeper)
    assert lock.ask("SYST:LOCK ON;*OPC?") == "1"
    works = [work("a", "supply", "VOLT", 100), work("b", "load", ":CURR", 70), work("c", "supply", "CURR", 41)]
    keeper.send(op="hello", owner=True, **{"with": TRIO})
    closing = threading.Thread(target=lambda: (keeper.reply(), keeper.close()))
    closing.start()
    together(*works)
    closing.join(PATIENCE_S)
    assert times(rig, "supply voltage") == [3 + 3 + 103 * k for k in range(100)]
    assert times(rig, "load CURR") == [3 + 5 + 75 * k for k in range(100)]
    assert times(rig, "supply current") == [3 + 3 + 44 * k for k in range(100)]


def test_one_wakes_at_its_time_while_another_keeps_sending_commands(rig):
    busy, sleeper = rig.clock(owner=True, name="busy"), rig.clock(owner=True, name="sleeper")
    supply = rig.scpi("supply", busy)
    sleeper.send(op="sleep", ns=10 * MS)
    assert [supply.ask("*OPC?") for _ in range(3)] == ["1"] * 3
    supply.write("*OPC?")  # due at 12 ms, so the other one comes first
    assert sleeper.reply()["now"] == 10 * MS
    assert sleeper.ask(op="now")["now"] == 10 * MS
    sleeper.send(op="sleep", ns=MS)
    assert sleeper.reply()["now"] == 11 * MS
    sleeper.send(op="sleep", ns=5 * MS)
    assert supply.line() == "1"
    assert busy.ask(op="now")["now"] == 12 * MS


def test_a_command_out_of_turn_waits(rig):
    first, second = rig.clock(owner=True, name="a"), rig.clock(owner=True, name="b")
    mine, other = rig.scpi("supply", first), rig.scpi("load", second)
    other.write("*OPC?")
    assert first.ask(op="holders")["participants"][0]["name"] == "a"
    assert mine.ask("*OPC?") == "1"  # 3 ms, before the load's 5
    assert first.ask(op="holders")["now"] == 3 * MS
    first.send(op="sleep", ns=10 * MS)
    assert other.line() == "1"
    assert second.ask(op="holders")["now"] == 5 * MS


def test_bytes_of_another_on_the_same_link_do_not_count_as_mine(rig):
    first, second = rig.clock(owner=True, name="a"), rig.clock(owner=True, name="b")
    mine, other = rig.scpi("load", first), rig.scpi("load", second)
    other.write(":CURR 1")
    second.send(op="sleep", ns=50 * MS, sent={"load": other.sent})
    first.send(op="sleep", ns=MS, sent={"load": len(":CURR 5\n")})
    mine.write(":CURR 5")
    assert first.reply()["now"] == 6 * MS
    assert rig.world.sim.lines == ["5000000000 load CURR 5", "5000000000 load CURR 1"]


def test_who_goes_away_awake_gives_its_credit_back_and_what_it_sent_acts(rig):
    first, second = rig.clock(owner=True, name="a"), rig.clock(owner=True, name="b")
    load = rig.scpi("load", first)
    first.send(op="hello", owner=True, **{"with": ["b"]})
    second.send(op="sleep", ns=5 * MS)
    assert first.reply()["now"] == 0
    load.write(":CURR 5")
    first.close()
    assert second.reply()["now"] == 5 * MS
    assert rig.world.sim.lines == ["0 load CURR 5"]
    assert second.ask(op="log")["reasons"] == []


def test_who_is_cut_off_while_it_waits_gives_its_credit_back_and_casts_a_doubt(rig):
    first, second = rig.clock(owner=True, name="a"), rig.clock(owner=True, name="b")
    second.send(op="sleep", ns=5 * MS)
    second.close()
    until(lambda: reasons(rig))
    assert first.ask(op="sleep", ns=9 * MS)["now"] == 9 * MS
    assert "participant b went away while it waited" in first.ask(op="log")["reasons"]


def test_who_joins_unasked_casts_a_doubt(rig):
    first = rig.clock(owner=True, name="a")
    first.ask(op="sleep", ns=5 * MS)
    second = rig.clock(owner=True, name="b")
    first.send(op="sleep", ns=MS)
    log = second.ask(op="log")
    assert log["deterministic"] is False
    assert log["reasons"] == ["participant b joined at 0.005 s and nobody waited for it"]


def test_time_stands_still_until_all_partners_are_there(rig):
    first = rig.clock()
    first.send(op="hello", owner=True, name="a", **{"with": ["b", "a"]})
    watcher = rig.clock()
    holder = watcher.ask(op="holders")["participants"][0]
    assert (holder["name"], holder["state"]) == ("a", "holds time until b joins")
    second = rig.clock()
    second.send(op="hello", owner=True, name="b", **{"with": ["a"]})
    assert first.reply() == {
        "now": 0,
        "owner": True,
        "links": ["daq", "load", "relays", "scope", "supply"],
        "pace": None,
    }
    first.send(op="sleep", ns=MS)
    assert second.reply()["now"] == 0
    assert second.ask(op="log")["reasons"] == []


def test_revoking_takes_time_away_and_what_was_sent_acts(rig):
    runner, guard = rig.clock(owner=True, name="rig"), rig.clock(owner=False, name="guard")
    supply, load = rig.scpi("supply", runner), rig.scpi("load", runner)
    assert supply.ask("SYST:LOCK ON;*OPC?") == "1"
    load.write(":CURR 5")
    assert guard.ask(op="revoke")["now"] == 3 * MS
    assert "3000000000 load CURR 5" in rig.world.sim.lines
    assert "time was taken away from participant rig" in reasons(rig)
    assert supply.ask("*OPC?") == "1"  # by the wall from now on
    assert guard.ask(op="now")["now"] > 3 * MS
