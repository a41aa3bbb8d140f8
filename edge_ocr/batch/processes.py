"""Several processes of this machine that read pictures; one that dies costs a picture at most, never the run."""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType

import cv2

from edge_ocr.batch.order import in_order
from edge_ocr.batch.reading import Outcome, Reads, Wanted, attempt, portable
from edge_ocr.batch.sources import Source
from edge_ocr.errors import BadImage
from edge_ocr.picture.quiet import own_stderr

TRIES = 2
"""Times that a picture may end the process that reads it; the first time may have been another program's fault."""

Load = Callable[[], Reads]
"""Makes the Reader of a process; it can be pickled."""


class Processes:
    """`with Processes(4, load, wanted) as processes:` - leaving ends them at once."""

    def __init__(self, count: int, load: Load, wanted: Wanted) -> None:
        """Start the first of `count` processes, the others when they are needed; raises what `load` raises."""
        self._count, self._load, self._wanted = count, load, wanted
        self._idle: list[_Process] = []
        self._all: list[_Process] = []
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(count)
        self._closed = False
        try:
            self._idle.append(self._take())
        except BaseException:  # Ctrl-C, too, does not wait until a model is open.
            self._end()
            raise

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        with self._lock:
            self._closed = True
            for process in self._all:
                process.kill()
        self._threads.shutdown(cancel_futures=True)

    def read(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Outcome]]:
        """Each source with what came of it, in their order."""
        return in_order(sources, lambda data, name: self._threads.submit(self._read, data, name), lambda: self._count)

    def _read(self, data: bytes, name: str) -> Outcome:
        for _ in range(TRIES):
            process = self._take()
            with suppress(EOFError, OSError):
                outcome = process.ask(data, name)
                with self._lock:
                    self._idle.append(process)
                return outcome
            process.kill()
        return BadImage(
            f"{name} ended the process that read it, {TRIES} times: is there enough memory? Save it smaller"
        )

    def _take(self) -> "_Process":
        with self._lock:
            if self._closed:
                raise InterruptedError("the processes were ended")
            if self._idle:
                return self._idle.pop()
            process = _Process(self._load, self._wanted)
            self._all.append(process)
        process.wait_until_it_reads()
        return process


class _Process:
    """One of them. It ends by itself when ours does."""

    def __init__(self, load: Load, wanted: Wanted) -> None:
        context = multiprocessing.get_context("spawn")  # A fork would take over locks of our threads.
        self._pipe, theirs = context.Pipe()
        self._ending = threading.Lock()
        self._process = context.Process(target=_serve, args=(theirs, load, wanted), daemon=True)
        # Ctrl-C goes to all; our parent decides what becomes of us. From the start, since imports end with a traceback.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def wait_until_it_reads(self) -> None:
        """Raises what `load` raises, and EOFError or OSError if it died."""
        failure = self._pipe.recv()
        if failure is not None:
            self.kill()
            raise failure

    def ask(self, data: bytes, name: str) -> Outcome:
        """What came of a picture; EOFError or OSError if the process died."""
        self._pipe.send((data, name))
        outcome: Outcome = self._pipe.recv()
        return outcome

    def kill(self) -> None:
        with self._ending:  # Its own thread ends it, too, when we end all; a pipe is closed once.
            self._process.kill()
            self._process.join()
            self._pipe.close()


def _serve(pipe: Connection, load: Load, wanted: Wanted) -> None:
    """The process: read what comes through the pipe, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # It was blocked until here; a library may unblock it.
    cv2.setNumThreads(1)  # There are as many processes as the cores that we may use.
    failure = None
    try:
        with own_stderr():  # Native libraries talk on it.
            reader = load()
    except Exception as error:
        failure = portable(error)
    with suppress(EOFError, OSError):
        pipe.send(failure)
        while not failure:
            data, name = pipe.recv()
            pipe.send(portable(attempt(reader, data, name, wanted)))
