"""Benches that are not as their file says, at start and in a run, and the right one."""
