"""The climate chamber of the twin: air and inside against an integration, and what the device has of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from rig.twin.bench.chamber import ROOM_DEGC, ChamberPhysics
from rig.twin.device.telemetry import PORT_BASE
from rig.twin.scene.bench import Chamber
from tests.twin.operator import Operator, loaded

RATE, TAU = 0.05, 300.0
MODEL = Chamber.model_construct(low=-40.0, high=130.0, rate=RATE, time_constant=TAU, sensor=0.0)
degc = st.floats(-40.0, 130.0)


class Log:
    """A simulation, as far as a chamber needs one."""

    now_ps = 0

    def log(self, kind, text):
        """Nobody reads it."""


def chamber(model=MODEL, seed=1):
    return ChamberPhysics(Log(), model, seed)


def passed(made, seconds):
    made._sim.now_ps += round(seconds * 1e12)


@given(moves=st.lists(st.tuples(degc, st.booleans(), st.floats(1.0, 4000.0)), min_size=1, max_size=4))
def test_air_and_inside_are_those_of_the_differential_equation(moves):
    made, air, inside = chamber(), ROOM_DEGC, ROOM_DEGC
    for set_point, on, seconds in moves:
        made.control(set_point, on)
        target, start = (set_point if on else ROOM_DEGC), air
        ramp = min(seconds, abs(target - start) / RATE)
        slope = RATE if target > start else -RATE
        for duration, rate in ((ramp, slope), (seconds - ramp, 0.0)):
            if duration <= 0.0:
                continue
            found = solve_ivp(
                lambda t, y, rate=rate, begin=air: [(begin + rate * t - y[0]) / TAU],
                (0.0, duration), [inside], rtol=1e-10, atol=1e-10,
            )  # fmt: skip
            inside, air = float(found.y[0, -1]), air + rate * duration
        passed(made, seconds)
        assert made.air() == pytest.approx(air, abs=1e-6)
        assert made.inside() == pytest.approx(inside, abs=1e-6)


def test_its_sensor_errs_by_seed_and_the_air_with_it():
    off = MODEL.model_copy(update={"sensor": 0.5})
    errors = set()
    for seed in range(20):
        made = chamber(off, seed)
        made.control(45.0, on=True)
        passed(made, 3600.0)
        assert made.shown() == pytest.approx(45.0)
        errors.add(made.air() - 45.0)
    assert len(errors) == 20
    assert max(map(abs, errors)) <= 0.5


def test_dead_it_stays_as_it_is_and_works_again_when_it_is_repaired():
    made = chamber()
    made.control(45.0, on=True)
    passed(made, 100.0)
    made.kill(dead=True)
    passed(made, 1000.0)
    assert made.air() == pytest.approx(30.0)
    made.kill(dead=False)
    passed(made, 1000.0)
    assert made.air() == pytest.approx(45.0)


def test_without_a_chamber_there_is_the_room_for_good():
    made = ChamberPhysics(Log(), None, 1)
    made.control(45.0, on=True)
    passed(made, 1e4)
    assert (made.air(), made.inside(), made.range) == (ROOM_DEGC, ROOM_DEGC, (ROOM_DEGC, ROOM_DEGC))


def test_the_device_is_as_warm_as_what_stands_in_the_chamber():
    lab = Operator(loaded("healthy"), parts=("chamber",))
    lab.world.chamber.control(45.0, on=True)
    lab.wait(3600.0)
    assert lab.world.chamber.inside() == pytest.approx(45.0, abs=0.51)
    lab.power_up()
    port = lab.world.device.ports["grid"]
    assert port.temperature() - lab.world.chamber.inside() == pytest.approx(0.0, abs=0.1)  # 63 mW at 20 K/W come yet
    assert lab.world.telemetry.registers()[PORT_BASE + 11] / 10 == pytest.approx(port.temperature(), abs=0.1)
