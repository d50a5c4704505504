"""The same for many children: from a spreadsheet to a list of who needs somebody today."""

from growthwatch.caseload.cases import Caseload, read, review, worklist
from growthwatch.caseload.compared import Compared, compare
from growthwatch.caseload.faults import Fault, Faults
from growthwatch.caseload.grouped import Groups, groups
from growthwatch.caseload.listed import Deed, Row, Worklist
from growthwatch.caseload.mapping import Field, Mapping
from growthwatch.caseload.propose import propose
from growthwatch.caseload.readlog import ListLog, log
from growthwatch.caseload.reviewed import Reviewed

__all__ = [
    "Caseload",
    "Compared",
    "Deed",
    "Fault",
    "Faults",
    "Field",
    "Groups",
    "ListLog",
    "Mapping",
    "Reviewed",
    "Row",
    "Worklist",
    "compare",
    "groups",
    "log",
    "propose",
    "read",
    "review",
    "worklist",
]
