"""The certificate file: what it holds, and every mistake with its line."""

import datetime as dt

import pytest

from rig.files.certificate import Certificate
from rig.files.document import BadFile, load

CHANNEL = """schema: 1
number: K-2026-0815
laboratory: Example Lab, D-K-00000-01-00
instrument: daq
serial: "470012345"
calibrated: 2026-08-14
due: 2027-08-14
temperature: 23 degC
k: 2
channels:
  - channel: AIN0
    range: 10 V
    drift: 20 ppm
    drift_offset: 0.1 mV
    points:
      - {reading: -9.9991 V, applied: -10 V, U: 40 uV}
      - {reading: 0.3 mV, applied: 0 V, U: 10 uV}
      - {reading: 9.9997 V, applied: 10 V, U: 40 uV}
"""
SHUNT = """schema: 1
number: K-2026-0816
laboratory: Example Lab
transducer: port_shunt
serial: S-17
calibrated: 2026-08-14
due: 2027-08-14
temperature: 23 degC
k: 2
resistance: {value: 5.0012 mohm, U: 0.6 uohm, drift: 20 ppm, tempco: 15 ppm/K}
"""


def read(tmp_path, monkeypatch, text: str) -> Certificate:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text(text)
    return load("c.yaml", Certificate)


def mistakes(tmp_path, monkeypatch, text: str) -> list[str]:
    with pytest.raises(BadFile) as bad:
        read(tmp_path, monkeypatch, text)
    return [str(mistake) for mistake in bad.value.mistakes]


def test_a_channel(tmp_path, monkeypatch):
    found = read(tmp_path, monkeypatch, CHANNEL)
    assert (found.subject, found.serial, found.k) == ("daq", "470012345", 2)
    assert (found.calibrated, found.due) == (dt.date(2026, 8, 14), dt.date(2027, 8, 14))
    assert found.channels is not None
    assert [point.reading for point in found.channels[0].points] == [-9.9991, 0.0003, 9.9997]
    assert found.channels[0].drift == pytest.approx(20e-6)


def test_a_shunt_and_a_divider(tmp_path, monkeypatch):
    shunt = read(tmp_path, monkeypatch, SHUNT)
    assert shunt.resistance is not None
    assert (shunt.resistance.value, shunt.resistance.U, shunt.resistance.tempco) == pytest.approx(
        (5.0012e-3, 6e-7, 15e-6)
    )
    divider = SHUNT.split("resistance:", maxsplit=1)[0] + "ratio: {value: 8.0013, U: 0.0002}\n"
    ratio = read(tmp_path, monkeypatch, divider).ratio
    assert ratio is not None
    assert (ratio.value, ratio.U, ratio.drift) == (8.0013, 0.0002, None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("due: 2027-08-14", "due: 2026-08-14", "c.yaml:1: is due on 2026-08-14, not after its calibration"),
        ("2026-08-14\ndue", "14.08.2026\ndue", "c.yaml:6: calibrated: write a date such as 2026-08-14"),
        ("k: 2", "k: 0.5", "c.yaml:9: k: "),
        ("U: 10 uV", "U: 10", 'c.yaml:17: channels[0].points[1].U: write a quantity with a unit'),
        ("instrument: daq", "instrument: daq\ntransducer: x", "c.yaml:1: name what was calibrated"),
        ("instrument: daq", "transducer: port_shunt", "c.yaml:10: channels: an instrument has channels, a transducer"),
        ("9.9997 V", "0.3 mV", "c.yaml:15: channels[0].points: has a reading twice"),
        ("drift: 20 ppm", "drfit: 20 ppm", "c.yaml:13: channels[0].drfit: "),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(tmp_path, monkeypatch, old, new, expected):
    assert CHANNEL.count(old) == 1
    found = mistakes(tmp_path, monkeypatch, CHANNEL.replace(old, new))
    assert any(mistake.startswith(expected) for mistake in found), found


def test_a_certificate_says_one_thing(tmp_path, monkeypatch):
    both = mistakes(tmp_path, monkeypatch, SHUNT + "ratio: {value: 8, U: 0.1}\n")
    assert both == ["c.yaml:1: say what was found: write channels, resistance or ratio, one of them"]
