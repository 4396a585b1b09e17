"""Recovery of a port after a trip, each policy to the picosecond where nothing but time decides."""

import pytest

from rig.files.document import BadFile
from rig.twin.engine import truth
from tests.twin.world.port_bench import MS, PortBench, S, port_model

FAST = {"fast": {"current": "20 A", "delay": "2 us"}}
OFF = 300_000  # turn_off [ps]


def tripped(filter_time="0 s", **recovery) -> PortBench:
    """A port with a fast trip, half loaded, into which a short is held from 20 ms on."""
    bench = PortBench(protection={"fast": FAST["fast"] | {"filter": filter_time}}, recovery=recovery)
    bench.load(21.6)
    bench.wait(1e-3)
    bench.short(on=True)
    return bench


def test_a_hard_restart_into_the_ports_capacitor_trips_a_fuse_without_filter_again_and_again():
    bench = tripped(delay="100 ms", restart="hard")
    bench.wait(10e-3)
    bench.short(on=False)
    bench.wait(1.0)
    assert len(bench.trips) == 11


def starts(bench: PortBench) -> list[int]:
    """When the port began to close."""
    lines = (line.split(" ", 2) for line in bench.sim.events.lines)
    return [int(at) for at, _, text in lines if text == "port starting"][1:]


def test_auto_tries_again_after_its_delay_and_for_ever():
    bench = tripped(delay="100 ms")
    bench.wait(1.0)
    bench.short(on=False)
    bench.wait(0.2)
    assert starts(bench) == [at + OFF + 100 * MS for at, _ in bench.trips]
    assert len(bench.trips) == 10
    assert bench.port.state == "on"


def test_a_hard_restart_leaves_out_the_soft_start():
    peaks = []
    for restart in ("soft", "hard"):
        bench = tripped("10 us", delay="100 ms", restart=restart)
        bench.wait(10e-3)
        bench.short(on=False)
        bench.wait(0.2)
        assert bench.port.state == "on"
        peaks.append(truth.peak(bench.sim, bench.current, bench.trips[0][0] + 50 * MS, bench.now)[0])
        assert bench.recovered == [starts(bench)[0] + (5 * MS if restart == "soft" else 0)]
    assert peaks[0] < 6.0
    assert peaks[1] > 100.0


def test_auto_n_waits_longer_each_time_and_then_stays_off():
    bench = tripped(policy="auto-n", delays=["5 s", "10 s", "15 s"])
    bench.wait(100.0)
    first = bench.trips[0][0]
    assert starts(bench) == [at + OFF + delay * S for (at, _), delay in zip(bench.trips, (5, 10, 15), strict=False)]
    assert len(bench.trips) == 4
    assert bench.trips[-1][0] - first == pytest.approx(30 * S, abs=20 * MS)
    assert bench.port.state == "latched"
    bench.short(on=False)
    bench.wait(3600.0)
    assert bench.port.state == "latched"
    bench.port.reset()
    bench.wait(0.1)
    assert bench.port.state == "on"


@pytest.mark.parametrize(("spacing", "state"), [(50.0, "latched"), (70.0, "on")])
def test_the_retry_counter_forgets_after_its_window(spacing, state):
    bench = PortBench(protection=FAST, recovery={"policy": "auto-n", "delays": ["5 s", "5 s"], "forget": "60 s"})
    for _ in range(3):
        bench.short(on=True)
        bench.wait(1.0)
        bench.short(on=False)
        bench.wait(spacing - 1.0)
    assert len(bench.trips) == 3
    assert bench.port.state == state


def test_latch_ends_with_the_energy_and_not_by_command():
    bench = tripped(policy="latch")
    bench.wait(0.1)
    bench.short(on=False)
    bench.port.reset()
    for on in (False, True):
        bench.port.enable(on=on)
        bench.wait(10.0)
        assert bench.port.state == "latched"
    bench.port.drop()
    bench.wait(0.1)
    bench.port.close()
    bench.wait(0.1)
    assert bench.port.state == "on"


def test_off_and_on_by_command_end_a_latch_that_a_command_ends():
    bench = tripped(policy="command")
    bench.short(on=False)
    bench.port.enable(on=False)
    bench.wait(1.0)
    assert bench.port.state == "disabled"
    bench.port.enable(on=True)
    bench.wait(1.0)
    assert bench.port.state == "on"


def test_command_ends_the_latch_of_its_policy():
    bench = tripped(policy="command")
    bench.wait(3600.0)
    bench.short(on=False)
    bench.port.reset()
    assert starts(bench) == [bench.now]
    bench.wait(0.1)
    assert bench.port.state == "on"


def test_off_and_on_by_command():
    bench = PortBench(protection=FAST)
    bench.load(21.6)
    bench.port.enable(on=False)
    bench.wait(1.0)
    assert (bench.port.state, bench.trips, abs(bench.value(bench.volts)) < 1e-3) == ("disabled", [], True)
    bench.port.enable(on=True)
    bench.wait(0.1)
    assert bench.port.state == "on"


DETECT = {"resistance": "1 kohm", "above": "40 V"}


def test_load_removed_waits_for_the_port_to_rise():
    bench = tripped(policy="load-removed", detect=DETECT, delay="200 ms")
    bench.wait(5.0)
    bench.short(on=False)
    bench.wait(5.0)
    assert bench.port.state == "latched"
    assert bench.value(bench.volts) == pytest.approx(54 * 21.6 / 1021.6, rel=1e-2)
    removed = bench.load(None)
    bench.wait(1.0)
    (rose, _), *_ = truth.crossings(bench.sim, bench.volts, 40.0, removed, bench.now)
    assert starts(bench) == [rose + 200 * MS]
    assert bench.port.state == "on"


def test_a_load_that_comes_back_within_the_delay_does_not_count_as_removed():
    bench = tripped(policy="load-removed", detect=DETECT, delay="200 ms")
    bench.wait(1.0)
    bench.short(on=False)
    for _ in range(5):
        bench.load(None)
        bench.wait(0.15)
        bench.load(21.6)
        bench.wait(0.15)
    assert bench.port.state == "latched"


def checked(phase: str, cleared_at: float) -> float:
    """Seconds from the trip to the restart of a port that checks, whose short goes away at a time after the trip."""
    bench = tripped(delay="1 s", detect=DETECT, check={"settle": "10 ms", "phase": phase})
    bench.load(None)
    bench.wait(cleared_at)
    bench.short(on=False)
    bench.wait(4.0)
    assert len(bench.trips) == 1  # it never closed onto the short
    return (starts(bench)[0] - bench.trips[0][0] - OFF) / S


def test_a_port_that_checks_never_closes_onto_the_fault():
    assert checked("100 %", 0.5) == pytest.approx(1.0, abs=1e-9)
    assert checked("100 %", 2.5) == pytest.approx(3.0, abs=1e-9)


def test_a_check_early_in_the_cycle_misses_what_is_cleared_after_it():
    assert checked("20 %", 0.1) == pytest.approx(1.0, abs=1e-9)
    assert checked("20 %", 0.5) == pytest.approx(2.0, abs=1e-9)


def test_a_cause_may_have_its_own_recovery():
    stages = [{"current": "6 A", "delay": "10 ms"}]
    bench = PortBench(
        protection=FAST | {"stages": stages},
        recovery={"delay": "300 s"},
        recovery_after={"fast": {"policy": "command"}},
    )
    bench.draw(8.0)
    bench.wait(1.0)
    assert (bench.reasons, bench.port.state) == (["stage 1"], "tripped")
    bench.load(None)
    bench.wait(300.0)
    assert bench.port.state == "on"
    bench.short(on=True)
    bench.wait(600.0)
    assert (bench.reasons, bench.port.state) == (["stage 1", "fast"], "latched")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"policy": "auto-n"}, "recovery: auto-n needs delays, one for each retry; write for example"),
        ({"delays": ["1 s"]}, "recovery: delays belong to the policy auto-n, not to auto"),
        (
            {"policy": "auto-n", "delays": ["5 s", "10 s"], "forget": "10 s"},
            "recovery: forget must be longer than the longest of delays, or the port never latches",
        ),
        ({"policy": "load-removed"}, "recovery: detect is missing: without it the port cannot see whether its load"),
        ({"check": {"settle": "1 ms"}}, "recovery: detect is missing"),
        (
            {"policy": "latch", "detect": DETECT, "check": {"settle": "1 ms"}},
            "recovery: check belongs to the policies auto and auto-n, not to latch",
        ),
        (
            {"delay": "1 ms", "detect": DETECT, "check": {"settle": "2 ms"}},
            "recovery: the settle of check does not fit",
        ),
    ],
)
def test_contradictory_policies_are_one_sentence(over, sentence):
    with pytest.raises(BadFile) as caught:
        port_model(recovery=over)
    assert str(caught.value).startswith(f"port.yaml:1: {sentence}")
