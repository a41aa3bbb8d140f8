"""`--mqtt`: texts for an MQTT broker. Each is retained, acknowledged (QoS 1) and sent after the one before it."""

import json
import ssl
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from edge_ocr.errors import EdgeOcrError, Undelivered
from edge_ocr.outputs.broker import Broker, HomeAssistant, Sensor
from edge_ocr.outputs.courier import CLOSING_S, WAIT_S, Receiver

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
"""Pause before a lost broker is tried again: the first one, doubled with each failure, up to the longest."""

KEEPALIVE_S = 30
"""Seconds of silence after which broker and camera look whether the other one is still there."""

AT_LEAST_ONCE = 1


class _Client(paho.Client):
    """Keeps why the last connection failed, which paho does not say."""

    failure: OSError | None = None

    def reconnect(self) -> MQTTErrorCode:
        try:
            return super().reconnect()
        except OSError as error:
            self.failure = error
            raise


class Mqtt(Receiver):
    """Keeps a connection to a broker, in a thread of paho's, and says by the last will when it is gone."""

    def __init__(
        self,
        broker: Broker,
        *,
        login: tuple[str, str] | None = None,
        authority: str | None = None,
        home_assistant: HomeAssistant | None = None,
        first_pause: float = FIRST_PAUSE_S,
    ) -> None:
        """Begins to connect; never waits for it.

        Args:
            broker: which broker, which topics.
            login: user and password.
            authority: a file with the certificate of who signed the broker's; None is the system's list.
            home_assistant: describes regions to Home Assistant; None leaves that out.
            first_pause: seconds before a lost broker is tried again for the first time.

        Raises:
            EdgeOcrError: `authority` holds no certificate.
        """
        self.trouble: EdgeOcrError | None = None
        self._broker, self._home_assistant = broker, home_assistant
        self._sensors: tuple[Sensor, ...] | None = None
        self._is_available = True
        self._changed = threading.Condition()
        self._is_connected = False
        self._answers: dict[int, ReasonCode] = {}
        self._client = self._make_client(login, authority, first_pause)
        self._thread = threading.Thread(
            target=self._client.loop_forever, kwargs={"retry_first_connection": True}, name="mqtt", daemon=True
        )
        self._thread.start()

    def deliver(self, text: str, stop: threading.Event) -> None:
        """Send one reading, and wait until the broker has it: for as long as it is away, or until `stop` is set."""
        reading = json.loads(text)
        if not self._wait(lambda: self._is_connected, stop):
            raise Undelivered(f"{self._broker.name} is not there")
        topic = self._broker.reading(reading["region"])
        self._answers.clear()
        # From here on paho keeps it, and sends it again after a loss of the connection.
        number = self._client.publish(topic, _brief(reading), AT_LEAST_ONCE, retain=True).mid
        if not self._wait(lambda: number in self._answers, stop):
            raise Undelivered(f"{self._broker.name} has not acknowledged a text")
        if (answer := self._answers.pop(number)).is_failure:
            raise Undelivered(f"{self._broker.name} refuses {topic} ({answer}): allow this user to write to it")

    def announce(self, sensors: Sequence[Sensor], *, is_available: bool) -> None:
        """Say which regions there are, and whether the camera gives pictures."""
        before, self._sensors = self._sensors, tuple(sensors)
        if is_available != self._is_available:
            self._is_available = is_available
            self._say_status()
        if self._sensors != before:
            self._describe(gone={it.region for it in before or ()} - {it.region for it in sensors})

    def close(self) -> None:
        """Leave as if lost, so that the broker says "offline"."""
        self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message"))
        if self._is_connected:  # Else there is nobody to say it to.
            self._thread.join(CLOSING_S)

    def _make_client(self, login: tuple[str, str] | None, authority: str | None, first_pause: float) -> _Client:
        broker = self._broker
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"edge-ocr-{broker.node}",
            protocol=MQTTProtocolVersion.MQTTv5,
        )
        if login:
            client.username_pw_set(*login)
        if broker.secure:
            try:
                client.tls_set_context(ssl.create_default_context(cafile=authority))
            except (OSError, ssl.SSLError) as error:
                raise EdgeOcrError(f"{authority} is no certificate ({error}): expected a file in PEM form") from error
        client.will_set(broker.status, "offline", AT_LEAST_ONCE, retain=True)
        client.reconnect_delay_set(first_pause, LONGEST_PAUSE_S)  # type: ignore[arg-type]  # Fractions are fine.
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_connect_fail, client.on_publish = self._on_connect_fail, self._on_publish
        client.on_message = self._on_message
        client.connect_async(broker.host, broker.port, KEEPALIVE_S)
        return client

    def _wait(self, condition: Any, stop: threading.Event) -> bool:
        with self._changed:
            while not condition() and not stop.is_set():
                self._changed.wait(WAIT_S)
            return bool(condition())

    def _publish(self, topic: str, text: str) -> None:
        """Send what counts only now: whatever is current is sent anew with each connection."""
        if self._is_connected:
            self._client.publish(topic, text, AT_LEAST_ONCE, retain=True)

    def _say_status(self) -> None:
        self._publish(self._broker.status, "online" if self._is_available else "offline")

    def _describe(self, gone: Iterable[str] = ()) -> None:
        """Describe our regions to Home Assistant, once they are known, and take back those that are gone."""
        home = self._home_assistant
        if home is None or self._sensors is None or not self._is_connected:
            return
        for sensor in self._sensors:
            self._publish(home.topic(sensor.region), home.describe(sensor))
        for region in gone:
            self._publish(home.topic(region), "")
        self._client.subscribe(home.all_topics, AT_LEAST_ONCE)  # What an earlier run described comes back to us.

    def _on_connect(self, client: Any, data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self.trouble = Undelivered(f"{self._broker.name} refuses us ({reason}): check the file of --mqtt-login")
            return
        self._is_connected, self.trouble = True, None
        self._say_status()
        self._describe()
        with self._changed:
            self._changed.notify_all()

    def _on_message(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        assert self._home_assistant is not None
        ours = {self._home_assistant.topic(sensor.region) for sensor in self._sensors or ()}
        if message.payload and message.topic not in ours:
            self._publish(message.topic, "")  # A region that is no more: retained and empty is forgotten.

    def _on_disconnect(self, client: Any, data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        self._is_connected = False
        if str(reason) == "Session taken over":
            advice = f"another camera uses {self._broker.root} too: give each its own topic, in --mqtt"
        else:
            advice = "trying again"
        if self.trouble is None:  # A refusal is followed by a disconnection.
            self.trouble = Undelivered(f"{self._broker.name} is lost ({reason}); {advice}")

    def _on_connect_fail(self, client: paho.Client, data: Any) -> None:
        error = self._client.failure
        if isinstance(error, ssl.SSLCertVerificationError):
            why = f"its certificate is not trusted: {error.verify_message}; name who signed it with --mqtt-ca"
        else:
            why = getattr(error, "strerror", None) or str(error)
        self.trouble = Undelivered(f"{self._broker.name} cannot be reached ({why}); trying again")

    def _on_publish(self, client: Any, data: Any, number: int, reason: ReasonCode, properties: Any) -> None:
        with self._changed:
            self._answers[number] = reason
            self._changed.notify_all()


def _brief(reading: dict[str, Any]) -> str:
    """A reading without its words and characters, which would fill Home Assistant's database."""
    lines = [{key: line[key] for key in ("text", "box", "confidence")} for line in reading["lines"]]
    return json.dumps({**reading, "lines": lines}, ensure_ascii=False)
