"""`rig replay`: a run without its bench, byte for byte, and the first byte that is another one."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rig import commands
from rig.record import BrokenRun, read_wire
from rig.run.progress import Progress, new_console
from rig.run.replay import Played, replay
from tests.run.folders import redigested, tree


def play(run: Path) -> Played:
    return replay(run, None, Progress(new_console(io.StringIO())))


def sent(run: Path, link: str) -> int:
    return sum(len(event.data) for event in read_wire(run / "wire" / f"{link}.jsonl") if event.direction == ">")


def test_a_whole_run_sends_every_byte_again_and_comes_to_the_same_verdicts(whole_run, monkeypatch):
    _, run = whole_run
    before = tree(run)

    def never(*_arguments, **_named):
        raise AssertionError("a twin was started")

    monkeypatch.setattr("rig.run.opening.launch", never)
    played = play(run)
    links = ("supply", "load", "relays", "daq", "scope")
    assert (played.deviation, played.rests, played.problem, played.remarks) == ("", [], "", [])
    assert played.sent == {link: sent(run, link) for link in (*links, "device")}
    assert all(played.sent[link] > 1000 for link in links)
    assert [row.identical for row in played.rows] == [True] * 35
    assert played.same
    assert played.lines[-1] == "35 of 35 verdicts are the same, digit for digit"
    assert tree(run) == before


def changed_line(run: Path, link: str, chosen, change) -> int:
    """Change the first line of a transcript that is chosen; its number."""
    path = run / "wire" / f"{link}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    at = next(number for number, line in enumerate(lines) if chosen(line))
    lines[at] = change(lines[at])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    redigested(run)
    return at + 1


def test_the_first_deviation_is_told_with_link_line_and_bytes(whole_run, tmp_path):
    run = shutil.copytree(whole_run[1], tmp_path / "run")
    line = changed_line(
        run, "supply", lambda one: one.get("data") == "SYST:LOCK ON\n", lambda one: {**one, "data": "SYST:LOCK 1\n"}
    )
    played = play(run)
    assert played.deviation == (f"supply, line {line}: expected > b'SYST:LOCK 1\\n', found > b'SYST:LOCK ON\\n'")
    assert not played.same
    assert f"First deviation: {played.deviation}." in played.lines
    assert played.sent["supply"] < sent(run, "supply")


def test_another_bench_time_is_a_deviation_too(whole_run, tmp_path):
    run = shutil.copytree(whole_run[1], tmp_path / "run")
    path = run / "clock.jsonl"
    first, *rest = path.read_text().splitlines(keepends=True)
    assert json.loads(first)["note"] == "now"
    path.write_text(json.dumps({**json.loads(first), "note": "sleep 7.0"}) + "\n" + "".join(rest))
    redigested(run)
    played = play(run)
    assert played.deviation == "the bench's clock, line 1: expected the note 'sleep 7.0', found the note 'now'"


def test_a_run_without_recorded_time_is_refused(whole_run, tmp_path):
    run = shutil.copytree(whole_run[1], tmp_path / "run")
    (run / "clock.jsonl").unlink()
    redigested(run)
    with pytest.raises(BrokenRun, match="cannot be played back: bench time was not recorded"):
        play(run)


def test_a_run_that_goes_on_with_another_is_refused(whole_run, tmp_path):
    run = shutil.copytree(whole_run[1], tmp_path / "run")
    told = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**told, "resumes": {"run": "an earlier one"}}))
    with pytest.raises(BrokenRun, match="cannot be played back: it goes on with another run"):
        play(run)


def test_blocks_that_are_missing_are_refused(whole_run, tmp_path):
    run = shutil.copytree(whole_run[1], tmp_path / "run")
    (run / "wire" / "scope.blocks").unlink()
    redigested(run)
    with pytest.raises(BrokenRun, match="the blocks beside it cannot be read"):
        play(run)


def test_the_fault_of_a_bench_happens_again_without_it(rig, tmp_path):
    """A dead load: an exchange that is lost, refused connections, a bench that is not proved safe."""
    (tmp_path / "dead.yaml").write_text(
        "schema: 1\nname: dead\nextends: healthy\nbench:\n  faults:\n    - {fault: dead, part: load, at: 2.2 s}\n"
    )
    done = rig("run", "protection", "-k", "short", "--scene", "dead.yaml", "--out", "run")
    assert done.returncode == 3, done.stdout
    played = play(tmp_path / "run")
    assert (played.deviation, played.rests, played.cases, played.rows) == ("", [], [], [])
    assert "load off: load: no connection to" in played.problem
    assert played.sent["load"] == sent(tmp_path / "run", "load") > 0
    assert "refused: ECONNREFUSED: Connection refused" in (tmp_path / "run" / "wire" / "load.jsonl").read_text()


def test_the_command_says_it_and_exits_by_it(rig, monkeypatch, capsys):
    """What a person and a script are told; the playing itself is tested above."""
    told = Played("supply, line 3: expected > b'A', found > b'B'", [], {"supply": 7}, [], [], [], "an error")
    monkeypatch.setattr("rig.run.replay.replay", lambda *_: told)
    assert commands.replay("run", None, as_json=False) == 1
    assert capsys.readouterr().out == (
        "supply: 7 bytes sent as recorded\nthere was no verdict to compare\n"
        "First deviation: supply, line 3: expected > b'A', found > b'B'.\n"
    )
    assert commands.replay("run", None, as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["exit"], document["deviation"], document["bytes_sent"]) == (1, told.deviation, {"supply": 7})
    monkeypatch.setattr("rig.run.replay.replay", lambda *_: replace(told, deviation="", problem=""))
    assert commands.replay("run", None, as_json=False) == 0
    assert rig("replay", "nowhere").returncode == 2
