"""Xlsx files as spreadsheets write them, made by hand: texts shared and inline, empty rows that are only formatted."""

import zipfile
from xml.sax.saxutils import escape

_SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LINKS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def write(place, *sheets, inline=False):
    """Write a file with sheets called Sheet1, Sheet2 …, each a list of rows; null is a cell that is only formatted."""
    texts = []
    members = {f"xl/worksheets/sheet{at}.xml": _sheet(rows, texts, inline) for at, rows in enumerate(sheets, 1)}
    numbers = range(1, len(sheets) + 1)
    members["xl/sharedStrings.xml"] = (
        f"<sst {_SPACE}>" + "".join(f"<si><t>{escape(t)}</t></si>" for t in texts) + "</sst>"
    )
    named = "".join(f'<sheet name="Sheet{at}" sheetId="{at}" r:id="rId{at}"/>' for at in numbers)
    members["xl/workbook.xml"] = f"<workbook {_SPACE} {_LINKS}><sheets>{named}</sheets></workbook>"
    base = "http://schemas.openxmlformats.org/"
    office = f"{base}officeDocument/2006/relationships/"
    links = [
        f'<Relationship Id="rId{at}" Type="{office}worksheet" Target="worksheets/sheet{at}.xml"/>' for at in numbers
    ]
    links.append(f'<Relationship Id="rId99" Type="{office}sharedStrings" Target="sharedStrings.xml"/>')
    relations = f'<Relationships xmlns="{base}package/2006/relationships">'
    members["xl/_rels/workbook.xml.rels"] = f"{relations}{''.join(links)}</Relationships>"
    members["_rels/.rels"] = (
        f'{relations}<Relationship Id="r" Type="{office}officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    parts = "".join(
        f'<Override PartName="/{name}" ContentType="{_TYPES}{kind}+xml"/>' for name, kind in _kinds(numbers)
    )
    members["[Content_Types].xml"] = (
        f'<Types xmlns="{base}package/2006/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{parts}</Types>'
    )
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return place


def _kinds(numbers):
    yield "xl/workbook.xml", "sheet.main"
    yield "xl/sharedStrings.xml", "sharedStrings"
    for at in numbers:
        yield f"xl/worksheets/sheet{at}.xml", "worksheet"


def _sheet(rows, texts, inline):
    written = []
    for at, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{chr(65 + nth)}{at}", value, texts, inline) for nth, value in enumerate(row))
        written.append(f'<row r="{at}">{cells}</row>')
    return f"<worksheet {_SPACE}><sheetData>{''.join(written)}</sheetData></worksheet>"


def _cell(place, value, texts, inline):
    if value is None:
        return f'<c r="{place}" s="2"/>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    if inline:
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    texts.append(value)
    return f'<c r="{place}" t="s"><v>{len(texts) - 1}</v></c>'
