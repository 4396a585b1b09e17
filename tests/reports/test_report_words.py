"""Numbers as people read them, markup that escapes, decimation that loses no peak."""

import html.parser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.decimate import decimate, decimated
from reports.facts import show
from reports.markup import join, raw, tag, text
from reports.words import limit_text, margin_text, quantity, result_text, stated
from rig.measure.captures.capture import Trace


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "unit", "U", "shown"),
    [
        (65.3142e-6, "s", 0.4156e-6, "65.31 ± 0.42 µs"),
        (0.6011, "s", 0.0235, "601 ± 24 ms"),
        (54.3, "V", 0.1, "54.30 ± 0.10 V"),
        (1180.0, "A", 52.0, "1.180 ± 0.052 kA"),
        (-0.5, "A", 0.0301, "\u2212500 ± 31 mA"),
        (0.0, "s", 2e-6, "0.0 ± 2.0 µs"),
        (0.0203, "A2s", 4.74e-4, "0.02030 ± 0.00048 A²s"),
        (6.13e-4, "A2s", 1.2e-5, "(613 ± 12) × 10⁻⁶ A²s"),
        (1234.0, "J", 3000.0, "1.2 ± 3.0 kJ"),
        (9.9996, "V", None, "10.000 V"),
        (0.0, "V", None, "0.000 V"),
        (float("inf"), "s", None, "inf s"),
        (12.5, "1", None, "12.50"),
    ],
)
def test_quantity(value: float, unit: str, U: float | None, shown: str):
    assert plain(quantity(value, unit, U)) == shown


def test_the_printed_uncertainty_is_never_smaller():
    for U in np.geomspace(1e-9, 1e3, 500):
        printed = plain(quantity(1.0, "V", float(U))).split("±")[1].split()
        scale = {"V": 1, "mV": 1e-3, "µV": 1e-6, "nV": 1e-9, "kV": 1e3}[printed[1]]
        assert float(printed[0]) * scale >= U * (1 - 1e-7)
        assert float(printed[0]) * scale <= U * 1.11


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (5e-4, "s", "500 µs"),
        (0.59, "s", "590 ms"),
        (10.0, "s", "10 s"),
        (60.0, "V", "60 V"),
        (56.7, "V", "56.7 V"),
        (1500.0, "A", "1.5 kA"),
        (0.075, "s", "75 ms"),
        (1 / 3, "V", "333.333 mV"),
        (0.0, "V", "0 V"),
        (100000.0, "V", "100 kV"),
    ],
)
def test_stated(value: float, unit: str, shown: str):
    assert plain(stated(value, unit)) == shown


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        ({"high": 5e-4}, "≤ 500 µs"),
        ({"low": 0.1, "high": None}, "≥ 100 ms"),
        ({"low": 0.1, "high": 0.5}, "100 ms to 500 ms"),
        ({"must_not": True, "window": 2.0}, "must not occur within 2 s"),
        ({"must_not": True}, "must not occur"),
        ({"high": "inf"}, "none"),
        ({}, "none"),
    ],
)
def test_limit_text(limit: dict, shown: str):
    assert plain(limit_text(limit, "s")) == shown


@pytest.mark.parametrize(
    ("found", "U", "shown"),
    [
        ({"outcome": "Tripped", "value": 4e-6, "unit": "s"}, 4e-8, "4.000 ± 0.040 µs"),
        ({"outcome": "Measured", "value": 4e-6, "unit": "s"}, None, "4.000 µs"),
        ({"outcome": "Clipped", "value": 61.4, "unit": "V", "bound": "lower"}, 0.17, "≥ 61.40 ± 0.17 V"),
        ({"outcome": "NotTripped", "value": None, "window": 2.0, "unit": "s"}, None, "no trip within 2 s"),
        ({"outcome": "NotRecovered", "value": None, "window": 12.0, "unit": "s"}, None, "no recovery within 12 s"),
        ({"outcome": "NotArmed", "value": None, "unit": "s"}, None, "digitizer did not trigger"),
        ({"outcome": "Unresolved", "value": None, "unit": "s"}, None, "record cannot answer"),
        (None, None, "nothing measured"),
    ],
)
def test_result_text_never_shows_a_number_that_was_not_found(found: dict | None, U: float | None, shown: str):
    assert plain(result_text({"measurement": found, "U": U})) == shown


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        (54.0, {"high": 60.0}, "6.00 V (10 %)"),
        (61.2, {"high": 60.0}, "\u22121.20 V (\u22122 %)"),
        (54.0, {"low": 51.3, "high": 56.7}, "2.70 V"),
        (51.0, {"low": 51.3, "high": 56.7}, "\u2212300 mV"),
        (5.0, {"high": 0.0}, "\u22125.00 V"),
        (None, {"high": 60.0}, ""),
        (1.0, {"must_not": True, "high": 2.0}, ""),
        (1.0, {"high": "inf"}, ""),
    ],
)
def test_margin(value: float | None, limit: dict, shown: str):
    assert plain(margin_text({"measurement": {"value": value, "unit": "V"}, "limit": limit})) == shown


class Reader(html.parser.HTMLParser):
    """What a browser makes of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.words += data


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Cn", "Co")), max_size=40
    )
)
def test_text_is_text_wherever_it_stands(words: str):
    reader = Reader()
    reader.feed(tag("p", words, title=words))
    reader.close()
    assert reader.tags == [("p", [("title", words)])]
    assert reader.words == words


def test_markup_escapes_and_composes():
    assert (
        tag("p", "<b>", tag("i", "&"), class_="x", hidden=True, id=None)
        == '<p class="x" hidden>&lt;b&gt;<i>&amp;</i></p>'
    )
    assert join(["<", raw("<br>")], ", ") == "&lt;, <br>"
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\u202e", "\u2066", "\ud800", "\u200b"])
def test_invisible_characters_are_shown(char: str):
    assert text(f"a{char}b") == "a\ufffdb"


def test_facts_of_any_shape_are_shown_and_escaped():
    shown = show({"supply": {"serial": "<x>", "hold_s": 0.5}, "load": {"serial": None, "list": [1, "a", True]}})
    assert shown.count("<tr>") == 3
    for part in ("&lt;x&gt;", "500\u00a0ms", "1, a, yes", "not recorded", '<th scope="col">hold</th>'):
        assert part in shown
    assert show([]) == ""
    assert show({"a": {}, "b": 1}).count("<tr>") == 2
    assert '<th scope="row">b</th><td>1</td>' in show({"b": 1})


@given(st.lists(st.floats(-100, 100) | st.just(float("nan")), min_size=1, max_size=400), st.integers(2, 60))
def test_decimation_keeps_extremes_and_order(values: list[float], points: int):
    v = np.array(values)
    time, kept = decimate(np.arange(len(v), dtype=float), v, points)
    assert len(kept) <= max(2 * (points // 2) + 2, min(len(v), 2 * (points // 2)))
    assert (np.diff(time) >= 0).all()
    assert np.array_equal(kept, v[time.astype(int)], equal_nan=True)
    if not np.isnan(v).all():
        assert np.nanmin(kept) == np.nanmin(v)
        assert np.nanmax(kept) == np.nanmax(v)


def test_decimation_shows_gaps_and_single_samples():
    v = np.zeros(100_000)
    v[30_000:60_000] = np.nan
    v[77_777] = 9.0
    time, kept = decimate(np.arange(100_000.0), v)
    assert np.isnan(kept).sum() == pytest.approx(600, abs=4)
    assert time[np.nanargmax(kept)] == 77_777
    assert len(kept) == 2000


def test_a_long_trace_is_decimated_piece_by_piece_to_the_same_extremes():
    rng = np.random.default_rng(2)
    codes = rng.integers(-2000, 2000, 1_000_003).astype(np.int16)
    codes[777_777] = 9000
    trace = Trace("port_current", "A", codes, 0.01, 0.0, 1e-6, 0.0, -32768, 32767)
    time, values = decimated(trace, slice(3, 1_000_000))
    _, whole = decimate(trace.times(slice(3, 1_000_000)), trace.read(slice(3, 1_000_000)))
    assert abs(len(values) - len(whole)) <= 4
    assert values.max() == whole.max() == 90.0
    assert values.min() == whole.min()
    assert (np.diff(time) > 0).all()
    short = decimated(trace, slice(0, 100))
    assert len(short[0]) == 100


def test_a_count_is_a_whole_number():
    assert quantity(4.0, "count") == "4"
    assert quantity(0.0, "count") == "0"


def test_the_bar_of_none_where_none_is_allowed_can_be_drawn():
    from reports.verdicts import margin_bar

    none = {
        "measurement": {"value": 0.0},
        "limit": {"low": None, "high": 0.0},
        "decision": {"verdict": "PASS"},
        "U": None,
    }
    bar = str(margin_bar(none))
    assert 'd="M0.0 0V16"' in bar, "the limit stands at its left end"
    assert 'cx="0.0"' in bar
