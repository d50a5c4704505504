"""Packages that are also functions.

Some rooms of the house have the name of a main function: ``growthwatch.references()``,
``growthwatch.protocol("uk-hv")`` and ``growthwatch.charts(records, folder)``.  Python binds a
package to that name in its parent whenever any part of it is imported, so the package itself
answers the call; whichever way it was reached, both uses work.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["callable_module"]


class _CallableModule(ModuleType):
    """A module whose call is that of one of its functions."""

    _main: Callable[..., Any]

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._main(*arguments, **named)

    @property
    def __signature__(self) -> Any:
        return inspect.signature(self._main)


def callable_module(name: str, main: Callable[..., Any]) -> None:
    """Let the imported module of that name be called as `main`."""
    module = sys.modules[name]
    module.__class__ = _CallableModule
    module.__dict__["_main"] = main
