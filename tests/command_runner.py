"""The command line, run within the tests, with what it says and what it warns of kept apart."""

from __future__ import annotations

import inspect

from typer.testing import CliRunner

__all__ = ["command_runner"]


def command_runner() -> CliRunner:
    """A runner; one of click before 8.2 joins both outputs unless it is told not to."""
    apart = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner.__init__).parameters else {}
    return CliRunner(**apart)
