"""Opening places: files, archives and datasets of the Hub, as shards whose rows are all accounted for."""

from warehouse.intake.count import count_rows
from warehouse.intake.find import find
from warehouse.intake.read import read

__all__ = ["count_rows", "find", "read"]
