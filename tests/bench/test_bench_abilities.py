"""What the plan asks of a bench's instruments is checked when the plan is made."""

from types import SimpleNamespace

import pytest

import instruments.catalogue
from rig.bench.abilities import shortcomings
from rig.bench.file import load_bench
from rig.files.document import resolve


@pytest.fixture
def bench():
    return load_bench(resolve("benches", "twin"))


def changed(bench, **roles):
    return bench.model_copy(update={"roles": {name: value for name, value in (bench.roles | roles).items() if value}})


def test_the_twin_bench_can_all_that_is_asked(bench):
    assert list(shortcomings(bench)) == []


def test_a_role_that_nobody_plays(bench):
    assert list(shortcomings(changed(bench, digitizer=None))) == [
        ("roles", "nobody is the digitizer, and every plan needs one")
    ]


def test_a_driver_without_a_needed_ability(bench, monkeypatch):
    lame = SimpleNamespace(connect=print, capabilities=frozenset())
    monkeypatch.setattr(instruments.catalogue, "lame", lame, raising=False)
    entry = bench.instruments["supply"].model_copy(update={"driver": "instruments.catalogue:lame"})
    other = bench.model_copy(update={"instruments": bench.instruments | {"supply": entry}})
    assert list(shortcomings(other)) == [("roles.supply", "supply lacks ovp, which every plan needs of the supply")]


@pytest.mark.parametrize("volts", [5.0, 20.0, 1e-320])
def test_a_range_that_the_recorder_does_not_have(bench, volts):
    slow = bench.signals["port_voltage"].slow.model_copy(update={"range": volts})
    signal = bench.signals["port_voltage"].model_copy(update={"slow": slow})
    other = bench.model_copy(update={"signals": bench.signals | {"port_voltage": signal}})
    ((path, sentence),) = shortcomings(other)
    assert path == "signals.port_voltage.slow.range"
    assert sentence == f"daq has no range of {volts:g} V: choose one of 10, 1, 0.1, 0.01 V"
