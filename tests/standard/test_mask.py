"""Time-current masks: the closed form against the mask itself."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rig.files.limits import InverseMask, Mask
from rig.standard.mask import crossing_slope, crossing_time

MUST_TRIP = Mask.model_validate({"peak": 5, "time_constant": "300 ms", "steady": 1.25})


@pytest.mark.parametrize(
    ("multiple", "time"),
    [
        (1.25, math.inf),  # never required at or below the steady part
        (1.0, math.inf),
        (1.5, 0.3 * math.log(20)),
        (3.0, 0.3 * math.log(5 / 1.75)),
        (6.25, 0.0),  # the mask starts here
        (50.0, 0.0),
    ],
)
def test_times_of_the_connect_curve(multiple: float, time: float) -> None:
    assert crossing_time(MUST_TRIP, multiple) == pytest.approx(time, rel=1e-12, abs=0)


@given(st.floats(1.2501, 6.2499))
def test_at_the_time_the_mask_is_at_the_multiple(multiple: float) -> None:
    time = crossing_time(MUST_TRIP, multiple)
    assert MUST_TRIP.peak * math.exp(-time / 0.3) + 1.25 == pytest.approx(multiple, rel=1e-9)


@given(st.floats(1.3, 6.2))
def test_the_slope_is_the_derivative(multiple: float) -> None:
    step = 1e-6
    difference = crossing_time(MUST_TRIP, multiple - step) - crossing_time(MUST_TRIP, multiple + step)
    assert crossing_slope(MUST_TRIP, multiple) == pytest.approx(difference / (2 * step), rel=1e-5)


@pytest.mark.parametrize("multiple", [0.5, 1.25, 6.25, 50.0])
def test_no_slope_where_the_time_does_not_depend_on_the_current(multiple: float) -> None:
    assert crossing_slope(MUST_TRIP, multiple) == 0.0


@given(st.floats(0, 20), st.floats(0, 20))
def test_more_current_never_means_more_time(one: float, other: float) -> None:
    assume(one < other)
    assert crossing_time(MUST_TRIP, one) >= crossing_time(MUST_TRIP, other)


def test_the_inverse_time_curves_of_iec_60255_151() -> None:
    """Standard inverse at 2, 10 and 20 times the setting: 10.03, 2.97, 2.27 s (IEC 60255-151:2009, annex A, TMS 1)."""
    mask = InverseMask(k=0.14, alpha=0.02, setting=1.25)
    times = [round(crossing_time(mask, 1.25 * m), 2) for m in (2.0, 10.0, 20.0)]
    assert times == [10.03, 2.97, 2.27]
    assert crossing_time(mask, 1.25) == math.inf
    step = 1e-6
    slope = (crossing_time(mask, 3.0 - step) - crossing_time(mask, 3.0 + step)) / (2 * step)
    assert crossing_slope(mask, 3.0) == pytest.approx(slope, rel=1e-5)
    assert crossing_slope(mask, 1.0) == 0.0
