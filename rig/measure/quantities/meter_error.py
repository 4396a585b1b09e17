"""The error of a device's own meter, and what it forgets: what it counted against what went through its port."""

import math
from dataclasses import replace

from rig.measure.result import Measurement, no_result
from rig.measure.uncertainty.budget import Budget, rectangular


def energy_error(reading: float | None, resolution: float, reference: Measurement) -> Measurement:
    """(reading - reference) / reference, unit 1; reading and its resolution in the unit of `reference` (J).

    The error of indication as OIML R 46 has it. Unresolved without a finite reading, or where the reference is a bound,
    has no value or is no more than its own U. ValueError for a resolution that is none: its line must not vanish.
    """
    if not (math.isfinite(resolution) and resolution >= 0.0):
        raise ValueError(f"the resolution of the device's reading is {resolution}: give its last digit, at least 0")
    definition = f"(reading of the device - {reference.measurand}) / {reference.measurand}"
    true, U = reference.value, reference.U
    if reading is None or not math.isfinite(reading) or true is None or reference.bound is not None:
        why = "no-reading" if reading is None or not math.isfinite(reading) else "reference-is-no-value"
        return no_result("energy_error", "1", definition, armed=True, flags=(why, *reference.flags))
    if abs(true) <= (U or 0.0):
        return no_result("energy_error", "1", definition, armed=True, flags=("reference-within-its-uncertainty",))
    budget = None
    if reference.budget is not None:
        lines = [line.scaled(line.sensitivity * reading / true**2) for line in reference.budget.lines]
        step = rectangular("resolution of the device's reading", resolution / 2.0, 1.0 / abs(true))
        budget = Budget(tuple(line for line in (*lines, step) if line.contribution > 0.0), "1")
    return Measurement(
        "energy_error", "Measured", (reading - true) / true, "1", definition, budget=budget, flags=reference.flags,
        inputs={"reading": reading, "reference": true}, source="error of indication, OIML R 46",
    )  # fmt: skip


def lost_energy(reading: float | None, resolution: float, reference: Measurement) -> Measurement:
    """reference - reading in J: what went through the port and was not counted; arguments as `energy_error`."""
    definition = f"{reference.measurand} - reading of the device"
    true = reference.value
    if reading is None or not math.isfinite(reading) or true is None or reference.bound is not None:
        why = "no-reading" if reading is None or not math.isfinite(reading) else "reference-is-no-value"
        return no_result("lost_energy", "J", definition, armed=True, flags=(why, *reference.flags))
    budget = None
    if reference.budget is not None:
        step = rectangular("resolution of the device's reading", resolution / 2.0)
        budget = Budget(tuple(line for line in (*reference.budget.lines, step) if line.contribution > 0.0), "J")
    inputs = {**reference.inputs, "reading": reading, "reference": true}
    return replace(
        reference, measurand="lost_energy", value=true - reading, definition=definition, budget=budget, inputs=inputs
    )
