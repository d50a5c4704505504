"""The command line: ``growthwatch review child.json --as-of 2024-04-09``.

It needs typer and rich (``pip install "growthwatch[cli]"``), and says so when they are missing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

_NEEDED = ("typer", "rich", "click")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    Parameters
    ----------
    argv
        Arguments after the name of the program; those of the process if None.

    Returns
    -------
    int
        0 fine, nothing open; 3 something is open; 2 wrong input or usage; 1 a fault in growthwatch.
    """
    try:
        import rich  # noqa: F401  # pyright: ignore[reportUnusedImport]

        from growthwatch.cli.app import run
    except ModuleNotFoundError as e:
        if (e.name or "").partition(".")[0] not in _NEEDED:
            raise
        sys.stderr.write('The command line needs typer and rich: pip install "growthwatch[cli]"\n')
        return 2
    return run(argv)
