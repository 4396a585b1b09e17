"""A day of a household as data."""

import pytest

from rig.faults import Base, Day, prospective
from rig.files.bench import Bench
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run.case import Case
from rig.run.needs import load_refusals, unfit

REFERENCE = load(resolve("devices", "reference"), Device)
FULL = load(resolve("benches", "full"), Bench)


@pytest.mark.parametrize(("mean", "peak"), [(50.0, 250.0), (10.0, 60.0), (200.0, 250.0)])
def test_it_has_24_hours_the_mean_and_three_peaks_of_five_minutes(mean, peak):
    day = Day(f"{mean} W", f"{peak} W")
    seconds, watts = zip(*day.profile, strict=True)
    assert sum(seconds) == pytest.approx(24 * 3600.0)
    assert sum(s * w for s, w in day.profile) / (24 * 3600.0) == pytest.approx(mean)
    assert [s for s, w in day.profile if w == peak] == [300.0] * 3
    assert min(watts) > 0.0
    assert day.label == f"day of {mean:g} W on average"


def test_peaks_that_are_more_than_the_whole_day_are_refused():
    with pytest.raises(ValueError, match="the peaks of 250 W are all of the day's energy at 2 W on average"):
        Day("2 W", "250 W")
    with pytest.raises(ValueError, match="Day: mean: expected a power"):
        Day("50 V", "250 W")
    with pytest.raises(ValueError, match="Day: the peak of 20 W is not above the mean of 50 W"):
        Day("50 W", "20 W")


def test_what_it_draws_at_most_is_what_the_bench_must_bear():
    case = Case("PWR-02", Day("50 W", "250 W"), rated_power="250 W")
    assert case.hold_s == 24 * 3600.0
    expected = prospective(case.fault, Base(load=0.0), case.hold_s, REFERENCE.port, FULL, REFERENCE)
    assert expected.peak_current == pytest.approx(250.0 / 54.0)
    assert load_refusals(case, FULL, REFERENCE.port) == []
    (refusal,) = load_refusals(Case("PWR-02", Day("50 W", "280 W")), FULL, REFERENCE.port)
    assert refusal == "day of 50 W on average could draw 328.6 W at 58.5 V, and the envelope of the load allows 300 W"


def test_the_resistance_of_a_peak_draws_more_where_the_port_stands_above_its_declared_voltage():
    small = load(resolve("devices", "small-battery"), Device)
    case = Case("PWR-02", Day("50 W", "250 W"), rated_power="250 W")
    assert unfit(case, small) == "it is for 250 W, and the port is rated for 213.3 W"
    (refusal,) = load_refusals(Case("PWR-02", Day("50 W", "250 W")), FULL, small.port)
    assert refusal == "day of 50 W on average could draw 380.8 W at 58.5 V, and the envelope of the load allows 300 W"
