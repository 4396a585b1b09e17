"""What each word of the command line does; returns the exit code of the contract."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from contextlib import nullcontext, redirect_stdout
from dataclasses import asdict
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from rig.files.document import BadFile, Mistake
from rig.run.exit_code import BAD_INPUT, BENCH_FAULT, PASSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rig.bench.proof import Proof
    from rig.record import RunFolder
    from rig.run.planned import Planned
    from rig.run.progress import Progress
    from rig.run.rejudge import Rejudging
    from rig.run.run import Run
    from rig.run.setup import Options

STARTER = ("protection", "source_port", "feeding", "benches", "devices", "limits", "scenes", "clauses")


def run(
    plans: list[str], options: Options, expression: str | None, extra: list[str], *, report: bool, as_json: bool
) -> int:  # fmt: skip
    """`rig run`."""
    from rig.run.progress import Progress, new_console, outlet
    from rig.run.runner import run_plan
    from rig.run.setup import load_setup, plan_paths
    from rig.safety.interrupts import Interrupts

    setup, paths = load_setup(options), plan_paths(plans)
    # Before pytest captures anything: the person's own terminal, or stderr when stdout is to be one JSON document.
    with outlet(2 if as_json else 1) as out:
        progress = Progress(new_console(out))
        with redirect_stdout(sys.stderr) if as_json else nullcontext():  # pytest's own words
            code, done = run_plan(setup, paths, expression, extra, progress, Interrupts())
        progress.summary(done.planned.values(), done.problem, done.doubts)
        _report(done, progress, code, wanted=report)
    if as_json:
        assert done.folder is not None
        _print_json(
            {
                "exit": code,
                "problem": done.problem,
                "run": str(done.folder.path),
                **_run_json(done.folder, done.planned.values()),
            }
        )
    return code


def plan(plans: list[str], options: Options, expression: str | None, *, as_json: bool) -> int:
    """`rig plan`: from declared data, no input or output but reading files."""
    from rig.run.preview import preview, print_choices, print_preview
    from rig.run.profiles import choices
    from rig.run.progress import new_console
    from rig.run.runner import chosen, collect
    from rig.run.setup import load_setup, plan_paths

    setup = load_setup(options)
    whole = collect(plan_paths(plans), expression)
    rows = preview(setup, chosen(whole, setup))
    told = choices(whole, setup) if options.profile or options.budget else []
    if as_json:
        names = {"bench": setup.bench.name, "device": setup.device.name}
        _print_json({**names, "cases": [asdict(row) for row in rows], "choices": [one.entry for one in told]})
    else:
        print_preview(setup, rows, new_console(), whole)
        print_choices(told, new_console())
    return PASSED


def safe(bench_name: str, *, as_json: bool) -> int:
    """`rig safe`: everything off, read back; only then the bench may be used again."""
    from rig.bench.file import load_bench
    from rig.files import document
    from rig.run.opening import locked, open_bench
    from rig.run.progress import printable
    from rig.safety.interrupts import Interrupts
    from rig.safety.safe_state import make_safe

    bench = load_bench(document.resolve("benches", bench_name))
    if bench.kind == "twin" and bench.clock is None:
        text = "nobody serves this twin: give the file that `rig twin serve --write-bench` wrote"
        raise BadFile([Mistake("command line", 0, 0, "--bench", text)])
    interrupts = Interrupts()
    with interrupts.installed(), interrupts.deferred(), locked(bench) as locks:
        before = locks.dirty_reason()
        with open_bench(bench, None, absent_ok=True) as (equipment, wiring, clock):
            state = make_safe(equipment, wiring, clock, bench.injector.gate, bench.controls)
        if state.verified:
            locks.clear_dirty()
    if as_json:
        _print_json({"bench": bench.name, "verified": state.verified, "steps": [asdict(step) for step in state.steps]})
    else:
        for step in state.steps:
            sys.stdout.write(printable(f"{'ok ' if step.ok else 'NOT PROVED '} {step.name}: {step.seen}\n"))
        if before:
            sys.stdout.write(f"{'Cleared' if state.verified else 'Kept'} the mark: {before}.\n")
    if not state.verified:
        sys.stderr.write(printable(f"Bench {bench.name} is not proved safe: {state.trouble}. Cut its supply.\n"))
    return PASSED if state.verified else BENCH_FAULT


def _print_findings(bench: str, proofs: Sequence[Proof], code: int, *, as_json: bool) -> None:
    """What a proof has found, also one that ended with that."""
    from rig.record.plain import plain
    from rig.run.progress import printable

    findings = [one for proof in proofs for one in proof.findings]
    if as_json:
        _print_json({"bench": bench, "exit": code, "findings": plain([one.entry for one in findings])})
        return
    for one in findings:
        span = f"{one.low:.4g} to {one.high:.4g}"
        word = "ok   " if one.ok else "WRONG"
        sys.stdout.write(printable(f"{word} {one.step}: {one.part}: {one.found:.4g} {one.unit} ({span})\n"))


def check(options: Options, *, as_json: bool) -> int:
    """`rig check`: the bench proof alone; the device stays isolated and is not energised."""
    import tempfile
    from pathlib import Path

    from rig.record import RunFolder
    from rig.run.opening import running_bench, staged
    from rig.run.setup import load_setup
    from rig.safety.interrupts import Interrupts

    setup, interrupts = load_setup(options), Interrupts()
    proofs: list[Proof] = []
    with tempfile.TemporaryDirectory() as place, interrupts.installed(), running_bench(setup) as running:
        folder = RunFolder.create(Path(place) / "check")
        try:
            with staged(setup, running, folder, interrupts, lambda _: None, proofs.append, calibrate=False) as stage:
                code = PASSED if stage.proof is not None else BENCH_FAULT
        except Exception:
            _print_findings(setup.bench.name, proofs, BENCH_FAULT, as_json=as_json)
            raise
    _print_findings(setup.bench.name, proofs, code, as_json=as_json)
    if not proofs:
        sys.stderr.write(f"Bench {setup.bench.name} declares no proof, so that nothing of it was proved.\n")
        return BENCH_FAULT
    return PASSED


def coverage(
    plans: list[str], options: Options, expression: str | None, run_folder: str | None, *, as_json: bool
) -> int:
    """`rig coverage`: of a plan from declared data, or of a run from its folder."""
    from rig.run.progress import new_console

    if run_folder is not None:
        from rig.record import BrokenRun, read_run

        rows = read_run(Path(run_folder)).run.get("coverage")
        if not isinstance(rows, list):
            raise BrokenRun(f"{run_folder} has no coverage: it did not end, or is of a version before 0.1.")
    else:
        from rig.run.covering import coverage as found
        from rig.run.needs import fitting, whys
        from rig.run.runner import collect
        from rig.run.setup import load_setup, plan_paths

        setup, plan = load_setup(options), collect(plan_paths(plans), expression)
        fit = fitting(plan, setup.device, options.only)
        rows = [row.entry for row in found(setup, fit, whys(plan, setup.device))]
    if as_json:
        _print_json({"clauses": rows})
    else:
        from rig.run.covering import print_coverage

        print_coverage(rows, new_console())
    return PASSED


def measure(
    file: str, request: str | None, limits: str | None, device: str | None, budget: bool, export: str | None,
    span: tuple[str | None, str | None], out: str | None, *, as_json: bool,
) -> int:  # fmt: skip
    """`rig measure`."""
    from rig.run.file_command import Wanted, carry_out
    from rig.run.progress import new_console

    wanted = Wanted.checked(file, request, limits, device, export, span, budget=budget, out=out)
    code, document, show = carry_out(wanted, budget=budget)
    if as_json:
        _print_json({"exit": code, **document})
    else:
        show(new_console())
    return code


def verify(run_folder: str, kept: str | None, *, as_json: bool) -> int:
    """`rig verify`."""
    from rig.bench.locks import kept_folder
    from rig.record import BenchLog
    from rig.record import verify as findings
    from rig.run.ending import BENCH_LOG
    from rig.run.exit_code import FAILED
    from rig.run.progress import printable

    found = findings(Path(run_folder), BenchLog(kept_folder() / BENCH_LOG), kept)
    code = FAILED if any(one.ok is False for one in found) else PASSED
    if as_json:
        _print_json({"exit": code, "run": run_folder, "findings": [asdict(one) for one in found]})
    else:
        words = {True: "ok        ", False: "NOT SO    ", None: "not known "}
        for one in found:
            sys.stdout.write(printable(f"{words[one.ok]} {one.what}: {one.said}\n"))
    return code


def rejudge(run_folder: str, limits: str | None, out: str | None, *, as_json: bool) -> int:
    """`rig rejudge`."""
    from rig.run.compare import print_compared
    from rig.run.progress import Progress, new_console, outlet
    from rig.run.rejudge import rejudge as judge_again

    with outlet(2 if as_json else 1) as stream:
        console = new_console(stream)
        progress = Progress(console)
        with redirect_stdout(sys.stderr) if as_json else nullcontext():  # pytest's own words
            code, done, rows, remarks = judge_again(Path(run_folder), limits, out, progress)
        if not as_json:
            print_compared(rows, console)
        for one in done.cases:
            if one.verdict == "NOT_TESTED":
                progress.say(f"NOT_TESTED       {one.title}: {one.reason}")
        for remark in remarks:
            progress.say(f"{remark}.", style="yellow")
        if done.problem:
            progress.say(f"The record: {done.problem}", style="bold red")
        _report(done, progress, code)
    if as_json:
        _print_json({
            "exit": code, "problem": done.problem, "run": str(done.folder.path), "remarks": remarks,
            "verdicts": [row.as_json() for row in rows], **_run_json(done.folder, done.cases),
        })  # fmt: skip
    return code


def replay(run_folder: str, out: str | None, *, as_json: bool) -> int:
    """`rig replay`."""
    from rig.run.exit_code import FAILED
    from rig.run.progress import Progress, new_console, outlet
    from rig.run.replay import replay as play

    with outlet(2 if as_json else 1) as stream:
        progress = Progress(new_console(stream))
        with redirect_stdout(sys.stderr) if as_json else nullcontext():  # pytest's own words
            played = play(Path(run_folder), out, progress)
    if as_json:
        _print_json({"exit": PASSED if played.same else FAILED, **played.as_json()})
    else:
        sys.stdout.write("".join(f"{line}\n" for line in played.lines))
    return PASSED if played.same else FAILED


def scan(
    hosts: list[str], ports: list[str], serial: bool, visa: bool, timeout_s: float, out: str | None, *, as_json: bool
) -> int:
    """`rig scan`."""
    from rig.run.progress import Progress, new_console
    from rig.scan.command import Request, carry_out
    from rig.scan.table import print_found

    request = Request.checked(hosts, ports, serial=serial, visa=visa, timeout_s=timeout_s, out=out)
    progress = Progress(new_console(sys.stderr))
    try:
        result = carry_out(request, progress.doing if sys.stderr.isatty() else lambda _: None, progress.say)
    finally:
        progress.quiet()
    code = PASSED if result.known else BENCH_FAULT
    if as_json:
        _print_json({"exit": code, **result.as_json()})
    else:
        console = new_console()
        print_found(result.found, result.notes, console)
        console.print(result.summary, markup=False, soft_wrap=True)
    return code


def doctor(*, as_json: bool) -> int:
    """`rig doctor`."""
    from rig.doctor import check, look
    from rig.doctor.table import print_checks
    from rig.run.progress import new_console

    checks = check(look(Path("runs")))
    code = BAD_INPUT if any(one.mark == "wrong" for one in checks) else PASSED
    if as_json:
        _print_json({"exit": code, "checks": [asdict(one) for one in checks]})
    else:
        print_checks(checks, new_console())
    return code


def schema(kind: str) -> int:
    """`rig schema`."""
    if kind == "scene":
        from rig.twin.scene.model import Scene

        _print_json(Scene.model_json_schema())
        return PASSED
    from rig.files.schema import schema_json

    try:
        _print_json(schema_json(kind))
    except (KeyError, ValueError):
        text = f"there is no schema '{kind}': write bench, device, scene, limits, certificate or request"
        raise BadFile([Mistake("command line", 0, 0, "KIND", text)]) from None
    return PASSED


def init(folder: str) -> int:
    """`rig init`: a starter to edit."""
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadFile(
            [Mistake("command line", 0, 0, "DIR", f"{target} exists and is not an empty folder; name a new one")]
        )
    try:
        with as_file(files("testplans")) as source:
            for part in STARTER:
                shutil.copytree(source / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
    except OSError as error:  # shutil.Error lists one reason a file
        reason = error.strerror or "not every file could be copied"
        raise BadFile([Mistake("command line", 0, 0, "DIR", f"{target} cannot be filled ({reason})")]) from None
    plan, device = shlex.quote(str(target / "protection")), shlex.quote(str(target / "devices" / "reference.yaml"))
    sys.stdout.write(f"{target} holds a starter. Try:\n  rig plan {plan}\n  rig run {plan} --device {device}\n")
    return PASSED


def report(run_folder: str) -> int:
    """`rig report`."""
    from reports import write_report

    sys.stdout.write(f"{write_report(Path(run_folder))}\n")
    return PASSED


def serve_twin(
    bench: str, device: str, scene: str | None, seed: int, pace: float | None, watchdog: float, write_bench: str
) -> int:
    """`rig twin serve`: in this process, until Ctrl-C."""
    from rig.twin.process import serve

    return serve(
        bench=bench, device=device, scene=scene, seed=seed, pace=pace, watchdog=watchdog,
        write_bench=Path(write_bench).absolute(),
    )  # fmt: skip


def devices(*, as_json: bool) -> int:
    """`rig twin devices`: what a scene can be made of, and what can be wrong in it."""
    from rig.listing import print_listing
    from rig.run.progress import new_console
    from rig.twin.catalogue import catalogue, catalogue_json

    if as_json:
        _print_json(catalogue_json())
    else:
        print_listing(catalogue(), new_console())
    return PASSED


def _report(done: Run | Rejudging, progress: Progress, code: int, *, wanted: bool = True) -> None:
    if done.folder is None:
        return
    path = done.folder.path
    try:
        if wanted:
            from reports import write_report

            path = write_report(path)
    except Exception as error:
        then = f"`rig verify {path}` says how whole the record is, `rig report {path}` tries again"
        sys.stderr.write(f"The report could not be built ({error}); {then}.\n")
        return
    progress.ended(path, code, development=not done.setup.options.recorded)


def _run_json(folder: RunFolder, cases: Iterable[Planned]) -> dict[str, object]:
    document: dict[str, object] = json.loads(folder.run_json.read_text(encoding="utf-8"))
    return {"cases": {one.key: one.verdict for one in cases}, "record": document}


def _print_json(document: object) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")
