"""The device file: the maker's declarations."""

import pytest

from rig.files.device import Device, declared, declared_unit
from rig.files.document import BadFile, load, resolve


def test_the_reference_device() -> None:
    device = load(resolve("devices", "reference"), Device)
    port = device.port
    assert (port.role, port.link, port.voltage, port.band) == ("source", 48.0, 54.0, 0.05)
    assert port.highest_voltage == pytest.approx(56.7)
    assert (port.rated_current, port.source_resistance, port.current_limit) == (5.0, 0.05, 18.0)
    assert (port.output_capacitance, port.output_esr) == (470e-6, 0.02)
    assert port.protection.model_dump() == {
        "type": "trip",
        "limit_current": None,
        "short_delay": None,
        "peak_current": 300.0,
        "let_through_i2t": 2.0,
    }
    assert (port.recovery.kind, port.recovery.time, port.reverse.current) == ("auto", 2.0, 0.01)
    assert device.energy_input is not None
    assert device.energy_input.start_time == 0.5
    assert (device.roles, device.consent) == (("source",), ())


def test_the_limiter_declares_its_limit() -> None:
    port = load(resolve("devices", "limiter"), Device).port
    assert declared(port, "protection.limit_current") == 7.0


def test_declared_numbers_have_units() -> None:
    port = load(resolve("devices", "reference"), Device).port
    assert declared(port, "protection.peak_current") == 300.0
    assert declared(port, "rated_current") == 5.0
    assert declared(port, "protection.limit_current") is None
    units = {
        path: declared_unit(path) for path in ("rated_current", "protection.limit_current", "recovery.time", "band")
    }
    assert {path: unit.text for path, unit in units.items() if unit} == {
        "rated_current": "A",
        "protection.limit_current": "A",
        "recovery.time": "s",
        "band": "1",
    }
    for path in ("protection", "protection.type", "protection.peak", "rated_current.x", "", "x.y"):
        assert declared_unit(path) is None
    with pytest.raises(ValueError, match=r"a port declares no quantity 'protection\.type'"):
        declared(port, "protection.type")


def test_one_port_is_the_port_and_of_several_one_is_named() -> None:
    device = load(resolve("devices", "reference"), Device)
    assert (device.port_name, device.port) == ("grid", device.ports["grid"])
    one, other = device.port, device.port.model_copy(update={"rated_current": 3.0})
    two = device.model_copy(update={"ports": {"a": one, "b": other}, "tested": "b"})
    assert (two.port_name, two.port.rated_current) == ("b", 3.0)


def test_a_port_of_several_that_nobody_chose(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = resolve("devices", "reference").read_text(encoding="utf-8")
    grid = text[text.index("  grid:") : text.index("deviations:")]
    several = text.replace(grid, grid + grid.replace("  grid:", "  other:", 1))
    for added, says in (
        ("", "are several (grid, other): say with `tested` at which one the plans are carried out"),
        ("tested: grd\n", "there is no port 'grd' (did you mean 'grid'?; allowed: grid, other)"),
    ):
        (tmp_path / "x.yaml").write_text(several + added, encoding="utf-8")
        with pytest.raises(BadFile) as bad:
            load("x.yaml", Device)
        assert [one.message for one in bad.value.mistakes] == [says]
    (tmp_path / "x.yaml").write_text(several + "tested: other\n", encoding="utf-8")
    assert load("x.yaml", Device).port_name == "other"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "protection: {type: trip, ",
            "protection: {type: limit, ",
            ("protection: {type: limit| ports.grid.protection: limit_current belongs to type limit, "
            "and type limit needs it"),
        ),
        (
            "minimum: 40 V",
            "minimum: 50 V",
            "energy_input: {nominal:| energy_input: minimum, nominal and maximum must rise in this order",
        ),
        ("class: auto", "class: never", ("recovery: {class: never,| ports.grid.recovery.class: expected 'auto', "
         "'auto-n' or 'manual', found text: 'never'")),
        ("band: 5 %", "band: 0.05", 'band: 0.05| ports.grid.band: write a quantity with a unit, for example "5 %"'),
        (
            "output_esr: 20 mohm",
            "output_esr: 20 mF",
            ('output_esr: 20 mF| ports.grid.output_esr: expected a resistance in ohm, found "20 mF" (a capacitance); '
            'write for example "10 mohm"'),
        ),
        ('"REF-[0-9]{4}"', '"REF-["', ('serial_pattern: "REF-["| serial_pattern: is no regular expression: '
         "unterminated character set at position 4")),
        ("output_capacitance: 470 uF", "output_capacitance: 1e250 uF",
         ('output_capacitance: 1e25| ports.grid.output_capacitance: "1e250 uF" '
          "is no size that anything in a laboratory has")),
        ("    source_resistance: 50 mohm\n", "",
         "grid:| ports.grid: a source port declares source_resistance and current_limit"),
        ("role: source\n", "role: sink\n",
         "grid:| ports.grid: a sink gives no current: leave out source_resistance, current_limit and droop"),
        ("    rated_current: 5 A\n", "", "grid:| ports.grid.rated_current: missing key"),
    ],
)  # fmt: skip
def test_one_mistake(mistakes_after, old: str, new: str, expected: str) -> None:
    assert mistakes_after("devices/reference", Device, [(old, new)]) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    consumption:", "    # consumption:",
         "feed:| ports.feed: a sink declares its consumption, which a sink without cannot be judged by"),
        ("role: sink\n    link", "role: source\n    link",
         "feed:| ports.feed: a source port declares source_resistance and current_limit"),
        ("partly: 300 mA", "partly: 2 A",
         "consumption: {function_c| ports.feed.consumption: partly must not exceed working, nor minimum maximum"),
        ("minimum: 36 V", "minimum: 59 V",
         "consumption: {function_c| ports.feed.consumption: partly must not exceed working, nor minimum maximum"),
    ],
)  # fmt: skip
def test_one_mistake_about_a_consumer(mistakes_after, old, new, expected) -> None:
    assert mistakes_after("devices/plain-load", Device, [(old, new)]) == [expected]


def test_a_number_below_a_section_that_may_be_missing() -> None:
    port = load(resolve("devices", "plain-load"), Device).port
    unit = declared_unit("consumption.working")
    assert unit is not None
    assert (unit.text, declared(port, "consumption.working")) == ("A", 1.5)
    assert declared(load(resolve("devices", "reference"), Device).port, "consumption.working") is None
    with pytest.raises(ValueError, match="neither source resistance nor current limit"):
        _ = port.gives


def test_who_is_fed() -> None:
    fed = {name: load(resolve("devices", name), Device).fed for name in ("reference", "plain-load", "ac-adapter")}
    assert fed == {"reference": True, "plain-load": True, "ac-adapter": False}
