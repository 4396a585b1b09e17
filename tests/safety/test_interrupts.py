"""Ctrl-C ends a run once, never inside what must not be cut, and other owners of the signals get them back."""

from __future__ import annotations

import os
import signal

import pytest

from rig.safety.interrupts import ENDING, Interrupts


@pytest.fixture
def interrupts():
    found = Interrupts()
    with found.installed():
        yield found


def send(number: int = signal.SIGINT) -> None:
    """To ourselves: Python runs the handler before the next line."""
    signal.raise_signal(number)


@pytest.mark.parametrize("number", ENDING)
def test_the_first_one_raises_where_the_run_stands(interrupts, number):
    with pytest.raises(KeyboardInterrupt):
        send(number)
    assert interrupts.count == 1


def test_later_ones_only_count(interrupts):
    with pytest.raises(KeyboardInterrupt):
        send()
    send()
    send(signal.SIGTERM)
    assert interrupts.count == 3


def test_inside_a_deferred_block_it_waits_until_the_block_has_ended(interrupts):
    done = []

    def block() -> None:
        with interrupts.deferred():
            send()
            send()
            done.append("whole")

    with pytest.raises(KeyboardInterrupt):
        block()
    assert done == ["whole"]


def test_in_nested_blocks_it_waits_for_the_outermost(interrupts):
    done = []

    def nested() -> None:
        with interrupts.deferred():
            with interrupts.deferred():
                send()
                done.append("inner")
            done.append("outer")

    with pytest.raises(KeyboardInterrupt):
        nested()
    assert done == ["inner", "outer"]


def test_a_deferred_block_after_the_first_one_is_never_cut(interrupts):
    with pytest.raises(KeyboardInterrupt):
        send()
    with interrupts.deferred():
        send()
    assert interrupts.count == 2


def test_trouble_inside_a_deferred_block_is_what_is_raised_and_the_interrupt_is_not_forgotten(interrupts):
    def troubled() -> None:
        with interrupts.deferred():
            send()
            raise ValueError

    with pytest.raises(ValueError):
        troubled()
    assert interrupts.count == 1
    with pytest.raises(KeyboardInterrupt), interrupts.deferred():
        pass


def test_the_former_handlers_come_back():
    before = [signal.getsignal(number) for number in ENDING]
    with Interrupts().installed():
        assert [signal.getsignal(number) for number in ENDING] != before
    assert [signal.getsignal(number) for number in ENDING] == before


def test_installed_twice_by_two_owners_of_one_run():
    interrupts = Interrupts()
    with interrupts.installed():
        with interrupts.installed():
            pass
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert interrupts.count == 1


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        interrupts = Interrupts()
        with interrupts.installed():
            send(signal.SIGHUP)
        assert interrupts.count == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
