"""What series of weights say: columns in, columns out; one child is a caseload of one."""

from growthwatch.growth.evidence import evidence
from growthwatch.growth.facts import GrowthFacts, growth_facts
from growthwatch.growth.frames import score

__all__ = ["GrowthFacts", "evidence", "growth_facts", "score"]
