"""A study writes between its own two lines of a page and nowhere else."""

from __future__ import annotations

import pytest

from studies.page import write


def test_what_is_around_stays(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- t: written by the command -->\nold\n<!-- end of t -->\nz\n")
    write(page, "t", "new\n")
    write(page, "t", "newer")
    assert page.read_text() == "a\n<!-- t: written by the command -->\n\nnewer\n\n<!-- end of t -->\nz\n"


def test_a_page_without_the_place_is_left_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- t: written by the command -->\n")
    with pytest.raises(ValueError, match=r"page.md has no place for this"):
        write(page, "t", "new")
    assert page.read_text() == "<!-- t: written by the command -->\n"
