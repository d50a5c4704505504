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
# # Would we have noticed?
#
# For training. An invented boy of two, with cerebral palsy. Many people saw him, and none of them was careless.
# Stop at each day, look, and write down what *you* would do, before you run the next cell.
#
# Everything below uses only what was written down by that day.

# %%
import datetime as dt
from pathlib import Path

import growthwatch as gw

examples = next(p / "examples" for p in (Path.cwd(), *Path.cwd().parents) if (p / "examples").is_dir())
record = gw.Record.load(examples / "c1-slow-decline.json")
protocol = gw.protocol("uk-hv")


def answer(day):
    """What the protocol says on a day: one line a finding."""
    review = gw.review(record, protocol=protocol, as_of=day)
    print(review.headline())
    for finding in review.findings:
        print(f"  {finding.key:18s} {finding.says}")


# %% [markdown]
# ## 12 December 2023
#
# His mother says what she sees. What would you write into the notes, and what would you ask for?

# %%
gw.chart(record, kind="events", as_of=dt.date(2023, 12, 12), size="page")

# %%
answer(dt.date(2023, 12, 12))

# %% [markdown]
# ## 18 January 2024
#
# Five weeks and five visits later. The referral of two days ago has been closed. Who knows that?

# %%
gw.chart(record, kind="events", as_of=dt.date(2024, 1, 18), size="page")

# %%
answer(dt.date(2024, 1, 18))

# %% [markdown]
# ## 27 February 2024
#
# How often was he seen, and how often weighed?

# %%
gw.chart(record, kind="events", as_of=dt.date(2024, 2, 27), size="page")

# %%
answer(dt.date(2024, 2, 27))

# %% [markdown]
# ## On which day would somebody have had to act?
#
# Every day since his first birthday on which something opened, grew graver or closed.

# %%
for change in gw.replay(record, protocol=protocol, until=dt.date(2024, 2, 27)):
    if change.on >= dt.date(2023, 3, 14) and (change.opened or change.raised or change.closed or change.tier):
        print(change)

# %% [markdown]
# ## What this does not say
#
# - **That he would have been helped.** A reminder that nobody answers helps nobody: ask in your own team who reads it.
# - **Who was at fault.** It shows what was written down, not what people saw, knew or feared.
# - **That another child would look like this.** This story was written to be found. Try yours: `growthwatch replay FILE`.
