"""The study of defects that come and go: what the chance does not explain is told."""

import pytest

from studies.seldom.__main__ import SOMETIMES, Tally, table


def test_there_is_one_of_each_kind():
    assert {one.clause for one in SOMETIMES} == {"SC-06", "OC-01"}


@pytest.mark.parametrize(
    ("found", "likely"),
    # 20 %, three faults: 0.488 a run; of 25 runs 12.2 +- 2.5
    [(12, True), (6, True), (19, True), (3, False), (22, False)],
)
def test_what_is_unlike_the_chance_is_told(found, likely):
    one = Tally("sometimes-blind", "SC-06", 0.2, 3, 25, found)
    assert one.expected == pytest.approx(0.488)
    assert one.likely is likely
    row = "".join(table([one])).splitlines()[-1]
    assert f"| SC-06 | sometimes-blind | 20% | 3 | 49% | {found} of 25" in row
    assert ("unlike" in row) is not likely


def test_a_share_of_all_is_found_always():
    assert Tally("sometimes-blind", "SC-01", 1.0, 1, 5, 5).likely
    assert not Tally("sometimes-blind", "SC-01", 1.0, 1, 5, 4).likely
