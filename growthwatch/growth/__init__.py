"""What series of weights say: columns in, columns out; one child is a caseload of one."""

from growthwatch.growth.facts import GrowthFacts, growth_facts
from growthwatch.growth.false_alarms import false_alarm_rate
from growthwatch.growth.framed import evidence, trajectories
from growthwatch.growth.frames import score
from growthwatch.growth.published import growth_rules

__all__ = ["GrowthFacts", "evidence", "false_alarm_rate", "growth_facts", "growth_rules", "score", "trajectories"]
