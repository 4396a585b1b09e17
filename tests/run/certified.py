"""A bench file every instrument and transducer of which has a certificate, as a recorded run wants it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ruamel.yaml import YAML

import testplans

RANGES = {"daq": ("470012345", (10.0, 1.0)), "scope": ("DHO8A254000001", (8.0, 4.0, 0.4))}
"""Serial number and the ranges that the plans here use, V."""
DIVIDERS = {"port_divider": 20.0, "port_divider_dc": 8.0, "gate_divider": 4.0, "input_divider": 8.0}
SHUNTS = ("port_shunt", "injector_shunt")


def certified(folder: Path, *, without: tuple[str, ...] = (), due: int = 300, daq: tuple[float, ...] = ()) -> Path:
    """The twin's bench with certificates beside it, due in `due` days, but for the parts `without`; `daq` are the
    ranges that the recorder's has results for, all of them by default."""
    today = dt.datetime.now(dt.UTC).date()
    common = {
        "schema": 1, "laboratory": "Lab of the tests", "temperature": "25 degC", "k": 2,
        "calibrated": str(today - dt.timedelta(days=400)), "due": str(today + dt.timedelta(days=due)),
    }  # fmt: skip
    ranges = {**RANGES, "daq": (RANGES["daq"][0], daq or RANGES["daq"][1])}
    written: dict[str, dict[str, object]] = {
        name: {"instrument": name, "serial": serial, "channels": [_range(span) for span in spans]}
        for name, (serial, spans) in ranges.items()
    }
    written |= {
        name: {"transducer": name, "serial": f"S-{name}", "ratio": {"value": ratio, "U": ratio * 1e-3}}
        for name, ratio in DIVIDERS.items()
    }
    written |= {
        name: {"transducer": name, "serial": f"S-{name}", "resistance": {"value": "5 mohm", "U": "5 uohm"}}
        for name in SHUNTS
    }
    yaml = YAML()
    bench = yaml.load(Path(testplans.__file__).parent / "benches" / "twin.yaml")
    named = [name for name in written if name not in without]
    for name in named:
        yaml.dump({**common, "number": f"C-{name}", **written[name]}, folder / f"{name}.yaml")
    bench["calibration"] = {"policy": "flag", "certificates": [f"{name}.yaml" for name in named]}
    bench["ambient"] = {"low": "25 degC", "high": "25 degC"}
    yaml.dump(bench, folder / "bench.yaml")
    return folder / "bench.yaml"


def _range(span: float) -> dict[str, object]:
    """The maker's figures are better than this laboratory's, which keeps every reading within its U."""
    points = [{"reading": f"{v} V", "applied": f"{v} V", "U": f"{span * 5e-3} V"} for v in (-span, 0.0, span)]
    return {"range": f"{span} V", "points": points}
