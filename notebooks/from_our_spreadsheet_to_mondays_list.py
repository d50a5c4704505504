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
# # From our spreadsheet to Monday's list
#
# How does a table of weights become a list of who needs somebody? `examples/caseload.csv`: 41 invented children, as such
# tables are. Days first, "36+4", some grams, "not weighed", conditions in words.

# %%
import datetime as dt
import tempfile
from pathlib import Path

import growthwatch as gw

examples = next(p / "examples" for p in (Path.cwd(), *Path.cwd().parents) if (p / "examples").is_dir())
table = examples / "caseload.csv"
print(*table.read_text(encoding="utf-8").splitlines()[:6], sep="\n")

# %% [markdown]
# ## 1. What do the columns mean?
#
# It looks, writes down what is certain, and asks about the rest. Nothing is guessed.

# %%
print(*gw.caseload.propose(table).questions, sep="\n")

# %% [markdown]
# ## 2. Read it, with the questions answered
#
# `examples/caseload.toml` is such an answer.

# %%
cases = gw.caseload.read(table, examples / "caseload.toml")
cases

# %% [markdown]
# What could not be read, or is in doubt: why, and what would mend it. These children are in the list all the same.

# %%
cases.refused

# %% [markdown]
# ## 3. Monday's list
#
# `starts_on` is the day on which the team begins to work with it. It stays the same every week.

# %%
monday = dt.date(2024, 3, 4)
reviewed = cases.review(as_of=monday, starts_on=monday)
reviewed.worklist()

# %% [markdown]
# ## 4. The page to print, one child, and the next day
#
# On the next day only those are reviewed of whom something may have changed.

# %%
page = Path(tempfile.mkdtemp()) / "monday.html"
reviewed.report(page)
print(page.name, "has", page.stat().st_size // 1000, "kB")
gw.chart(cases.record("1086", as_of=monday), as_of=monday, size="600px")

# %%
tuesday = cases.review(as_of=monday + dt.timedelta(days=1), starts_on=monday, after=reviewed)
print(f"{tuesday.judged} of {len(cases)} children reviewed anew")
gw.caseload.compare(reviewed, tuesday)

# %% [markdown]
# ## What this does not say
#
# - **That the others are well.** A table holds weights. Visits, letters and worries are not in it, and none is taken as "none".
# - **That the table is right.** It doubts what cannot be; a plausible wrong weight it cannot see.
# - **That anybody has read the list.** On the command line `--read-by NAME` writes that down.
