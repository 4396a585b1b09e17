"""Certificates of a bench: each for a part that is there, and the one that covers what is measured."""

from __future__ import annotations

import datetime as dt

import pytest

from rig.bench.certificates import channel_covering, load_certificates, transducer_covering
from rig.files.bench import Bench, Calibration
from rig.files.document import BadFile, load, resolve
from tests.files.test_certificate_file import CHANNEL, SHUNT

TODAY = dt.date(2026, 11, 26)


@pytest.fixture
def bench(tmp_path):
    return load(resolve("benches", "twin"), Bench)


def held(bench, folder, **texts):
    names = []
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
        names.append(f"{name}.yaml")
    changed = bench.model_copy(update={"calibration": Calibration(certificates=tuple(names))})
    return load_certificates(changed, folder / "bench.yaml")


def test_they_are_found_beside_the_bench_file_and_known_by_their_digest(bench, tmp_path):
    one, other = held(bench, tmp_path, daq=CHANNEL, shunt=SHUNT)
    assert (one.certificate.subject, other.certificate.subject) == ("daq", "port_shunt")
    assert one.source == "certificate K-2026-0815, Example Lab, D-K-00000-01-00"
    assert len(one.sha256) == 64
    assert one.sha256 != other.sha256


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (CHANNEL.replace("daq", "dap"), "instrument: bench twin has no instrument 'dap' (did you mean 'daq'?"),
        (
            SHUNT.replace("port_shunt", "port_divider"),
            "transducer: port_divider is a divider, which has not a resistance",
        ),
        (SHUNT.replace("port_shunt", "shunt"), "transducer: bench twin has no transducer 'shunt'"),
        (SHUNT.replace("k: 2", "k: two"), "one.yaml:9: k: "),
    ],
)
def test_what_fits_no_part_is_a_mistake(bench, tmp_path, text, sentence):
    with pytest.raises(BadFile) as bad:
        held(bench, tmp_path, one=text)
    assert sentence in str(bad.value)


def test_a_file_that_is_missing(bench, tmp_path):
    changed = bench.model_copy(update={"calibration": Calibration(certificates=("gone.yaml",))})
    with pytest.raises(BadFile, match=r"gone\.yaml: cannot be read"):
        load_certificates(changed, tmp_path / "bench.yaml")


def test_a_serial_number_that_contradicts_the_bench_file(bench, tmp_path):
    shunt = bench.transducers["port_shunt"].model_copy(update={"serial": "S-18"})
    changed = bench.model_copy(update={"transducers": {**bench.transducers, "port_shunt": shunt}})
    with pytest.raises(BadFile, match="serial: is 'S-17', and the bench file's port_shunt is 'S-18'"):
        held(changed, tmp_path, one=SHUNT)


def of_channel(found, serial="470012345", channel="AIN0", span=10.0, today=TODAY):
    return channel_covering(found, "daq", serial, channel, span, today)


def test_what_covers_a_channel(bench, tmp_path):
    found = held(bench, tmp_path, daq=CHANNEL)
    assert of_channel(found).state == "valid"
    assert of_channel(found).result.range == 10.0
    assert of_channel(found, today=dt.date(2027, 8, 14)).state == "valid", "on the day itself it still holds"
    late = of_channel(found, today=dt.date(2027, 8, 15))
    assert (late.state, late.why) == ("expired", "it was due on 2027-08-14")
    early = of_channel(found, today=dt.date(2026, 8, 13))
    assert (early.state, early.why) == ("not covering", "it is of 2026-08-14, after this measurement")
    assert of_channel(found, channel="AIN1").why == "it has no results for channel AIN1 at 10 V"
    assert of_channel(found, span=1.0).state == "not covering"
    other = of_channel(found, serial="1")
    assert (other.state, other.why) == ("not covering", "it is for serial number 470012345, and 1 answers")
    assert channel_covering(found, "scope", "x", "1", 4.0, TODAY).state == "none"


def test_one_for_every_channel(bench, tmp_path):
    found = held(bench, tmp_path, daq=CHANNEL.replace("channel: AIN0\n    range", "range"))
    assert of_channel(found, channel="AIN3").state == "valid"


def test_the_latest_calibration_counts(bench, tmp_path):
    older = (
        CHANNEL.replace("K-2026-0815", "K-2025-0001")
        .replace("2026-08-14", "2025-08-14")
        .replace("due: 2027", "due: 2028")
    )
    found = held(bench, tmp_path, new=CHANNEL, old=older)
    assert of_channel(found).held.certificate.number == "K-2026-0815"


def test_what_covers_a_transducer(bench, tmp_path):
    found = held(bench, tmp_path, shunt=SHUNT)
    assert transducer_covering(found, "port_shunt", TODAY).state == "valid"
    assert transducer_covering(found, "port_shunt", dt.date(2028, 1, 1)).state == "expired"
    assert transducer_covering(found, "injector_shunt", TODAY).state == "none"
