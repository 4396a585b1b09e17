"""Whatever goes wrong: a clear sentence, the right exit code, outputs off by the twin's truth, nothing lost."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from rig.bench.locks import Locks
from rig.files import document
from rig.files.bench import Bench
from rig.record import read_run
from tests.run.conftest import environment, hardware_bench, verdicts

SHORT = "SC-01-short-10-mohm"
PACE = 5.0
"""Bench time runs by the wall, so that a short lasts long enough to be hit; five times as fast, so that tests end."""


def sentence(done) -> str:
    """What a person reads; never a traceback."""
    text = done.stdout + done.stderr
    assert "Traceback" not in text, text
    return text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("slow_rate:", "slow_rat:", "did you mean 'slow_rate'"),
        ("slow_rate: 2.5 kHz", "slow_rate: 2.5 V", "Hz"),
        ("slow_rate: 2.5 kHz", "slow_rate: 2500", "unit"),
        ("digitizer: scope", "digitizer: oscilloscope", "oscilloscope"),
        ("kind: twin", "kind: twin\nkind: hardware", "kind"),
    ],
)
def test_a_bad_bench_file_is_named_by_line_and_nothing_is_opened(rig, tmp_path, old, new, said):
    import testplans

    text = (Path(testplans.__file__).parent / "benches" / "twin.yaml").read_text()
    assert old in text
    (tmp_path / "bench.yaml").write_text(text.replace(old, new, 1))
    done = rig("run", "protection", "--bench", "bench.yaml")
    assert done.returncode == 2, sentence(done)
    assert said in sentence(done)
    assert "bench.yaml:" in sentence(done)
    assert not (tmp_path / "runs").exists()


def test_all_mistakes_of_all_files_come_at_once(rig, tmp_path):
    (tmp_path / "d.yaml").write_text("schema: 1\nname: x\n")
    done = rig("run", "protction", "--device", "d.yaml", "--limits", "nowhere", "--out", str(tmp_path))
    assert done.returncode == 2
    text = sentence(done)
    for said in ("d.yaml", "nowhere", "--out"):
        assert said in text


def test_a_bad_scene_is_the_twins_own_sentence(rig, tmp_path):
    (tmp_path / "s.yaml").write_text("schema: 1\nname: s\nextends: healthy\ndevice: {converter: {voltage: 54 A}}\n")
    done = rig("run", "protection", "--scene", "s.yaml")
    assert done.returncode == 2
    assert "s.yaml:4" in sentence(done)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("lacking", [("proof",), ("topology", "proof")])
def test_real_hardware_that_cannot_be_proved_is_refused_with_all_that_it_lacks(rig, tmp_path, lacking):
    text = hardware_bench()
    if "topology" in lacking:
        text = text[: text.index("topology:")] + text[text.index("# What supply and load may be told") :]
    (tmp_path / "bench.yaml").write_text(text)
    done = rig("run", "protection", "--bench", "bench.yaml")
    assert done.returncode == 3
    assert "is real hardware and declares no " in sentence(done)
    assert [part for part in ("topology", "proof") if f"no `{part}`: " in sentence(done)] == list(lacking)


def test_a_refused_port_names_the_instrument(rig, served, tmp_path):
    twin = served(scene="healthy", seed=1)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    bench = twin.bench_with(tmp_path / "b.yaml", load={"address": f"TCPIP::127.0.0.1::{port}::SOCKET"})
    done = rig("run", "protection", "--bench", bench, "--out", "run")
    assert done.returncode == 3
    assert "load" in sentence(done)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["exit"]["code"] == 3
    twin.truth.assert_safe()


def test_the_wrong_instrument_is_refused_before_anything_is_switched(rig, served, tmp_path):
    twin = served(scene="healthy", seed=1)
    bench = twin.bench_with(tmp_path / "b.yaml", scope={"identity": "RIGOL TECHNOLOGIES,DHO914.*"})
    done = rig("run", "protection", "--bench", bench, "--out", "run")
    assert done.returncode == 3
    assert "scope" in sentence(done)
    assert "DHO914" in sentence(done)
    twin.truth.assert_safe()


@pytest.mark.parametrize("link", ["supply"])  # the others, and every phase: studies.instrument_faults
def test_an_instrument_that_stops_answering_in_a_short(started_rig, served, tmp_path, link):
    twin = served(scene="healthy", seed=1, pace=PACE)
    process = started_rig("run", "protection", "--bench", twin.bench, "--out", "run", "-k", "short")
    twin.truth.until_in_a_fault(tmp_path / "run")
    twin.truth.ask("fault", fault="mute", part=link)
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 3, text
    assert "Traceback" not in text
    assert link in text
    summary = twin.truth.ask("summary")
    assert not summary["injector"]
    assert not any(summary["contactors"].values()), "a silent instrument is isolated by its contactor"
    record = read_run(tmp_path / "run")
    assert record.run["exit"]["code"] == 3
    assert any(entry.kind == "intent" for entry in record.journal)


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM, signal.SIGINT]], ids=["once", "twice"])
def test_ctrl_c_in_a_short(started_rig, served, tmp_path, signals, rig):
    twin = served(scene="healthy", seed=1, pace=PACE)
    process = started_rig("run", "protection", "--bench", twin.bench, "--out", "run")
    twin.truth.until_in_a_fault(tmp_path / "run")
    for number in signals:
        process.send_signal(number)
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 3, text
    assert "Traceback" not in text
    twin.truth.assert_safe()
    record = read_run(tmp_path / "run")
    assert record.run["exit"]["code"] == 3
    assert record.run["safe_state"] == "verified"
    kinds = [entry.kind for entry in record.journal]
    assert kinds.index("intent") < kinds.index("end")
    assert (tmp_path / "run" / "report.html").exists()
    again = rig("safe", "--bench", twin.bench, timeout=60)
    assert again.returncode == 0, again.stdout + again.stderr


def test_being_asked_to_end_while_the_bench_is_proved_again(started_rig, served, tmp_path):
    twin = served(scene="healthy", seed=1, pace=PACE)
    process = started_rig("run", "protection", "-k", "short", "--bench", twin.bench, "--out", "run")
    twin.truth.until_in_a_fault(tmp_path / "run", after=b'"state":"finished"')
    process.send_signal(signal.SIGTERM)
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 3, text
    twin.truth.assert_safe()
    record = read_run(tmp_path / "run")
    assert (record.run["exit"]["reason"], record.run["safe_state"]) == ("aborted by the operator", "verified")
    proofs = [key for entry in record.journal for key in entry.data if key.startswith("bench_proof")]
    assert proofs == ["bench_proof", "bench_proof_after"]
    before, after = (entry.data[key] for entry in record.journal for key in proofs if key in entry.data)
    assert len(after) < len(before), "the second one was not ended in peace"
    assert verdicts(tmp_path / "run")[SHORT, "operate_time"]["decision"]["verdict"] == "PASS"


def test_same_seed_same_measurements_and_same_events(rig, whole_run, tmp_path):
    _, folder = whole_run
    done = rig("run", "protection", "--seed", "7", "--serial", "REF-0001", "--out", "b")
    assert done.returncode == 0, sentence(done)
    a, b = read_run(folder), read_run(tmp_path / "b")
    assert a.run["event_log_sha256"]
    assert a.run["event_log_sha256"] == b.run["event_log_sha256"]
    assert a.measurements.equals(b.measurements)
    done = rig("run", "protection", "--seed", "8", "-k", "short", "--out", "c")
    assert done.returncode == 0, sentence(done)
    first, other = verdicts(folder), verdicts(tmp_path / "c")
    assert first[SHORT, "peak_current"]["measurement"]["value"] != other[SHORT, "peak_current"]["measurement"]["value"]


def test_a_run_folder_is_never_written_twice(rig, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "something").write_text("kept")
    done = rig("run", "protection", "--out", "run")
    assert done.returncode == 2
    assert "run" in sentence(done)
    assert (tmp_path / "run" / "something").read_text() == "kept"


def test_one_json_document_on_stdout_and_progress_on_stderr(whole_run):
    done, folder = whole_run
    document = json.loads(done.stdout)
    assert (document["exit"], document["problem"], document["run"]) == (0, "", str(folder))
    assert list(document["cases"].values()) == ["PASS"] * 8
    assert document["record"] == json.loads((folder / "run.json").read_text())
    assert "opening bench twin\n" in done.stderr
    assert "\x1b" not in done.stderr


def test_every_other_run_says_that_it_is_a_development_run_and_why(whole_run):
    done, folder = whole_run
    assert "Development run: not for a customer" in done.stderr
    run = read_run(folder).run
    assert run["development"] is True
    assert run["development_reasons"][:3] == [
        "it was not begun with --recorded", "no operator is named (--operator)",
        "scope, the digitizer, has no certificate",
    ]  # fmt: skip
    report = (folder / "report.html").read_text()
    first = report[: report.index("Verdicts, clause by clause")]
    assert "Development run: not for a customer" in first
    assert "it was not begun with --recorded; no operator is named (--operator)" in first
    assert pq.read_schema(folder / "measurements.parquet").metadata[b"development"] == b"yes"


def test_a_twin_that_dies_in_a_short(started_rig, served, tmp_path):
    twin = served(scene="healthy", seed=1, pace=PACE)
    process = started_rig("run", "protection", "--bench", twin.bench, "--out", "run", "-k", "short")
    twin.truth.until_in_a_fault(tmp_path / "run")
    twin.twin.process.kill()
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 3, text
    assert "Traceback" not in text
    assert "ABORTED_UNSAFE" in text
    record = read_run(tmp_path / "run")
    assert record.run["exit"]["code"] == 3
    assert record.run["safe_state"] == "ABORTED_UNSAFE"
    assert record.journal[-1].kind == "end"


FULL = """
import resource, sys
from rig.run.opening import open_bench
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
from rig.cli import main
main()
"""


def test_a_disk_that_fills_up_ends_the_run_with_a_safe_bench(served, tmp_path):
    twin = served(scene="healthy", seed=1)
    done = subprocess.run(
        [sys.executable, "-c", FULL, "run", "protection", "--bench", twin.bench, "-k", "short", "--out", "run"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 3, sentence(done)
    assert "cannot be written" in sentence(done)
    twin.truth.assert_safe()
    record = read_run(tmp_path / "run")
    assert record.run["exit"]["code"] == 3
    assert record.run["safe_state"] == "verified"


def test_rig_safe_is_the_way_back_also_where_an_instrument_is_dead(rig, served, tmp_path):
    twin = served(scene="healthy", seed=1)
    locks = Locks.of(document.load(twin.bench, Bench))
    locks.mark_dirty("runs/before")
    done = rig("run", "protection", "--bench", twin.bench, "-k", "short", "--out", "run")
    assert done.returncode == 3
    assert "is not known to be safe: run runs/before" in sentence(done)

    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    dead = twin.bench_with(tmp_path / "dead.yaml", load={"address": f"TCPIP::127.0.0.1::{port}::SOCKET"})
    done = rig("safe", "--bench", dead)
    assert done.returncode == 3
    steps = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert [name for name in steps if name.startswith("NOT PROVED")] == ["NOT PROVED  load off"]
    assert "no connection to" in steps["NOT PROVED  load off"]
    assert "Kept the mark" in done.stdout
    assert locks.dirty_reason() is not None

    done = rig("safe", "--bench", twin.bench)
    assert done.returncode == 0, sentence(done)
    assert "Cleared the mark: run runs/before" in done.stdout
    assert locks.dirty_reason() is None


def test_rig_safe_reads_everything_back(rig, served):
    twin = served(scene="healthy", seed=1)
    done = rig("safe", "--bench", twin.bench, "--json")
    assert done.returncode == 0, sentence(done)
    document = json.loads(done.stdout)
    assert document["verified"] is True
    assert [step["name"] for step in document["steps"]] == [
        "injector open", "supply off", "discharge", "load off", "contactors isolate", "relays at rest",
        "supply dead",
    ]  # fmt: skip
    twin.truth.assert_safe()
