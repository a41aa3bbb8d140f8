"""What the three XML formats share: elements with legal text, written out as UTF-8."""

import re
import xml.etree.ElementTree as ET

from edge_ocr.version import __version__

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped: file names may, such as those that are not UTF-8."""

CREATOR = f"edge-ocr {__version__}"
"""What every format names."""


def add(parent: ET.Element, tag: str, text: str | None = None, /, **attributes: object) -> ET.Element:
    """A child of `parent`; numbers become text, and what XML cannot hold becomes a replacement character."""
    child = ET.SubElement(parent, tag, {name: legal(str(value)) for name, value in attributes.items()})
    child.text = None if text is None else legal(text)
    return child


def legal(text: str) -> str:
    """Text that an XML document may hold."""
    return ILLEGAL.sub("\ufffd", text)


def serialise(root: ET.Element, doctype: str = "") -> str:
    """The whole document, indented."""
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}{body}\n'
