"""What a person sees: plain without a terminal, text of devices and files never markup or escapes."""

from __future__ import annotations

import io
import os
from types import SimpleNamespace

import pytest

from rig.faults import Overload, Reverse, Short
from rig.measure import Budget, Decision, Line, Measurement
from rig.run import Case
from rig.run.needs import left_out
from rig.run.planned import new_planned
from rig.run.preview import preview, print_preview
from rig.run.progress import Progress, limit_text, new_console, outlet, printable, value_text
from rig.run.setup import Options, load_setup

EVIL = "[red]DHO[/red] [/] \x1b[31mx\x07"
TAMED = "[red]DHO[/red] [/] \N{REPLACEMENT CHARACTER}[31mx\N{REPLACEMENT CHARACTER}"


def measurement(value, unit="s", outcome="Measured", u=None, **more) -> Measurement:
    budget = Budget((Line("all", u),), unit) if u is not None else None
    return Measurement("operate_time", outcome, value, unit, "a test", budget, **more)


def limit(**given) -> SimpleNamespace:
    return SimpleNamespace(**{"unit": "s", "low": None, "high": None, "must_not": False, "window": None, **given})


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (measurement(41.06e-6, u=0.65e-6), "41.06 µs ± 1.3 µs"),
        (measurement(41.06e-6), "41.06 µs"),
        (measurement(None, outcome="NotTripped", window=0.5), "NotTripped in 500 ms"),
        (measurement(None, outcome="NotArmed"), "NotArmed"),
        (measurement(60.5, "V", u=0.1, bound="lower"), "≥ 60.5 V ± 200 mV"),
        (
            measurement(0.05, outcome="Limited", u=5e-4, inputs={"limited_current": 6.5}),
            "Limited to 6.5 A after 50 ms ± 980 µs",
        ),
    ],
)
def test_a_value_as_printed(found, text):
    assert value_text(found) == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (limit(high=500e-6), "≤ 500 µs"),
        (limit(low=0.1, high=1.0), "100 ms ≤ y ≤ 1 s"),
        (limit(low=0.1), "100 ms ≤ y"),
        (limit(must_not=True, window=2.0), "not within 2 s"),
        (limit(must_not=True), "never"),
    ],
)
def test_a_limit_as_printed(given, text):
    assert limit_text(given) == text


@pytest.fixture
def seen():
    out = io.StringIO()
    return out, Progress(new_console(out))


def planned(verdict="PASS", reason="", label="short 10 mΩ", clause="SC-01"):
    case = SimpleNamespace(clause=clause, label=label)
    one = new_planned("id", case, "title", "why", ())
    one.verdict, one.reason = verdict, reason
    return one


def test_without_a_terminal_it_is_plain_lines(seen, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    out, progress = seen
    progress.doing("opening bench twin")
    progress.case_ended("hard short", "FAIL")
    progress.quiet()
    progress.summary([planned("NOT_TESTED", "the run ended before it")], "scope: no reply")
    assert out.getvalue() == (
        "opening bench twin\n"
        "FAIL             hard short\n"
        "NOT_TESTED       title: short 10 mΩ: the run ended before it\n"
        "The bench: scope: no reply\n"
    )


def test_text_from_elsewhere_is_never_markup_nor_an_escape(seen):
    out, progress = seen
    progress.doing(EVIL)
    progress.say(EVIL)
    progress.case_ended(EVIL, "PASS")
    one = planned("NOT_TESTED", EVIL, clause=EVIL)
    decision = Decision("PASS", "fine", 1.0, None, 1.0, "guarded")
    judged = SimpleNamespace(
        clause=EVIL, measurement=measurement(1e-3, u=1e-5), limit=limit(high=1.0, status=EVIL), decision=decision
    )
    one.judged.append(judged)
    progress.summary([one], EVIL)
    text = out.getvalue()
    assert "\x1b" not in text
    assert "\x07" not in text
    assert text.count("[red]DHO[/red] [/]") == 7
    assert text.splitlines()[0] == TAMED


def test_on_a_terminal_the_live_line_takes_any_text(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    progress = Progress(new_console(out))
    progress.doing(EVIL)
    progress.quiet()
    progress.case_ended("a case", "FAIL")
    progress.say("red?", style="bold red")
    assert "\x1b[31m" not in out.getvalue()
    assert "[red]DHO[/red]" in out.getvalue()


def test_printable_keeps_lines_and_drops_controls():
    assert (
        printable("a\nb\tc\x00\x9b1m\u202e")
        == "a\nb\N{REPLACEMENT CHARACTER}c" + "\N{REPLACEMENT CHARACTER}" * 2 + "1m\N{REPLACEMENT CHARACTER}"
    )


def test_a_pipe_that_nobody_reads_any_more_ends_no_run():
    reading, writing = os.pipe()
    out = outlet(writing)
    os.close(writing)
    os.close(reading)
    progress = Progress(new_console(out))
    for _ in range(100):
        progress.say("x" * 1000)
    progress.summary([planned("NOT_TESTED", "why")], "problem")
    out.close()


def test_an_outlet_outlives_the_stream_it_was_made_from():
    reading, writing = os.pipe()
    out = outlet(writing)
    os.close(writing)
    out.write("Ω\n")
    out.close()
    assert os.read(reading, 100) == "Ω\n".encode()
    os.close(reading)


# -- rig plan


def plan(*cases: Case):
    return [new_planned(f"id{n}", case, "a title", "because", ()) for n, case in enumerate(cases)]


def test_a_preview_says_what_a_fault_could_do_and_what_cannot_be_done():
    setup = load_setup(Options())
    short, odd, reverse, heavy = preview(
        setup,
        plan(
            Case("SC-01", Short("10 mohm"), hold="500 ms", watch="12 s"),
            Case("SC-01", Short("1 ohm")),
            Case("RP-01", Reverse("54 V", current="1 A"), hold="60 s", needs=frozenset({"reversed"})),
            Case("OC-01", Overload(1.5), hold="100 min"),
        ),
    )
    assert (short.clause, short.label, short.why, short.problem) == ("SC-01", "short 10 mΩ", "because", "")
    assert (short.seconds, short.relay_operations) == (12.5, 6)
    assert short.peak_current > short.steady_current > 0
    assert odd.peak_current is None
    assert odd.problem.startswith("no tap of bench twin makes short 1 Ω")
    assert (reverse.relay_operations, reverse.seconds, reverse.problem) == (2, 72.0, "")
    assert "overload 1.5 x" in heavy.problem


def test_a_preview_names_what_is_not_for_the_device():
    setup = load_setup(Options())
    unfit = [Case("REC-01", Overload(1.5 + n / 8), protection="limit") for n in range(5)]
    told = left_out(plan(Case("SC-01", Short("10 mohm")), *unfit), setup.device)
    assert [(one.case, why) for one, why in told] == [
        (case, "it is for a port with protection of type limit") for case in unfit
    ]
    assert left_out(plan(*unfit), setup.device, ["SC-01"]) == []
    out = io.StringIO()
    print_preview(setup, [], new_console(out), plan(*unfit))
    *_, first, _, _, last = out.getvalue().splitlines()
    assert first == "Left out  a title: overload 1.5 x: it is for a port with protection of type limit"
    assert last == "and 2 more that are not for this device; `rig coverage` tells why"


def test_a_preview_as_printed_is_plain_and_takes_any_name():
    setup = load_setup(Options())
    evil = SimpleNamespace(bench=SimpleNamespace(name=EVIL), device=SimpleNamespace(name="d"))
    rows = preview(setup, plan(Case("[bold]", Short("10 mohm")), Case("SC-01", Short("1 ohm"))))
    out = io.StringIO()
    print_preview(evil, rows, new_console(out))
    text = out.getvalue()
    assert text.startswith(f"Bench {TAMED}, device d; from declared data, nothing was opened.\n")
    assert "[bold]" in text
    assert "NOT_TESTED  a title: short 1 Ω: no tap of bench twin" in text
    assert "2 cases, 6 relay operations" in text
    assert "\x1b" not in text
