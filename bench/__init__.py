"""Benchmarks: how long things take, as ratios against a named baseline in the same run."""
