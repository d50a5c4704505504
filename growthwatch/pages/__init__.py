"""What people print: pages in one file, without a script, that fetch nothing."""

from growthwatch.pages.api import page
from growthwatch.pages.caseload import caseload_page
from growthwatch.pages.child import child_page
from growthwatch.pages.family import family_page
from growthwatch.pages.protocol import protocol_page
from growthwatch.pages.render import render, write_page

__all__ = ["caseload_page", "child_page", "family_page", "page", "protocol_page", "render", "write_page"]
