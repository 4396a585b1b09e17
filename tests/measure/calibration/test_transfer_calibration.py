"""Two plateaus and a good meter make a fast channel accurate; the claim is checked on drawn errors."""

from dataclasses import replace

import numpy as np
import pytest

from rig.measure import TraceAccuracy, calibrate, calibrate_zero, corrected, corrected_in, known_zero, level, plateau

METER = TraceAccuracy(gain_u=2e-4, offset_u=2e-3, timebase_u=1e-6, verified=True, note="meter")
SCOPE = TraceAccuracy(gain_u=0.02, offset_u=0.5, skew_u=1e-9, timebase_u=2e-5, noise_u=None)
ALL = (-1.0, 1.0)


def both(trace_of, volts, *, gain=1.0, offset=0.0, seed=1):
    """The same steady voltage on the fast channel (wrong by gain and offset) and on the meter (right)."""
    shared = {"signal": "port_voltage", "unit": "V"}
    fast = trace_of(np.full(5000, volts * gain + offset), noise=0.03, lsb=0.02, seed=seed, accuracy=SCOPE, **shared)
    meter = trace_of(np.full(500, volts), dt=400e-6, noise=0.005, lsb=1e-3, seed=seed + 7, accuracy=METER, **shared)
    return fast, meter


def transferred(trace_of, gain, offset, levels=(0.0, 54.0), seed=1, **more):
    pairs = [both(trace_of, v, gain=gain, offset=offset, seed=seed + i) for i, v in enumerate(levels)]
    points = [plateau(fast, ALL, meter, ALL) for fast, meter in pairs]
    return calibrate(pairs[0][0], METER, points, **{"linearity": 1e-3, "drift": 5e-4, **more})


def test_scale_and_offset_are_found(trace_of):
    found = transferred(trace_of, 1.03, -0.8)
    assert found.gain == pytest.approx(1.0 / 1.03, rel=1e-4)
    assert found.offset == pytest.approx(0.8 / 1.03, abs=5e-3)


def test_sixty_volts_are_known_to_three_tenths(trace_of, capture_of):
    errors, claimed = [], []
    rng = np.random.default_rng(9)
    for seed in range(40):
        gain, offset = 1.0 + rng.uniform(-0.03, 0.03), rng.uniform(-1.0, 1.0)
        found = transferred(trace_of, gain, offset, seed=seed)
        fast, _ = both(trace_of, 60.0, gain=gain, offset=offset, seed=seed + 500)
        after = corrected_in(capture_of(fault=[fast]), "fault", found)
        value = level(after, "port_voltage", ALL, record="fault")
        errors.append(value.value - 60.0)
        claimed.append(value.U)
    assert max(claimed) < 0.3
    assert np.abs(errors).max() < min(claimed)


def test_accuracy_after_transfer(trace_of):
    accuracy = transferred(trace_of, 1.0, 0.0).accuracy
    assert accuracy.verified
    assert (accuracy.skew_u, accuracy.timebase_u) == (SCOPE.skew_u, SCOPE.timebase_u)
    assert METER.gain_u < accuracy.gain_u < 1e-3
    assert METER.offset_u < accuracy.offset_u < 0.01
    unverified = calibrate(
        both(trace_of, 0.0)[0],
        replace(METER, verified=False),
        [plateau(*_spans(both(trace_of, v))) for v in (0.0, 54.0)],
        linearity=1e-3,
        drift=0.0,
    )
    assert (unverified.accuracy.verified, unverified.accuracy.checked) == (False, True)


def test_a_channel_is_no_better_known_than_what_it_was_compared_with(trace_of):
    points = [plateau(*_spans(both(trace_of, v))) for v in (0.0, 54.0)]
    unread = replace(METER, verified=False, checked=False)
    found = calibrate(both(trace_of, 0.0)[0], unread, points, linearity=1e-3, drift=0.0)
    assert not found.accuracy.checked
    zeroed = calibrate_zero(both(trace_of, 0.0)[0], points[0], reference=METER)
    assert (zeroed.accuracy.verified, zeroed.accuracy.checked) == (False, True), "the gain is its own"


def _spans(pair):
    return pair[0], ALL, pair[1], ALL


def test_a_bent_channel_shows_in_the_residual(trace_of):
    pairs = [both(trace_of, v, offset=0.3 if v == 27.0 else 0.0, seed=i) for i, v in enumerate((0.0, 27.0, 54.0))]
    found = calibrate(pairs[0][0], METER, [plateau(*_spans(p)) for p in pairs], linearity=0.0, drift=0.0)
    assert found.residual == pytest.approx(0.2, abs=0.01)
    assert found.accuracy.offset_u > 0.1


def test_too_few_or_too_close_plateaus_are_refused(trace_of):
    with pytest.raises(ValueError, match="at least two"):
        transferred(trace_of, 1.0, 0.0, levels=(54.0,))
    with pytest.raises(ValueError, match="further apart"):
        transferred(trace_of, 1.0, 0.0, levels=(54.0, 54.01))


@pytest.mark.parametrize("values", [[], [1.0], [1.0, np.nan, 1.0], [70.0] * 100])
def test_a_plateau_is_never_made_of_what_is_not_there(trace_of, values):
    fast, meter = both(trace_of, 54.0)
    broken = trace_of(values, signal="port_voltage", span=(-60.0, 60.0))
    with pytest.raises(ValueError, match="plateau of 'port_voltage'"):
        plateau(broken, ALL, meter, ALL)
    with pytest.raises(ValueError, match="plateau of 'port_voltage'"):
        plateau(fast, ALL, broken, ALL)


def test_one_plateau_corrects_the_zero_only(trace_of):
    fast, meter = both(trace_of, 2.5, offset=0.7)
    found = calibrate_zero(fast, plateau(fast, ALL, meter, ALL), reference=METER)
    after = corrected(found, fast)
    assert after.values.mean() == pytest.approx(2.5, abs=5e-3)
    assert after.scale == fast.scale
    assert after.accuracy.gain_u == SCOPE.gain_u
    assert after.accuracy.offset_u == pytest.approx(0.02 * 3.2, rel=0.05)  # its own gain, unknown, at 2.5 V
    with pytest.raises(ValueError, match="no stated accuracy"):
        calibrate_zero(replace(fast, accuracy=None), plateau(fast, ALL, meter, ALL), reference=METER)


def test_an_open_injector_carries_no_current(trace_of):
    t = (np.arange(2000) - 1000) * 1e-6
    trace = trace_of(np.where(t > 0.0, 100.0, 0.0) + 2.2, start=t[0], noise=0.3, lsb=0.1, accuracy=SCOPE)
    after = corrected(known_zero(trace, (-1e-3, -1e-4)), trace)
    assert after.values[:900].mean() == pytest.approx(0.0, abs=0.02)
    assert after.accuracy.offset_u < 0.06
    with pytest.raises(ValueError, match="zero span"):
        known_zero(trace, (1.0, 2.0))


def test_a_transfer_fits_its_own_signal_only(trace_of):
    with pytest.raises(ValueError, match="cannot correct"):
        corrected(transferred(trace_of, 1.0, 0.0), trace_of(np.ones(3)))
