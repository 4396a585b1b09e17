"""What a test of participants asks of the clock until it has its answer."""

import pytest


def until(condition):
    """Look again, a bounded number of times."""
    for _ in range(100_000):
        if condition():
            return
    pytest.fail("the condition never came true")


def reasons(rig):
    return rig.clock().ask(op="log")["reasons"]
