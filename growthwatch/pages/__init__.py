"""What people print: pages in one file, without a script, that fetch nothing."""

from growthwatch.pages.caseload import caseload_page
from growthwatch.pages.render import render, write_page

__all__ = ["caseload_page", "render", "write_page"]
