"""The page's addresses for other programs: the reading, a picture, whether all is well, and figures for Prometheus."""

from collections.abc import Iterator

from tornado.web import HTTPError

from edge_ocr.preview.feed import Feed
from edge_ocr.preview.guarded import Guarded


class Reading(Guarded):
    """What is read now, and what was confirmed last, as JSON."""

    def get(self) -> None:
        state = self.site.feed.state(paused=self.site.controls.task.paused)
        self.finish({name: state[name] for name in ("status", "since", "until", "advice", "trouble", "regions")})

    head = get


class Snapshot(Guarded):
    """The newest picture, or with ?boxes=1 the one that was read last, with its boxes."""

    def get(self) -> None:
        data = self.site.feed.snapshot(boxes=self.get_query_argument("boxes", "0") not in ("", "0"))
        if not data:
            raise HTTPError(503, reason="there is no picture: the camera gives none, or none was read yet")
        self.set_header("Content-Type", "image/jpeg")
        self.finish(data)

    head = get


class Health(Guarded):
    """Whether the camera gives pictures: 200 or 503. It needs no token and shows nothing else."""

    is_public = True

    def get(self) -> None:
        status = self.site.feed.state(paused=self.site.controls.task.paused)["status"]
        self.set_status(503 if status in ("lost", "waiting") else 200)
        self.finish({"status": status})

    head = get


class Metrics(Guarded):
    """Figures in Prometheus' text format."""

    def get(self) -> None:
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish("".join(metrics(self.site.feed)))

    head = get


COUNTERS = {
    "pictures": "Pictures that came to the reader.",
    "readings": "Pictures that were read.",
    "still": "Pictures not read because nothing had changed.",
    "blurred": "Pictures not read because sharper ones were expected.",
    "dropped": "Pictures that came while another one was read.",
    "losses": "How often the camera was lost.",
    "texts": "Texts that were given out.",
}


def metrics(feed: Feed) -> Iterator[str]:
    """The lines of the text format: https://prometheus.io/docs/instrumenting/exposition_formats/."""
    state = feed.state(paused=False)
    facts = state["diagnostics"]
    counts = {**facts["counts"], "texts": facts["texts"]}
    for name, meaning in COUNTERS.items():
        yield _metric(f"{name}_total", "counter", meaning, {"": counts.get(name, 0)})
    is_up = int(state["status"] in ("reading", "resting"))
    yield _metric("camera_up", "gauge", "1 while the camera gives pictures, or rests.", {"": is_up})
    yield _metric("pictures_per_second", "gauge", "Pictures that come to the reader.", {"": facts["rate"]})
    stages = {f'{{stage="{name}"}}': ms / 1000 for name, ms in facts["stages"].items()}
    yield _metric("stage_seconds", "gauge", "Mean time of each stage of a reading.", stages)
    yield _metric("viewers", "gauge", "Who looks at the page now.", {"": facts["viewers"]})
    if facts["temperature"] is not None:
        yield _metric("temperature_celsius", "gauge", "Of the processor.", {"": facts["temperature"]})
    last = {f'{{region="{it["name"]}"}}': it["confirmed"] for it in state["regions"] if it["confirmed"]}
    confidences = {labels: entry["confidence"] for labels, entry in last.items()}
    yield _metric("confidence", "gauge", "Of the text that each region gave out last.", confidences)
    times = {labels: entry["time"] for labels, entry in last.items()}
    yield _metric("given_timestamp_seconds", "gauge", "When each region gave out its last text.", times)


def _metric(name: str, kind: str, meaning: str, values: dict[str, float]) -> str:
    lines = [f"# HELP edge_ocr_{name} {meaning}", f"# TYPE edge_ocr_{name} {kind}"]
    return "\n".join([*lines, *(f"edge_ocr_{name}{labels} {value:.10g}" for labels, value in values.items())]) + "\n"
