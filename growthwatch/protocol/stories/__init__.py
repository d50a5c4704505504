"""Stories: a protocol tried against cases that a clinician can read and write."""

from growthwatch.protocol.stories.story import Entry, Story, read_story
from growthwatch.protocol.stories.told import Line, Told, tell

__all__ = ["Entry", "Line", "Story", "Told", "read_story", "tell"]
