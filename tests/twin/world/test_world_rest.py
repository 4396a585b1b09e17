"""A port with every block at once: at rest it does nothing, and it does the same again under the same events."""

from tests.twin.world.port_bench import PortBench

EVERYTHING = {
    "protection": {
        "fast": {"current": "40 A", "delay": "1 us", "filter": "1 us", "then": "limit", "pause": "50 us"},
        "stages": [{"current": "6 A", "delay": "600 ms"}, {"current": "8 A", "delay": "200 ms", "resets": False}],
        "blind": {"above": "7 A", "below": "7.5 A"},
        "limit": {"current": "20 A", "response": "5 us", "timeout": "60 ms", "then": "trip"},
        "i2t": {"rated": "5 A", "budget": "50 A2s", "tick": "10 ms"},
        "curve": {"rated": "5 A", "peak": "25 A", "tick": "10 ms"},
        "thermal": {"rated": "5 A"},
        "reverse": {"current": "200 mA", "delay": "5 us", "clear": {"current": "1 A", "resistance": "1 ohm"}},
    },
    "guards": {
        "under": {"off": "44 V", "on": "48 V", "debounce": "1 ms", "delay": "300 ms"},
        "over": {"off": "58 V", "on": "57 V", "debounce": "1 ms", "where": "outside"},
    },
    "polarity": {"breakdown": "120 V", "resistance": "1 ohm", "leakage": "10 kohm"},
    "recovery": {
        "policy": "auto-n",
        "delays": ["1 s", "2 s"],
        "forget": "10 s",
        "detect": {"resistance": "1 kohm", "above": "40 V"},
        "check": {"settle": "10 ms"},
    },
    "recovery_after": {"fast": {"policy": "command"}},
    "meter": {"quantum": "1 J"},
    "temperature": {"resistance": "40 K/W", "time_constant": "60 s"},
}


def test_a_port_with_every_block_rests_for_a_day_in_one_segment():
    bench = PortBench(**EVERYTHING)
    for ohms in (None, 1e6, 20.0, 11.0):
        bench.load(ohms)
        bench.wait(100.0)
        segments = len(bench.sim.history)
        bench.wait(24 * 3600.0)
        assert len(bench.sim.history) == segments
        assert bench.sim._queue == []
    assert (bench.trips, bench.port.state) == ([], "on")


def test_equal_events_give_an_equal_log_whoever_looks():
    def after(*, looks: bool) -> str:
        bench = PortBench(**EVERYTHING | {"recovery": {"delay": "700 ms"}, "recovery_after": {}})
        for step in range(16):
            match step % 8:
                case 0:
                    bench.load(5.0)
                case 2:
                    bench.load(15.0)
                case 4:
                    bench.short(on=True)
                case 5:
                    bench.short(on=False)
                case 6:
                    bench.outer(56.0)
                case 7:
                    bench.outer(None)
            bench.wait(0.37)
            if looks:
                bench.port.meter.registers()
                bench.port.temperature()
        assert len(bench.reasons) >= 4
        return bench.sim.log_sha256()

    assert after(looks=False) == after(looks=True)


def test_a_dead_port_with_every_block_is_quiet_whatever_is_put_on_it():
    bench = PortBench(on=False, **EVERYTHING)
    bench.sim.set_input("feed", 0.0)
    for volts in (54.0, 0.0, -54.0, None):
        bench.outer(volts)
        bench.wait(1000.0)
        segments = len(bench.sim.history)
        bench.wait(1000.0)
        assert len(bench.sim.history) == segments
    assert (bench.trips, bench.port.state) == ([], "off")
