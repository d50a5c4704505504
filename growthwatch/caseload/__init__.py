"""The same for many children: from a spreadsheet to a list of who needs somebody today."""

from growthwatch.caseload.cases import Caseload, Reviewed, read, review, worklist
from growthwatch.caseload.compared import Compared, compare
from growthwatch.caseload.listed import Deed, Row, Worklist
from growthwatch.caseload.mapping import Field, Mapping
from growthwatch.caseload.propose import propose
from growthwatch.caseload.readlog import ListLog, log
from growthwatch.caseload.rows import Fault, Faults

__all__ = [
    "Caseload",
    "Compared",
    "Deed",
    "Fault",
    "Faults",
    "Field",
    "ListLog",
    "Mapping",
    "Reviewed",
    "Row",
    "Worklist",
    "compare",
    "log",
    "propose",
    "read",
    "review",
    "worklist",
]
