"""References inside a limits file: measurands, units and curves agree; no row hides another."""

from collections.abc import Iterator, Mapping
from typing import Any

from rig.files.device import declared_unit
from rig.files.document import Finding
from rig.files.explain import choices, dotted
from rig.files.quantity import UNITS, QuantityError, parse_any
from rig.files.sizes import sizes

# What may be limited, with its unit. A new measurand of rig.measure gets a row here, so that a misspelt one is found.
MEASURANDS = {
    "operate_time": "s",
    "end_of_fault": "s",
    "peak_current": "A",
    "let_through_i2t": "A2s",
    "let_through_energy": "J",
    "recovery_time": "s",
    "port_voltage_peak": "V",
    "reverse_current": "A",
    "reverse_leakage": "A",
    "charge": "C",
    "overshoot": "1",
    "settling_time": "s",
    "inrush_time": "s",
    "inrush_current": "A",
    "inrush_i2t": "A2s",
    "retries": "count",
    "latched": "count",
    "retry_recovery": "s",
    "opening_time": "s",
    "arcing_time": "s",
    "power": "W",
    "retry_period": "s",
    "retry_duty": "1",
    "ripple_rms": "V",
    "ripple_peak_to_peak": "V",
    "ripple_current": "A",
    "droop_intercept": "V",
    "droop_slope": "ohm",
    "energy_error": "1",
    "lost_energy": "J",
    "counter_decreases": "count",
    "counter_step": "count",
    "wrong_reports": "count",
    "status_floor": "count",
    "status_return": "s",
    "restarts": "count",
    "voltage_floor": "V",
    "sleep_current": "A",
    "back_fed_current": "A",
    "ground_current": "A",
    "share_error": "1",
    "lasting_change": "1",
    "efficiency": "1",
    "changed_parameters": "count",
    "missed_trips": "count",
    "nuisance_trips": "count",
    "idle_current": "A",
    "device_temperature": "degC",
    "carried_current": "A",
    "connector_rise": "K",
    "charging_voltage": "V",
    "charging_slope": "ohm",
    "shedding_error": "V",
    "surplus_switchings": "count",
    "envelope_margin": "V",
    "pulse_width": "s",
}


def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """(path, sentence) for each unknown measurand or curve, each disagreeing unit and each row written twice.

    The data are raw: what has the wrong shape is skipped, because the model reports it.
    """
    yield from sizes(data)
    curves = data.get("curves") if isinstance(data.get("curves"), Mapping) else {}
    rows = data.get("limits") if isinstance(data.get("limits"), list) else []
    assert isinstance(curves, Mapping)
    assert isinstance(rows, list)
    variants = data.get("variants") if isinstance(data.get("variants"), list) else []
    assert isinstance(variants, list)
    seen: dict[str, tuple[str | int, ...]] = {}
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            continue
        path: tuple[str | int, ...] = ("limits", index)
        measurand, curve = row.get("measurand"), row.get("curve")
        if isinstance(measurand, str) and measurand not in MEASURANDS:
            yield (*path, "measurand"), f"unknown measurand {measurand!r} ({choices(measurand, list(MEASURANDS))})"
        elif isinstance(measurand, str):
            yield from unit_findings(row, path, measurand)
        if isinstance(curve, str) and curve not in curves:
            yield (*path, "curve"), f"unknown curve {curve!r} ({choices(curve, [str(name) for name in curves])})"
        variant = row.get("variant")
        if isinstance(variant, str) and variant not in variants:
            known = choices(variant, [str(one) for one in variants]) if variants else "the file names no variants"
            yield (*path, "variant"), f"unknown variant {variant!r} ({known})"
        key = repr((row.get("clause"), measurand, row.get("when"), variant))
        if key in seen:
            yield path, f"{dotted(seen[key])} already limits this clause, measurand and when; keep one"
        seen.setdefault(key, path)


def unit_findings(row: Mapping[Any, Any], path: tuple[str | int, ...], measurand: str) -> Iterator[Finding]:
    """(path, sentence) for each bound of a raw row whose unit is not its measurand's."""
    expected = UNITS[MEASURANDS[measurand]]
    for key in ("low", "high", "uncertainty_max"):
        found = _unit(row.get(key))
        kelvin = key == "uncertainty_max" and (expected.text, found) == ("degC", "K")
        if found is not None and found != expected.text and not kelvin:
            yield (
                (*path, key),
                f"{measurand} is {expected.dimension} in {expected.text}, this is {UNITS[found].dimension}",
            )
    for key in ("curve", "must_not"):
        if row.get(key) and expected.text != "s":
            yield (*path, key), f"{key} limits a time, and {measurand} is {expected.dimension}"


def _unit(value: Any) -> str | None:
    if isinstance(value, Mapping):
        unit = declared_unit(str(value.get("device")))
        return unit.text if unit else None
    try:
        return parse_any(value)[1]
    except QuantityError:
        return None
