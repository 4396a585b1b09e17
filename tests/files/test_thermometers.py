"""What is declared of connectors and thermometers, and what is refused."""

import pytest

from rig.files.bench import Bench
from rig.files.device import Device, declared, declared_unit
from rig.files.document import BadFile, load, resolve
from rig.files.transducers import Thermometer
from rig.run.chain import unit_per_volt

FULL = load(resolve("benches", "full"), Bench)
REFERENCE = load(resolve("devices", "reference"), Device)


def test_a_thermometer_gives_degrees_for_volts():
    part = FULL.transducers["connector_thermometer"]
    assert isinstance(part, Thermometer)
    assert (part.volts_per_kelvin, part.within) == (5e-3, 2.5)
    assert unit_per_volt(part) == (pytest.approx(200.0), "degC")


def test_only_the_full_bench_has_them():
    for name in ("twin", "modest"):
        assert not any("temperature" in signal for signal in load(resolve("benches", name), Bench).signals)
    assert {"connector_temperature", "room_temperature"} <= FULL.signals.keys()


def test_the_rise_that_a_connector_bears_can_be_a_limit():
    unit = declared_unit("connector.rise")
    assert unit is not None
    assert unit.text == "K"
    assert declared(REFERENCE.port, "connector.rise") == 30.0
    bare = REFERENCE.port.model_copy(update={"connector": None})
    assert declared(bare, "connector.rise") is None


def test_a_connector_for_less_than_its_port_is_rated_for_is_refused(tmp_path):
    text = resolve("devices", "reference").read_text(encoding="utf-8")
    assert "connector: {current: 5 A" in text
    (tmp_path / "weak.yaml").write_text(text.replace("connector: {current: 5 A", "connector: {current: 4 A"), "utf-8")
    with pytest.raises(BadFile, match="the connector's current must be no less than the rated_current of its port"):
        load(tmp_path / "weak.yaml", Device)
