"""Playing a machine of random moves: what the plays of an audit before and after its feedback have in common."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def play_at_random(machine: type[RuleBasedStateMachine], *, examples: int, steps: int) -> None:
    """So many plays of so many steps each, every time others, without a search for the shortest one that fails."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,), print_blob=False,
        ),
    )  # fmt: skip
