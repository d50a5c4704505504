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
# # What do we know about the disabled children on our caseload?
#
# Are they weighed when they are seen, brought, and answered like other children? Twenty-four invented children whose
# records hold visits. (A table of weights alone holds none: then most of this stays empty, and says so.)

# %%
import datetime as dt
import tempfile
from pathlib import Path

import growthwatch as gw

as_of = dt.date(2024, 3, 31)
uk_who = gw.reference("uk-who")


def invented(number):
    """A girl who grows along the middle; every third one is disabled, and weighed at fewer of her visits."""
    born = dt.date(2022, 9, 1) + dt.timedelta(days=7 * number)
    disabled = number % 3 == 0

    def event(kind, on, **more):
        said = {"type": kind, "id": f"{kind}-{on}", "on": str(on), "recorded_at": f"{on}T17:00:00Z"}
        return {**said, "actor": "hv", "role": "health_visitor", **more}

    def weighed(on):
        kg = round(uk_who.value(0.0, age_days=(on - born).days, sex="female"), 2)
        return event("weighed", on, weight_kg=kg, clothing="naked", scale="class_iii")

    events = [event("born", born, sex="female", gestation_days=280), weighed(born)]
    if disabled:
        events.append(event("condition_diagnosed", born, condition="cerebral_palsy", gmfcs=5))
    for month in range(6):
        on = dt.date(2023, 10, 4) + dt.timedelta(days=30 * month + number % 9)
        events.append(event("contact", on, face_to_face=True))
        if (number + month) % (4 if disabled else 2) == 0:
            events.append(weighed(on))
    return gw.Record(f"{number:03d}", events)


folder = Path(tempfile.mkdtemp())
for number in range(24):
    invented(number).dump(folder / f"{number:03d}.json")

# %% [markdown]
# ## Both groups, side by side

# %%
groups = gw.caseload.read(folder).review(as_of=as_of).groups(months=6)
groups

# %% [markdown]
# ## Sentences for a board

# %%
print(*groups.sentences, sep="\n")

# %% [markdown]
# ## The same as a table

# %%
groups.to_frame("pandas").query("measure == 'weighed_when_seen'")

# %% [markdown]
# ## What this does not say
#
# - **Why.** A child who is weighed less may need a hoist scale that is not there. Ask the families, and those who visit.
# - **Who is disabled.** It goes by conditions in the records. Of the others nobody has said that they are not.
# - **Anything about few children.** Below five it shows nothing, so that no child can be picked out.
# - **What was done and not written down.**
