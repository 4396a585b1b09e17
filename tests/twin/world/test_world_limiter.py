"""The port as a current limiter, and the reverse-current stage: exact currents and times, and no chatter."""

import pytest

from rig.files.document import BadFile
from rig.twin.engine import truth
from rig.twin.engine.probe import i
from tests.twin.world.port_bench import MS, US, PortBench, S, port_model

POE = {"limit": {"current": "5 A", "timeout": "60 ms", "then": "trip"}}
HOLD = {"limit": {"current": "5 A", "then": "hold"}}


def count(bench: PortBench, text: str) -> int:
    return sum(line.endswith(text) for line in bench.sim.events.lines)


def test_a_short_is_limited_at_once_and_switched_off_after_the_time_out():
    bench = PortBench(protection=POE)
    start = bench.short(on=True)
    bench.wait(0.1)
    (limited, _), *_ = truth.crossings(bench.sim, bench.current, 5.0, start, bench.now)
    decided, reason = bench.trips[0]
    assert (decided - limited, reason) == (pytest.approx(60 * MS, abs=1), "limit")
    assert truth.peak(bench.sim, bench.current, start, bench.now)[0] == pytest.approx(5.0, rel=1e-5)
    during = bench.sim.render([bench.current], limited + US, 1e9, 59)[0]
    assert during == pytest.approx([5.0] * 59, abs=1e-12)
    assert bench.value(bench.current) == 0.0


def test_an_overload_that_ends_before_the_time_out_is_forgotten():
    bench = PortBench(protection=POE)
    for _ in range(4):
        bench.load(5.0)
        bench.wait(50e-3)
        bench.load(21.6)
        bench.wait(50e-3)
    assert bench.trips == []
    assert (count(bench, "port limits"), count(bench, "port conducts")) == (4, 4)
    assert bench.value(bench.current) == pytest.approx(54 / 21.65, rel=1e-3)


def test_a_held_limit_is_steady_and_ends_when_the_load_would_take_less():
    bench = PortBench(protection=HOLD)
    bench.load(8.0)
    bench.wait(1.0)
    assert bench.value(bench.volts) == pytest.approx(40.0 / (1 + 8 / 33e3), rel=1e-6)
    segments = len(bench.sim.history)
    bench.wait(3600.0)
    assert len(bench.sim.history) == segments
    bench.load(10.7)  # 54 V / 10.75 ohm = 5.02 A: still limited
    bench.wait(1.0)
    assert bench.port.limiter is not None
    assert bench.port.series.regulates
    bench.load(10.8)  # 4.98 A
    bench.wait(1.0)
    assert not bench.port.series.regulates
    assert bench.value(bench.current) == pytest.approx(54 / 10.85, rel=1e-3)


def test_nothing_chatters_at_the_edge_of_the_limit():
    """Loads within 1e-9 of the limit, either way: a handful of changes and then rest."""
    for parts in (-1e-9, -1e-12, 0.0, 1e-12, 1e-9):
        bench = PortBench(protection=HOLD)
        leak = 33e3
        total = 54.0 / 5.0 - 0.05
        bench.load(1 / (1 / total - 1 / leak) * (1 + parts))
        bench.wait(10.0)
        assert count(bench, "port limits") + count(bench, "port conducts") <= 4
        assert bench.value(bench.current) == pytest.approx(5.0, rel=1e-8)


def test_the_current_overshoots_until_the_limiter_has_responded():
    bench = PortBench(protection={"limit": HOLD["limit"] | {"response": "20 us"}})
    start = bench.short(on=True)
    bench.wait(1e-3)
    (crossed, _), (limited, _), *_ = truth.crossings(bench.sim, bench.current, 5.0 + 1e-6, start, bench.now)
    assert limited - crossed == pytest.approx(20 * US, abs=10)
    assert truth.peak(bench.sim, bench.current, start, bench.now)[0] > 100.0


def test_a_ringing_short_does_not_make_the_limiter_oscillate():
    """The port rings back above the inside once; the gate, hardly charged, is discharged again at once."""
    bench = PortBench(protection={"limit": HOLD["limit"] | {"response": "20 us"}})
    bench.short(on=True)
    bench.wait(0.1)
    assert (count(bench, "port limits"), count(bench, "port conducts")) == (2, 1)
    assert bench.value(bench.current) == pytest.approx(5.0)


def test_a_fast_comparator_opens_and_the_limiter_goes_on():
    """TPS2663-like: off within microseconds, then the limit until its time-out."""
    fast = {"current": "20 A", "delay": "250 ns", "then": "limit", "pause": "100 us"}
    bench = PortBench(protection={"fast": fast, "limit": POE["limit"] | {"response": "1 ms"}})
    start = bench.short(on=True)
    bench.wait(0.1)
    (crossed, _), *_ = truth.crossings(bench.sim, bench.current, 20.0, start, bench.now)
    opened = crossed + 250_000 + 300_000
    before, after = bench.sim.render([bench.current], opened - 1, 1.0, 2)[0]
    assert (before > 20.0, after) == (True, 0.0)
    regulated = opened + 100 * US
    before, after = bench.sim.render([bench.current], regulated - 1, 1.0, 2)[0]
    assert (before, after) == (0.0, pytest.approx(5.0))
    assert bench.trips == [(regulated + 60 * MS, "limit")]


def test_a_fast_comparator_in_the_soft_start_leaves_the_switch_at_its_resistance():
    fast = {"current": "20 A", "delay": "250 ns", "then": "limit", "pause": "100 us"}
    bench = PortBench(on=False, protection={"fast": fast} | HOLD | {"limit": HOLD["limit"] | {"response": "1 ms"}})
    bench.port.close()
    bench.wait(4.5e-3)  # at less than an ohm
    bench.short(on=True)
    bench.wait(0.1)
    assert (bench.port.state, bench.value(bench.current)) == ("on", pytest.approx(5.0))
    bench.short(on=False)
    bench.load(10.95)
    bench.wait(0.1)
    assert bench.value(bench.current) == pytest.approx(54 / 11.0, rel=1e-3)


def test_foldback_limits_a_short_to_less():
    limit = HOLD["limit"] | {"foldback": "1 A", "foldback_volts": "50 V"}
    bench = PortBench(protection={"limit": limit})
    bench.load(10.0)
    bench.wait(1.0)
    # i = 1 A + 4 A v / 50 V and v = 10 ohm i (less the sense path and the leakage) meet at 5 A x 10 ohm = 50 V.
    assert bench.value(bench.current) == pytest.approx(1.0 + 0.08 * bench.value(bench.volts), rel=1e-9)
    bench.load(4.0)
    bench.wait(1.0)
    assert bench.value(bench.volts) == pytest.approx(1.0 / (1 / 4.0 - 0.08), rel=1e-3)
    bench.short(on=True)
    bench.wait(1.0)
    assert bench.value(bench.current) == pytest.approx(1.0, rel=1e-2)


def test_the_limiter_charges_a_large_capacitor_through_the_soft_start():
    """Power-up into a heavy load: the limiter holds from the first soft-start step on that reaches it."""
    bench = PortBench(on=False, protection=HOLD)
    bench.load(6.0)
    bench.port.close()
    bench.wait(1.0)
    assert truth.peak(bench.sim, bench.current, 0, bench.now)[0] == pytest.approx(5.0, abs=1e-6)
    assert bench.value(bench.volts) == pytest.approx(30.0, rel=1e-3)


# Reverse current


def blocked(**reverse) -> PortBench:
    """A loaded port that an outer source at 56 V feeds back into from 20 ms on."""
    bench = PortBench(protection={"reverse": {"current": "0.5 A"} | reverse})
    bench.load(21.6)
    bench.wait(10e-3)
    bench.outer(56.0)
    bench.wait(0.1)
    return bench


def test_the_ideal_diode_opens_on_reverse_current_and_conducts_when_the_outer_source_goes():
    bench = blocked(delay="2 us")
    assert (bench.port.state, bench.trips) == ("blocked", [])
    assert bench.value(bench.current) == 0.0
    (crossed, _), *_ = truth.crossings(bench.sim, -bench.current, 0.5, 30 * MS - 1, bench.now)
    before, after = bench.sim.render([bench.current], crossed + 2 * US + 300_000 - 1, 1.0, 2)[0]
    assert (before < -0.5, after) == (True, 0.0)
    bench.outer(None)
    bench.wait(0.1)
    assert bench.port.state == "on"
    assert count(bench, "port on") == 2


def test_a_light_load_never_brings_the_port_back_and_a_heavy_one_does():
    bench = blocked(clear={"current": "2 A", "resistance": "5 ohm"})
    bench.outer(None)
    bench.wait(60.0)
    assert bench.port.state == "on"  # 21.6 ohm: 54 V / 26.6 ohm is just above 2 A
    bench.outer(56.0)
    bench.wait(0.1)
    bench.load(100.0)
    bench.outer(None)
    bench.wait(3600.0)
    assert bench.port.state == "blocked"
    assert bench.value(bench.volts) == pytest.approx(54 * 100 / 105.04, rel=1e-3)
    bench.load(15.0)
    bench.wait(0.1)
    assert bench.port.state == "on"


def test_reverse_current_may_be_a_trip():
    bench = PortBench(protection={"reverse": {"current": "0.5 A", "then": "trip"}}, recovery={"delay": "100 ms"})
    bench.outer(56.0)
    bench.wait(0.05)
    assert (bench.reasons, bench.port.state) == (["reverse"], "tripped")
    bench.outer(None)
    bench.wait(0.1)
    assert bench.port.state == "on"


# The stage against reverse polarity


def reversed_port(volts: float, **polarity) -> PortBench:
    bench = PortBench(on=False, polarity={"breakdown": "100 V", "resistance": "1 ohm"} | polarity)
    bench.sim.set_input("feed", 0.0)
    bench.wait(1.0)
    bench.outer(-volts)
    bench.wait(1.0)
    return bench


def test_the_stage_blocks_up_to_its_breakdown():
    bench = reversed_port(99.0)
    assert bench.value(-bench.volts) == pytest.approx(99.0, rel=1e-5)
    assert bench.sim.value(-_outer()) == pytest.approx(99.0 / 33e3, rel=1e-5)


def test_beyond_its_breakdown_it_conducts():
    bench = reversed_port(120.0)
    assert bench.value(-bench.volts) == pytest.approx(100.0 + (120 - 100) * 1.04 / 1.09, rel=1e-3)
    assert bench.port.state == "off"


def test_a_stage_that_does_not_survive_stays_dead():
    bench = reversed_port(120.0, survives=False)
    assert bench.port.state == "damaged"
    bench.outer(None)
    bench.sim.set_input("feed", 54.0)
    bench.port.close()
    bench.wait(1.0)
    assert (bench.port.state, abs(bench.value(bench.volts)) < 0.1) == ("damaged", True)
    assert reversed_port(99.0, survives=False).port.state == "off"


def test_reverse_leakage_flows_only_in_reverse():
    bench = reversed_port(54.0, leakage="500 ohm")
    out = bench.sim.value(-_outer())
    assert out == pytest.approx(54.0 / 500.0 + 54.0 / 33e3, rel=1e-3)
    bench.outer(54.0)
    bench.wait(1.0)
    assert bench.sim.value(_outer()) == pytest.approx(54.0 / 33e3, rel=1e-3)


def _outer():
    return i("outer")


def test_a_single_transistor_lets_an_outer_source_into_the_device_through_its_body_diode():
    bench = PortBench(on=False, switch={"body_diode": True})
    bench.sim.set_input("feed", 50.0)
    bench.outer(54.0)
    bench.wait(1.0)
    assert bench.value(bench.current) == pytest.approx(-(54.0 - 50.0 - 0.7) / (0.05 + 0.04 + 0.005), rel=1e-2)


@pytest.mark.parametrize(
    ("protection", "sentence"),
    [
        ({"limit": {"current": "5 A", "then": "trip"}}, "protection.limit: then: trip needs a timeout"),
        ({"limit": {"timeout": "60 ms", "then": "trip"}}, "protection.limit.current: missing key"),
        ({"limit": HOLD["limit"] | {"timeout": "1 s"}}, "protection.limit: a timeout has no meaning with then: hold"),
        ({"limit": HOLD["limit"] | {"foldback": "1 A"}}, "protection.limit: foldback and foldback_volts belong"),
        (
            {"fast": {"current": "20 A", "delay": "1 us", "then": "limit"}},
            "protection: fast.then: limit needs a limit",
        ),
        (
            {"fast": {"current": "20 A", "delay": "1 us"}, "stages": [{"current": "21 A", "delay": "1 s"}]},
            "protection: stage 1 must lie below the current of fast, or it never acts",
        ),
        (
            {"fast": {"current": "5 A", "delay": "1 us"}} | HOLD,
            "protection: the current of limit must lie below the current of fast",
        ),
        ({"blind": {"above": "7 A", "below": "6 A"}}, "protection.blind: below must be greater than above"),
        ({"thermal": {"rated": "5 A", "reference": "130 degC"}}, "protection.thermal: reference must lie below"),
    ],
)
def test_contradictory_protections_are_one_sentence(protection, sentence):
    with pytest.raises(BadFile) as caught:
        port_model(protection=protection)
    assert str(caught.value).startswith(f"port.yaml:1: {sentence}")


def test_a_day_at_the_limit_is_one_segment():
    bench = PortBench(protection=HOLD)
    bench.load(5.0)
    bench.wait(1.0)
    segments = len(bench.sim.history)
    bench.wait(24 * 3600.0)
    assert len(bench.sim.history) == segments
    assert bench.now / S > 24 * 3600.0
