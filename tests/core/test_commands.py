"""What every command of the product does where it cannot do what it was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class

from core.commands import PlainCommand

OURS = sorted(
    name for name, app in get_commands().items() if (Path(settings.BASE_DIR) / app.replace(".", "/")).is_dir()
)


@pytest.mark.parametrize("name", OURS)
def test_every_command_says_what_is_wrong_in_a_plain_sentence(name: str) -> None:
    assert isinstance(load_command_class(get_commands()[name], name), PlainCommand)


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [("indicator_table", ("--from", "2024-13", "--to", "2024-08"), "“2024-13” is not a month. Write it as 2026-04.\n"),
     ("indicator_values", ("--snapshot", "2026-02-31"), "“2026-02-31” is not a date. Write it as 2026-03-31.\n"),
     ("rebuild_tallies", ("--from", "2026-05", "--to", "2026-01"),
      "The first month lies after the last. Turn --from and --to round.\n")],
)  # fmt: skip
def test_on_the_command_line_the_sentence_stands_alone(
    name: str, arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = load_command_class(get_commands()[name], name)
    assert isinstance(command, PlainCommand)
    command.on_the_command_line = True  # run_from_argv sets it, and closes the database at its end
    with pytest.raises(SystemExit) as left:
        call_command(command, *arguments)
    assert left.value.code == 2
    assert capsys.readouterr().err == sentence
