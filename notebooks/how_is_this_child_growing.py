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
# # How is this child growing?
#
# A fictional boy with cerebral palsy, at his clinic on 27 February 2024. Put your own child's record in the place of his.

# %%
import datetime as dt
from pathlib import Path

import growthwatch as gw

examples = next(p / "examples" for p in (Path.cwd(), *Path.cwd().parents) if (p / "examples").is_dir())
record = gw.Record.load(examples / "c1-slow-decline.json")
as_of = dt.date(2024, 2, 27)
record

# %% [markdown]
# ## Where his weights lie
#
# Each dot is a weight at his age. The open mark was weighed clothed: he weighed at most that.

# %%
gw.chart(record, as_of=as_of, size="page")

# %% [markdown]
# ## Is he slowing, since when, how sure is that?
#
# The green band is where nine healthy children in ten would be who had weighed what he weighed at his best.
# The hatched band is what is likely next. It is not a target.

# %%
gw.chart(record, kind="trajectory", as_of=as_of, size="page")

# %%
trajectory = gw.trajectory(record, as_of=as_of)
trajectory

# %% [markdown]
# ## What would the next weight have to be?
#
# Four weeks on: from which weight each matter is cleared, and from which it is no worse than now.

# %%
for matter, step in trajectory.next_weight(trajectory.age_days[-1] + 28).items():
    clear = f"from {step.clear.weight_kg} kg" if step.clear.weight_kg else step.clear.holds
    no_worse = f"{step.hold.weight_kg} kg" if step.hold else "-"
    print(f"{matter:16s} cleared {clear:16s} no worse from {no_worse}")

# %% [markdown]
# ## What is to be done, by whom, by when

# %%
gw.review(record, protocol=gw.protocol("uk-hv"), as_of=as_of)

# %% [markdown]
# ## A single weight
#
# A value keeps the official table. A change never counts a jump between tables.

# %%
uk_who = gw.reference("uk-who")
print(uk_who.score(8.84, age_days=715, sex="male"))
print(uk_who.change([9.29, 9.14, 8.84], age_days=[554, 617, 715], sex="male").since_previous)

# %% [markdown]
# ## What this does not say
#
# - **Why.** No figure here knows whether he is ill, in pain, or offered too little. Ask, look, examine.
# - **That he is well**, where nothing is found. It takes only what somebody wrote down.
# - **That the rules are right.** The packaged protocol is a proposal: a named clinician signs it before it is used for a child.
