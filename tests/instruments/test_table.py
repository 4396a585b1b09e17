"""The page of supported instruments says what drivers, pairs and transcripts say."""

from pathlib import Path

from tests.instruments import table

PAGE = Path(__file__).parents[2] / "docs" / "instruments.md"


def test_the_page_of_supported_instruments_is_as_made():
    written, made = PAGE.read_text(encoding="utf-8").splitlines(), table.page().splitlines()
    assert written == made, "make it anew: python -m tests.instruments.table > docs/instruments.md"
