"""Fixtures of every test: the roles. How databases, Redis and the browser are reached is in tests/plumbing.py."""

pytest_plugins = ["tests.plumbing"]
