"""What becomes of files that are wrong: `python -m studies.mutants`."""
