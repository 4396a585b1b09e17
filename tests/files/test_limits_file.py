"""The limits file: every number with a source, a standing and one meaning."""

import pytest

from rig.files.document import load, resolve
from rig.files.limits import DeviceValue, Limits, Quantity
from rig.files.limits_checks import MEASURANDS

KNOWN = ", ".join(MEASURANDS)
ONE = "a limit is either low and/or high, or a curve, or must_not: write exactly one of them"
HOW = "write a quantity, or {device: path below the port}, with plus: a quantity or times: a number"


def test_the_draft_limits() -> None:
    limits = load(resolve("limits", "draft-48v"), Limits)
    first, peak = limits.limits[0], limits.limits[3]
    assert (first.clause, first.measurand, first.high) == ("SELV-01", "port_voltage_peak", Quantity(60.0, "V"))
    assert (first.uncertainty_max, first.status, first.rule) == (Quantity(0.5, "V"), "standard", "guarded")
    assert peak.high == DeviceValue("protection.peak_current")
    assert all(row.source and row.status for row in limits.limits)
    assert limits.curves["connect"].must_trip.model_dump() == {"peak": 5.0, "time_constant": 0.3, "steady": 1.25}
    assert limits.revision == "2020-07-08"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("measurand: recovery_time, high: 10 s", "measurand: recovry_time, high: 10 s",
         f"measurand: unknown measurand 'recovry_time' (did you mean 'recovery_time'?; allowed: {KNOWN})"),
        ("high: 10 s", "high: 10 V", "high: recovery_time is a time in s, this is a voltage"),
        ("high: 10 s", "high: 1e308 s", 'high: "1e308 s" is no size that anything in a laboratory has'),
        ("high: 10 s", "high: 10", 'high: write a quantity with a unit, for example "60 V"'),
        ("high: 10 s", "high: [10 s]", 'high: write a quantity with a unit, for example "60 V"'),
        ("high: 10 s", "high: {device: recovery.tim}", "high: a port declares no quantity 'recovery.tim'"),
        ("high: 10 s", "high: {device: rated_current}", "high: recovery_time is a time in s, this is a current"),
        ("high: 10 s", "high: {path: recovery.time}", f"high: {HOW}"),
        ("high: 10 s", "high: {device: recovery.time, minus: 1 s}", f"high: {HOW}"),
        ("high: 10 s", "high: {device: recovery.time, plus: 1 V}",
         "high: plus is a voltage, and recovery.time is a time"),
        ("high: 10 s", "high: {device: recovery.time, times: 0}", "high: times must be a number above 0, found 0"),
        ("high: 10 s", "high: {device: recovery.time, times: x}", "high: times must be a number above 0, found 'x'"),
        ("high: 10 s, ", "", ONE),
        ("high: 10 s", "high: 10 s, curve: connect", ONE),
        ("high: 10 s", "high: 10 s, window: 2 s", "window belongs to must_not, and must_not needs it"),
        ("high: 10 s", "low: 11 s, high: 10 s", "low must not exceed high"),
        ("uncertainty_max: 0.5 s, status: rig-default", "uncertainty_max: 0.5 A, status: rig-default",
         "uncertainty_max: recovery_time is a time in s, this is a current"),
    ],
)  # fmt: skip
def test_one_mistake_in_the_recovery_row(mistakes_after, old: str, new: str, expected: str) -> None:
    (found,) = mistakes_after("limits/draft-48v", Limits, [(old, new)])
    where, _, message = found.partition("| limits[5]")
    assert where.startswith("- {clause: REC-01")
    assert message in {f".{expected}", f": {expected}"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("curve: connect", "curve: conect",
         ("- {clause: OC-01, measur| limits[7].curve: unknown curve 'conect' (did you mean 'connect'?; "
         "allowed: connect)")),
        ("must_not: true, window: 2 s, ", "must_not: true, ",
         "- {clause: OC-01, measur| limits[6]: window belongs to must_not, and must_not needs it"),
        ("must_trip: {peak: 5, ", "must_trip: {peak: 3, ",
         "connect:| curves.connect: no value of must_trip may lie below the same value of must_not_trip"),
        ("when: {multiple_max: 1.15}", "when: {multiple_min: 2, multiple_max: 1.15}",
         "- {clause: OC-01, measur| limits[6].when: multiple_min must not exceed multiple_max"),
        ("when: {multiple_max: 1.15}", "when: {multiple: 1.15}",
         ("- {clause: OC-01, measur| limits[6].when.multiple: unknown key 'multiple' (did you mean 'multiple_min'?; "
         "allowed: role, protection, function_class, feed_min, feed_max, multiple_min, multiple_max)")),
        ("measurand: reverse_current, high: {device: rated_current}, uncertainty_max: 0.5 A",
         "measurand: reverse_current, must_not: true, window: 1 s",
         "- {clause: RP-01, measur| limits[9].must_not: must_not limits a time, and reverse_current is a current"),
        ("clause: SC-01, measurand: let_through_i2t", "clause: SC-01, measurand: peak_current",
         "- {clause: SC-01, measur| limits[4]: limits[3] already limits this clause, measurand and when; keep one"),
        ('source: "switch-type port, t.b.d. in the standard"', 'source: ""',
         "rule: guarded, source: \"| limits[1].source: must not be empty"),
        ('     rule: guarded, source: "switch-type port, t.b.d. in the standard"}', "     rule: guarded}",
         "- {clause: SC-01, measur| limits[1].source: missing key"),
        ("status: standard,", "status: final,",
         ("- {clause: SELV-01, meas| limits[0].status: expected 'standard', 'borrowed', 'rig-default' or 'vendor', "
         "found text: 'final'")),
    ],
)  # fmt: skip
def test_one_mistake_elsewhere(mistakes_after, old: str, new: str, expected: str) -> None:
    assert expected in mistakes_after("limits/draft-48v", Limits, [(old, new)])
