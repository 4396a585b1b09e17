"""The risk study in short: the acceptance curve is the one that JCGM 106 expects."""

import pytest

from studies.risk import kinds, study


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_the_acceptance_curve_is_that_of_jcgm_106(kind):
    points = study(kind, 50, 5)
    assert all(abs(point.accepted - point.expected) <= 4.0 * point.error for point in points)
    assert points[0].accepted == 1.0
    assert points[-1].accepted == 0.0


def test_a_wrong_rule_would_be_seen():
    """The same study of a rule that is not the one promised: simple acceptance told as guarded."""
    guarded, simple = kinds()[1], kinds()[3]
    promised, kept = study(guarded, 80, 5), study(simple, 80, 5)
    off = [abs(one.accepted - other.expected) / other.error for one, other in zip(kept, promised, strict=True)]
    assert max(off) > 6.0
