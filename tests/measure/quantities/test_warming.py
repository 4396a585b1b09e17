"""How warm something gets in the end: extrapolated from looks, with what that may be wrong by."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.measure import (
    STILL_WARMING,
    Capture,
    Record,
    Trace,
    accuracy_of,
    carried_current,
    connector_rise,
    rectangular,
)

LOOK_S, RATE = 0.2, 500.0
ROOM = 23.0
STEP = 6.3e-3
"""K a code: 31.6 uV behind 5 mV/K."""


def seen(rises, *, room=ROOM, wrong=(0.0, 0.0), noise=0.0, seed=0, accuracy=True, amps=None):
    """A slow record of looks one after the other, and their spans."""
    n = round(LOOK_S * RATE)
    rng = np.random.default_rng(seed)
    known = accuracy_of(offset=(rectangular("offset of the thermometer", 2.5),), verified=True) if accuracy else None
    columns = {
        "connector_temperature": np.repeat(room + np.asarray(rises) + wrong[0], n),
        "room_temperature": np.full(n * len(rises), room + wrong[1]),
    }
    traces = {
        name: Trace(
            name, "degC", np.rint((values + noise * rng.standard_normal(values.size)) / STEP), STEP, 0.0, 1 / RATE, 0.0,
            -32768, 32767, accuracy=known,
        )
        for name, values in columns.items()
    }  # fmt: skip
    if amps is not None:
        traces["port_current"] = Trace(
            "port_current", "A", np.repeat(np.rint(np.asarray(amps) / 1e-3), n), 1e-3, 0.0, 1 / RATE, 0.0, -32768,
            32767, accuracy=accuracy_of(offset=(rectangular("offset of the instrument", 5e-3),)),
        )  # fmt: skip
    spans = [(k * LOOK_S, (k + 1) * LOOK_S - 0.5 / RATE) for k in range(len(rises))]
    return Capture({"slow": Record("slow", traces, triggered=True)}), spans


def warming(end, tau, looks, begin=0.0, apart=60.0):
    return [end + (begin - end) * math.exp(-k * apart / tau) for k in range(1, looks + 1)]


@settings(max_examples=150, deadline=None)
@given(
    end=st.floats(1.0, 80.0), begin=st.floats(0.0, 60.0), tau=st.floats(30.0, 700.0), looks=st.integers(4, 40),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_one_time_constant_ends_where_it_must_within_u_or_nothing_is_said(end, begin, tau, looks, seed):
    capture, spans = seen(warming(end, tau, looks, begin), noise=STEP, seed=seed)
    found = connector_rise(capture, spans)
    if found.value is None:
        assert found.outcome == "Unresolved"
        assert found.flags == (STILL_WARMING,)
        apart = (looks - 1) // 3
        share = math.exp(-60.0 * apart / tau)
        moved = abs(end - begin) * math.exp(-60.0 * (looks - 1) / tau)
        assert share > 0.9 or moved < 0.1  # too slow to tell, or what moves is the steps of the recorder
        return
    assert found.unit == "K"
    coming = next(line for line in found.budget.lines if line.name == "what is still to come")
    assert abs(found.value - end) <= coming.u_input * math.sqrt(3.0) + 2 * STEP  # the thermometers have no error here


def test_what_has_settled_is_as_sure_as_the_two_thermometers():
    """Worked: two offsets within 2.5 K each make a triangle, of which 95 % lie within 2.5 K (2 - sqrt(0.2)).

    What moves by less than three steps of the recorder adds a rectangle of 0.38 K.
    """
    capture, spans = seen([10.0] * 5)
    found = connector_rise(capture, spans)
    assert found.value == pytest.approx(10.0, abs=STEP)
    names = {line.name for line in found.budget.lines}
    assert names >= {
        "offset of the thermometer, connector_temperature",
        "offset of the thermometer, room_temperature",
        "what is still to come",
    }
    coming = next(line for line in found.budget.lines if line.name == "what is still to come")
    assert coming.u_input == pytest.approx(0.02 * 0.95 / 0.05 / math.sqrt(3.0))
    assert found.budget.u == pytest.approx(math.hypot(2.5 / math.sqrt(3), 2.5 / math.sqrt(3), coming.u_input), rel=1e-3)
    assert pytest.approx(2.5 * (2 - math.sqrt(0.2)), rel=0.02) == found.U
    assert found.inputs["looks"] == 5


def test_what_is_to_come_is_added_and_is_its_own_limit_of_error():
    """Worked: 20 K with 90 s, looks 60 s apart: after the fourth 1.39 K are missing."""
    rises = warming(20.0, 90.0, 4)
    capture, spans = seen(rises)
    found = connector_rise(capture, spans)
    missing = 20.0 * math.exp(-240.0 / 90.0)
    assert found.inputs["to_come"] == pytest.approx(missing, abs=0.02)
    assert found.inputs["seen"] == pytest.approx(20.0 - missing, abs=STEP)
    assert found.value == pytest.approx(20.0, abs=0.02)
    coming = next(line for line in found.budget.lines if line.name == "what is still to come")
    assert coming.u_input == pytest.approx((missing + 0.02) / math.sqrt(3.0), abs=0.02)


def test_what_was_warmer_before_comes_down_to_the_same():
    capture, spans = seen(warming(10.0, 90.0, 5, begin=40.0))
    found = connector_rise(capture, spans)
    assert found.inputs["to_come"] < 0.0
    assert found.value == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize("rises", [[2.0, 4.0, 6.0, 8.0], [1.0, 2.0, 4.0, 8.0], [5.0, 9.0, 9.5, 7.0]])
def test_what_does_not_settle_has_no_end(rises):
    found = connector_rise(*seen(rises))
    assert (found.outcome, found.value, found.flags) == ("Unresolved", None, (STILL_WARMING,))


def test_two_looks_or_no_thermometer_tell_nothing():
    capture, spans = seen([10.0, 10.0, 10.0])
    assert connector_rise(capture, spans[:2]).flags == ("no-samples",)
    assert connector_rise(capture, spans, warm="nowhere").outcome == "Unresolved"
    assert connector_rise(Capture({}), spans).outcome == "NotArmed"


def test_errors_of_the_thermometers_lie_within_u():
    outside = 0
    for seed in range(60):
        wrong = tuple(2.5 * np.random.default_rng(seed).uniform(-1, 1, 2))
        found = connector_rise(*seen(warming(20.0, 90.0, 8), wrong=wrong, noise=STEP, seed=seed))
        outside += abs(found.value - 20.0) > found.U
    assert outside <= 6


def test_a_channel_without_accuracy_gives_no_uncertainty():
    found = connector_rise(*seen([10.0] * 4, accuracy=False))
    assert found.value == pytest.approx(10.0, abs=STEP)
    assert found.U is None
    assert "accuracy-absent" in found.flags


def test_what_was_carried_is_the_least_of_all_looks_whichever_way():
    for sign in (1.0, -1.0):
        found = carried_current(*seen([1.0] * 4, amps=[sign * one for one in (5.0, 4.9, 5.1, 5.0)]))
        assert (found.value, found.unit) == (pytest.approx(4.9), "A")
        assert found.inputs["largest"] == pytest.approx(5.1)
        assert pytest.approx(0.95 * 5e-3, rel=0.02) == found.U
    assert carried_current(*seen([1.0] * 4)).outcome == "Unresolved"
    assert carried_current(Capture({}), []).outcome == "NotArmed"
