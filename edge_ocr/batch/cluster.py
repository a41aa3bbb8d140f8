"""A Dask cluster that reads pictures: workers on any number of machines, which may come and go meanwhile."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from edge_ocr.batch.order import Promise, in_order
from edge_ocr.batch.reading import Outcome, Reads, Wanted, attempt, portable
from edge_ocr.batch.sources import Source
from edge_ocr.errors import BadImage, EdgeOcrError
from edge_ocr.output import note
from edge_ocr.version import __version__

Make = Callable[..., Reads]

PATIENCE = "20s"
"""For the scheduler to answer; a Pi takes a few seconds."""

MODELS = ("model", "tuned")
"""Wishes that are folders of models here, which the workers do not have."""

MODEL_FILES = ("model.tflite", "model.json")

LARGE = "distributed.admin.large-graph-warning-threshold"
"""Dask warns of pictures above this size, as of large arrays, which it would rather load by itself."""


class Cluster:
    """`with Cluster("tcp://pi5.local:8786", make, wishes, wanted) as cluster:` - all workers get the models once."""

    def __init__(self, address: str, make: Make, wishes: Mapping[str, Any], wanted: Wanted) -> None:
        """
        Args:
            address: of the scheduler.
            make: makes a reader of `wishes`, on each worker.
            wishes: of readers, such as charset and model, a folder that is sent to the workers.
            wanted: of each picture.

        Raises:
            EdgeOcrError: distributed is not installed, no scheduler answers, or the workers cannot read.
        """
        try:
            import dask
            from distributed import Client
        except ImportError as error:
            raise EdgeOcrError("a cluster needs Dask, which is not installed: pip install 'edge-ocr[dask]'") from error
        dask.config.set({LARGE: "1GB"})
        self._address, self._key = address, f"edge-ocr-{uuid.uuid4().hex}"
        try:
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise EdgeOcrError(
                f"no Dask scheduler answers at {address}: start one with `dask scheduler`, which prints its address"
            ) from error
        try:
            self._client.register_plugin(_on_each_worker(make, _packed(wishes), wanted), name=self._key)
        except BaseException as error:
            self._client.close()
            if not isinstance(error, Exception) or isinstance(error, EdgeOcrError):
                raise
            raise EdgeOcrError(
                f"the workers of {address} cannot read: is edge-ocr {__version__} there? ({error})"
            ) from error

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._client.unregister_worker_plugin(self._key)
        self._client.close()

    def read(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Outcome]]:
        """Each source with what came of it, in their order; those of a worker that is lost are read by another."""
        if not self._readers():
            note(f"{self._address} has no workers yet: start some with `dask worker {self._address} --nthreads 1`")
        return in_order(sources, self._submit, self._readers)

    def _submit(self, data: bytes, name: str) -> Promise:
        return _Promise(self._client.submit(_read, self._key, data, name, pure=False), name, self._address)

    def _readers(self) -> int:
        return sum(self._client.nthreads().values())


class _Promise:
    """A picture's future, whose failures are an Outcome, too."""

    def __init__(self, future: Any, name: str, address: str) -> None:
        self._future, self._name, self._address = future, name, address

    def result(self) -> Outcome:
        from distributed.scheduler import KilledWorker

        try:
            outcome: Outcome = self._future.result()
        except KilledWorker:
            return BadImage(f"{self._name} ended every worker that read it: is there enough memory? Save it smaller")
        except CancelledError as error:
            raise EdgeOcrError(
                f"the scheduler at {self._address} was lost: start it again; with --output or --beside, the same "
                "command goes on where it was"
            ) from error
        return outcome


def _packed(wishes: Mapping[str, Any]) -> dict[str, Any]:
    """The wishes, with the content of models instead of their folders."""
    packed = dict(wishes)
    for name in MODELS:
        if packed.get(name) is not None:
            paths = [Path(packed[name], file) for file in MODEL_FILES]
            packed[name] = {path.name: path.read_bytes() for path in paths if path.is_file()}
    return packed


def _unpacked(packed: dict[str, Any], place: str) -> dict[str, Any]:
    """The wishes, with folders in `place` instead of the models' content."""
    wishes = dict(packed)
    for name in MODELS:
        if wishes.get(name) is not None:
            folder = Path(place, name)
            folder.mkdir()
            for file, content in wishes[name].items():
                (folder / file).write_bytes(content)
            wishes[name] = folder
    return wishes


def _on_each_worker(make: Make, packed: dict[str, Any], wanted: Wanted) -> Any:
    """What Dask sends once to each worker, also to those that join later."""
    from distributed import Worker, WorkerPlugin

    class ReaderOfWorker(WorkerPlugin):
        version = __version__

        def setup(self, worker: Worker) -> None:
            from edge_ocr import version

            if version.__version__ != self.version:
                raise EdgeOcrError(f"{worker.address} has edge-ocr {version.__version__}, not {self.version}")
            self.place = TemporaryDirectory()  # Models may be opened late.
            self.reader = make(**_unpacked(packed, self.place.name))

        def teardown(self, worker: Worker) -> None:
            self.place.cleanup()

        def read(self, data: bytes, name: str) -> Outcome:
            return portable(attempt(self.reader, data, name, wanted))

    return ReaderOfWorker()


def _read(key: str, data: bytes, name: str) -> Outcome:
    """On a worker: read by its reader."""
    from distributed import get_worker

    reader: Any = get_worker().plugins[key]
    outcome: Outcome = reader.read(data, name)
    return outcome
