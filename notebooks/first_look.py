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
# # A first look: one child
#
# A fictional boy with cerebral palsy. He was seen often, weighed seldom, and lost weight slowly.
# What would this protocol have said, and on which day?
#
# Open this file in Jupyter with jupytext, or run it as a script.

# %%
import datetime as dt
from pathlib import Path

import growthwatch as gw

examples = next(p / "examples" for p in (Path.cwd(), *Path.cwd().parents) if (p / "examples").is_dir())
record = gw.Record.load(examples / "c1-slow-decline.json")
record

# %% [markdown]
# ## His weights on the UK-WHO chart
#
# Dots are weights at his age. The open mark is a weight taken clothed: he weighed at most that.

# %%
as_of = dt.date(2024, 2, 27)
gw.chart(record, as_of=as_of)

# %% [markdown]
# ## What was due, what had fired, who had to do what

# %%
protocol = gw.protocol("uk-hv")
review = gw.review(record, protocol=protocol, as_of=as_of)
review

# %% [markdown]
# ## Day by day
#
# Every change since he turned one. Nothing here uses anything written down later.

# %%
for change in gw.replay(record, protocol=protocol, until=dt.date(2024, 4, 9)):
    if change.on >= dt.date(2023, 3, 14) and (change.opened or change.raised or change.closed or change.tier):
        print(change)

# %% [markdown]
# ## Is he faltering, since when, how sure, and how much of it could be a condition?

# %%
trajectory = gw.trajectory(record, as_of=as_of)
trajectory

# %% [markdown]
# What the next weight would have to be, four weeks on: to clear each matter, and to be no worse than now.

# %%
for matter, step in trajectory.next_weight(trajectory.age_days[-1] + 28).items():
    no_worse = step.hold.weight_kg if step.hold else None
    print(f"{matter:10s} clear {step.clear.holds} {step.clear.weight_kg} kg; no worse from {no_worse} kg")

# %% [markdown]
# ## Centiles of any weight
#
# A single value keeps the official table; a change never counts a jump between tables.

# %%
uk_who = gw.reference("uk-who")
print(uk_who.score(8.84, age_days=715, sex="male"))
print(uk_who.change([9.29, 9.14, 8.84], age_days=[554, 617, 715], sex="male").since_previous)

# %%
gw.references()
