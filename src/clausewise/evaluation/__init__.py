"""Suites of questions with known clauses: ask them, measure the answers, compare two runs, judge by a gate.

A suite is a folder: `cases.jsonl` or `cases.yaml`, `gate.toml`, `baseline/` (a saved run), `runs/` (not committed), a README.
"""
