"""Measures the hub against what PostgreSQL itself allows. `bin/bench --help`; figures in docs/performance.md."""
