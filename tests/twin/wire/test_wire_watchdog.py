"""Who holds the clock, said and asked while time stands still; and what a look costs."""

import os
import threading
import time

import pytest

from tests.twin.wire.looking import until

MS = 1_000_000
PATIENCE_S = 20.0


def test_the_watchdog_says_who_holds_the_clock(make_rig):
    rig = make_rig(watchdog_s=0.05)
    holder, waiter = rig.clock(owner=True, name="rig"), rig.clock(owner=True, name="guard")
    supply = rig.scpi("supply", holder)
    load = rig.scpi("load", waiter)
    load.write("MEAS:VOLT?")
    assert supply.ask("*IDN?")
    said = rig.said.get(timeout=PATIENCE_S)
    told = rig.clock().ask(op="holders")
    pid = os.getpid()
    assert told["now"] == 3 * MS
    assert told["still_s"] >= 0.05
    assert [(one["name"], one["pid"], one["state"], one["last"]) for one in told["participants"]] == [
        ("rig", pid, "holds time", "*IDN? on supply"),
        ("guard", pid, "waits", "MEAS:VOLT? on load"),
    ]
    assert told["participants"][0]["since_s"] >= 0.05
    assert said.startswith("bench time has stood still at 0.003 s for ")
    assert f"rig (pid {pid}) holds time since" in said
    assert f"guard (pid {pid}) waits since" in said
    holder.send(op="sleep", ns=10 * MS)
    assert load.line() == "54.000000"
    assert f"guard (pid {pid}) holds time since" in rig.said.get(timeout=PATIENCE_S)  # another standstill


def test_the_watchdog_is_silent_while_nobody_owns_time(make_rig):
    rig = make_rig(watchdog_s=0.02)
    rig.clock(owner=False)
    watcher = rig.clock()
    until(lambda: watcher.ask(op="now")["now"] > 100 * MS)
    assert rig.said.empty()
    assert watcher.ask(op="holders")["still_s"] == 0


@pytest.mark.parametrize("question", [{"op": "cost"}, {"op": "holders"}, {"op": "log"}])
def test_a_request_that_was_read_beside_anothers_question_is_acted_on(rig, question):
    """The loop is held until both have arrived, so that the twin finds the query while it looks for the question."""
    owner, other = rig.clock(owner=True, name="a"), rig.clock(owner=False)
    supply = rig.scpi("supply", owner)
    held, release = threading.Event(), threading.Event()

    def hold():
        held.set()
        release.wait(PATIENCE_S)

    rig.loop.call_soon_threadsafe(hold)
    assert held.wait(PATIENCE_S)
    other.send(**question)
    supply.write("*IDN?")
    release.set()
    assert supply.line()
    assert other.reply()


def test_at_the_walls_pace_whoever_waits_for_a_partner_costs_nothing(fast_rig):
    waiting = fast_rig.clock()
    waiting.send(op="hello", owner=True, name="a", **{"with": ["b"]})
    before = time.process_time()
    other = fast_rig.clock(owner=False)
    assert other.ask(op="sleep", ns=100_000_000_000)["now"] >= 100_000_000_000  # a second of wall time
    assert time.process_time() - before < 0.5
