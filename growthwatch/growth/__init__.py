"""What series of weights say: columns in, columns out; one child is a caseload of one."""

from growthwatch.growth.facts import GrowthFacts, growth_facts

__all__ = ["GrowthFacts", "growth_facts"]
