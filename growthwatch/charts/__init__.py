"""What people look at: centile charts by the RCPCH drawing rules, their words and their table.

Importing this package does not import matplotlib; drawing does.
"""

from growthwatch.charts.api import alt_text, chart, chart_table
from growthwatch.charts.folder import Drawn, charts
from growthwatch.core.modules import callable_module

__all__ = ["Drawn", "alt_text", "chart", "chart_table", "charts"]

callable_module(__name__, charts)
