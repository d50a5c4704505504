"""What people look at: centile charts by the RCPCH drawing rules, their words and their table.

Importing this package does not import matplotlib; drawing does.
"""

from growthwatch.charts.api import alt_text, chart, chart_table

__all__ = ["alt_text", "chart", "chart_table"]
