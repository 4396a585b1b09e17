"""For how long a counter has to be watched, worked out by hand."""

import pytest

from rig.faults import Metered, metering
from rig.files.device import Device
from rig.files.document import load, resolve

PORT = load(resolve("devices", "reference"), Device).port
APPLIANCE = load(resolve("devices", "appliance"), Device).port


def test_a_tenth_of_the_load():
    """360 J at 27 W are 13.33 s a step, polled every 26.7 ms: ends within 33.3 ms, for 0.1 % 54 s apart."""
    found = metering(Metered(0.1), PORT)
    assert found.step_time == pytest.approx(360 / 27)
    assert found.poll == pytest.approx(13.333 / 500, rel=1e-3)
    assert found.apart == pytest.approx(2 * (2 / 3) ** 0.5 * (0.013333 + 0.02) / 0.001, rel=1e-3)
    assert found.longest == pytest.approx(5 + 16 + 54.4 + 16, abs=0.1)


def test_full_load_is_polled_no_faster_than_the_bench_can():
    found = metering(Metered(1.0), PORT)
    assert (found.poll, found.steps) == (0.02, 2)
    assert found.apart == pytest.approx(48.99, abs=0.01)


def test_a_counter_of_whole_watt_hours_takes_its_steps():
    coarse = PORT.model_copy(update={"counter": PORT.counter.model_copy(update={"step": 3600.0})})
    found = metering(Metered(0.05), coarse)
    assert found.step_time == pytest.approx(3600 / 13.5)
    assert found.longest == pytest.approx(5 + 1.2 * 266.67 + max(found.apart + 320, 640), rel=1e-3)


def test_around_a_cut_steps_count_and_no_percent():
    found = metering(Metered(0.9, cut="2 s"), PORT)
    assert (found.steps, found.apart) == (4, 0.0)


def test_a_consumer_takes_what_it_takes_at_least():
    assert metering(Metered(), APPLIANCE).step_time == pytest.approx(360 / (52 * 0.7))


def test_a_port_without_a_counter_is_not_metered():
    with pytest.raises(ValueError, match="no energy counter"):
        metering(Metered(0.5), PORT.model_copy(update={"counter": None}))


@pytest.mark.parametrize("load", [0.0, -0.1, 1.1])
def test_a_load_that_is_none(load):
    with pytest.raises(ValueError, match="above 0 and up to 1"):
        Metered(load)


def test_labels():
    assert [one.label for one in (Metered(0.05), Metered(), Metered(0.9, cut="2 s"))] == [
        "metered at 5 %", "metered", "metered at 90 %, cut for 2 s",
    ]  # fmt: skip
