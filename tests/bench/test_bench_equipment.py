"""Instruments by role: opened in order, identified, closed in reverse; absent ones say why."""

from __future__ import annotations

import pytest

from instruments.errors import LinkRefused
from instruments.records import Identity
from rig.bench import equipment
from rig.bench.equipment import WrongInstrument, opened
from tests.bench.fakes import Breakable

KNOWN = {
    "supply": Identity("EA Elektro-Automatik GmbH & Co. KG", "PSB 9080-60 2U", "1", "2"),
    "load": Identity("Siglent Technologies", "SDL1030X-E", "1", "2"),
    "relays": Identity("Waveshare", "Modbus Relay 32", "", "1"),
    "daq": Identity("LabJack", "T7", "1", "2"),
    "scope": Identity("RIGOL TECHNOLOGIES", "DHO804", "1", "2"),
}


@pytest.fixture
def answering(monkeypatch):
    """Drivers that answer with `KNOWN`; returns the log and the two ways of going wrong."""
    log, says, refuses = [], dict(KNOWN), set()

    class Driver(Breakable):
        @classmethod
        def connect(cls, entry, *, name, tap, clock, timeout_s):
            log.append((name, "connect"))
            if name in refuses:
                raise LinkRefused(name, "open", "no connection", "switch it on")
            return cls(name, log)

        def identity(self):
            self.called("identity")
            return says[self.name]

    monkeypatch.setattr(equipment, "load_driver", lambda name: Driver)
    return log, says, refuses


def open_all(bench, **options):
    return opened(bench, lambda name: None, None, **options)


def test_opened_and_identified_in_order_closed_in_reverse(twin_bench, answering):
    log, _, _ = answering
    with open_all(twin_bench) as found:
        assert found.lines is found.recorder is found.instruments["daq"]
        assert found.identities == KNOWN
        names = list(twin_bench.instruments)
        assert log == [(name, verb) for name in names for verb in ("connect", "identity")]
        log.clear()
    assert log == [(name, "close") for name in reversed(names)]


def test_a_bidirectional_supply_plays_the_load_with_its_sink_view(twin_bench, answering, monkeypatch):
    sink = object()
    monkeypatch.setattr(Breakable, "capabilities", frozenset({"sink"}))
    monkeypatch.setattr(Breakable, "sink", sink, raising=False)
    with open_all(twin_bench) as found:
        assert found.load is sink
        assert found.supply is found.instruments["supply"]
        assert found.instruments["load"] is not sink


def test_the_wrong_instrument_is_named_and_everything_is_closed_again(twin_bench, answering):
    log, says, _ = answering
    says["scope"] = Identity("RIGOL TECHNOLOGIES", "DHO914\x1b[31m", "1", "2")
    with pytest.raises(WrongInstrument) as wrong, open_all(twin_bench):
        raise AssertionError("never opened")
    assert "scope at twin says it is 'RIGOL TECHNOLOGIES,DHO914\\x1b[31m,1,2', bench twin expects" in str(wrong.value)
    assert {entry[0] for entry in log if entry[1] == "close"} == set(KNOWN)


def test_the_right_model_with_another_serial_number_is_the_wrong_instrument(twin_bench, answering):
    entry = twin_bench.instruments["daq"].model_copy(update={"serial": "470012345"})
    bench = twin_bench.model_copy(update={"instruments": {**twin_bench.instruments, "daq": entry}})
    with pytest.raises(WrongInstrument, match="with serial 470012345"), open_all(bench):
        raise AssertionError("never opened")


def test_a_refused_instrument_ends_the_opening_unless_absence_is_allowed(twin_bench, answering):
    log, says, refuses = answering
    refuses.add("load")
    with pytest.raises(LinkRefused), open_all(twin_bench):
        raise AssertionError("never opened")
    assert log[-1] == ("supply", "close")
    says["scope"] = KNOWN["daq"]
    with open_all(twin_bench, absent_ok=True) as found:
        assert set(found.identities) == {"supply", "relays", "daq"}
        with pytest.raises(LinkRefused, match="switch it on"):
            found.load.make_safe()
        with pytest.raises(WrongInstrument, match="scope"):
            found.digitizer.stop()
