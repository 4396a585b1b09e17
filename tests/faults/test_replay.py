"""The noises that are replayed: their spectrum, their size, and that they are the same everywhere."""

import numpy as np
import pytest

from rig.faults import RATE_HZ, Arc, Chopper
from rig.faults.replay import BAND_HZ, CHOPPED, POINTS

LINE_HZ = RATE_HZ / POINTS
BOTH = pytest.mark.parametrize("noise", [Arc("50 mV"), Chopper("50 mV")], ids=lambda noise: type(noise).__name__)


def lines(noise: Arc | Chopper) -> np.ndarray:
    """Amplitude of each multiple of the table's own frequency, of a noise of 1 rms."""
    codes = np.array(noise.table.codes)
    return 2.0 * np.abs(np.fft.rfft(codes)) / len(codes) * noise.table.crest / max(codes)


@BOTH
def test_a_table_spans_the_dac_has_no_mean_and_the_rms_that_its_crest_tells(noise):
    codes = np.array(noise.table.codes)
    assert (len(codes), codes.min(), codes.max(), codes.sum()) == (4096, -32767, 32767, 0)
    assert codes.dtype.kind == "i"
    assert (codes[: POINTS // 2] == -codes[POINTS // 2 :]).all()
    played = codes / 32767 * noise.peak
    assert np.sqrt(np.mean(played**2)) == pytest.approx(0.05, rel=1e-12)


def test_an_arc_has_as_much_power_in_each_octave_from_1_to_100_khz():
    power = lines(Arc("50 mV")) ** 2 / 2.0
    hertz = LINE_HZ * np.arange(len(power))
    inside = (hertz >= BAND_HZ[0]) & (hertz <= BAND_HZ[1]) & (np.arange(len(power)) % 2 == 1)
    assert np.count_nonzero(inside) == 811
    assert power[inside].sum() == pytest.approx(1.0, abs=1e-6)
    each = power[inside] * hertz[inside]
    assert each == pytest.approx(np.full(811, each.mean()), rel=0.02)  # codes are rounded
    octaves = [power[(hertz >= low) & (hertz < 2 * low)].sum() for low in (2e3, 4e3, 8e3, 16e3, 32e3)]
    assert octaves == pytest.approx([np.mean(octaves)] * 5, rel=0.05)  # there are 16 lines in the lowest
    assert Arc("50 mV").table.crest == pytest.approx(3.458, abs=1e-3)
    assert Arc("50 mV").table is Arc("1 V").table


def test_a_motor_drive_has_the_odd_harmonics_of_8_khz_and_nothing_between():
    found = lines(Chopper("50 mV"))
    expected = np.zeros(len(found))
    for m in (1, 3, 5, 7, 9, 11):
        expected[CHOPPED * m] = 1.0 / m
    assert found == pytest.approx(expected / np.sqrt((expected**2).sum() / 2.0), abs=1e-4)
    assert pytest.approx(7995.6, abs=0.1) == CHOPPED * LINE_HZ


def test_how_they_are_called_and_what_is_no_noise():
    assert [one.label for one in (Arc("50 mV"), Chopper("0.2 V"))] == [
        "arc noise of 50 mV", "motor drive's noise of 200 mV",
    ]  # fmt: skip
    assert Arc("50 mV").peak == pytest.approx(0.1729, abs=1e-4)
    for kind in (Arc, Chopper):
        for wrong in ("50 mA", "0 V"):
            with pytest.raises(ValueError, match=f"{kind.__name__}: rms"):
                kind(wrong)
