"""Who holds bench time, and how it passes: the rules alone, without sockets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.twin.clock import PS_PER_S, BenchTime, Credits


class Engine:
    def __init__(self):
        self.now_ps = 0
        self.runs = []

    def run_until(self, t_ps):
        assert t_ps >= self.now_ps
        self.runs.append(t_ps)
        self.now_ps = t_ps


def test_virtual_time_moves_by_latency_and_order_alone():
    engine = Engine()
    time = BenchTime(engine, wall=lambda: 10**18)
    followed = []
    time.after_advance.append(lambda: followed.append(engine.now_ps))
    time.spend(3_000)
    time.catch_up()
    time.advance_to(10_000)
    assert engine.runs == followed == [3_000, 10_000]
    assert (time.now_ps, time.now_ns) == (10_000, 10)
    assert time.wall_seconds_of(PS_PER_S) == 0.0


def test_at_wall_pace_the_wall_moves_time_and_latency_does_not():
    engine, wall = Engine(), [5_000]
    time = BenchTime(engine, rate=2.0, wall=lambda: wall[0])
    wall[0] += 1_000
    time.spend(10**15)
    assert engine.now_ps == 2_000_000
    assert time.wall_seconds_of(PS_PER_S) == 0.5
    time.set_rate(None)
    wall[0] += 10**9
    time.catch_up()
    assert engine.now_ps == 2_000_000
    time.set_rate(1.0)  # from where it is
    wall[0] += 7
    time.catch_up()
    assert engine.now_ps == 2_007_000


def test_one_owner_passes_time_when_it_sleeps():
    credits_ = Credits()
    owner = credits_.join()
    assert credits_.earliest() is None
    credits_.sleep(owner, 50)
    assert credits_.earliest() is owner
    assert (credits_.owners, credits_.free_running) == (1, False)


def test_time_stands_still_until_all_owners_sleep_and_the_earliest_wakes_first():
    credits_ = Credits()
    first, second = credits_.join(), credits_.join()
    credits_.declare(first, owner=True)
    credits_.declare(second, owner=True)
    credits_.sleep(second, 50)
    assert credits_.earliest() is None
    credits_.sleep(first, 80)
    assert credits_.earliest() is second
    second.until_ps = None
    assert credits_.earliest() is None


def test_equal_deadlines_wake_in_the_order_of_connection():
    credits_ = Credits()
    members = [credits_.join() for _ in range(3)]
    for member in reversed(members):
        credits_.sleep(member, 50)
    assert credits_.sleepers() == members


def test_an_observer_never_holds_time():
    credits_ = Credits()
    observer = credits_.join()
    credits_.declare(observer, owner=False)
    assert credits_.free_running
    owner = credits_.join()
    credits_.sleep(owner, 50)
    assert not credits_.free_running
    assert credits_.earliest() is owner
    credits_.sleep(observer, 20)
    assert credits_.earliest() is observer
    credits_.leave(owner)
    assert credits_.free_running
    assert credits_.earliest() is None


def test_a_guard_takes_time_away_from_a_rig_that_hangs():
    credits_ = Credits()
    runner, guard = credits_.join(), credits_.join()
    credits_.declare(runner, owner=True)
    credits_.revoke(guard)
    assert credits_.free_running
    credits_.declare(guard, owner=True)
    credits_.sleep(guard, 10)
    assert credits_.earliest() is guard


def test_only_looking_changes_nothing():
    credits_ = Credits()
    member = credits_.join()
    assert (credits_.connections, credits_.owners, credits_.free_running) == (1, 0, False)
    credits_.leave(member)
    assert (credits_.connections, credits_.free_running) == (0, False)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=5), st.data())
def test_the_order_of_waking_does_not_depend_on_who_asks_first(steps, data):
    """Members that each sleep several times: all interleavings of the requests give the same wakings."""

    def wakings(shuffle):
        credits_, now, log = Credits(), 0, []
        members = [credits_.join() for _ in steps]
        for member in members:
            credits_.declare(member, owner=True)
        running, rounds = list(members), dict.fromkeys(members, 0)
        while len(log) < 4 * len(steps):
            for member in shuffle(running):
                rounds[member] += 1
                credits_.sleep(member, now + steps[member.order - 1] * rounds[member])
            woken = credits_.earliest()
            now, woken.until_ps = woken.until_ps, None
            log.append((now, woken.order))
            running = [woken]
        return log

    assert wakings(lambda members: data.draw(st.permutations(members))) == wakings(list)


@pytest.mark.parametrize("owner", [True, False])
def test_an_end_after_taking_part_sets_time_free(owner):
    credits_ = Credits()
    member = credits_.join()
    credits_.declare(member, owner=owner)
    credits_.leave(member)
    assert credits_.free_running
