"""Limits for a measurement, for use in CI."""

from edge_ocr.bench.compare import Side, compare_sides
from edge_ocr.bench.measure import other_backends
from edge_ocr.bench.record import Record
from edge_ocr.errors import BadData


def missed_limits(
    record: Record,
    min_accuracy: float | None = None,
    max_rss: float | None = None,
    reference: Record | None = None,
    max_slowdown: float | None = None,
) -> list[str]:
    """The limits that the record misses, a clause each; every backend must keep every limit.

    Args:
        record: what was measured.
        min_accuracy: percent of letters and digits that are to be read right.
        max_rss: most memory of a process, in millions of bytes.
        reference: an earlier record; what backends it has of the same name count.
        max_slowdown: times the reference's median time a page may take.

    Raises:
        BadData: the reference is of other pages, or has none of the backends.
    """
    missed = []
    for backend in record["backends"]:
        missed += _accuracy(backend, min_accuracy) + _memory(backend, max_rss)
    if reference is not None and max_slowdown is not None:
        missed += _slowdown(record, reference, max_slowdown)
    return missed


def reference_sides(record: Record, reference: Record) -> list[tuple[Side, Side]]:
    """The reference's backends beside the record's of the same name; BadData if they cannot be compared."""
    check_pages(reference, record["data"]["sha256"])
    earlier = {backend["backend"]: backend for backend in reference["backends"]}
    pairs = [
        (Side("reference", reference, earlier[now["backend"]]), Side(f"{now['backend']} now", record, now))
        for now in record["backends"]
        if now["backend"] in earlier
    ]
    if not pairs:
        raise other_backends(earlier)
    return pairs


def check_pages(reference: Record, digest: str) -> None:
    """BadData if a reference is not of the pages with this `Samples.digest`."""
    if reference["data"]["sha256"] != digest:
        raise BadData(
            "the reference read other pages than this measurement: measure the reference again on these pages"
        )


def _accuracy(backend: Record, least: float | None) -> list[str]:
    percent = 100 * (1 - backend["accuracy"]["loose_cer"])
    if least is None or percent >= least:
        return []
    return [f"{backend['backend']} read {percent:.2f} % right, but at least {least:g} % are required"]


def _memory(backend: Record, most: float | None) -> list[str]:
    peaks = [value for value in backend["memory_mb"]["peak"] if value is not None]
    if most is None or (peaks and max(peaks) <= most):
        return []
    if not peaks:
        return [f"this system does not show the memory of {backend['backend']}, so {most:g} MB cannot be checked"]
    return [f"{backend['backend']} held {max(peaks):.1f} MB, but at most {most:g} MB are allowed"]


def _slowdown(record: Record, reference: Record, most: float) -> list[str]:
    missed = []
    for then, now in reference_sides(record, reference):
        ratio = compare_sides([then, now])[0].ratios[1]
        if ratio is not None and ratio.value > most:
            missed.append(
                f"{now.backend['backend']} took {ratio.value:.2f} times the reference's time for a page "
                f"({ratio.low:.2f} to {ratio.high:.2f}) but at most {most:g} are allowed"
            )
    return missed
