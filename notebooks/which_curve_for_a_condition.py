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
# # Which curve is right for a child with a condition, and what if there is none?
#
# An invented girl with Down syndrome; then a condition that has no curve.

# %%
import datetime as dt

import growthwatch as gw


def event(kind, on, **more):
    """An event of the girl's record, written down by the health visitor on its day."""
    said = {"type": kind, "id": f"{kind}-{on}", "on": on, "recorded_at": f"{on}T17:00:00Z"}
    return {**said, "actor": "hv", "role": "health_visitor", **more}


kg = {"2022-03-14": 2.9, "2022-06-14": 5.1, "2022-09-20": 6.3, "2023-01-10": 7.3, "2023-06-20": 8.1, "2024-02-12": 8.7}
weighed = [event("weighed", on, weight_kg=weight, clothing="naked", scale="class_iii") for on, weight in kg.items()]
born = event("born", "2022-03-14", sex="female", gestation_days=273)
girl = gw.Record("invented", [born, event("condition_diagnosed", "2022-03-20", condition="trisomy_21"), *weighed])
as_of = dt.date(2024, 2, 12)
girl

# %% [markdown]
# ## Which curves are there for her?

# %%
found = gw.references(condition="Down syndrome", measure="weight", age_days=700, sex="female")
found

# %% [markdown]
# Read whom each was made of, and whom it left out: is she one of them?

# %%
for info in found:
    print(f"{info.id} ({info.kind}). {info.population}\n")

# %% [markdown]
# ## The same weight on both charts
#
# Light among all children; among children with Down syndrome it has a place further up, where a fall would be seen.
# Both are shown: the condition's curve says what to expect, and the general one keeps the alarm.

# %%
for name in ("uk-who", "trisomy-21-uk-2002"):
    print(gw.reference(name).score(8.7, age_days=700, sex="female"))
gw.chart(girl, reference="trisomy-21-uk-2002", as_of=as_of, size="page")

# %% [markdown]
# ## How much of the change is her condition?

# %%
print(gw.trajectory(girl, reference="trisomy-21-uk-2002", as_of=as_of).attribution.explain())

# %% [markdown]
# ## And if there is none?
#
# For a condition that no packaged curve is of, the answer is that there is none. Nothing near is offered in its place.

# %%
try:
    gw.references(condition="epilepsy")
except gw.GrowthwatchError as e:
    print(e)

# %% [markdown]
# Then the general chart stays. A named person can move what is expected of *this* child, for a reason, within limits,
# until a date. Every chart then says ADJUSTED CURVE, by whom, and until when. Dangers in kilograms do not move.

# %%
adjusted = gw.reference("uk-who").adjusted(
    shift=-1.0,
    because="Small from birth, as both parents were; expected 1 SD low",
    by="Dr A. Example, paediatrician",
    signed_on=dt.date(2024, 2, 1),
    review_by=dt.date(2024, 7, 31),
)
score = adjusted.score(8.7, age_days=700, sex="female")
print(f"z {score.z:.2f} as adjusted, {score.unadjusted.z:.2f} on uk-who")
gw.chart(girl, reference=adjusted, as_of=as_of, size="page")

# %% [markdown]
# ## What this does not say
#
# - **That she is well.** A place in the middle says that others with the condition weighed as little. Some of them were ill.
# - **Which curve your service may use.** Owners' terms differ: `growthwatch references` prints them.
# - **That the shift is right.** A wrong one can hide a decline. That is why it has a name, a reason and a last day.
