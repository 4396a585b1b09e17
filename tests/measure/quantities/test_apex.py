"""Tops of many shapes: what is said of their height holds, whatever the noise hides of the shape."""

import numpy as np
import pytest

from rig.measure.captures.noise import Noise
from rig.measure.quantities.apex import apex

RUNS, REACH = 40, 300
T = np.arange(2.0 * REACH) - REACH
NOISES = (0.003, 0.02, 0.08)


def fall(t, tau, rest):
    """A jump at t = 0 to 1, and from there down."""
    return np.where(t > 0.0, rest + (1.0 - rest) * np.exp(-np.maximum(t, 0.0) / tau), rest)


def rise(t, tau):
    """Towards 1 from three time constants before t = 0, where it drops."""
    up = (1.0 - np.exp(-(t / tau + 3.0))) / (1.0 - np.exp(-3.0))
    return np.where((t < 0.0) & (t > -3.0 * tau), up, 0.0)


SHAPES = {
    **{f"fall {tau} to {rest}": (lambda t, tau=tau, rest=rest: fall(t, tau, rest))
       for tau in (30, 60, 200) for rest in (0.0, 0.4)},
    **{f"bell {w}": (lambda t, w=w: np.exp(-((t / w) ** 2) / 2.0)) for w in (40, 150)},
    **{f"corner {w}": (lambda t, w=w: np.maximum(1.0 - np.abs(t) / w, 0.0)) for w in (40, 150)},
    **{f"rise {w}": (lambda t, w=w: rise(t, w)) for w in (40, 150)},
}  # fmt: skip


def missed(shape, noise) -> float:
    """Share of tops that lie beyond two standard uncertainties."""
    rng, misses = np.random.default_rng(1), 0
    for _ in range(RUNS):
        values = shape(T + rng.uniform()) + rng.normal(0.0, noise, T.size)
        k = int(values.argmax())
        first = max(k - 256, 0)
        found = apex(values[first : k + 257], k - first, Noise(noise, 0.4 * noise, 5000.0))
        misses += abs(found.height - 1.0) > 2.0 * found.u
    return misses / RUNS


def test_the_top_lies_within_what_is_said_of_it():
    """By the tops alone; gain and offset of a channel are not in it. Two fifths of its tops beyond U is the worst of
    36 (a sharp corner in little noise); on the whole it is a tenth."""
    shares = {(name, noise): missed(shape, noise) for name, shape in SHAPES.items() for noise in NOISES}
    assert np.mean(list(shares.values())) < 0.125
    assert max(shares.values()) < 0.45, shares


@pytest.mark.parametrize("noise", [0.02, 0.08])
def test_a_fall_behind_a_jump_is_not_taken_for_a_wide_corner(noise):
    """32 samples on either side agree with two lines that meet far above it: the scatter does not show the bend."""
    assert missed(lambda t: fall(t, 30, 0.4), noise) < 0.35
