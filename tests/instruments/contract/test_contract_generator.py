"""The contract of a Generator: what is set is what an open circuit has, and nothing before its output is on."""

import pytest

from instruments.errors import LinkLost, OutOfRange

ROLE = "generator"


@pytest.fixture
def generator(stand):
    return stand.connect()


def test_it_says_who_it_is(generator):
    identity = generator.identity()
    assert identity == generator.known
    assert identity.maker
    assert identity.model


@pytest.mark.needs("sine")
def test_an_open_circuit_has_what_is_set(stand, generator):
    row = generator.accuracy[0]
    for hertz, peak_to_peak in ((50.0, 0.1), (24.7e3, 0.4)):
        generator.set_sine(hertz, peak_to_peak)
        generator.output(True)
        within = (row.gain_frac * peak_to_peak + row.offset_abs) / 2
        stand.circuit.true(sine_hertz=(hertz, 1e-4 * hertz), sine_volts=(peak_to_peak / 2, within))
    generator.output(False)
    stand.circuit.true(sine_volts=(0.0, 0.0))


CODES = (-32767, -12345, 0, 1, 77, 12345, 32767, 3)


@pytest.mark.needs("samples")
def test_an_open_circuit_has_the_samples_of_a_table(stand, generator):
    generator.output(True)
    generator.set_samples(CODES, 250e3, 0.04)
    stand.circuit.true(samples=[])
    assert generator.read_back()["output"] is False
    for peak_to_peak in (0.04, 1.0):  # another table under the same name
        generator.set_samples(CODES, 250e3, peak_to_peak)
        generator.output(True)
        stand.circuit.true(samples=[code / 32767 * peak_to_peak / 2 for code in CODES], sample_ps=4_000_000)
        generator.output(False)
        stand.circuit.true(samples=[])
    generator.set_sine(1e3, 0.2)
    generator.output(True)
    stand.circuit.true(samples=[], sine_volts=(0.1, 0.01))


@pytest.mark.needs("samples")
def test_a_table_that_cannot_be_played_sends_nothing(stand, generator):
    wrong = {
        "too few": ((-32767, 32767), 1e5, 0.04),
        "no rate": (CODES, 0.0, 0.04),
        "too fast": (CODES, 1e12, 0.04),
        "too high": (CODES, 1e5, 1e3),
        "no amplitude": (CODES, 1e5, float("nan")),
        "beyond the DAC": ((*CODES, 32768), 1e5, 0.04),
        "short of its end": ((*CODES[1:], 0), 1e5, 0.04),
    }
    for codes, rate, volts in wrong.values():
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            generator.set_samples(codes, rate, volts)


@pytest.mark.needs("sine")
def test_a_setting_switches_nothing_on(stand, generator):
    generator.set_sine(1e3, 0.2)
    stand.circuit.true(sine_volts=(0.0, 0.0))
    assert generator.read_back() == {"output": False, "hertz": 1e3, "volts from peak to peak": 0.2}


@pytest.mark.needs("sine")
def test_a_value_out_of_range_sends_nothing(stand, generator):
    for hertz, volts in ((0.0, 0.2), (1e9, 0.2), (float("nan"), 0.2), (1e3, 0.0), (1e3, 1e3), (1e3, float("nan"))):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            generator.set_sine(hertz, volts)


@pytest.mark.needs("sine")
def test_make_safe_is_read_back_and_idempotent(stand, generator):
    generator.set_sine(1e3, 0.2)
    generator.output(True)
    for _ in range(2):
        generator.make_safe()
        assert generator.read_back()["output"] is False
    stand.circuit.true(sine_volts=(0.0, 0.0))


@pytest.mark.network
@pytest.mark.needs("sine")
def test_a_broken_connection_comes_back_safe(stand, generator):
    generator.set_sine(1e3, 0.2)
    generator.output(True)
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        generator.read_back()
    generator.reopen()
    stand.circuit.true(sine_volts=(0.0, 0.0))


def test_closing_twice_is_allowed_and_sends_nothing(stand, generator):
    with stand.nothing_sent():
        generator.close()
        generator.close()
        with pytest.raises(LinkLost, match="is closed"):
            generator.identity()
