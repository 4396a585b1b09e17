"""Plans, limits, clauses, benches, devices and scenes: what a lab engineer reads and edits."""
