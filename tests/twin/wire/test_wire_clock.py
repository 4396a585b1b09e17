"""Bench time by itself: virtual or tied to the wall clock."""

from rig.twin.clock import NS_PER_S, PS_PER_S, BenchTime


class Engine:
    def __init__(self):
        self.now_ps = 0
        self.runs = []

    def run_until(self, t_ps):
        assert t_ps >= self.now_ps
        self.runs.append(t_ps)
        self.now_ps = t_ps


def test_virtual_time_moves_where_it_is_told_and_never_with_the_wall():
    engine, wall = Engine(), [10**18]
    time = BenchTime(engine, wall=lambda: wall[0])
    followed = []
    time.after_advance.append(lambda: followed.append(engine.now_ps))
    time.advance_to(3_000)
    wall[0] += 10**12
    time.catch_up()
    time.advance_to(10_000)
    assert engine.runs == followed == [3_000, 10_000]
    assert (time.now_ps, time.now_ns) == (10_000, 10)
    assert time.wall_seconds_of(PS_PER_S) == 0.0


def test_at_wall_pace_the_wall_moves_time():
    engine, wall = Engine(), [5_000]
    time = BenchTime(engine, rate=2.0, wall=lambda: wall[0])
    wall[0] += 1_000
    time.catch_up()
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


def test_how_long_it_has_stood_still_by_the_wall():
    engine, wall = Engine(), [0]
    time = BenchTime(engine, wall=lambda: wall[0])
    wall[0] = 5 * NS_PER_S
    assert time.stood_still_s() == 5
    time.advance_to(1)
    assert time.stood_still_s() == 0
    wall[0] += NS_PER_S
    time.advance_to(1)  # moves nothing
    assert time.stood_still_s() == 1
