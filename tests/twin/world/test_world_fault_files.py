"""The faults of a scene: what one may say, and what a mistake reads like."""

from dataclasses import fields

import pytest

from rig.files.document import BadFile
from rig.files.quantity import UNITS
from rig.twin.scene.faults import FACTOR, FAULTS, Kind
from rig.twin.scene.load import load_scene

CHILD = "schema: 1\nname: child\nextends: healthy\nbench:\n  faults:\n"


@pytest.fixture
def mistakes(tmp_path):
    def read(*faults: str) -> list[str]:
        path = tmp_path / "child.yaml"
        path.write_text(CHILD + "".join(f"    - {fault}\n" for fault in faults), encoding="utf-8")
        try:
            load_scene(path)
        except BadFile as bad:
            return [str(mistake).removeprefix(f"{tmp_path}/") for mistake in bad.mistakes]
        return []

    return read


def test_the_list_is_complete_for_whoever_prints_it():
    for name, kind in FAULTS.items():
        assert kind.name == name
        assert kind.does
        assert kind.parts
        assert kind.unit in (None, FACTOR, *UNITS)
        assert kind.unit is not None or kind.default is None
    assert len(fields(Kind)) == 10


def test_quantities_become_si_and_defaults_stay_open(tmp_path):
    (tmp_path / "child.yaml").write_text(CHILD + "    - {fault: late, part: load, size: 20 ms, at: 1.2 s}\n")
    (fault,) = load_scene(tmp_path / "child.yaml").bench.faults
    assert (fault.size, fault.at, fault.until) == (0.02, 1.2, None)


@pytest.mark.parametrize(
    ("fault", "path", "sentence"),
    [
        ("{fault: wleded, part: load_line}", ".fault", "no fault is named 'wleded' (did you mean 'welded'?; allowed: "),
        ("{fault: welded, part: loadline}", ".part", "the bench has no part 'loadline' (did you mean 'load_line'?; al"),
        ("{fault: welded, part: injector}", ".part", "welded does not fit injector (allowed: energy_input, load_line"),
        ("{fault: welded, part: load_line.return}", ".part", "the bench has no part 'load_line.return' (did you mean "),
        (
            "{fault: tap_value, part: load_line, size: 3 ohm}",
            ".part",
            "tap_value does not fit load_line (allowed: tap_short, tap_1",
        ),
        ("{fault: channel_open, part: scope.5}", ".part", "the bench has no part 'scope.5' (did you mean 'scope."),
        ("{fault: wrong_identity, part: relays, text: x}", ".part", "wrong_identity does not fit relays (allowed: sup"),
        ("{fault: tap_value, part: tap_1}", ".size", "tap_value needs a magnitude; write for example '10 mohm'"),
        ("{fault: tap_value, part: tap_1, size: 3 V}", ".size", 'expected a resistance in ohm, found "3 V" (a voltage'),
        ("{fault: tap_value, part: tap_1, size: 3}", ".size", "write a quantity with a unit, for example"),
        ("{fault: tap_value, part: tap_1, size: -3 ohm}", ".size", "must be above zero"),
        ("{fault: tap_value, part: tap_1, size: three}", ".size", 'cannot read "three" as a quantity'),
        ("{fault: drift_gain, part: scope.1, size: -100 %}", ".size", "must be above -100 %"),
        ("{fault: probe_factor, part: scope.1, size: 10 V}", ".size", "write a factor without unit, for example 10"),
        ("{fault: welded, part: load_line, size: 1 s}", ".size", "welded has no magnitude; leave size away"),
        ("{fault: wrong_serial, part: load}", ".text", "wrong_serial needs the text that the instrument answers"),
        ("{fault: wrong_serial, part: daq, text: ABC}", ".text", "a T7's serial number is a whole number of up to"),
        ("{fault: mute, part: load, text: x}", ".text", "mute has no text; leave it away"),
        ("{fault: reversed, part: load_line, at: 1 s}", ".at", "reversed is how the bench is wired, from the start an"),
        ("{fault: reboots, part: load, until: 1 s}", ".until", "reboots ends by itself; leave until away"),
        ("{fault: mute, part: load, at: 2 s, until: 1 s}", ".until", "must be later than at"),
        ("{fault: mute, part: load, at: 2}", ".at", "write a quantity with a unit, for example"),
        ("{fault: cables_swapped, part: load_line}", ".with", "cables_swapped needs the other part (allowed: energy_i"),
        ("{fault: broken, part: load_line, with: load_line}", ".with", "broken has one part alone; leave `with` away"),
        (
            "{fault: cables_swapped, part: load_line, with: feed_line}",
            ".with",
            "load_line cannot be exchanged with 'feed_line' (allowed: energy_input)",
        ),
        (
            "{fault: channels_swapped, part: scope.1, with: daq.AIN0}",
            ".with",
            "scope.1 cannot be exchanged with 'daq.AIN0' (allowed: scope.2, scope.3, scope.4)",
        ),
        ("{fault: mute, part: load, untill: 1 s}", ".untill", "unknown key 'untill' (did you mean 'until'?; allowed:"),
    ],
)
def test_nonsense_gives_one_sentence_at_its_line(mistakes, fault, path, sentence):
    (message,) = mistakes("{fault: welded, part: tap_4}", fault)
    assert message.startswith(f"child.yaml:7: bench.faults[1]{path}: {sentence}")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{fault: welded, part: load_line}", "{fault: stuck_open, part: load_line, at: 3 s}"),
        ("{fault: welded, part: energy_input.return}", "{fault: stuck_open, part: energy_input}"),
        ("{fault: late, part: load, at: 1 s, until: 3 s}", "{fault: late_by_factor, part: load, at: 2 s}"),
        ("{fault: reversed, part: feed_line}", "{fault: cables_swapped, part: energy_input, with: feed_line}"),
        ("{fault: channel_open, part: scope.1}", "{fault: channel_inverted, part: scope.1}"),
        ("{fault: dead, part: daq}", "{fault: reboots, part: daq, at: 9 s}"),
    ],
)
def test_two_faults_that_contradict_each_other(mistakes, first, second):
    (message,) = mistakes(first, second)
    assert message.startswith("child.yaml:7: bench.faults[1]: contradicts faults[0]: ")


def test_faults_that_follow_each_other_or_differ_do_not_contradict(mistakes):
    assert (
        mistakes(
            "{fault: welded, part: load_line, until: 1 s}",
            "{fault: stuck_open, part: load_line, at: 1 s}",
            "{fault: aux_stuck_open, part: load_line}",
            "{fault: welded, part: energy_input.return}",
            "{fault: stuck_open, part: energy_input.plus}",
        )
        == []
    )


def test_all_mistakes_come_at_once(mistakes):
    assert len(mistakes("{fault: welded, part: x}", "{fault: y, part: x}", "{part: load}", "nonsense")) == 4


def test_a_feed_line_needs_its_cable(tmp_path):
    path = tmp_path / "child.yaml"
    path.write_text("schema: 1\nname: child\nextends: healthy\nbench: {cables: {feed_line: null}}\n", encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        load_scene(path)
    assert "bench.cables.feed_line: expected a mapping" in str(caught.value)
