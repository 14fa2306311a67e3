"""Opening places: files, archives and datasets of the Hub, as shards whose rows are all accounted for."""

from warehouse.intake.content import read
from warehouse.intake.places import find
from warehouse.intake.tally import count_rows

__all__ = ["count_rows", "find", "read"]
