"""Give readers files that nobody would write, many of them, and say what they did wrong.

python scripts/fuzz.py list
python scripts/fuzz.py plain record [csv ...] [--count 100000] [--seed 20261128] [--first 0]
python scripts/fuzz.py guided record [--count 100000] [--seed 20261128] [--corpus FOLDER]

``plain`` spoils files by chance: the seed, the reader and a number are one file, whatever ran before.  Faults of one
place are told once, with the number; ``--show NUMBER`` writes that file to the output.  ``guided`` is coverage-guided
(atheris, ``pip install "growthwatch[fuzz]"``): it keeps what reached new lines of growthwatch, and stops at the first
fault.  Exit 1 where there was a fault.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib.util
import sys
import tempfile
import time
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "interop")]

HANG_SECONDS = 120
"""After so long on one block of inputs [s] where it stands is printed, and the run ends."""


def plain(names: list[str], count: int, seed: int, first: int) -> int:
    """Spoil files by chance; how many places were at fault."""
    from fuzzing import TARGETS, Fault, drawn, hold, place, where_of

    faults = 0
    for name in names:
        target, seen, read, longest = TARGETS[name], dict[str, int](), 0, 0.0
        started = time.monotonic()
        with place() as folder:
            for n in range(first, first + count):
                if n % 100 == 0:
                    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
                data = drawn(target, Random(f"{seed}/{name}/{n}"))
                began = time.process_time()
                try:
                    read += hold(target, data, folder)
                except Fault as fault:
                    where = where_of(fault)
                    if where not in seen:
                        print(f"{name} {n}: {fault} [{where}]", flush=True)
                    seen[where] = seen.get(where, 0) + 1
                longest = max(longest, time.process_time() - began)
        faulthandler.cancel_dump_traceback_later()
        faults += len(seen)
        print(
            f"{name}: seed {seed}, {count} files from {first}: {read} read, {count - read - sum(seen.values())} refused, "
            f"{sum(seen.values())} faults in {len(seen)} places; longest {longest:.2f} s, "
            f"{time.monotonic() - started:.0f} s in all",
            flush=True,
        )
    return faults


def guided(name: str, count: int, seed: int, corpus: str | None) -> None:
    """Follow what reaches new lines; ends the process."""
    if importlib.util.find_spec("atheris") is None:
        sys.exit('guided fuzzing needs atheris: pip install "growthwatch[fuzz]"')
    import atheris

    with atheris.instrument_imports(include=["growthwatch"]):
        from fuzzing import TARGETS, hold, place, spoilt

    target = TARGETS[name]
    with place() as folder, tempfile.TemporaryDirectory() as own:
        kept = Path(corpus or own)
        kept.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(target.seeds):
            (kept / f"seed-{number}").write_bytes(data)

        def change(data: bytes, most: int, number: int) -> bytes:
            random = Random(number)
            if random.random() < 0.5:
                return atheris.Mutate(data, most)
            ops = [(random.randrange(1 << 16), random.randrange(1 << 20), random.randrange(1 << 16)) for _ in range(2)]
            return spoilt(data, ops, target.seeds)[:most]

        options = [f"-runs={count}", f"-seed={seed}", "-max_len=100000", "-timeout=60", "-rss_limit_mb=4096"]
        atheris.Setup(
            [sys.argv[0], *options, str(kept)], lambda data: hold(target, data, folder) and None, custom_mutator=change
        )
        atheris.Fuzz()


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("how", choices=("list", "plain", "guided"))
    parser.add_argument("names", nargs="*", help="readers; all, where plain is given none")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--show", type=int, help="write this file of the first reader to the output, and end")
    parser.add_argument("--corpus", help="a folder in which guided keeps what reached new lines")
    given = parser.parse_intermixed_args()
    if given.how == "guided":  # before anything of growthwatch is imported: only what is imported then is followed
        if len(given.names) != 1:
            parser.error("guided takes one reader")
        guided(given.names[0], given.count, given.seed, given.corpus)
    from fuzzing import TARGETS, drawn

    names = given.names or list(TARGETS)
    if unknown := [n for n in names if n not in TARGETS]:
        parser.error(f"no reader {', '.join(unknown)}: there are {', '.join(TARGETS)}")
    if given.how == "list":
        print("\n".join(TARGETS))
        return 0
    if given.show is not None:
        sys.stdout.buffer.write(drawn(TARGETS[names[0]], Random(f"{given.seed}/{names[0]}/{given.show}")))
        return 0
    return min(1, plain(names, given.count, given.seed, given.first))


if __name__ == "__main__":
    sys.exit(main())
