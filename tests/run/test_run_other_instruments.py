"""A bench file that names another digitizer or recorder: driver, identity, ranges; the plan is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.run.conftest import verdicts

BENCH = Path("testplans/benches/twin.yaml")
SHORT, OVERLOAD = "SC-01-short-10-mohm", "OC-01-overload-1_5-x"
MSO = ("rigol_mso5000", "rigol_mso5000", "RIGOL TECHNOLOGIES,MSO5074.*")
PLUS = ("siglent_sds2000x_plus", "siglent_sds2000x, options: {bits: 10}", "Siglent Technologies,SDS2354X Plus.*")
HD = ("siglent_sds2000x_hd", "siglent_sds2000x", "Siglent Technologies,SDS2354X HD.*")


def replaced(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, f"{BENCH} has no {old!r} any more"
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("scope", "daq", "case"),
    [(MSO, "t7", OVERLOAD), (PLUS, "t7", SHORT), (HD, "t8", SHORT), (HD, "t8", OVERLOAD)],
)
def test_the_plan_runs_on_other_instruments(rig, tmp_path, scope, daq, case):
    """An 8-bit scope behind this shunt is for overloads: its floor is above half of the port's rated current."""
    model, driver, identity = scope
    changes = [
        ("driver: rigol_dho800", f"driver: {driver}"),
        ("RIGOL TECHNOLOGIES,DHO804.*", identity),
    ]
    if daq == "t8":
        changes += [("labjack_t7", "labjack_t8"), ("LabJack,T7", "LabJack,T8"), ("range: 10 V", "range: 9.6 V")]
        changes += [("range: 1 V", "range: 1.2 V")]
    (tmp_path / "bench.yaml").write_text(replaced(BENCH.read_text(), *changes))
    (tmp_path / "scene.yaml").write_text(
        "schema: 1\nname: other\nextends: healthy\nbench:\n  instruments:\n"
        f"    scope: {{model: {model}, latency: 4 ms}}\n    daq: {{model: labjack_{daq}, latency: 1 ms}}\n"
    )
    chosen = "short" if case == SHORT else "1.5"
    done = rig("run", "protection", "--scene", "scene.yaml", "--bench", "bench.yaml", "-k", chosen, "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    assert {entry["decision"]["verdict"] for (label, _), entry in found.items() if label == case} == {"PASS"}
    time = found[case, "operate_time"]
    assert time["U"] < (50e-6 if case == SHORT else 50e-3)  # what the limits allow
    if case == SHORT:  # by any scope the same end within its U, although each one's noise cuts the ringing elsewhere
        assert abs(time["measurement"]["value"] - 41e-6) < time["U"] + 3e-6
