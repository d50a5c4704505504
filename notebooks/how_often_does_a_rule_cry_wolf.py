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
# # How often does a rule cry wolf?
#
# A rule that goes off for many healthy children teaches people not to look. So each growth rule comes with a figure: of
# healthy children weighed as often as this one, how many ever meet it? All figures are from simulation.

# %%
import matplotlib.pyplot as plt

from growthwatch.growth import false_alarm_rate
from growthwatch.growth.rules import packaged_rules

RULES = {"nice-fall-birth": 1, "nice-either": 1, "evidence": 2}


def weighed_every(days):
    """Ages of one child from 14 days to two years [days]."""
    return list(range(14, 731, days))


for name, level in RULES.items():
    for often, days in (("monthly", 30), ("weekly", 7)):
        print(f"{name}, {often}: {false_alarm_rate(name, weighed_every(days), level=level).sentence}")

# %% [markdown]
# ## The more often one looks, the more often some rules speak
#
# The NICE rules look at two weights, and each new weight is a new chance to be wrong. The evidence adds all weights up.

# %%
every = [91, 61, 30, 14, 7]
figure, axes = plt.subplots(figsize=(6, 3.5))
for (name, level), style in zip(RULES.items(), ("o-", "s--", "^:"), strict=True):
    shares = [100 * false_alarm_rate(name, weighed_every(days), level=level).rate for days in every]
    axes.plot(range(len(every)), shares, style, color="black", label=name)
axes.set(xlabel="days between weights", ylabel="% of healthy children, by 2 years", ylim=(0, 45))
axes.set_xticks(range(len(every)), [str(days) for days in every])
axes.legend()
plt.show()

# %% [markdown]
# ## And with numbers of our own?
#
# A fall of z by 1, 1.5 or 2 SD from the best position so far: healthy children are drawn, and judged by that very rule.

# %%
decline = next(rule for rule in packaged_rules() if rule.id == "aspen-decline")
for spaces in (1.0, 1.5, 2.0):
    level = decline.levels[0].model_copy(update={"name": "ours", "threshold": spaces})
    ours = decline.model_copy(update={"id": "ours", "levels": (level,)})
    print(f"{spaces} SD: {false_alarm_rate(ours, weighed_every(30)).sentence}")

# %% [markdown]
# ## What this does not say
#
# - **That this child is healthy**, where a rule cries wolf often. The figure is about a thousand other children.
# - **What your team's children do.** These grow as a model says; it was fitted to published figures and not to yours.
# - **That a quieter rule is a better one.** It finds fewer children who need help, or finds them later:
#   [for statisticians](../docs/evidence-method.md).
