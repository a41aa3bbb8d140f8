"""Texts for other programs: in order, brought again until they are taken, over restarts and past hanging receivers."""

import http.server
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_ocr.errors import EdgeOcrError, Undelivered
from edge_ocr.outputs.courier import Courier, Receiver, Refused
from edge_ocr.outputs.program import Program
from edge_ocr.outputs.queue import Queue
from edge_ocr.outputs.webhook import Webhook
from tests.live.test_capture import wait_for
from tests.live.test_loop import COMMAND, live

TEXT = json.dumps({"time": 1.5, "region": None, "text": "GATE 47", "confidence": 0.9})
NEVER = threading.Event()


class Scripted(Receiver):
    """Refuses what its script says, and keeps the rest."""

    def __init__(self, *script: Exception | None) -> None:
        self.script, self.tries, self.taken = list(script), 0, list[str]()

    def deliver(self, text: str, stop: threading.Event) -> None:
        self.tries += 1
        if self.script and (error := self.script.pop(0)):
            raise error
        self.taken.append(text)


def courier(tmp_path: Path, receiver: Scripted) -> Courier:
    return Courier(Queue(tmp_path / "q.db"), receiver, first_pause=0.001)


def test_what_is_not_taken_is_brought_again_in_order(tmp_path: Path) -> None:
    """A receiver that was away for a moment misses a text, or gets a later one first."""
    away = Undelivered("away")
    receiver = Scripted(None, away, away, RuntimeError("a bug of a library"), None, away)
    running = courier(tmp_path, receiver)
    for text in "ABCD":
        running.add(text)
    running.drain(20, NEVER)
    running.close()
    assert receiver.taken == list("ABCD") and running.trouble is None


def test_what_will_never_be_taken_stops_nothing(tmp_path: Path) -> None:
    """One text that a server refuses keeps all later ones back."""
    receiver = Scripted(None, Refused("no"))
    running = courier(tmp_path, receiver)
    running.add("A")
    running.add("B")
    assert wait_for(lambda: receiver.tries == 2 and isinstance(running.trouble, Refused), 20)
    running.add("C")
    running.drain(20, NEVER)
    running.close()
    assert receiver.taken == ["A", "C"]


def test_what_was_not_taken_waits_for_the_next_run(tmp_path: Path) -> None:
    receiver = Scripted(*[Undelivered("away")] * 10_000)
    running = courier(tmp_path, receiver)
    running.add("A")
    assert wait_for(lambda: running.trouble is not None, 20)
    running.close()
    later = Scripted()
    running = courier(tmp_path, later)
    running.drain(20, NEVER)
    running.close()
    assert later.taken == ["A"]


def test_a_command_gets_the_text_but_never_as_a_command(tmp_path: Path) -> None:
    """Whoever writes `$(reboot)` on a note runs it."""
    note = json.dumps({"time": 1, "region": "door", "text": "$(touch hacked); `touch hacked`\nB", "confidence": None})
    command = (
        f'cat > {tmp_path}/json; printf %s "$EDGE_OCR_TEXT|$EDGE_OCR_REGION|$EDGE_OCR_CONFIDENCE" > {tmp_path}/text'
    )
    Program(f"cd {tmp_path}; {command}").deliver(note, NEVER)
    assert json.loads((tmp_path / "json").read_text()) == json.loads(note)
    assert (tmp_path / "text").read_text() == "$(touch hacked); `touch hacked`\nB|door|"


def test_a_command_that_fails_is_reported_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(Undelivered, match=r"exit code 3 \(no paper\)"):
        Program("echo no paper >&2; exit 3").deliver(TEXT, NEVER)
    with pytest.raises(Undelivered, match="signal 9"):
        Program("kill -9 $$").deliver(TEXT, NEVER)
    Program("exec <&-").deliver(json.dumps({"text": "A" * 200_000}), NEVER)  # It reads nothing of it.


def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    """Ctrl-C waits for a command that never ends, or leaves it running."""
    command = f"sleep 600 & echo $! > {tmp_path}/child; wait"
    with pytest.raises(Undelivered, match=r"longer than 0\.5 s"):
        Program(command, longest=0.5).deliver(TEXT, NEVER)
    child = int((tmp_path / "child").read_text())
    assert wait_for(lambda: not _lives(child), 20)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Undelivered, match="edge-ocr ends"):
        Program("sleep 600").deliver(TEXT, stop)


def _lives(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


class Page(http.server.BaseHTTPRequestHandler):
    """Answers as its server's script says, then with 200; keeps what it was sent."""

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        code = server.script.pop(0) if server.script else 200
        if code == 0:
            time.sleep(2)
            return
        if code == 200:
            server.taken.append((body, self.headers["Authorization"], self.path))
        self.send_response(code)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


class Server(http.server.ThreadingHTTPServer):
    script: list[int]
    taken: list[tuple[str, str | None, str]]
    daemon_threads = True


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Page) as running:
        running.script, running.taken = [], []
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield running
        running.shutdown()


def test_an_address_gets_each_text_with_its_password(server: Server) -> None:
    place = f"127.0.0.1:{server.server_port}"
    Webhook(f"http://ann:p%40ss@{place}/hook?key=1#x").deliver(TEXT, NEVER)
    Webhook(f"http://{place}/hook", token="secret").deliver(TEXT, NEVER)
    assert server.taken == [(TEXT, "Basic YW5uOnBAc3M=", "/hook?key=1"), (TEXT, "Bearer secret", "/hook")]


@pytest.mark.parametrize(("code", "words"), [(401, "password or token"), (404, "path"), (302, "moved"), (503, "well")])
def test_an_address_that_does_not_take_a_text_is_asked_again(code: int, words: str, server: Server) -> None:
    """A redirect turns the POST into a GET without the text; a server that restarts loses one."""
    server.script = [code]
    hook = Webhook(f"http://ann:hidden@127.0.0.1:{server.server_port}/secret-path")
    with pytest.raises(Undelivered, match=words) as caught:
        hook.deliver(TEXT, NEVER)
    assert not isinstance(caught.value, Refused) and server.taken == []
    assert "hidden" not in str(caught.value) and "secret-path" not in str(caught.value)
    server.script = [422]
    with pytest.raises(Refused):
        hook.deliver(TEXT, NEVER)


def test_an_address_that_does_not_answer_is_given_up(server: Server) -> None:
    server.script = [0]
    with pytest.raises(Undelivered, match="no answer in time"):
        Webhook(f"http://127.0.0.1:{server.server_port}", timeout=0.2).deliver(TEXT, NEVER)
    with pytest.raises(Undelivered, match="refused"):
        Webhook("http://127.0.0.1:9").deliver(TEXT, NEVER)


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org", "http://", "http://a b", "http://[::1", ""])
def test_what_is_no_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(EdgeOcrError, match="expected http"):
        Webhook(address)


def test_each_text_reaches_both_programs(pictures: Path, tmp_path: Path, server: Server) -> None:
    """The options lead nowhere, or the run ends before the last text was taken."""
    server.script = [503]
    (tmp_path / "token").write_text("secret\n")
    arguments = ["--exec", f"cat >> {tmp_path}/texts", "--webhook", f"http://127.0.0.1:{server.server_port}/"]
    arguments += ["--webhook-token", str(tmp_path / "token"), "--state", str(tmp_path / "state"), "--json"]
    done = live("--camera", str(pictures), *arguments)
    assert done.returncode == 0, done.stderr
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert [facts["text"] for facts in printed] == ["A1BO", "1A BOB"]
    assert [json.loads(line) for line in (tmp_path / "texts").read_text().splitlines()] == printed
    assert [json.loads(body) for body, _, _ in server.taken] == printed
    assert {token for _, token, _ in server.taken} == {"Bearer secret"}


def test_ctrl_c_ends_a_hanging_receiver_and_keeps_its_text(pictures: Path, tmp_path: Path) -> None:
    """The program hangs as long as the command, or the text is lost with it."""
    state = ["--state", str(tmp_path / "state")]
    arguments = [
        *COMMAND,
        "--camera",
        str(pictures / "0.png"),
        "--loop",
        "--exec",
        f"touch {tmp_path}/began; sleep 600",
    ]
    with subprocess.Popen([*arguments, *state], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert wait_for((tmp_path / "began").exists, 30)
        second = live("--camera", str(pictures), "--exec", "true", *state)
        assert second.returncode == 9 and "another edge-ocr" in second.stderr
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 130 and "exec: 1 texts wait for the next run" in said
    assert live("--camera", str(pictures / "0.png"), "--exec", f"cat >> {tmp_path}/texts", *state).returncode == 0
    kept = [json.loads(line)["text"] for line in (tmp_path / "texts").read_text().splitlines()]
    assert kept == ["A1BO", "A1BO"]
