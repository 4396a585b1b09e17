"""A fault exists only inside an injection: it is released on every way out."""

from __future__ import annotations

import pytest

from instruments.errors import LinkTimeout
from rig.bench.injector import Injector, InjectorFault
from tests.bench.fakes import timeout


@pytest.fixture
def injector(fake):
    return Injector("FIO0", fake.daq, fake.clock)


def test_on_at_entry_off_and_read_back_at_exit(fake, injector):
    with injector.injection(0.5) as injection:
        assert fake.daq.driven["FIO0"]
        assert injection.remaining() == 0.5
        fake.clock.sleep(0.2)
        assert injection.remaining() == pytest.approx(0.3)
        fake.clock.sleep(1.0)
        assert injection.remaining() == 0.0
    assert fake.log == [("daq", "set_line", "FIO0", True), ("daq", "set_line", "FIO0", False), ("daq", "line", "FIO0")]


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, ValueError, timeout("scope")])
def test_released_whatever_happens_inside_and_that_is_what_is_raised(fake, injector, trouble):
    with pytest.raises(trouble if isinstance(trouble, type) else LinkTimeout), injector.injection(0.5):
        raise trouble
    assert not fake.daq.driven["FIO0"]


def test_released_when_the_order_to_inject_went_out_and_its_answer_did_not_come(fake, injector):
    fake.daq.breaks = [timeout("daq")]
    with pytest.raises(LinkTimeout), injector.injection(0.5):
        raise AssertionError("never injected")
    assert fake.log[-2:] == [("daq", "set_line", "FIO0", False), ("daq", "line", "FIO0")]


def raises_timeout(name: str) -> bool:
    raise timeout("daq")


@pytest.mark.parametrize("line", [raises_timeout, lambda name: True], ids=["link", "gate high"])
def test_the_first_trouble_is_raised_also_when_the_release_fails(fake, injector, monkeypatch, line):
    monkeypatch.setattr(fake.daq, "line", line)
    with pytest.raises(KeyboardInterrupt), injector.injection(0.5):
        raise KeyboardInterrupt
    assert not fake.daq.driven["FIO0"]


def test_a_gate_that_stays_high_is_the_benchs_fault(fake, injector, monkeypatch):
    monkeypatch.setattr(fake.daq, "line", lambda name: True)
    with pytest.raises(InjectorFault, match="FIO0 reads high after it was driven low"), injector.injection(0.5):
        pass
