"""Which MQTT broker to talk to, by which topics, and what Home Assistant should know of them."""

import json
import re
import socket
import urllib.parse
from dataclasses import dataclass
from typing import Any

from edge_ocr.errors import EdgeOcrError

PORTS = {"mqtt": 1883, "mqtts": 8883}
"""The usual port of each kind of address."""

UNNAMED = "picture"
"""Stands in topics for a region without a name."""

LONGEST_STATE = 255
"""Characters that Home Assistant takes as the state of a sensor."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is, and the root of our topics there."""

    host: str
    port: int
    secure: bool
    """Whether to speak TLS."""
    root: str
    """Begins each topic: one camera's own."""

    @staticmethod
    def at(address: str) -> "Broker":
        """The broker of mqtt://HOST[:PORT][/TOPIC] or mqtts://...; EdgeOcrError if it is no such address."""
        try:
            parts = urllib.parse.urlsplit(address)
            host, port = parts.hostname, parts.port
            (host or "").encode("idna")
        except ValueError:  # UnicodeError among them.
            raise _no_address(address) from None
        if not host or parts.scheme not in PORTS or parts.query or parts.fragment or port == 0:
            raise _no_address(address)
        if "@" in parts.netloc:
            raise EdgeOcrError(
                "a password in the address of --mqtt can be seen by everybody on this machine: write user and password "
                "on two lines of a file, and name it with --mqtt-login"
            )
        root = urllib.parse.unquote(parts.path).strip("/") or f"edge-ocr/{socket.gethostname() or 'camera'}"
        if re.search(r"[+#\0]|//", root) or root.startswith("$"):
            raise EdgeOcrError(f"{root!r} is no topic to send to: leave out +, #, empty levels and a leading $")
        return Broker(host, port or PORTS[parts.scheme], parts.scheme == "mqtts", root)

    @property
    def name(self) -> str:
        """For messages."""
        return f"the MQTT broker {self.host}:{self.port}"

    @property
    def node(self) -> str:
        """The root as one word, unique among cameras, as Home Assistant and client identifiers want it."""
        return re.sub(r"[^A-Za-z0-9_-]+", "-", self.root)

    @property
    def status(self) -> str:
        """The topic that says "online" or "offline"."""
        return f"{self.root}/status"

    def reading(self, region: str | None) -> str:
        """The topic of a region's texts."""
        return f"{self.root}/reading/{region or UNNAMED}"


def _no_address(address: str) -> EdgeOcrError:
    return EdgeOcrError(f"--mqtt {address!r} is no address: expected mqtt://HOST, mqtts://HOST:8883/TOPIC or alike")


@dataclass(frozen=True, slots=True)
class Sensor:
    """What Home Assistant should know of a region."""

    region: str
    """Its name; "" if it has none."""
    is_number: bool = False
    """Whether its texts are numbers, under `value`."""
    only_rises: bool = False
    """Whether the number is a counter's, which may begin anew."""
    unit: str | None = None
    """Of the number, such as kWh or m³."""


@dataclass(frozen=True, slots=True)
class HomeAssistant:
    """Makes a sensor of each region, by MQTT discovery."""

    broker: Broker
    prefix: str = "homeassistant"
    version: str = ""
    """Of edge-ocr."""

    @property
    def all_topics(self) -> str:
        """A filter for the topics of all our sensors, those of earlier runs among them."""
        return f"{self.prefix}/sensor/{self.broker.node}/+/config"

    def topic(self, region: str) -> str:
        """The topic that describes a region's sensor."""
        return f"{self.prefix}/sensor/{self.broker.node}/{region or UNNAMED}/config"

    def describe(self, sensor: Sensor) -> str:
        """A region's sensor, as JSON: https://www.home-assistant.io/integrations/sensor.mqtt."""
        broker, region, readings = self.broker, sensor.region, self.broker.reading(sensor.region)
        text = f"{{{{ value_json.text[:{LONGEST_STATE}] }}}}"
        facts: dict[str, Any] = {
            "name": region or "Text",
            "unique_id": f"{broker.node}-{region or UNNAMED}",
            "state_topic": readings,
            "value_template": "{{ value_json.value }}" if sensor.is_number else text,
            "json_attributes_topic": readings,
            "availability_topic": broker.status,
            "force_update": True,  # The same text, given out again, is news.
            "icon": "mdi:counter" if sensor.is_number else "mdi:text-recognition",
            "device": {
                "identifiers": [broker.node],
                "name": broker.root,
                "manufacturer": "edge-ocr",
                "sw_version": self.version,
            },
            "origin": {"name": "edge-ocr", "sw_version": self.version},
        }
        if sensor.is_number:
            facts["state_class"] = "total_increasing" if sensor.only_rises else "measurement"
        if sensor.unit:
            facts["unit_of_measurement"] = sensor.unit
        return json.dumps(facts, ensure_ascii=False)
