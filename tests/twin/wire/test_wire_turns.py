"""Who is next in virtual time: the rules alone, without sockets."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.twin.participants import Participants


class Link:
    def __init__(self, latency_ps=0):
        self.latency_ps = latency_ps
        self.waiting = deque()

    @property
    def asking(self):
        return any(answered for _, answered in self.waiting)


def owners(*names):
    """Participants of these names that own time from 0 on."""
    everybody = Participants()
    members = []
    for name in names:
        members.append(everybody.join())
        members[-1].name = name
        everybody.declare(members[-1], owner=True, now_ps=0)
    return everybody, *members


def test_one_owner_passes_time_when_it_sleeps():
    everybody, one = owners("rig")
    assert (everybody.following(), everybody.holders()) == (None, [one])
    one.pause_ps = 50
    assert (everybody.following(), one.due_ps(), everybody.holders()) == (one, 50, [])
    assert not everybody.free_running


def test_nothing_is_acted_on_while_an_owner_is_awake_and_the_first_due_is_next():
    everybody, first, second = owners("a", "b")
    second.pause_ps = 50
    assert everybody.following() is None
    first.pause_ps = 80
    assert everybody.following() is second
    second.pause_ps = None
    assert (everybody.following(), everybody.holders()) == (None, [second])


def test_at_one_instant_the_name_decides_and_then_who_joined_first():
    everybody, *members = owners("c", "a", "b", "a")
    for member in members:
        member.pause_ps = 50
    order = []
    while (one := everybody.following()) is not None:
        order.append((one.name, one.order))
        everybody.leave(one)
    assert order == [("a", 2), ("a", 4), ("b", 3), ("c", 1)]


def test_a_command_is_due_after_its_latency_and_the_last_one_asked_for():
    everybody, one, other = owners("a", "b")
    supply, load = Link(30), Link(50)
    one.links = [supply, load]
    other.pause_ps = 40
    load.waiting.append((b"set", False))
    assert everybody.holders() == [one], "a command without a reply leaves its sender awake"
    supply.waiting.append((b"ask?", True))
    assert (one.next_link(), one.due_ps()) == (load, 50)
    assert everybody.following() is other
    other.pause_ps = 1000
    assert everybody.following() is one
    load.waiting.popleft()
    one.at_ps = 50
    assert (one.next_link(), one.due_ps()) == (supply, 80)


def test_a_sleep_begins_when_what_was_sent_before_has_acted():
    _, one = owners("a")
    link = Link(30)
    one.links, one.pause_ps = [link], 100
    link.waiting.append((b"set", False))
    assert one.due_ps() == 30
    link.waiting.popleft()
    one.at_ps = 30
    assert (one.next_link(), one.due_ps()) == (None, 130)


def test_an_observer_never_holds_time_and_is_woken_in_passing():
    everybody = Participants()
    observer = everybody.join()
    everybody.declare(observer, owner=False, now_ps=0)
    assert everybody.free_running
    owner = everybody.join()
    everybody.declare(owner, owner=True, now_ps=0)
    assert not everybody.free_running
    owner.pause_ps = 50
    assert everybody.following() is owner
    observer.pause_ps = 20
    assert everybody.following() is observer
    everybody.leave(owner)
    assert (everybody.free_running, everybody.following()) == (True, None)
    assert (everybody.overdue(19), everybody.overdue(20), everybody.next_end_ps()) == (None, observer, 20)


def test_partners_hold_time_for_each_other():
    everybody, first = owners("a")
    everybody.meet(first, ["b", "a"])
    first.pause_ps = 0
    assert (everybody.holders(), everybody.following(), everybody.overdue(0)) == ([first], None, None)
    assert (everybody.expected("b"), everybody.expected("c")) == (True, False)
    second = everybody.join()
    second.name = "b"
    everybody.declare(second, owner=True, now_ps=7)
    assert (second.at_ps, everybody.holders()) == (7, [second])
    second.pause_ps = 0
    assert everybody.following() is first
    everybody.leave(second)
    assert everybody.following() is first, "who has met does not wait again"


def test_the_first_owner_needs_nobody_to_wait_for_it():
    everybody = Participants()
    assert everybody.expected("anybody")
    everybody.declare(everybody.join(), owner=False, now_ps=0)
    assert everybody.expected("anybody")


def test_a_guard_takes_time_away_from_a_rig_that_hangs():
    everybody, runner, guard = owners("rig", "guard")
    assert everybody.revoke(guard, 5) == [runner]
    assert everybody.owners == [guard]
    guard.pause_ps = 10
    assert everybody.following() is guard


@pytest.mark.parametrize("owner", [True, False, None])
def test_an_end_after_taking_part_sets_time_free(owner):
    everybody = Participants()
    member = everybody.join()
    if owner is not None:
        everybody.declare(member, owner=owner, now_ps=0)
    everybody.leave(member)
    assert (len(everybody), everybody.free_running) == (0, owner is not None)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=5), st.data())
def test_turns_do_not_depend_on_who_asks_first(steps, data):
    """Owners that each sleep several times: all interleavings of their requests give the same wakings."""

    def wakings(shuffle):
        everybody, *members = owners(*(f"p{k}" for k in range(len(steps))))
        awake, rounds, log = list(members), dict.fromkeys(members, 0), []
        while len(log) < 4 * len(steps):
            for member in shuffle(awake):
                assert everybody.following() is None
                rounds[member] += 1
                member.pause_ps = steps[member.order - 1] * rounds[member]
            woken = everybody.following()
            woken.at_ps, woken.pause_ps = woken.due_ps(), None
            log.append((woken.at_ps, woken.name))
            awake = [woken]
        return log

    assert wakings(lambda members: data.draw(st.permutations(members))) == wakings(list)
