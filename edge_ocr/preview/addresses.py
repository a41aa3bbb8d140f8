"""Which address is whose."""

import re

from tornado.web import Application, RedirectHandler

from edge_ocr.preview.guarded import Site
from edge_ocr.preview.handlers import File, Frames, HistoryFile, Login, Pictures, TaskOfAll, Thumbnail
from edge_ocr.preview.programs import Health, Metrics, Reading, Snapshot

ADDRESSES = {
    r"/(|[a-z]+\.(?:js|css|svg))": File,
    r"/(login)": Login,
    r"/frames": Frames,
    r"/pictures": Pictures,
    r"/history\.(txt|csv|json)": HistoryFile,
    r"/history/(\d{1,12})\.jpg": Thumbnail,
    r"/task": TaskOfAll,
    r"/snapshot\.jpg": Snapshot,
    r"/api/reading": Reading,
    r"/healthz": Health,
    r"/metrics": Metrics,
}


POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors {}; base-uri 'none'; form-action 'self'"
"""What a browser may do with the page."""


def make_application(site: Site) -> Application:
    """The application that serves `site`, with and without the path that a proxy may leave in front."""
    base = site.access.base
    rules = [
        (prefix + address, handler, {"site": site})
        for prefix in dict.fromkeys(("", re.escape(base)))
        for address, handler in ADDRESSES.items()
    ]
    if base:
        rules.append((re.escape(base), RedirectHandler, {"url": f"{base}/"}))  # type: ignore[arg-type, dict-item]
    embedders = " ".join(("'self'", *site.access.embedders)) if site.access.embedders else "'none'"
    return Application(rules, policy=POLICY.format(embedders), log_function=lambda handler: None)
