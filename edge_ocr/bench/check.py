"""Checks that a record from a file has all that tables and comparisons use, before anything is printed."""

import math
from collections.abc import Iterable
from typing import Any

from edge_ocr.bench.figures import rounds_ms
from edge_ocr.stopwatch import STAGES

Record = dict[str, Any]


def check_record(record: Record) -> None:
    """Check everything once.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, IndexError: something is missing or is something else.
    """
    _ = record["board"]["model"], record["board"]["cpu"], record["data"]["sha256"], record["settings"]["starts"]
    _ = [model["sha256"] for model in record["models"]], record["conditions"]["before"]["throttled"]
    if not record["backends"]:
        raise ValueError("it holds no backend")
    for backend in record["backends"]:
        _check_times(backend)
        _check_networks(backend["networks"])
        _check_accuracy(backend["accuracy"], len(record["data"]["pages"]))


def _check_times(backend: Record) -> None:
    if not isinstance(backend["backend"], str):
        raise ValueError("a backend has no name")
    _check_numbers("page_ms", backend["readings"]["page_ms"], above=0)
    for stage in STAGES:
        _check_numbers(stage, backend["readings"][stage])  # 0 is a stage that a page does not need.
    for what in ("page_ms", *STAGES):
        rounds_ms(backend, what)
    for group, parts in (("memory_mb", ("peak", "steady")), ("cold_start_ms", ("process", "import", "load", "first"))):
        for part in parts:
            _check_numbers(part, (value for value in backend[group][part] if value is not None), above=0)


def _check_networks(networks: list[Record]) -> None:
    for network in networks:
        _ = network["kind"], network["batch"], network["width"]
        _check_numbers("call_ms", [network["call_ms"]["median"], *network["calls_ms"]], above=0)
        if not network["calls_ms"]:
            raise ValueError("a model has no times under 'calls_ms'")
        if network["threads"] is not None:
            _check_numbers("threads", [network["threads"]], above=0)


def _check_accuracy(accuracy: Record, pages: int) -> None:
    if not pages or len(accuracy["pages"]) != pages:
        raise ValueError(f"{len(accuracy['pages'])} pages under 'accuracy' but {pages} under 'data'")
    _check_numbers("loose_cer", [accuracy["loose_cer"]])
    for page in accuracy["pages"]:
        _check_numbers("accuracy", [page["loose"], page["loose_length"]])


def _check_numbers(what: str, values: Iterable[Any], above: float | None = None) -> None:
    """ValueError for anything but a finite number from 0 and above `above`; True and "1" are no numbers here."""
    for value in values:
        if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
            raise ValueError(f"{value!r} under {what!r} is not a number from 0 up")
        if above is not None and value <= above:
            raise ValueError(f"{value!r} under {what!r} is not above {above:g}")
