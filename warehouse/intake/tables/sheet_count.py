"""Rows of an xlsx file counted in its XML, by other means than those that read it: what the audit compares with."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from typing import IO, Any

from lxml import etree

from schemas.mapping.layout import Layout

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": True}


def count(place: Path, layout: Layout) -> int:
    """Count the rows of a sheet from its first that holds anything to its last, without the header.

    A file that cannot be opened is one bad row.
    """
    try:
        with zipfile.ZipFile(place) as archive:
            first, last = _ends(archive, _sheet(archive, layout.sheet))
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, OSError, RuntimeError):
        return 1
    return last - first + (layout.columns is not None) if last else 0


def _sheet(archive: zipfile.ZipFile, name: str | None) -> str:
    """Name the member that holds the sheet."""
    book = etree.fromstring(archive.read("xl/workbook.xml"), etree.XMLParser(**_SAFE))
    sheets = list(book.iter(f"{_MAIN}sheet"))
    wanted = next((sheet for sheet in sheets if name is None or sheet.get("name") == name), None)
    if wanted is None:
        raise ValueError(f"there is no sheet {name}")
    links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), etree.XMLParser(**_SAFE))
    target = next(link.get("Target") for link in links if link.get("Id") == wanted.get(_LINK))
    return posixpath.normpath(posixpath.join("xl", target)) if target[0] != "/" else target[1:]


def _ends(archive: zipfile.ZipFile, member: str) -> tuple[int, int]:
    """Return the numbers of the first and the last row that hold anything; zeros if none does."""
    shared = _shared(archive)
    first = last = at = 0
    with archive.open(member) as file:
        for row in _each(file, "row"):
            at = int(row.get("r", at + 1))
            if any(_is_filled(cell, shared) for cell in row):
                first, last = first or at, at
            row.clear()
    return first, last


def _shared(archive: zipfile.ZipFile) -> list[bool]:
    """Say of each text that cells share whether it is one."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    with archive.open("xl/sharedStrings.xml") as file:
        return [any(text.text for text in item.iter(f"{_MAIN}t")) for item in _each(file, "si")]


def _each(file: IO[bytes], tag: str) -> Any:
    return (element for _, element in etree.iterparse(file, events=("end",), tag=f"{_MAIN}{tag}", **_SAFE))


def _is_filled(cell: Any, shared: list[bool]) -> bool:
    said = cell.findtext(f"{_MAIN}v")
    if cell.get("t") == "inlineStr":
        return any(text.text for text in cell.iter(f"{_MAIN}t"))
    return bool(said) and (cell.get("t") != "s" or shared[int(said)])
