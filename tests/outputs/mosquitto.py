"""A real Mosquitto broker that tests start, stop and start again, and a second client that listens to it."""

import getpass
import json
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.live.test_capture import wait_for

paho = pytest.importorskip("paho.mqtt.client", reason="paho-mqtt speaks to the broker: pip install paho-mqtt")

# Debian's daemons are not on the path of every user.
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="there is no broker: apt install mosquitto")


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


class Mosquitto:
    """A broker that keeps what it has over a restart, on a port of its own."""

    def __init__(self, folder: Path, *settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = folder / "mosquitto.conf"
        usual = "persistence true", f"persistence_location {folder}/", f"user {getpass.getuser()}"
        listener = f"listener {self.port} 127.0.0.1"
        self._settings.write_text("\n".join([*usual, listener, *(settings or ["allow_anonymous true"])]) + "\n")

    @property
    def address(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}/cam/door"

    def __enter__(self) -> "Mosquitto":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", self._settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert wait_for(self._answers, 20)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Listener:
    """A second client with a session that outlasts losses: it must get all that the broker acknowledged."""

    def __init__(self, broker: Mosquitto, topics: str = "#", name: str = "listener") -> None:
        self.messages: list[tuple[str, str, bool]] = []
        """Topic, text and whether it was retained, in the order in which they came."""
        self._heard = threading.Condition()
        self._ready = threading.Event()
        self._topics = topics
        properties = paho.Properties(paho.PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        self._client = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTProtocolVersion.MQTTv5
        )
        self._client.reconnect_delay_set(0.02, 0.1)  # type: ignore[arg-type]
        self._client.on_connect, self._client.on_message = self._on_connect, self._on_message
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect("127.0.0.1", broker.port, clean_start=False, properties=properties)
        self._client.loop_start()

    def __enter__(self) -> "Listener":
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def texts(self, topic: str) -> list[str]:
        """What was sent to a topic; of readings their texts."""
        sent = [text for name, text, _ in list(self.messages) if name == topic]
        return [json.loads(text)["text"] for text in sent] if "/reading/" in topic else sent

    def latest(self) -> dict[str, str]:
        """What was sent last to each topic."""
        return {topic: text for topic, text, _ in list(self.messages)}

    def wait(self, condition: Any) -> bool:
        """Whether `condition` came true."""
        with self._heard:
            return bool(self._heard.wait_for(condition, 30))

    def _on_connect(self, client: Any, *_: Any) -> None:
        client.subscribe(self._topics, 1)

    def _on_message(self, client: Any, data: Any, message: Any) -> None:
        with self._heard:
            self.messages.append((message.topic, message.payload.decode(), message.retain))
            self._heard.notify_all()
