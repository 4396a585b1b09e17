"""Looking up a limit: the right row, the right number, and a full account when there is none."""

import math

import pytest

from rig.files.device import Device
from rig.files.document import BadFile, load, resolve
from rig.files.limits import Limits
from rig.standard import CurvePoint, Limit, NoLimit, find_limit

LIMITS = load(resolve("limits", "draft-48v"), Limits)
TRIP = load(resolve("devices", "reference"), Device).port
LIMIT = load(resolve("devices", "limiter"), Device).port


def with_rows(*rows: dict[str, object]) -> Limits:
    base = {"rule": "guarded", "status": "rig-default", "source": "test"}
    return Limits.model_validate(
        {"schema": 1, "name": "own", "revision": "1", "limits": [{**base, **row} for row in rows]}
        | {"curves": {name: _raw(curve) for name, curve in LIMITS.curves.items()}}
    )


def _raw(curve) -> dict[str, dict[str, object]]:
    return {side: {**mask, "time_constant": f"{mask['time_constant']} s"} for side, mask in curve.model_dump().items()}


def test_a_fixed_limit() -> None:
    assert find_limit(LIMITS, "SELV-01", "port_voltage_peak", TRIP, {}) == Limit(
        clause="SELV-01",
        measurand="port_voltage_peak",
        low=None,
        high=60.0,
        unit="V",
        must_not=False,
        window=None,
        uncertainty_max=0.5,
        rule="guarded",
        guard=1.0,
        status="standard",
        source="Requirement text, Safety: 48 V nominal, always < 60 V",
        curve=None,
        slope=0.0,
    )


def test_the_protection_type_selects_the_row() -> None:
    trip = find_limit(LIMITS, "SC-01", "operate_time", TRIP, {})
    limit = find_limit(LIMITS, "SC-01", "operate_time", LIMIT, {})
    assert (trip.high, trip.status) == (500e-6, "rig-default")
    assert (limit.high, limit.status) == (75e-3, "borrowed")


def test_limits_from_the_device_file() -> None:
    assert find_limit(LIMITS, "SC-01", "peak_current", TRIP, {}).high == 300.0
    assert find_limit(LIMITS, "SC-01", "peak_current", LIMIT, {}).high == 1500.0
    i2t = find_limit(LIMITS, "SC-01", "let_through_i2t", TRIP, {})
    assert (i2t.high, i2t.unit, i2t.status) == (2.0, "A2s", "vendor")
    assert find_limit(LIMITS, "RP-01", "reverse_current", TRIP, {}).high == 5.0


def test_a_current_that_must_not_trip() -> None:
    limit = find_limit(LIMITS, "OC-01", "operate_time", TRIP, {"multiple": 1.05})
    assert (limit.must_not, limit.window, limit.low, limit.high, limit.slope) == (True, 2.0, None, None, 0.0)


@pytest.mark.parametrize("multiple", [1.26, 1.5, 2.0, 3.0])
def test_the_curve_at_the_applied_current(multiple: float) -> None:
    limit = find_limit(LIMITS, "OC-01", "operate_time", TRIP, {"multiple": multiple})
    assert limit.low == pytest.approx(0.15 * math.log(3.5 / (multiple - 1.15)))
    assert limit.high == pytest.approx(0.3 * math.log(5 / (multiple - 1.25)))
    assert limit.low < limit.high
    below, above = 0.15 / (multiple - 1.15) / 5.0, 0.3 / (multiple - 1.25) / 5.0  # s/A at 5 A rated
    assert limit.curve == CurvePoint("connect", multiple, limit.low, limit.high, limit.curve.must_not_trip_slope, above)
    assert limit.curve.must_not_trip_slope == pytest.approx(below)
    assert limit.slope == max(limit.curve.must_not_trip_slope, above)


def test_a_curve_that_never_requires_a_trip() -> None:
    limit = find_limit(LIMITS, "OC-01", "operate_time", TRIP, {"multiple": 1.25})
    assert limit.high == math.inf
    assert limit.low == pytest.approx(0.15 * math.log(35))


def test_a_curve_below_everything_forbids_any_trip() -> None:
    own = with_rows({"clause": "OC-01", "measurand": "operate_time", "curve": "connect"})
    limit = find_limit(own, "OC-01", "operate_time", TRIP, {"multiple": 1.1})
    assert (limit.low, limit.high, limit.slope) == (math.inf, math.inf, 0.0)


def test_the_limiter_has_a_fixed_time_for_overloads() -> None:
    assert find_limit(LIMITS, "OC-01", "operate_time", LIMIT, {"multiple": 1.5}).high == 75e-3


def refusal(limits: Limits, clause: str, measurand: str, facts: dict[str, float]) -> str:
    with pytest.raises(NoLimit) as raised:
        find_limit(limits, clause, measurand, TRIP, facts)
    return str(raised.value)


MASK = "GOGLA Connect overload curve, must-not-trip area below 1.15 x rated (fitted by eye)"
CURVE = "GOGLA Connect overload curve, 14 June 2022, p. 10 and 15; constants fitted by eye"
POE = "IEEE 802.3 PSE: limit, then off or limited within 50 to 75 ms"


def test_every_row_consulted_is_listed() -> None:
    assert refusal(LIMITS, "OC-01", "operate_time", {"multiple": 1.2}) == (
        "no limit for OC-01 operate_time: limits draft-48v (iso-21780), revision 2020-07-08: "
        f'limits[6] ("{MASK}") applies up to 1.15 x rated current, this case applies 1.2 x; '
        f'limits[7] ("{CURVE}") applies from 1.25 x rated current, this case applies 1.2 x; '
        f'limits[8] ("{POE}") is for protection limit, the port declares trip; add a row that applies'
    )


def test_a_row_that_needs_the_multiple_says_so() -> None:
    needs = "depends on the applied multiple of the rated current, which this case does not state"
    found = refusal(LIMITS, "OC-01", "operate_time", {})
    assert found.count(needs) == 2
    own = with_rows({"clause": "OC-01", "measurand": "operate_time", "curve": "connect"})
    assert refusal(own, "OC-01", "operate_time", {}) == (
        "no limit for OC-01 operate_time: limits own, revision 1: limits[0] is a curve and needs the applied multiple, "
        "which this case does not state"
    )


def test_an_unlimited_measurand_or_clause() -> None:
    assert refusal(LIMITS, "SC-01", "recovery_time", {}) == (
        "no limit for SC-01 recovery_time: limits draft-48v (iso-21780), revision 2020-07-08: "
        "under SC-01 it has only operate_time, peak_current, let_through_i2t, wrong_reports; judge it under REC-01, "
        "OPN-01, PNP-01, OC-02, OC-05, SC-04, SC-06, REC-02, REC-03, DUMB-01, AC-01, SCAL-03, REC-04, SCAL-02, where "
        "it has rows, or add one"
    )
    assert refusal(LIMITS, "SC-99", "recovery_time", {}) == (
        "no limit for SC-99 recovery_time: limits draft-48v (iso-21780), revision 2020-07-08: "
        "it has nothing under SC-99; judge it under REC-01, OPN-01, PNP-01, OC-02, OC-05, SC-04, SC-06, REC-02, "
        "REC-03, DUMB-01, AC-01, SCAL-03, REC-04, SCAL-02, where it has rows, or add one"
    )


def test_a_measurand_that_nothing_limits() -> None:
    assert refusal(LIMITS, "SC-01", "let_through_energy", {}).endswith("let_through_i2t, wrong_reports; add a row")


def test_two_rows_that_apply_are_no_limit() -> None:
    row = {"clause": "SC-01", "measurand": "operate_time", "high": "1 ms"}
    own = with_rows(row, {**row, "high": "2 ms", "when": {"protection": "trip"}})
    assert refusal(own, "SC-01", "operate_time", {}) == (
        'more than one limit for SC-01 operate_time: limits own, revision 1: limits[0] ("test") and limits[1] ("test") '
        "apply; narrow their `when`"
    )


def test_a_number_the_maker_does_not_declare() -> None:
    row = {"clause": "OC-01", "measurand": "peak_current", "high": {"device": "protection.limit_current"}}
    assert refusal(with_rows(row), "OC-01", "peak_current", {}) == (
        "no limit for OC-01 peak_current: limits own, revision 1: limits[0] takes protection.limit_current from the "
        "device file, which does not declare it"
    )
    assert find_limit(with_rows(row), "OC-01", "peak_current", LIMIT, {}).high == 7.0


INVERSE = """schema: 1
name: inverse
revision: "1"
limits:
  - {clause: OC-01, measurand: operate_time, curve: relay, status: borrowed, rule: guarded, source: IEC 60255-151}
  - {clause: RT-01, measurand: retries, high: 3 count, status: vendor, rule: simple, source: the maker}
curves:
  relay:
    must_trip: {k: 13.5, alpha: 1, tms: 0.2, setting: 1.2}
    must_not_trip: {k: 13.5, alpha: 1, tms: 0.1, setting: 1.1}
"""


def test_an_inverse_time_curve_is_a_limit(tmp_path) -> None:
    (tmp_path / "inverse.yaml").write_text(INVERSE)
    limits = load(tmp_path / "inverse.yaml", Limits)
    found = find_limit(limits, "OC-01", "operate_time", TRIP, {"multiple": 2.4})
    assert found.high == pytest.approx(0.2 * 13.5 / (2.0 - 1.0))
    assert found.low == pytest.approx(0.1 * 13.5 / (2.4 / 1.1 - 1.0))
    assert found.slope > 0.0
    assert find_limit(limits, "RT-01", "retries", TRIP, {}).high == 3.0


def test_masks_that_cross_are_no_limit_where_they_contradict(tmp_path) -> None:
    (tmp_path / "crossed.yaml").write_text(INVERSE.replace("tms: 0.1, setting: 1.1", "tms: 0.9, setting: 1.1"))
    limits = load(tmp_path / "crossed.yaml", Limits)
    with pytest.raises(NoLimit, match=r"forbids a trip before .* and demands one by"):
        find_limit(limits, "OC-01", "operate_time", TRIP, {"multiple": 2.4})


def test_a_mistake_in_either_form_is_told_with_its_line(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text(INVERSE.replace("tms: 0.2", "tsm: 0.2"))
    with pytest.raises(BadFile) as bad:
        load("bad.yaml", Limits)
    assert [str(one) for one in bad.value.mistakes] == [
        (
            "bad.yaml:9: curves.relay.must_trip.tsm: unknown key 'tsm' (did you mean 'tms'?; "
            "allowed: peak, time_constant, steady, k, alpha, c, tms, setting)"
        )
    ]


FED = load(resolve("devices", "plain-load"), Device).port


@pytest.mark.parametrize(("volts", "high"), [(52.0, 1.0), (54.0, 1.0), (57.0, 2.0)])
def test_the_worst_status_allowed_depends_on_what_feeds_the_device(volts, high) -> None:
    assert find_limit(LIMITS, "OV-01", "status_floor", FED, {"feed": volts}).high == high


def test_why_a_row_is_not_for_this_level_role_or_class() -> None:
    with pytest.raises(NoLimit) as raised:
        find_limit(LIMITS, "OV-01", "status_floor", FED, {"feed": 58.2})
    sentence = str(raised.value)
    assert "is for port source, the port declares sink" in sentence
    assert "applies up to 54.4 V, this case applies 58.2 V" in sentence
    assert "is for functions of class I, the port declares II" in sentence
    with pytest.raises(NoLimit, match="depends on the voltage that feeds the device, which this case does not state"):
        find_limit(LIMITS, "OV-01", "status_floor", FED, {})
    with pytest.raises(NoLimit, match="is for functions of class I, the port declares none"):
        find_limit(LIMITS, "UV-03", "status_floor", TRIP.model_copy(update={"role": "sink"}), {"feed": 24.0})


def test_a_file_with_two_readings_is_read_in_one_of_them() -> None:
    other = LIMITS.read_as("ieee-2030-10")
    facts = {"feed": 57.0}
    assert find_limit(LIMITS, "OV-01", "status_floor", FED, facts).high == 2.0
    found = find_limit(other, "OV-01", "status_floor", FED, facts)
    assert (found.high, found.source) == (1.0, "IEEE 2030.10 as told to the open DC grid: normal operation to 58 V")
    assert (LIMITS.title, other.title) == (
        "draft-48v (iso-21780), revision 2020-07-08", "draft-48v (ieee-2030-10), revision 2020-07-08",
    )  # fmt: skip
    with pytest.raises(NoLimit, match=r'normal operation to 58 V"\) is of variant ieee-2030-10'):
        find_limit(LIMITS, "OV-01", "status_floor", FED, {"feed": 58.2})
    with pytest.raises(LookupError, match=r"have no variant 'iso' \(allowed: iso-21780, ieee-2030-10\)"):
        LIMITS.read_as("iso")


def test_the_12_v_link_has_numbers_of_the_standard() -> None:
    link = load(resolve("limits", "link-12v"), Limits)
    found = find_limit(link, "SELV-02", "port_voltage_peak", TRIP, {})
    assert (found.high, found.status) == (25.0, "standard")
    with pytest.raises(LookupError, match="they have only one reading"):
        link.read_as("x")
