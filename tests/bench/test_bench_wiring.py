"""Contactors by route: break before make, read back twice, forbidden pairs refused before anything moves."""

from __future__ import annotations

import pytest

from instruments.errors import LinkTimeout
from rig.bench.wiring import ContactFault, Wiring


@pytest.fixture
def wiring(fake):
    return Wiring(fake.bench, fake.relays, fake.daq, fake.clock)


def commands(fake) -> list[tuple]:
    return [entry[1:] for entry in fake.log if entry[1] in {"set", "set_all"}]


def test_a_route_closes_its_contactors_and_the_tap(fake, wiring):
    wiring.route("forward", "tap_short")
    assert wiring.closed() == {"energy_input", "load_line", "tap_short"}
    assert commands(fake) == [("set", 1, True), ("set", 2, True), ("set", 9, True)]
    assert fake.clock.slept == [pytest.approx(0.035)], "the slowest operate time and a margin, once"


def test_what_opens_opens_and_is_read_back_before_anything_closes(fake, wiring):
    wiring.route("forward", "tap_1")
    fake.log.clear()
    fake.clock.slept.clear()
    wiring.route("reversed")
    names = [entry for entry in fake.log if entry[1] in {"set", "states"}]
    assert names == [
        ("relays", "set", 1, False), ("relays", "set", 2, False), ("relays", "set", 10, False), ("relays", "states"),
        ("relays", "set", 3, True), ("relays", "states"),
    ]  # fmt: skip
    assert fake.clock.slept == [pytest.approx(0.025), pytest.approx(0.035)]
    assert wiring.closed() == {"reverse_line"}


def test_a_route_that_stands_already_moves_nothing(fake, wiring):
    wiring.route("forward")
    fake.log.clear()
    wiring.route("forward")
    assert commands(fake) == []


def test_a_forbidden_pair_is_refused_before_anything_moves(fake, wiring):
    with pytest.raises(ContactFault, match="Route reversed would close load_line and reverse_line together"):
        wiring.route("reversed", "load_line")
    assert fake.log == []


def test_a_welded_contact_keeps_the_new_route_open(fake, wiring):
    wiring.route("forward")
    fake.daq.welded.add("energy_input")
    fake.log.clear()
    with pytest.raises(ContactFault, match=r"energy_input did not open: coil 1 reads off, .* EIO0 reads closed"):
        wiring.route("reversed")
    assert ("set", 3, True) not in commands(fake)


def test_a_contact_that_does_not_close_is_named(fake, wiring):
    fake.daq.stuck.add("load_line")
    with pytest.raises(ContactFault, match=r"load_line did not close: coil 2 reads on, .* EIO1 reads open"):
        wiring.route("forward")


def test_a_coil_that_does_not_follow_is_named_although_its_contact_says_closed(fake, wiring, monkeypatch):
    fake.daq.welded.add("load_line")
    monkeypatch.setattr(fake.relays, "set", lambda channel, on: None)
    with pytest.raises(ContactFault, match="coil"):
        wiring.route("forward")


def test_isolating_opens_all_at_once_and_tells_what_stays(fake, wiring):
    wiring.route("forward", "tap_1")
    fake.daq.welded.add("tap_1")
    fake.log.clear()
    state = wiring.isolate()
    assert commands(fake) == [("set_all", False)]
    assert {name for name, closed in state.items() if closed} == {"tap_1"}
    assert set(state) == set(fake.bench.contactors)


def test_the_changeover_puts_the_device_back_when_all_else_has_opened(fake, wiring):
    wiring.connect({"proof_line", "feed_line", "tap_1"})
    fake.log.clear()
    fake.clock.slept.clear()
    wiring.isolate()
    assert commands(fake) == [("set", 4, False), ("set", 10, False), ("set_all", False)]
    assert fake.clock.slept == [pytest.approx(0.025), pytest.approx(0.025)]


def test_relays_that_do_not_answer_are_still_told_to_open(fake, wiring, monkeypatch):
    wiring.connect({"proof_line", "feed_line"})

    def silent():
        raise LinkTimeout("relays", "states", "no reply", "look at it")

    monkeypatch.setattr(fake.relays, "states", silent)
    fake.log.clear()
    assert not any(wiring.isolate().values())
    assert commands(fake) == [("set_all", False)]


def test_contactors_that_move_by_themselves_are_found(fake):
    wiring = Wiring(fake.bench, fake.relays, fake.daq, fake.clock)
    wiring.check()
    wiring.route("forward")
    wiring.check()
    fake.daq.stuck.add("load_line")
    with pytest.raises(ContactFault, match=r"load_line opened by itself, .*EIO1: check its coil"):
        wiring.check()
    fake.daq.stuck.clear()
    fake.daq.welded.add("tap_1")
    with pytest.raises(ContactFault, match=r"tap_1 closed by itself"):
        wiring.check()
    fake.daq.welded.clear()
    fake.relays.coils[:] = [False] * len(fake.relays.coils)
    with pytest.raises(ContactFault, match=r"energy_input opened .*: relays says that it has switched coil 1 itself"):
        wiring.check()
    wiring.isolate()
    wiring.check()
