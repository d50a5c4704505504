# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What would the new protocol have changed?
#
# Before a board signs a changed number, it can see which children it would have touched, on which days, and what it costs.
# Here: "no net gain" (G9) from the first birthday on. Red speaks four weeks sooner, and of children of high need one week
# sooner, in a trust's own file of a few lines.

# %%
import datetime as dt
import tempfile
from pathlib import Path

import growthwatch as gw

examples = next(p / "examples" for p in (Path.cwd(), *Path.cwd().parents) if (p / "examples").is_dir())
old = gw.protocol("uk-hv")

ours = Path(tempfile.mkdtemp()) / "ours.toml"
ours.write_text(f"""
schema = 2
id = "fenland-hv"
version = "1.0"
title = "Fenland health visiting"
effective_from = 2027-01-01
extends = {{ id = "{old.id}", version = "{old.version}", hash = "{old.hash}" }}

[[set]]
path = "rules[G9].clock[from_months=12].red_days"
value = 140
source = "Fenland partnership board, minute 14 of 3 November 2026 (invented)"
tag = "L"
review_by = 2027-12-31

[[set]]
path = "rules[G9].clock[from_months=12].high_need_red_days"
value = 77
source = "Fenland partnership board, minute 14 of 3 November 2026 (invented)"
tag = "L"
review_by = 2027-12-31
""")
new = gw.Protocol.load(ours)

# %% [markdown]
# ## Past children, judged by both
#
# Four invented records. Use those of children whom you know.

# %%
records = [gw.Record.load(path) for path in sorted(examples.glob("*.json"))]
until = dt.date(2024, 10, 30)
found = gw.compare(records, old, new, until=until)
found

# %% [markdown]
# ## Child by child

# %%
for child, lines in found.by_child().items():
    print(child, *lines, sep="\n  ")

# %%
gw.chart(records, kind="protocol-comparison", protocol=new, against=old, as_of=until, size="page")

# %% [markdown]
# ## And on a whole list?
#
# The 41 invented children of `examples/caseload.csv`.

# %%
day = dt.date(2024, 3, 4)
cases = gw.caseload.read(examples / "caseload.csv", examples / "caseload.toml")
whole = gw.compare(cases.records(as_of=day), old, new, until=day)
print(whole.headline())
for child, lines in whole.by_child().items():
    print(child, *lines, sep="\n  ")

# %% [markdown]
# ## What this does not say
#
# - **Which is better.** It counts what each would have asked for. Whether that helps children, no replay can tell.
# - **What would have happened next.** Had somebody acted sooner, the weights after that would be others.
# - **That the new file may be used.** A named clinician signs it first: `growthwatch protocol check`, then `protocol sign`.
