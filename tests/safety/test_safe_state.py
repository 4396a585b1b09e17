"""The safe state: its order, what it reads back, and that no failing step keeps a later one from being tried."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from instruments.records import Sample
from rig.bench.clock import ClockLost
from rig.bench.wiring import Wiring
from rig.safety.safe_state import make_safe
from tests.bench.fakes import Source, timeout

STEPS = ["injector open", "supply off", "discharge", "load off", "contactors isolate", "relays at rest", "supply dead"]


@pytest.fixture
def wiring(fake):
    wiring = Wiring(fake.bench, fake.relays, fake.daq, fake.clock)
    wiring.route("forward", "tap_short")
    fake.daq.driven["FIO0"] = True
    fake.log.clear()
    fake.clock.slept.clear()
    return wiring


def safe(fake, wiring):
    return make_safe(fake.equipment, wiring, fake.clock, "FIO0", {})


def unproved(state) -> list[str]:
    return [step.name for step in state.steps if not step.ok]


def test_the_order_and_every_read_back(fake, wiring):
    state = safe(fake, wiring)
    assert state.verified
    assert (state.trouble, state.unproved) == ("", "")
    assert [step.name for step in state.steps] == STEPS
    assert fake.log == [
        ("daq", "set_line", "FIO0", False), ("daq", "line", "FIO0"),
        ("supply", "make_safe"), ("supply", "read_back"),
        ("load", "make_safe"), ("load", "read_back"),
        ("relays", "set_all", False), ("daq", "lines"), ("relays", "states"),
        ("supply", "measure"),
    ]  # fmt: skip
    assert fake.clock.slept == [0.05, pytest.approx(0.025)], "discharge, then release of the contactors"


def test_a_series_switch_conducts_again_once_the_supply_is_off(fake, wiring):
    fake.daq.driven["FIO1"] = True
    state = make_safe(fake.equipment, wiring, fake.clock, "FIO0", {"series switch": "FIO1", "mains switch": "FIO2"})
    assert state.verified
    assert [step.name for step in state.steps] == [
        *STEPS[:2],
        "series switch at rest",
        "mains switch at rest",
        *STEPS[2:],
    ]
    assert fake.daq.driven["FIO1"] is False
    told = fake.log.index(("daq", "set_line", "FIO1", False))
    assert fake.log.index(("supply", "read_back")) < told < fake.log.index(("load", "make_safe"))


def test_a_neighbour_is_switched_off_with_the_supply_and_has_to_be_dead(fake, wiring):
    beside = Source("neighbour", fake.log, "output")
    equipment = replace(fake.equipment, neighbour=beside)
    state = make_safe(equipment, wiring, fake.clock, "FIO0", {})
    assert state.verified
    assert [step.name for step in state.steps] == [*STEPS[:2], "neighbour off", *STEPS[2:], "neighbour dead"]
    assert fake.log.index(("neighbour", "make_safe")) < fake.log.index(("load", "make_safe"))
    beside.volts = 1.5
    trouble = make_safe(equipment, wiring, fake.clock, "FIO0", {}).trouble
    assert trouble == "neighbour dead: 1.50 V at its terminals 5 s after it was switched off"


def test_harmless_to_repeat(fake, wiring):
    assert safe(fake, wiring) == safe(fake, wiring)


def test_a_supply_without_a_role_is_switched_off_too(fake, wiring):
    spare = Source("spare", fake.log, "output")
    equipment = replace(fake.equipment, others={"spare": spare})
    state = make_safe(equipment, wiring, fake.clock, "FIO0", {})
    assert [step.name for step in state.steps] == [*STEPS[:4], "spare off", *STEPS[4:]]
    assert state.verified
    assert fake.log.index(("spare", "make_safe")) < fake.log.index(("relays", "set_all", False))

    spare.read_back = lambda: {"output": True}
    assert make_safe(equipment, wiring, fake.clock, "FIO0", {}).trouble == "spare off: output True"


@pytest.mark.parametrize(
    ("broken", "failing"),
    [
        ("daq", ["injector open", "contactors isolate"]),
        ("supply", ["supply off", "supply dead"]),
        ("load", ["load off"]),
        ("relays", ["contactors isolate", "relays at rest"]),
    ],
)
@pytest.mark.parametrize("kind", ["link", "anything"])
def test_a_dead_instrument_fails_its_own_steps_and_no_other(fake, wiring, broken, failing, kind):
    dead = fake.instruments[broken]
    dead.broken = timeout(broken) if kind == "link" else RuntimeError("a driver's mistake")
    state = safe(fake, wiring)
    assert not state.verified
    assert unproved(state) == failing
    assert state.unproved == ", ".join(failing)
    assert ("no reply" if kind == "link" else "a driver's mistake") in state.trouble
    assert [step.name for step in state.steps] == STEPS
    assert fake.supply.on == (broken == "supply")
    assert fake.load.on == (broken == "load")
    assert any(fake.relays.coils) == (broken == "relays")


def test_everything_dead_is_tried_to_the_end(fake, wiring, monkeypatch):
    for name, instrument in fake.instruments.items():
        instrument.broken = timeout(name)

    def lost(_seconds: float) -> None:
        raise ClockLost("the twin has gone")

    monkeypatch.setattr(fake.clock, "sleep", lost)
    state = safe(fake, wiring)
    assert unproved(state) == STEPS
    assert ("relays", "set_all", False) in fake.log


def test_a_lost_clock_does_not_keep_the_contactors_closed(fake, wiring, monkeypatch):
    def lost(_seconds: float) -> None:
        raise ClockLost("the twin has gone")

    monkeypatch.setattr(fake.clock, "sleep", lost)
    state = safe(fake, wiring)
    assert unproved(state) == ["discharge", "contactors isolate"]
    assert not any(fake.relays.coils)
    assert not fake.supply.on


def test_a_broken_link_is_reopened_and_the_step_done_again(fake, wiring):
    fake.supply.breaks = [timeout("supply")]
    state = safe(fake, wiring)
    assert state.verified
    assert [entry[1] for entry in fake.log if entry[0] == "supply"] == [
        "make_safe", "reopen", "make_safe", "read_back", "measure",
    ]  # fmt: skip


def test_a_link_left_out_of_step_by_a_clock_that_refused_once_is_reopened(fake, wiring):
    fake.supply.breaks = [ClockLost("refused"), timeout("supply")]
    state = safe(fake, wiring)
    assert state.verified
    assert [entry[1] for entry in fake.log if entry[0] == "supply"] == [
        "make_safe", "make_safe", "reopen", "make_safe", "read_back", "measure",
    ]  # fmt: skip


def test_what_came_first_is_told_too(fake, wiring):
    fake.supply.breaks = [ClockLost("refused"), timeout("supply"), timeout("supply")]
    state = safe(fake, wiring)
    assert unproved(state) == ["supply off", "supply dead"]
    assert re.fullmatch(
        "supply off: .*no reply.*, after refused; supply dead: 48.00 V at its terminals .*", state.trouble
    )


def test_a_link_that_cannot_be_reopened_is_what_was_seen(fake, wiring):
    fake.load.breaks = [timeout("load"), timeout("the same load, again")]
    state = safe(fake, wiring)
    assert unproved(state) == ["load off"]
    assert "the same load, again" in state.trouble
    assert fake.load.on


def test_what_is_read_back_decides(fake, wiring, monkeypatch):
    fake.daq.welded.add("tap_short")
    monkeypatch.setattr(fake.daq, "line", lambda name: True)
    monkeypatch.setattr(fake.supply, "read_back", lambda: {"output": True, "volts": 48.0})
    monkeypatch.setattr(fake.load, "read_back", lambda: {"something": "else"})
    state = safe(fake, wiring)
    assert unproved(state) == ["injector open", "supply off", "load off", "contactors isolate"]
    assert state.trouble == (
        "injector open: gate FIO0 high; supply off: output True, volts 48.0; load off: something else; "
        "contactors isolate: closed: tap_short, by relays or welded"
    )


def test_a_relay_board_that_keeps_a_coil_is_seen(fake, wiring, monkeypatch):
    monkeypatch.setattr(fake.relays, "states", lambda: dict.fromkeys(range(1, 33), False) | {2: True})
    state = safe(fake, wiring)
    assert state.trouble == "relays at rest: coils on: 2"


def test_a_supply_that_lies_is_found_by_its_own_terminals(fake, wiring, monkeypatch):
    monkeypatch.setattr(fake.supply, "measure", lambda: Sample(53.9, 0.0))
    state = safe(fake, wiring)
    assert state.trouble == "supply dead: 53.90 V at its terminals 5 s after it was switched off"


def test_a_supply_that_is_still_discharging_is_waited_for(fake, wiring, monkeypatch):
    volts = iter([30.0, -8.0, 1.9])
    monkeypatch.setattr(fake.supply, "measure", lambda: Sample(next(volts), 0.0))
    state = safe(fake, wiring)
    assert state.verified
    assert state.steps[-1].seen == "1.90 V at its terminals"
    assert fake.clock.slept[-2:] == [0.1, 0.1]
