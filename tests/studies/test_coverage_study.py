"""The coverage study in short: intervals hold the exact truth about as often as they say, over a bench drawn anew."""

import pytest

from studies.coverage.strata import strata
from studies.coverage.tally import tally

CAPTURES = 60
CHOSEN = (
    "edges of 0.2 samples",
    "edges of 50 samples",
    "recovery, edges of 5 samples",
    "short, 1000 samples",
    "short, 12 bits",
)


@pytest.mark.parametrize("stratum", [one for one in strata() if one.name in CHOSEN], ids=lambda one: one.name)
def test_intervals_hold_the_truth(stratum):
    for row in tally(stratum, CAPTURES, 11):
        assert row.judged >= 0.9 * CAPTURES
        assert row.held >= 0.85 * row.judged, row  # 95 % are expected; fewer than 51 of 60 come once in a thousand
        assert row.gum >= 0.85 * row.judged, row


def test_u_is_of_the_size_of_the_errors():
    """Intervals could hold the truth by being far too wide: of a 95 % interval the errors' rms is 0.51 to 0.61."""
    honest = next(one for one in strata() if one.name == "short, 1000 samples")
    (row,) = (one for one in tally(honest, CAPTURES, 11) if one.quantity == "level")
    assert 0.4 < row.spread < 0.75
