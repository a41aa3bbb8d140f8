"""The options of `edge-ocr live` by which other programs get its texts, and what they open."""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import edge_ocr
from edge_ocr.arguments import name_of, read_text
from edge_ocr.errors import EdgeOcrError, Undelivered
from edge_ocr.live.region import Region
from edge_ocr.outputs.broker import Broker, HomeAssistant, Sensor
from edge_ocr.outputs.courier import Courier, Receiver
from edge_ocr.outputs.program import Program
from edge_ocr.outputs.queue import Queue
from edge_ocr.outputs.state import StateFolder
from edge_ocr.outputs.webhook import Webhook

if TYPE_CHECKING:
    from edge_ocr.outputs.mqtt import Mqtt

DRAIN_S = 10.0
"""Seconds for which a run that came to its end by itself waits for other programs to take the last texts."""


def add_programs(live: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `live`."""
    group = live.add_argument_group(
        "other programs",
        "Each text is handed on as JSON, as --json prints it. What is not taken waits on disk and is handed on again, "
        "in order and after a restart, too.",
    )
    add = group.add_argument
    add("--exec", metavar="CMD", type=name_of("a command"), help="run it with each text: JSON on stdin, $EDGE_OCR_TEXT")
    add("--webhook", metavar="URL", help="send each text to this address by POST")
    add("--webhook-token", metavar="FILE", help="with --webhook: a file with the bearer token that the address expects")
    add("--mqtt", metavar="URL", help="send each text to this MQTT 5 broker: mqtt://HOST[:PORT][/TOPIC], or mqtts://")
    add("--mqtt-login", metavar="FILE", help="with --mqtt: a file with user and password on two lines")
    add("--mqtt-ca", metavar="FILE.pem", help="with mqtts: who signed the broker's certificate (default: the system's)")
    add(
        "--home-assistant",
        nargs="?",
        const="homeassistant",
        metavar="PREFIX",
        help="with --mqtt: describe each region to Home Assistant, as a sensor (homeassistant)",
    )


def check_programs(options: argparse.Namespace) -> None:
    """Refuse options that need another one."""
    if options.webhook_token and not options.webhook:
        options.usage_error("--webhook-token is for --webhook: add --webhook, or leave --webhook-token out")
    for name in ("mqtt_login", "mqtt_ca", "home_assistant"):
        if getattr(options, name) and not options.mqtt:
            option = f"--{name.replace('_', '-')}"
            options.usage_error(f"{option} is for --mqtt: add --mqtt, or leave {option} out")
    if options.unit and not options.home_assistant:
        options.usage_error("--unit is for --home-assistant: add --home-assistant, or leave --unit out")


class Programs:
    """The programs that the options name, each with its courier."""

    def __init__(self, options: argparse.Namespace, state: StateFolder) -> None:
        """Raises EdgeOcrError if an address or a file is wrong, or what waits cannot be stored in the folder."""
        self.couriers: dict[str, Courier] = {}
        self._mqtt: Mqtt | None = None
        with ExitStack() as stack:
            for name, receiver in self._receivers(options).items():
                courier = self.couriers[name] = Courier(Queue(state.path / f"{name}.db"), receiver)
                stack.callback(courier.close)
            self.close = stack.pop_all().close

    def add(self, text: str) -> None:
        """Hand a text, as JSON, to all of them."""
        for courier in self.couriers.values():
            courier.add(text)

    def announce(self, regions: Sequence[Region], *, is_available: bool) -> None:
        """Say which regions there are, and whether the camera gives pictures."""
        if self._mqtt:
            self._mqtt.announce([_sensor(region) for region in regions], is_available=is_available)

    def finish(self, stop: Event) -> None:
        """Wait for a while until all texts are taken; Undelivered if some are not, unless `stop` is set meanwhile."""
        for name, courier in self.couriers.items():
            courier.drain(DRAIN_S, stop)
            if len(courier) and not stop.is_set():
                raise courier.trouble or Undelivered(f"{name} takes no texts: is it well?")

    def _receivers(self, options: argparse.Namespace) -> dict[str, Receiver]:
        receivers: dict[str, Receiver] = {}
        if options.exec:
            receivers["exec"] = Program(options.exec)
        if options.webhook:
            token = _lines(options.webhook_token, 1, "the token") if options.webhook_token else [None]
            receivers["webhook"] = Webhook(options.webhook, token[0])
        if options.mqtt:
            receivers["mqtt"] = self._mqtt = _mqtt(options)
        return receivers


def _sensor(region: Region) -> Sensor:
    rules = region.rules
    return Sensor(region.name, is_number=rules.are_any, only_rises=rules.never_falling, unit=rules.unit)


def _mqtt(options: argparse.Namespace) -> "Mqtt":
    broker = Broker.at(options.mqtt)
    try:
        from edge_ocr.outputs.mqtt import Mqtt  # Its library is an extra.
    except ImportError as error:
        raise EdgeOcrError(f"--mqtt needs paho-mqtt ({error}): run `pip install 'edge-ocr[mqtt]'`") from error
    user, password = _lines(options.mqtt_login, 2, "user and password") if options.mqtt_login else ("", "")
    described = None
    if options.home_assistant:
        described = HomeAssistant(broker, options.home_assistant, edge_ocr.__version__)
    return Mqtt(broker, login=(user, password) if user else None, authority=options.mqtt_ca, home_assistant=described)


def _lines(path: str, count: int, what: str) -> list[str]:
    """The first lines of a file that holds secrets, which never stand in a message."""
    lines = read_text(Path(path), f"a text file with {what}").splitlines()[:count]
    if len(lines) < count or not lines[0]:
        raise EdgeOcrError(f"{path} is too short: expected {what}, each on a line")
    return lines
