"""The measuring chain: what is corrected, what is then known, and what a verdict has to be marked with."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest

from instruments.accuracy import Accuracy
from instruments.records import Waveform
from rig.bench.certificates import Held
from rig.files import document
from rig.files.bench import Bench
from rig.files.certificate import Certificate
from rig.run.chain import Chain
from rig.run.traces import fast_trace, slow_trace
from tests.files.test_certificate_file import CHANNEL, SHUNT

TODAY = dt.date(2026, 11, 26)
ROW = Accuracy(
    "measure voltage", 10.0, gain_frac=1e-3, offset_abs=2e-3, offset_frac_of_range=1e-4, timebase_ppm=25.0,
    skew_s=1e-9, tempco_frac_per_k=15e-6, conditions="25 degC", source="data sheet", verified=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def bench():
    return document.load(document.resolve("benches", "twin"), Bench)


@pytest.fixture
def chain(bench, tmp_path):
    """A chain with these certificates."""

    def make(*texts: str, today=TODAY, ambient=(25.0, 25.0)) -> Chain:
        held = []
        for number, text in enumerate(texts):
            place = tmp_path / f"{number}.yaml"
            place.write_text(text)
            held.append(Held(document.load(place, Certificate), place.name, "ab"))
        serials = {"daq": "470012345", "scope": "DHO8A1"}
        return Chain(bench, held, serials, today, ambient)

    return make


def names(channel, what: str) -> dict[str, float]:
    return {line.name: line.contribution for line in channel.accuracy.parts[what]}


def test_without_certificates_limits_of_error_become_standard_uncertainties_at_the_device(chain):
    found = chain().channel("recorder", "AIN0", ROW, "port_shunt")
    assert (found.factor, found.unit, found.gain, found.offset) == (pytest.approx(200.0), "A", 1.0, 0.0)
    accuracy = found.accuracy
    assert accuracy.gain_u == pytest.approx(math.hypot(1e-3, 0.001) / math.sqrt(3))
    assert accuracy.offset_u == pytest.approx(200 * (1e-4 * 10.0 + 2e-3) / math.sqrt(3))
    assert accuracy.skew_u == pytest.approx(1e-9 / math.sqrt(3))
    assert accuracy.timebase_u == pytest.approx(25e-6 / math.sqrt(3))
    assert (accuracy.verified, accuracy.checked, accuracy.note, accuracy.flags) == (False, True, "data sheet", ())


def test_a_row_that_nobody_read_and_a_skew_that_nobody_states(chain):
    unread = chain().channel("recorder", "AIN0", Accuracy("measure voltage", 4.0), "port_divider").accuracy
    assert (unread.verified, unread.checked, unread.skew_u) == (False, False, None)


def test_the_temperature_coefficient_acts_beyond_the_conditions(chain):
    warm = chain(ambient=(24.0, 31.0)).channel("recorder", "AIN0", ROW, "port_divider_dc")
    assert names(warm, "gain")["temperature, 6 K outside 25 degC"] == pytest.approx(6 * 15e-6 / math.sqrt(3))
    wide = replace(ROW, conditions="25 +- 10 degC")
    assert (
        len(chain(ambient=(24.0, 31.0)).channel("recorder", "AIN0", wide, "port_divider_dc").accuracy.parts["gain"])
        == 2
    )
    blind = chain(ambient=None).channel("recorder", "AIN0", ROW, "port_divider_dc")
    assert blind.accuracy.flags == ("ambient-not-recorded",)
    silent = replace(ROW, tempco_frac_per_k=0.0)
    out = chain(ambient=(24.0, 31.0)).channel("recorder", "AIN0", silent, "port_divider_dc")
    assert out.accuracy.flags == ("outside-conditions",)


def test_a_certificate_of_a_channel_corrects_it_and_replaces_the_makers_figures(chain):
    found = chain(CHANNEL, ambient=(23.0, 23.0)).channel("recorder", "AIN0", ROW, "port_divider_dc")
    assert found.gain == pytest.approx(20.0 / (9.9991 + 9.9997), rel=1e-6)
    assert found.gain * 0.0003 + found.offset == pytest.approx(0.0, abs=3e-5)
    assert names(found, "gain") == {
        "drift until the next calibration": pytest.approx(20e-6 / math.sqrt(3)),
        "tolerance of the transducer": pytest.approx(2e-4 / math.sqrt(3)),
    }
    offset = names(found, "offset")
    assert offset["calibration"] == pytest.approx(8 * 20e-6)
    assert offset["drift until the next calibration"] == pytest.approx(8 * 1e-4 / math.sqrt(3))
    assert set(offset) == {"calibration", "drift until the next calibration"}, "the table is an exact line"
    assert (found.accuracy.verified, found.accuracy.flags) == (False, ()), "the divider has no certificate"


def test_without_a_drift_the_makers_figures_stand_in(chain):
    plain = CHANNEL.replace("    drift: 20 ppm\n    drift_offset: 0.1 mV\n", "")
    found = chain(plain, ambient=(23.0, 23.0)).channel("recorder", "AIN0", ROW, "port_divider_dc")
    assert "gain of the instrument" in names(found, "gain")
    assert {"calibration", "offset of the instrument"} <= names(found, "offset").keys()


def test_a_shunts_certificate(chain):
    found = chain(SHUNT, ambient=(23.0, 25.0)).channel("recorder", "AIN1", replace(ROW, range=1.0), "port_shunt")
    assert found.factor == pytest.approx(1 / 5.0012e-3), "a larger resistance means fewer amperes per volt"
    gain = names(found, "gain")
    assert gain["calibration"] == pytest.approx(0.3e-6 / 5.0012e-3)
    assert gain["temperature, 2 K from 23 degC"] == pytest.approx(30e-6 / math.sqrt(3))
    assert "tolerance of the transducer" not in gain


def test_both_certificates_make_a_channel_verified(chain):
    divider = SHUNT.split("resistance:", maxsplit=1)[0].replace("port_shunt", "port_divider_dc") + (
        "ratio: {value: 8.0013, U: 0.0002, drift: 20 ppm}\n"
    )
    found = chain(CHANNEL, divider, ambient=(23.0, 23.0)).channel("recorder", "AIN0", ROW, "port_divider_dc")
    assert found.factor == pytest.approx(8.0013)
    assert (found.accuracy.verified, found.accuracy.checked, found.accuracy.flags) == (True, True, ())
    assert found.accuracy.note == (
        "certificate K-2026-0815, Example Lab, D-K-00000-01-00; certificate K-2026-0816, Example Lab"
    )


@pytest.mark.parametrize(
    ("change", "today", "flag"),
    [
        (("x", "x"), dt.date(2027, 8, 15), "calibration-expired"),
        (("AIN0", "AIN3"), TODAY, "calibration-not-covering"),
        (('"470012345"', '"470012346"'), TODAY, "calibration-not-covering"),
        (("reading: -9.9991 V, applied: -10 V", "reading: -5 V, applied: -5 V"), TODAY, "calibration-not-covering"),
    ],
)
def test_what_does_not_hold_is_flagged(chain, change, today, flag):
    found = chain(CHANNEL.replace(*change), today=today).channel("recorder", "AIN0", ROW, "port_divider_dc")
    assert found.accuracy.flags == (flag,)
    assert not found.accuracy.verified
    if flag != "calibration-expired":
        assert (found.gain, found.offset) == (1.0, 0.0)
        assert "gain of the instrument" in names(found, "gain")


def test_a_calibration_after_the_measurement_corrects_nothing(chain):
    early = chain(CHANNEL, SHUNT, today=dt.date(2026, 8, 1))
    volts = early.channel("recorder", "AIN0", ROW, "port_divider_dc")
    assert (volts.gain, volts.offset, volts.accuracy.flags) == (1.0, 0.0, ("calibration-not-covering",))
    amps = early.channel("recorder", "AIN1", replace(ROW, range=1.0), "port_shunt")
    assert amps.factor == pytest.approx(200.0)
    assert "tolerance of the transducer" in names(amps, "gain")


def test_the_position_of_a_screen_stays_the_makers(chain):
    screen = (
        CHANNEL.replace("daq", "scope")
        .replace('"470012345"', "DHO8A1")
        .replace("AIN0", '"1"')
        .replace("range: 10 V", "range: 20 V")
    )
    found = chain(screen).channel("digitizer", "1", replace(ROW, range=20.0), "port_divider")
    assert found.instrument.state == "valid"
    assert "offset of the instrument" in names(found, "offset")


def test_a_digitizer_channel_as_the_signal_at_the_device(chain, bench):
    wave = Waveform(np.array([0, 2048, 4095], np.uint16), 1e-8, -4e-6, 0.001, -2.048, 0, 4095)
    shunt, divider = bench.transducers["port_shunt"], bench.transducers["port_divider"]
    found = fast_trace("port_current", wave, shunt, chain().channel("digitizer", "2", ROW, "port_shunt"))
    assert (found.unit, found.dt, found.start, found.code_min, found.code_max) == ("A", 1e-8, -4e-6, 0, 4095)
    assert found.scale == pytest.approx(0.2)
    assert found.offset == pytest.approx(-409.6)
    assert found.lead_time == pytest.approx(1e-7), "L/R of the shunt"
    volts = fast_trace("port_voltage", wave, divider, chain().channel("digitizer", "1", ROW, "port_divider"))
    assert volts.values.tolist() == pytest.approx([-40.96, 0.0, 40.94])
    assert volts.lead_time == 0.0


def test_a_stretch_of_the_recorder_begins_at_time_zero_and_is_corrected(chain, bench):
    codes, divider = np.array([32768, 33768], np.uint16), bench.transducers["port_divider_dc"]
    channel = chain().channel("recorder", "AIN0", ROW, "port_divider_dc")
    found = slow_trace("port_voltage", codes, (1e-4, -3.2768), 2000.0, divider, channel)
    assert (found.start, found.dt, found.code_min, found.code_max) == (0.0, 5e-4, 0, 65535)
    assert found.values.tolist() == pytest.approx([0.0, 0.8])
    channel = chain(CHANNEL).channel("recorder", "AIN0", ROW, "port_divider_dc")
    found = slow_trace("port_voltage", codes, (1e-4, -3.2768), 2000.0, divider, channel)
    assert found.values.tolist() == pytest.approx([8 * channel.offset, 8 * (0.1 * channel.gain + channel.offset)])


def test_the_record_names_each_certificate_with_its_standing(chain):
    late = chain(CHANNEL, SHUNT, today=dt.date(2027, 8, 15)).certificates()
    assert [(one["number"], one["for"], one["standing"]) for one in late] == [
        ("K-2026-0815", "daq", "expired"), ("K-2026-0816", "port_shunt", "expired"),
    ]  # fmt: skip
