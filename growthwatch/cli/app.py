"""The commands.  Each reads its input, asks the library, prints, and ends with an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from growthwatch import __version__
from growthwatch.cli.arguments import ExitCode
from growthwatch.cli.caseload import caseload
from growthwatch.cli.child import chart, record_check, replay, review
from growthwatch.cli.compare import protocol_compare
from growthwatch.cli.fhir import fhir_in, fhir_out
from growthwatch.cli.page import page_child, page_family, page_protocol
from growthwatch.cli.protocol import protocol_check, protocol_diff, protocol_show, protocol_sign
from growthwatch.cli.reference import references
from growthwatch.cli.store import (
    store_erase,
    store_export,
    store_head,
    store_import,
    store_init,
    store_retention,
    store_verify,
)
from growthwatch.cli.stories import protocol_test

__all__ = ["ExitCode", "app", "run"]

app = typer.Typer(
    help="Weighing schedules, growth triggers and centile charts, for one child or for a caseload.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 nothing open; 3 something is open (review, caseload), waits for a decision (protocol check), "
    "is otherwise (protocol diff) or is not as it was written (store verify); "
    "2 wrong input; 1 a fault in growthwatch, or a story that does not go as told "
    "(protocol test).",
)
protocol_app = typer.Typer(help="Check, show, compare and sign a protocol.", no_args_is_help=True)
record_app = typer.Typer(help="Look at a record.", no_args_is_help=True)
fhir_app = typer.Typer(help="Read and write FHIR.", no_args_is_help=True)
page_app = typer.Typer(help="Make a page: of a child, for a family, of a protocol.", no_args_is_help=True)
store_app = typer.Typer(help="Keep records in a store.", no_args_is_help=True)
app.add_typer(protocol_app, name="protocol")
app.add_typer(record_app, name="record")
app.add_typer(page_app, name="page")
app.add_typer(store_app, name="store")
app.add_typer(fhir_app, name="fhir")


@app.callback(invoke_without_command=True)
def _main(  # pyright: ignore[reportUnusedFunction]
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from growthwatch.cli.show import out, text

        out(text(f"growthwatch {__version__}"))
        raise typer.Exit


for _command in (review, caseload, replay, chart, references):
    app.command()(_command)
protocol_app.command("check")(protocol_check)
protocol_app.command("show")(protocol_show)
protocol_app.command("diff")(protocol_diff)
protocol_app.command("sign")(protocol_sign)
protocol_app.command("compare")(protocol_compare)
protocol_app.command("test")(protocol_test)
record_app.command("check")(record_check)
page_app.command("child")(page_child)
page_app.command("family")(page_family)
fhir_app.command("in")(fhir_in)
fhir_app.command("out")(fhir_out)
page_app.command("protocol")(page_protocol)
store_app.command("init")(store_init)
store_app.command("import")(store_import)
store_app.command("head")(store_head)
store_app.command("verify")(store_verify)
store_app.command("export")(store_export)
store_app.command("erase")(store_erase)
store_app.command("retention")(store_retention)


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    try:
        app(None if argv is None else list(argv), prog_name="growthwatch")
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else int(e.code is not None)
    return int(ExitCode.FINE)  # pragma: no cover - typer always exits
