"""The examples of docs/add-an-instrument.md are drivers and counterparts that work as they stand there."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from rig.twin.bench.load_class import LOADS, SIGLENT_SDL1030X
from rig.twin.bench.meter import IDEAL, METERS
from rig.twin.bench.supply_class import RIGOL_DP832, SUPPLIES
from rig.twin.wire import models
from tests.instruments.contract.conftest import simulated
from tests.instruments.contract.families import Family

PAGE = Path(__file__).parents[3] / "docs/add-an-instrument.md"
FILE = re.compile(
    r"^    # ((?:instruments|rig)/\S+)\.py\n((?:    .*\n|\n)+?)(?=    # (?:instruments|rig)/|\S)", re.MULTILINE
)
EXAMPLES = {path: re.sub("^    ", "", text, flags=re.MULTILINE) for path, text in FILE.findall(PAGE.read_text("utf-8"))}
FAMILIES = {
    "supply": Family("instruments.supplies.acme_ps60:DRIVER", "supply", "acme_ps60"),
    "load": Family("instruments.loads.acme_el30:DRIVER", "load", "acme_el30"),
    "meter": Family("instruments.meters.acme_m10:AcmeM10", "meter", "acme_m10"),
}


@pytest.fixture
def example(request, monkeypatch, loop):
    for path, text in EXAMPLES.items():
        module = ModuleType(path.replace("/", "."))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(text, path, "exec"), module.__dict__)
    for model, make in (("ps60", models.scpi_supply), ("el30", models.scpi_load), ("m10", models.scpi_meter)):
        monkeypatch.setitem(models.MODELS, f"acme_{model}", make(sys.modules[f"rig.twin.wire.acme_{model}"].build))
    monkeypatch.setitem(SUPPLIES, "acme_ps60", replace(RIGOL_DP832, volts=60.0, amps=5.0, watts=300.0))
    monkeypatch.setitem(LOADS, "acme_el30", replace(SIGLENT_SDL1030X, volts=60.0))
    monkeypatch.setitem(METERS, "acme_m10", IDEAL)
    made = simulated(FAMILIES[request.param], "twin", loop)
    yield made
    for driver in made.opened:
        driver.close()
    made.close()


@pytest.mark.parametrize("example", ["supply"], indirect=True)
def test_the_supply(example):
    supply = example.connect()
    supply.set_voltage(12.0)
    supply.set_current_limit(2.0)
    supply.set_ovp(20.0)
    supply.output(True)
    example.settle()
    assert supply.measure().volts == pytest.approx(12.0, abs=0.05)
    assert supply.trip() is None
    supply.make_safe()
    assert supply.read_back()["output"] is False


@pytest.mark.parametrize("example", ["load"], indirect=True)
def test_the_load(example):
    load = example.connect()
    load.set_slew(1e4)
    load.set_current(1.5)
    load.input(True)
    example.circuit.feed(12.0, 4.0)
    example.settle()
    assert load.measure().amps == pytest.approx(1.5, abs=0.05)
    load.make_safe()
    assert load.read_back()["input"] is False


@pytest.mark.parametrize("example", ["meter"], indirect=True)
def test_the_class_of_its_own(example):
    meter, (_, ratio) = example.connect(), example.circuit.input_of("meter")
    meter.configure("DC voltage", 10.0)
    example.circuit.feed(24.0, 2.0)
    example.settle(1.0)
    assert meter.read()[0] * ratio == pytest.approx(24.0, abs=0.2)
    meter.make_safe()
    assert meter.read_back() == {"range": 10.0}
