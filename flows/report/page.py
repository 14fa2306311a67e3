"""The page: all chapters in their order, as one HTML text that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from flows.report.material import Material, read_material
from flows.report.parts import Section
from flows.report.sections.bias.length import length
from flows.report.sections.bias.position import position
from flows.report.sections.copies import copies
from flows.report.sections.flow import flow
from flows.report.sections.media.chapter import media
from flows.report.sections.people.agreement import agreement
from flows.report.sections.people.annotators import annotators
from flows.report.sections.people.cycles import cycles
from flows.report.sections.splits import splits
from flows.report.sections.spread import spread
from flows.report.sections.training.chapter import training
from flows.report.wording import coded, name
from warehouse.database import Warehouse

# A chapter that has nothing to be about gives no section.
CHAPTERS: list[Callable[[Material], Section | None]] = [
    flow, length, position, agreement, annotators, copies, cycles, media, spread, splits, training,
]  # fmt: skip


class Report(NamedTuple):
    """The page as HTML, and its main findings in a few words each."""

    html: str
    findings: list[str]


def make_report(opened: Warehouse) -> Report:
    """Compute every figure of a snapshot and write the page.

    Texts of the data are escaped, cut, limited to a few examples and shown only to who opens them. The same snapshot
    gives the same page.
    """
    material = read_material(opened)
    sections = [section for chapter in CHAPTERS if (section := chapter(material)) is not None]
    environment = Environment(
        loader=PackageLoader("flows.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["coded"] = coded
    html = environment.get_template("report.html").render(
        name=name(material.plan.name),
        snapshot=opened.snapshot.snapshot,
        published=f"{opened.snapshot.created_at:%Y-%m-%d %H:%M} UTC",
        sections=sections,
        facts=[(fact, section.key) for section in sections for fact in section.facts],
    )
    return Report(html, [section.finding for section in sections if section.finding])
