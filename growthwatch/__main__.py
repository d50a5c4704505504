"""``python -m growthwatch``: the command line."""

from growthwatch.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
