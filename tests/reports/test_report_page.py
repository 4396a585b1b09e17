"""report.html: everything that was judged, why, against what, and nothing that a stranger's text could run."""

import html.parser
import json
import re
import shutil
from pathlib import Path

import pytest

from reports import write_report
from rig.record import BrokenRun, Journal, read_run

HEADINGS = [
    "Result",
    "Verdicts, clause by clause",
    "Not tested",
    "How to read a verdict",
    "Cases",
    "Limits and where they come from",
    "Bench and session",
    "Evidence",
]
VOID = {"meta", "br", "hr", "link", "img"}


class Page(html.parser.HTMLParser):
    """Text, headings, links and balance of a page, as a browser sees them."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: dict[str, list[str]] = {}
        self.source = path.read_text(encoding="utf-8")
        self.parts: list[str] = []
        self.feed(self.source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.parts.append(data)
        for level in ("h1", "h2", "h3"):
            if level in self.open:
                self.headings[level][-1] += data

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.parts).replace("\u00a0", " "))

    def attributes(self, name: str) -> list[str]:
        return [str(attrs[name]) for _, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module")
def page(example_run: Path) -> Page:
    return Page(write_report(example_run))


def copy(example_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(example_run, tmp_path / "run"))


def edit_run(path: Path, **changes: object) -> None:
    run = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(run | changes))


def append(path: Path, *entries: tuple[str, dict]) -> None:
    journal = Journal(path / "journal.jsonl", lambda: "later")
    for kind, data in entries:
        journal.write(kind, data)
    journal.close()


def test_structure(page: Page):
    assert page.headings["h2"] == HEADINGS
    assert page.headings["h1"] == ["Fault and protection test"]
    assert page.headings["h3"] == [
        "hard short at half load, 10 mΩ",
        "overload step, 1.5 x rated",
        "overload step, 1.05 x rated",
        "short during recovery, 10 mΩ",
        "reverse polarity, -54 V",
    ]
    assert [tag for tag, _ in page.tags if tag == "figure"] == ["figure"] * 5
    assert page.words.rstrip().endswith("End of report 20270114T091500Z_protection_reference_twin")


def test_the_page_stands_alone(page: Page):
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "form"}
    assert page.attributes("src") == []
    for target in page.attributes("href") + page.attributes("xlink:href"):
        assert target.startswith(("#", "captures/", "measurements.parquet"))
    assert "http" not in re.sub(r' xmlns(:\w+)?="[^"]*"', "", page.source).replace("http-equiv", "")
    assert "@import" not in page.source
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_links_lead_somewhere(page: Page, example_run: Path):
    ids = page.attributes("id")
    for target in page.attributes("href"):
        if target.startswith("#"):
            assert target[1:] in ids
        else:
            assert (example_run / target).is_file()


def test_every_verdict_limit_and_reason_is_there(page: Page, example_run: Path):
    run = read_run(example_run)
    for data in run.entries("verdict"):
        assert data["limit"]["source"] in page.words
        assert data["decision"]["reason"] in page.words
        assert data["decision"]["verdict"].replace("_", " ") in page.words
        assert data["measurement"]["definition"] in page.words
        for flag in data["measurement"]["flags"]:
            assert flag in page.words
        for line in data["measurement"]["budget"]:
            assert line["name"] in page.words
        for capture in data["captures"].values():
            assert capture in page.words
    for data in run.entries("case"):
        assert data.get("why", "") in page.words
        assert (data.get("reason") or "") in page.words
    for shown in (
        "4.150 ± 0.043 µs",
        "≥ 61.40 ± 0.17 V",
        "no trip within 2 s",
        "digitizer did not trigger",
        "1.18 kA",
        "14.2 J",
    ):
        assert shown in page.words
    for fact in (
        "PSB 9080-60",
        "DHO8A0001",
        "1.00213",
        "FIO0 low",
        "REF-0001",
        "draft-48v, revision 2020-07-08",
        "9f" * 32,
    ):
        assert fact in page.words
    for digest in run.digests.values():
        assert digest in page.words


def test_the_tally_counts_measurements_and_cases_without_one(page: Page):
    section = page.source[page.source.index('class="tally"') :]
    tiles = re.findall(r'<b>(\d+)</b><span class="badge (\w+)"', section)
    expected = {"pass": 6, "not_tested": 2, "inconclusive": 1, "conditional_fail": 1, "fail": 1}
    assert {name: int(count) for count, name in tiles} == expected


def test_verdicts_are_words_not_colour_alone(page: Page):
    for name, inner in re.findall(r'<span class="badge (\w+)">(.*?)</span>', page.source):
        assert inner.endswith(name.replace("_", " ").upper())


def test_what_a_reader_must_know_first(page: Page):
    first = page.words[: page.words.index("Verdicts, clause by clause")]
    assert "Not a conformity statement 7 of 9 verdicts rest on limits that are not numbers of the standard" in first
    assert "(rig default, vendor, borrowed)" in first
    assert "Bench and device were simulated." in first
    assert "Development run: not for a customer Not made under the conditions of a recorded run" in first


def test_limits_of_the_standard_alone_bear_a_conformity_statement(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    entries = [entry for entry in read_run(path).journal if entry.kind != "files"]
    (path / "journal.jsonl").unlink()
    for entry in entries:
        if entry.kind == "verdict":
            entry.data["limit"]["status"] = "standard"
    append(path, *((entry.kind, entry.data) for entry in entries))
    edit_run(path, journal=None, development=False, bench={"name": "b1", "kind": "hardware"})
    words = Page(write_report(path)).words
    assert "Not a conformity statement" not in words
    assert "not for a customer" not in words
    assert "simulated" not in words.lower().replace("event log of the simulation", "")
    assert "The run did not end in order" in words


def test_a_run_that_an_equal_one_may_not_repeat_says_why(tmp_path: Path, example_run: Path):
    assert "Not deterministic" not in Page(write_report(copy(example_run, tmp_path))).words
    reasons = ["time is tied to the wall clock", "somebody spoke to load"]
    edit_run(tmp_path / "run", deterministic=False, not_deterministic=reasons)
    words = Page(write_report(tmp_path / "run")).words
    assert "An equal run on the simulated bench may differ: time is tied to the wall clock; somebody spoke" in words
    edit_run(tmp_path / "run", not_deterministic=7)
    assert "may differ: not recorded." in Page(write_report(tmp_path / "run")).words


def test_a_run_that_goes_on_with_another_names_it_and_what_it_carries_over(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    before = Page(write_report(path)).words
    assert "Carried over" not in before
    about = {"case": "K-1", "title": "lone short", "clause": "SC-01", "state": "carried over", "verdict": "FAIL"}
    append(path, ("case", {**about, "reason": "carried over from run0"}))
    carried = {"K-1": {"verdict": "FAIL", "run": "run0", "hash": "ab" * 32}}
    edit_run(path, resumes={"run": "run1", "folder": "runs/one", "hash": "cd" * 32, "carried": carried})
    words = Page(write_report(path)).words
    part = words[words.index("Carried over") : words.index("How to read a verdict")]
    assert f"Goes on with run1 In the folder runs/one Last hash of its journal {'cd' * 32}" in part
    assert f"SC-01 lone short ✕ FAIL run0 {'ab' * 32}" in part
    assert "lone short" not in words[words.index("Not tested") : words.index("Carried over")]
    assert "Attempt" not in words


def test_building_twice_gives_the_same_bytes(example_run: Path):
    first = write_report(example_run).read_bytes()
    assert write_report(example_run).read_bytes() == first
    assert not list(example_run.glob(".*"))


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'\u202egnp\x1b[2J$\\frac$"


def test_hostile_strings_stay_text(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    evil = {"case": HOSTILE, "title": HOSTILE, "why": HOSTILE, "clause": HOSTILE, "port": HOSTILE, "reason": HOSTILE}
    verdict = read_run(path).entries("verdict")[0]
    mark = {"record": "fault", "signal": HOSTILE, "t": 1e-6, "label": HOSTILE}
    measurement = verdict["measurement"] | {
        "measurand": HOSTILE, "outcome": HOSTILE, "definition": HOSTILE, "flags": [HOSTILE],
        "marks": [*verdict["measurement"]["marks"], mark], "inputs": {HOSTILE: HOSTILE},
        "budget": [{"name": HOSTILE, "distribution": HOSTILE, "u_input": 1.0, "contribution": 1e-9}],
    }  # fmt: skip
    append(
        path,
        ("case", {**evil, "state": "started", "stimulus": {HOSTILE: HOSTILE, "list": [{HOSTILE: "x"}]}}),
        ("verdict", {
            **verdict, **evil, "measurement": measurement,
            "limit": {"high": 1.0, "status": HOSTILE, "source": HOSTILE, "rule": HOSTILE},
            "decision": {"verdict": "PASS", "reason": HOSTILE, "p_conform": 0.5},
            "captures": {**verdict["captures"], HOSTILE: "javascript:alert(1)", "b": "../../etc/passwd"},
        }),
        ("session", {"what": HOSTILE, HOSTILE: HOSTILE}),
        ("session", {HOSTILE: {HOSTILE: {HOSTILE: HOSTILE}}}),
        ("safe state", {"verified": HOSTILE, "steps": HOSTILE}),
        ("files", {HOSTILE: HOSTILE, "javascript:alert(1)": "x"}),
    )  # fmt: skip
    edit_run(
        path, id=HOSTILE, title=HOSTILE, serial=HOSTILE, operator=HOSTILE, plan=[HOSTILE], safe_state=HOSTILE,
        seed=HOSTILE, versions={HOSTILE: HOSTILE, "nanogrid-rig": HOSTILE}, bench={"name": HOSTILE, "kind": HOSTILE},
        device={"name": HOSTILE, "maker": HOSTILE, "model": HOSTILE}, limits={"name": HOSTILE, "revision": HOSTILE},
        exit={"code": HOSTILE, "reason": HOSTILE}, started_utc=HOSTILE, ended_utc=HOSTILE, event_log_sha256=HOSTILE,
        deterministic=False, not_deterministic=[HOSTILE],
    )  # fmt: skip
    page = Page(write_report(path))
    assert not {tag for tag, _ in page.tags} & {"script", "img"}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert "<script" not in page.source
    assert "\u202e" not in page.source
    assert "\x1b" not in page.source
    assert page.words.count("alert(1)") > 40
    assert "javascript:" not in "".join(page.attributes("href"))
    style = page.source[page.source.index("<style>") : page.source.index("</style>")]
    assert "<" not in style.removeprefix("<style>")
    assert "url(" not in style
    assert '"\\22 \\3e \\3c script' in style  # the run's name inside a CSS string


def test_a_run_of_odd_shapes_is_shown_all_the_same(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    edit_run(
        path,
        device="x",
        bench=3,
        limits=[1],
        versions="1",
        selection=["x"],
        development_reasons="x",
        plan_files_changed=3,
        plan={"a": 1},
        exit=7,
        started_utc=5,
        serial=None,
        seed=None,
    )
    page = Page(write_report(path))
    assert page.headings["h2"] == HEADINGS
    assert page.words.count("not recorded") >= 5


def test_a_capture_that_cannot_be_believed_is_said_on_top(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    changed, missing = sorted((path / "captures").iterdir())[:2]
    changed.write_bytes(changed.read_bytes()[:-1] + b"\0")
    missing.unlink()
    page = Page(write_report(path))
    assert "The record is not complete" in page.words
    first = page.words[: page.words.index("Verdicts, clause by clause")]
    assert f"{changed.name}: was changed after the run" in first
    assert f"{missing.name}: the journal names this capture, but it is not there" in first
    assert len([tag for tag, _ in page.tags if tag == "figure"]) == 2


def test_an_unsafe_end_and_an_unfinished_case_are_said(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    append(
        path,
        ("case", {"case": "late", "title": "late case", "clause": "SC-01", "state": "started"}),
        ("safe state", {"verified": False, "steps": [{"name": "supply off", "ok": False, "seen": "54 V"}]}),
    )
    edit_run(path, safe_state="ABORTED_UNSAFE")
    words = Page(write_report(path)).words
    assert "Treat the bench as live." in words
    assert "late case the run ended during this case" in words
    assert "NOT VERIFIED." in words


def test_a_case_that_broke_after_a_pass_is_not_shown_as_passed(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    key = "protection/test_overload.py::test_overload[1.05 x]"
    append(path, ("case", {"case": key, "state": "broken", "reason": "body broke", "verdict": "INCONCLUSIVE"}))
    page = Page(write_report(path))
    head = page.source[page.source.index("<h3>overload step, 1.05 x rated</h3>") :][:300]
    assert 'class="badge inconclusive"' in head
    assert "overload step, 1.05 x rated body broke" in page.words


def test_the_air_of_a_climate_is_told_with_its_case(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    key = "protection/test_overload.py::test_overload[1.05 x]"
    append(path, ("shot", {"case": key, "air": {"before": -10.0, "after": -9.6}}))
    told = "Air around the device, by the sensor of the climate chamber: -10.0 degC before, -9.6 degC after."
    assert told in Page(write_report(path)).words
    assert "Air around" not in Page(write_report(copy(example_run, tmp_path / "without"))).words


def test_an_untriggered_record_proves_nothing(tmp_path: Path, example_run: Path):
    import dataclasses

    from rig.record import save_record

    path = copy(example_run, tmp_path)
    run = read_run(path)
    verdict = run.entries("verdict")[0]
    record = dataclasses.replace(run.capture(verdict["captures"]["fault"]), triggered=False)
    append(
        path, ("verdict", {**verdict, "case": "again", "captures": {"fault": save_record(run.folder, "again", record)}})
    )
    page = Page(write_report(path))
    assert "was armed but saw no event: its samples prove nothing" in page.words
    assert len([tag for tag, _ in page.tags if tag == "figure"]) == 5


def test_a_broken_run_has_no_report(tmp_path: Path, example_run: Path):
    path = copy(example_run, tmp_path)
    (path / "report.html").unlink(missing_ok=True)
    journal = path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"verdict":"FAIL"', b'"verdict":"PASS"'))
    with pytest.raises(BrokenRun, match=r"journal\.jsonl:\d+: the content of this line does not match its hash"):
        write_report(path)
    assert not (path / "report.html").exists()


def test_a_run_without_a_single_case(tmp_path: Path):
    from rig.record import RunFolder

    folder = RunFolder.create(tmp_path / "run")
    journal = Journal(folder.journal, lambda: "t")
    folder.write_run({"id": "empty", "journal": journal.anchor})
    journal.close()
    page = Page(write_report(folder.path))
    assert "Nothing was judged in this run." in page.words
    assert "measurements.parquet was not written" in page.words
