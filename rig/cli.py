"""The command `rig`: thin; every error is one sentence."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from rig import commands
from rig.files.document import BadFile
from rig.record import BrokenRun
from rig.run.exit_code import BAD_INPUT, BENCH_FAULT
from rig.run.opening import BENCH_FAULTS
from rig.run.progress import printable
from rig.run.setup import Options
from rig.waveforms.errors import BadWaveform

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    name="rig", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Inject faults into a DC-nanogrid device, measure, and judge clause by clause.",
)  # fmt: skip
twin_app = typer.Typer(no_args_is_help=True, help="The simulated bench.")
app.add_typer(twin_app, name="twin")

Bench = Annotated[str, typer.Option(metavar="NAME|FILE", help="Bench file.")]
Device = Annotated[str, typer.Option(metavar="NAME|FILE", help="The maker's declaration.")]
Limits = Annotated[str, typer.Option(metavar="NAME|FILE", help="Limits to judge by.")]
ClausesFile = Annotated[str, typer.Option("--clauses", metavar="NAME|FILE", help="Clauses of the standard.")]
Only = Annotated[Optional[list[str]], typer.Option(metavar="CLAUSE", help="Only cases that judge it; repeatable.")]  # noqa: UP045
OfRun = Annotated[Optional[str], typer.Option("--run", metavar="RUN", help="What this run has found of each.")]  # noqa: UP045
ProfileName = Annotated[
    Optional[str], typer.Option("--profile", metavar="NAME", help="compliance, precert or nightly.")  # noqa: UP045
]
BenchTime = Annotated[
    Optional[str], typer.Option("--budget", metavar="T", help='Bench time at most, such as "30 min".')  # noqa: UP045
]
Scene = Annotated[
    str | None, typer.Option(metavar="NAME|FILE", help="Simulated world, for the twin that is started.")
]  # typer reads it
Seed = Annotated[int, typer.Option(metavar="N", help="Seed of the twin's instrument errors.")]
Ambient = Annotated[Optional[str], typer.Option(metavar="T", help='Temperature of the room, such as "24 degC".')]  # noqa: UP045
CaseTemperature = Annotated[Optional[str], typer.Option(metavar="T", help="Temperature of the device's case.")]  # noqa: UP045
Expression = Annotated[Optional[str], typer.Option("-k", metavar="EXPR", help="Only cases whose name matches.")]  # noqa: UP045
Plans = Annotated[Optional[list[str]], typer.Argument(metavar="[PLAN]...", help="Plan names or files; all by default.")]  # noqa: UP045
Serial = Annotated[Optional[str], typer.Option(metavar="S", help="Serial number of the device under test.")]  # noqa: UP045
Out = Annotated[Optional[str], typer.Option(metavar="DIR", help="Run folder, new or empty.")]  # noqa: UP045
Pace = Annotated[Optional[float], typer.Option(metavar="K", help="K times real time; virtual time without.")]  # noqa: UP045
Watchdog = Annotated[float, typer.Option(metavar="S", help="Wall seconds of standstill before it says who holds time.")]
OutFile = Annotated[str, typer.Option(metavar="OUT", help="Where to write the bench file with the addresses.")]
Hosts = Annotated[Optional[list[str]], typer.Option("--host", metavar="H", help="Host or host:port; repeatable.")]  # noqa: UP045
Ports = Annotated[Optional[list[str]], typer.Option(metavar="P,P-P", help="Its TCP ports; usual ones by default.")]  # noqa: UP045
SerialPorts = Annotated[bool, typer.Option("--serial", help="Ask serial ports too, at 9600 baud.")]
Visa = Annotated[bool, typer.Option("--visa", help="Ask all that the VISA library lists, USB and GPIB too.")]
Timeout = Annotated[float, typer.Option(metavar="S", help="Longest wait for a connection and for a reply, in seconds.")]
NewFile = Annotated[Optional[str], typer.Option("--out", metavar="FILE", help="Bench file to write; must be new.")]  # noqa: UP045
Recorded = Annotated[bool, typer.Option("--recorded", help="A run to report on: what that needs is checked first.")]
Operator = Annotated[Optional[str], typer.Option(metavar="NAME", help="Who carries out the run.")]  # noqa: UP045
Resume = Annotated[Optional[str], typer.Option(metavar="RUN", help="Go on with a run that broke off, in a new one.")]  # noqa: UP045
Again = Annotated[bool, typer.Option("--again", help="With --resume: repeat what may have reached the device.")]
Report = Annotated[bool, typer.Option("--report/--no-report", help="Build report.html; `rig report` does it later.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

RequestFile = Annotated[Optional[str], typer.Option(metavar="FILE", help="What to measure, and by which limits.")]  # noqa: UP045
OwnLimits = Annotated[Optional[str], typer.Option("--limits", metavar="NAME|FILE", help="Limits for its clauses.")]  # noqa: UP045
OwnDevice = Annotated[Optional[str], typer.Option("--device", metavar="NAME|FILE", help="The maker's declaration.")]  # noqa: UP045
BudgetLines = Annotated[bool, typer.Option("--budget", help="Every uncertainty line by line.")]
ExportFile = Annotated[Optional[str], typer.Option(metavar="OUT", help="New file: .csv, .h5, or .cfg (COMTRADE).")]  # noqa: UP045
From = Annotated[Optional[str], typer.Option("--from", metavar="T", help='Export from here on, such as "-10 us".')]  # noqa: UP045
To = Annotated[Optional[str], typer.Option("--to", metavar="T", help="Export up to here.")]  # noqa: UP045

KeptHash = Annotated[Optional[str], typer.Option("--hash", metavar="H", help="Last hash of its journal, as kept.")]  # noqa: UP045
Folder = Annotated[Optional[str], typer.Option("--out", metavar="DIR", help="New folder for measure.json.")]  # noqa: UP045

EXTRA: list[str] = []
"""What followed `--` on the command line: arguments for pytest."""


@app.command()
def run(
    plans: Plans = None, bench: Bench = "twin", device: Device = "reference", scene: Scene = None,
    limits: Limits = "draft-48v", clauses: ClausesFile = "draft", serial: Serial = None, out: Out = None,
    seed: Seed = 1, expression: Expression = None, only: Only = None,
    profile: ProfileName = None, budget: BenchTime = None,
    ambient: Ambient = None, case_temperature: CaseTemperature = None, recorded: Recorded = False,
    operator: Operator = None, resume: Resume = None, again: Again = False, report: Report = True,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Carry out a plan and judge it. After `--` come arguments for pytest.

    Without --recorded it is a development run, and its report says that it is not for a customer. With --resume, and
    all else as before, it goes on with a run that broke off.
    """
    options = Options(
        bench=bench, device=device, limits=limits, clauses=clauses, scene=scene, serial=serial, out=out, seed=seed,
        ambient=ambient, case_temperature=case_temperature, recorded=recorded, operator=operator, resume=resume,
        again=again, only=tuple(only or ()), profile=profile, budget=budget,
    )  # fmt: skip
    _exit(
        lambda: commands.run(plans or [], options, expression, EXTRA, report=report, as_json=as_json), as_json=as_json
    )


@app.command()
def plan(
    plans: Plans = None, bench: Bench = "twin", device: Device = "reference", limits: Limits = "draft-48v",
    serial: Serial = None, expression: Expression = None, only: Only = None, profile: ProfileName = None,
    budget: BenchTime = None, as_json: Json = False,
) -> None:  # fmt: skip
    """What a plan would do to the device, from declared data; touches nothing.

    With --profile or --budget it also says which cases are taken, which are left out, and why in that order.
    """
    options = Options(
        bench=bench, device=device, limits=limits, serial=serial, only=tuple(only or ()), profile=profile,
        budget=budget,
    )  # fmt: skip
    _exit(lambda: commands.plan(plans or [], options, expression, as_json=as_json), as_json=as_json)


@app.command()
def coverage(
    plans: Plans = None, bench: Bench = "twin", device: Device = "reference", limits: Limits = "draft-48v",
    clauses: ClausesFile = "draft", expression: Expression = None, run: OfRun = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Every clause of the standard, the cases that test it, and its verdict or why it has none."""
    options = Options(bench=bench, device=device, limits=limits, clauses=clauses)
    _exit(lambda: commands.coverage(plans or [], options, expression, run, as_json=as_json), as_json=as_json)


@app.command()
def safe(bench: Annotated[str, typer.Option(metavar="FILE", help="Bench file.")], as_json: Json = False) -> None:
    """Bring a bench to its safe state, read everything back, and clear the mark of an unproved end."""
    _exit(lambda: commands.safe(bench, as_json=as_json), as_json=as_json)


@app.command()
def check(
    bench: Bench = "twin", device: Device = "reference", scene: Scene = None, seed: Seed = 1, as_json: Json = False
) -> None:
    """Prove the bench at low energy with the device isolated, and name the part that is wrong."""
    options = Options(bench=bench, device=device, scene=scene, seed=seed)
    _exit(lambda: commands.check(options, as_json=as_json), as_json=as_json)


@app.command()
def schema(kind: Annotated[str, typer.Argument(metavar="bench|device|scene|limits|certificate|request")]) -> None:
    """JSON Schema of a file, for editors."""
    _exit(lambda: commands.schema(kind))


@app.command()
def init(folder: Annotated[str, typer.Argument(metavar="DIR")]) -> None:
    """Copy a starter (plans, bench, device, limits, scenes) into a new folder."""
    _exit(lambda: commands.init(folder))


@app.command()
def report(run_folder: Annotated[str, typer.Argument(metavar="RUN")]) -> None:
    """Build report.html again from a run folder."""
    _exit(lambda: commands.report(run_folder))


@app.command()
def measure(
    file: Annotated[str, typer.Argument(metavar="FILE")], request: RequestFile = None, limits: OwnLimits = None,
    device: OwnDevice = None, budget: BudgetLines = False, export: ExportFile = None, begin: From = None,
    end: To = None, out: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Measure and judge a capture you already have, or write it in another format.

    FILE is a capture of a run (.parquet), a table (.csv) or a waveform file of an oscilloscope. Without --request it
    says what the file holds.
    """
    _exit(
        lambda: commands.measure(file, request, limits, device, budget, export, (begin, end), out, as_json=as_json),
        as_json=as_json,
    )


@app.command()
def verify(
    run_folder: Annotated[str, typer.Argument(metavar="RUN")], kept: KeptHash = None, as_json: Json = False
) -> None:
    """Whether a run folder is what the run wrote. Exit 1 when it is not."""
    _exit(lambda: commands.verify(run_folder, kept, as_json=as_json), as_json=as_json)


@app.command()
def rejudge(
    run_folder: Annotated[str, typer.Argument(metavar="RUN")], limits: OwnLimits = None, out: Out = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Judge a finished run again from its folder, under other limits or its own; opens nothing.

    Writes a record of its own and leaves RUN as it is. Exit codes as for a run.
    """
    _exit(lambda: commands.rejudge(run_folder, limits, out, as_json=as_json), as_json=as_json)


@app.command()
def replay(
    run_folder: Annotated[str, typer.Argument(metavar="RUN")], out: Out = None, as_json: Json = False
) -> None:  # fmt: skip
    """Play a run back from its transcripts, without a bench: the same plan and drivers against the recorded bytes.

    Exit 1 when a byte or a verdict differs; the first that does is told with its link and line.
    """
    _exit(lambda: commands.replay(run_folder, out, as_json=as_json), as_json=as_json)


@app.command()
def scan(
    hosts: Hosts = None, ports: Ports = None, serial: SerialPorts = False, visa: Visa = False, timeout: Timeout = 1.0,
    out: NewFile = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Find instruments without disturbing them, and write a bench file to complete.

    Without --host, --serial or --visa it looks at what announces itself on USB and the LAN, and asks what is on the
    LAN. USB and GPIB instruments show "remote" on their panel when they are asked, so that needs --visa.
    """
    _exit(lambda: commands.scan(hosts or [], ports or [], serial, visa, timeout, out, as_json=as_json), as_json=as_json)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Whether this computer can run the rig, and the cure of what is wrong. Exit 2 when something needed is."""
    _exit(lambda: commands.doctor(as_json=as_json), as_json=as_json)


@twin_app.command()
def serve(
    write_bench: OutFile, bench: Bench = "twin", device: Device = "reference", scene: Scene = None, seed: Seed = 1,
    pace: Pace = None, watchdog: Watchdog = 30.0,
) -> None:  # fmt: skip
    """Serve a simulated bench until Ctrl-C."""
    _exit(lambda: commands.serve_twin(bench, device, scene, seed, pace, watchdog, write_bench))


@twin_app.command()
def devices(as_json: Json = False) -> None:
    """Kinds of device, ready scenes, defects and faults of the bench, one line each."""
    _exit(lambda: commands.devices(as_json=as_json), as_json=as_json)


def _exit(command: Callable[[], int], *, as_json: bool = False) -> None:
    """Run a command; whatever goes wrong is said in sentences on stderr, and in the one document of `--json`."""
    sentences: list[str] = []
    try:
        code = command()
    except BadFile as bad:
        code, sentences = BAD_INPUT, [str(mistake) for mistake in bad.mistakes]
    except (BrokenRun, BadWaveform) as broken:
        code, sentences = BAD_INPUT, [str(broken)]
    except BENCH_FAULTS as fault:
        code, sentences = BENCH_FAULT, [str(fault)]
    except KeyboardInterrupt:
        code, sentences = BENCH_FAULT, ["Aborted by the operator."]
    except BrokenPipeError:
        raise  # whoever read our output has left; typer ends quietly
    except Exception as error:
        if os.environ.get("RIG_TRACEBACK"):
            raise
        text = (
            f"An error inside the rig: {type(error).__name__}: {error}; RIG_TRACEBACK=1 shows where, please report it."
        )
        code, sentences = BENCH_FAULT, [text]
    for sentence in sentences:
        typer.echo(printable(sentence), err=True)
    if as_json and sentences:
        typer.echo(json.dumps({"exit": code, "errors": sentences}, indent=2, ensure_ascii=False))
    raise typer.Exit(code)


def main() -> None:
    """Entry point."""
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    arguments, EXTRA[:] = arguments[:split], arguments[split + 1 :]
    app(arguments, prog_name="rig")
