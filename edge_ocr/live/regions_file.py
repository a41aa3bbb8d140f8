"""regions.toml: the regions that are read and the areas that are not, kept over a restart.

[[region]]
name = "meter"
box = [100, 50, 640, 200]  # left, top, width, height in pixels of the picture as it is shown
charset = "0-9"
min_confidence = 0.8
digits = 5  # the rules of a meter, see rules.py

[[ignore]]
box = [0, 0, 300, 40]  # the camera's own clock
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_ocr.errors import BadRegions, CannotWrite, EdgeOcrError
from edge_ocr.folders import replace_file
from edge_ocr.live.region import TEXTS, Region
from edge_ocr.live.rules import RULES, WrongRule, rules_from, table_of
from edge_ocr.live.task import Task
from edge_ocr.page import Box
from edge_ocr.text.confidence import check_minimum
from edge_ocr.toml_file import read_toml

WISHES = frozenset({"charset", "pattern", "pattern_in"})
"""Where a region has one of these, the usual ones do not count for it; so it is with the RULES of a meter."""

HEAD = "# Regions of edge-ocr. The live page rewrites this file; comments do not survive that.\n\n"


class RegionsFile:
    """Reads a file of regions, and writes it anew when they were changed."""

    def __init__(self, path: Path) -> None:
        self.trouble: EdgeOcrError | None = None
        """Why the latest regions are not stored; None while they are."""
        self._path = path
        self._stored: Task | None = None

    def load(self, usual: Region) -> Task:
        """What the file says; all of the picture, as `usual`, while there is no file or no region in it.

        Args:
            usual: what counts for a region that does not say otherwise.

        Raises:
            BadRegions: the file is no TOML, or says something that is no region.
        """
        tables: Mapping[str, Any] = {}
        if self._path.exists():
            tables = read_toml(self._path, BadRegions, "[[region]] with name and box")
        if unknown := tables.keys() - {"region", "ignore"}:
            raise self._wrong(f"has {min(unknown)!r}: expected [[region]] and [[ignore]]")
        regions = [self._region(table, usual) for table in self._tables(tables, "region")]
        ignored = [self._box(table, {"box"}) for table in self._tables(tables, "ignore")]
        try:
            self._stored = Task(tuple(regions or [usual]), tuple(box for box in ignored if box))
        except BadRegions as error:
            raise self._wrong(f"is wrong ({error})") from error
        return self._stored

    def keep(self, task: Task) -> None:
        """Write the regions if they are new, all or nothing; never raises, see `trouble`."""
        if self._stored is not None and (task.regions, task.ignored) == (self._stored.regions, self._stored.ignored):
            return
        try:
            replace_file(self._path, (HEAD + _write(task)).encode())
            self._stored, self.trouble = task, None
        except OSError as error:
            self.trouble = CannotWrite(f"{self._path} cannot be written ({error.strerror}): regions end with this run")
        except BadRegions as error:
            self.trouble = error

    def _tables(self, tables: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
        found = tables.get(kind, [])
        if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
            raise self._wrong(f"has a wrong {kind!r}: write it as [[{kind}]]")
        return found

    def _region(self, table: dict[str, Any], usual: Region) -> Region:
        box = self._box(table, {*TEXTS, *RULES, "box", "min_confidence"})
        texts = {name: table[name] for name in TEXTS if name in table}
        if not all(isinstance(text, str) for text in texts.values()):
            raise self._wrong(f"has a region whose {', '.join(texts)} are not all texts: write them in quotes")
        if {"pattern", "pattern_in"} <= texts.keys():
            raise self._wrong("has pattern and pattern_in for one region: choose one")
        if WISHES & texts.keys():
            usual = replace(usual, charset=None, pattern=None, pattern_in=None)
        least = table.get("min_confidence", usual.min_confidence)
        try:
            check_minimum(least)
        except (EdgeOcrError, TypeError) as error:
            raise self._wrong(f"has min_confidence = {least!r}: expected 0 to 1") from error
        try:
            rules = rules_from(table) if table.keys() & set(RULES) else usual.rules
        except WrongRule as error:
            raise self._wrong(f"has {error.name} = {table[error.name]!r}: {error}") from error
        wishes: dict[str, Any] = {name: text or None for name, text in texts.items() if name != "name"}
        return replace(usual, name=texts.get("name", ""), box=box, min_confidence=float(least), rules=rules, **wishes)

    def _box(self, table: dict[str, Any], known: set[str]) -> Box | None:
        if unknown := table.keys() - known:
            raise self._wrong(f"has {min(unknown)!r} in a region: expected {', '.join(sorted(known))}")
        edges = table.get("box")
        if edges is None and "name" in known:
            return None
        match edges:
            case [int(left), int(top), int(width), int(height)] if min(edges) >= 0 and width and height:
                return Box(left, top, left + width, top + height)
        raise self._wrong(f"has box = {edges!r}: expected [left, top, width, height] in pixels")

    def _wrong(self, what: str) -> BadRegions:
        return BadRegions(f"{self._path} {what}")


def _write(task: Task) -> str:
    """The regions as TOML."""
    try:
        import tomli_w
    except ImportError as error:
        raise BadRegions("regions cannot be stored without tomli-w: run `pip install tomli-w`") from error
    return tomli_w.dumps({"region": [_table(region) for region in task.regions],
                          "ignore": [{"box": _edges(box)} for box in task.ignored]})  # fmt: skip


def _table(region: Region) -> dict[str, Any]:
    texts = {name: getattr(region, name) for name in TEXTS if getattr(region, name)}
    if not WISHES & texts.keys():
        texts["charset"] = ""  # Else the command line's charset would count.
    box = {"box": _edges(region.box)} if region.box else {}
    rules = {name: rule for name, rule in table_of(region.rules).items() if rule is not None}
    return {**texts, **box, "min_confidence": region.min_confidence, **rules}


def _edges(box: Box) -> list[int]:
    return [box.left, box.top, box.width, box.height]
