"""MQTT against a real broker, with a second client: nothing lost, order kept, last text retained."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_ocr.errors import EdgeOcrError
from edge_ocr.outputs.broker import Broker, HomeAssistant, Sensor
from edge_ocr.outputs.courier import Courier
from edge_ocr.outputs.queue import Queue
from tests.live.test_capture import wait_for
from tests.live.test_loop import COMMAND, live
from tests.outputs.mosquitto import Listener, Mosquitto, free_port, needs_mosquitto

mqtt = pytest.importorskip("edge_ocr.outputs.mqtt", reason="paho-mqtt speaks to the broker: pip install paho-mqtt")

NEVER = threading.Event()
READINGS = "cam/door/reading/picture"


def reading(text: str, region: str | None = None) -> str:
    line = {"text": text, "box": [1, 2, 3, 4], "confidence": 0.9, "words": [{"text": text}]}
    return json.dumps({"time": 1.0, "region": region, "text": text, "confidence": 0.9, "lines": [line]})


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as running:
        yield running


def connect(broker: Mosquitto, **options: object) -> "mqtt.Mqtt":
    return mqtt.Mqtt(Broker.at(broker.address), first_pause=0.02, **options)  # type: ignore[arg-type]


def send(receiver: "mqtt.Mqtt", *texts: str) -> None:
    for text in texts:
        receiver.deliver(reading(text), NEVER)


@needs_mosquitto
@pytest.mark.slow
def test_twenty_restarts_of_the_broker_lose_nothing(broker: Mosquitto, tmp_path: Path) -> None:
    """A text that was given out while the broker was away is missing, late, or behind a newer one."""
    courier = Courier(Queue(tmp_path / "q.db"), connect(broker), first_pause=0.02)
    given: list[str] = []

    def give(count: int) -> None:
        for _ in range(count):
            given.append(f"TEXT {len(given)}")
            courier.add(reading(given[-1]))

    with Listener(broker) as listener:
        for restart in range(20):
            give(2)
            if restart % 2:  # Else the broker goes in the midst of it.
                courier.drain(60, NEVER)
            broker.stop()
            give(3)
            broker.start()
            give(1)
        courier.drain(60, NEVER)
        assert listener.wait(lambda: listener.texts(READINGS)[-1:] == given[-1:])
        heard = listener.texts(READINGS)
    courier.close()
    # QoS 1 is at least once: what a restart left unacknowledged comes again, and so does what is retained.
    assert list(dict.fromkeys(heard)) == given and len(given) == 120
    with Listener(broker, name="late") as late:
        assert late.wait(lambda: late.texts(READINGS))
        assert [kept for topic, _, kept in late.messages if topic == READINGS] == [True]
        assert late.texts(READINGS) == ["TEXT 119"]


@needs_mosquitto
def test_a_text_waits_for_a_broker_that_comes_later_and_outlasts_a_kill(
    pictures: Path,
    tmp_path: Path,
    broker: Mosquitto,
) -> None:
    """The camera starts before the broker after a power cut: what it read meanwhile is lost."""
    broker.stop()
    state = ["--mqtt", broker.address, "--state", str(tmp_path / "state")]
    arguments = [*COMMAND, "--camera", str(pictures / "0.png"), "--loop", *state]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "A1BO\n"
        assert "cannot be reached (Connection refused)" in process.stderr.readline()
        process.kill()
    broker.start()
    with Listener(broker) as listener:
        done = live("--camera", str(pictures / "1.png"), *state)
        assert done.returncode == 0, done.stderr
        assert listener.wait(lambda: len(listener.texts(READINGS)) == 2)
        assert listener.texts(READINGS) == ["A1BO", "1A BOB"]
        assert listener.wait(lambda: listener.texts("cam/door/status")[-1:] == ["offline"])
        assert listener.texts("cam/door/status") == ["online", "offline"]


@needs_mosquitto
def test_the_last_will_says_that_the_camera_is_gone(pictures: Path, tmp_path: Path, broker: Mosquitto) -> None:
    """Home Assistant shows the text of a camera that lost its power as if it were today's."""
    arguments = [*COMMAND, "--camera", str(pictures / "0.png"), "--loop", "--mqtt", broker.address]
    with (
        Listener(broker) as listener,
        subprocess.Popen(
            [*arguments, "--state", str(tmp_path / "state")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
    ):
        assert listener.wait(lambda: listener.texts(READINGS) == ["A1BO"])
        os.kill(process.pid, signal.SIGKILL)
        assert listener.wait(lambda: listener.texts("cam/door/status") == ["online", "offline"])


@needs_mosquitto
def test_a_lost_camera_makes_its_texts_unavailable(broker: Mosquitto) -> None:
    receiver = connect(broker)
    with Listener(broker) as listener:
        send(receiver, "A")
        receiver.announce([Sensor("a")], is_available=False)
        receiver.announce([Sensor("a")], is_available=True)
        assert listener.wait(lambda: listener.texts("cam/door/status") == ["online", "offline", "online"])
    receiver.close()


@needs_mosquitto
def test_every_region_is_a_sensor_of_home_assistant(broker: Mosquitto) -> None:
    """Home Assistant does not find the camera, or keeps sensors of regions that are no more."""
    described = HomeAssistant(Broker.at(broker.address), version="1.2")
    first = connect(broker, home_assistant=described)
    first.announce([Sensor("meter"), Sensor("door")], is_available=True)
    send(first, "A")
    first.announce([Sensor("meter")], is_available=True)
    first.close()
    second = connect(broker, home_assistant=described)
    send(second, "B")
    with Listener(broker, "homeassistant/#", "early") as listener:
        # Home Assistant would forget what its user said of a sensor that goes for a moment.
        assert listener.wait(lambda: "homeassistant/sensor/cam-door/meter/config" in listener.latest())
        second.announce([Sensor("meter"), Sensor("plate")], is_available=True)
        assert listener.wait(lambda: "homeassistant/sensor/cam-door/plate/config" in listener.latest())
        assert all(text for topic, text, _ in listener.messages)
    second.announce([Sensor("plate", is_number=True, only_rises=True, unit="kWh")], is_available=True)
    kept = "homeassistant/sensor/cam-door/plate/config"
    with Listener(broker, "homeassistant/#") as listener:
        assert listener.wait(lambda: {topic for topic, text in listener.latest().items() if text} == {kept})
        assert listener.wait(lambda: "kWh" in listener.latest()[kept]), "what was set on the page is not announced"
        sensor = json.loads(listener.latest()[kept])
    second.close()
    assert sensor["state_class"] == "total_increasing" and sensor["value_template"] == "{{ value_json.value }}"
    assert sensor["state_topic"] == sensor["json_attributes_topic"] == "cam/door/reading/plate"
    assert sensor["availability_topic"] == "cam/door/status" and sensor["unique_id"] == "cam-door-plate"


@needs_mosquitto
def test_attributes_are_brief(broker: Mosquitto) -> None:
    """Every character with its alternatives fills Home Assistant's database."""
    receiver = connect(broker)
    with Listener(broker) as listener:
        receiver.deliver(reading("A", "meter"), NEVER)
        assert listener.wait(lambda: listener.texts("cam/door/reading/meter"))
        (text,) = [text for topic, text, _ in listener.messages if "reading" in topic]
    receiver.close()
    assert json.loads(text)["lines"] == [{"text": "A", "box": [1, 2, 3, 4], "confidence": 0.9}]


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker with TLS and a password, whose certificate only `ca.pem` vouches for."""
    folder = tmp_path / "locked"
    folder.mkdir()
    if not (shutil.which("openssl") and shutil.which("mosquitto_passwd")):
        pytest.skip("there is no openssl or mosquitto_passwd: apt install openssl mosquitto")
    names = "-addext", "subjectAltName=IP:127.0.0.1"
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=broker", *names,
            "-keyout", "key.pem", "-out", "ca.pem")  # fmt: skip
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(folder / "users"), "ann", "hidden"], check=True)
    lines = f"certfile {folder}/ca.pem", f"keyfile {folder}/key.pem", f"password_file {folder}/users"
    with Mosquitto(folder, *lines, "allow_anonymous false") as running:
        yield running


@needs_mosquitto
@pytest.mark.parametrize(("password", "trusted", "words"), [
    ("hidden", True, ""), ("wrong", True, "refuses us (Not authorized)"), ("hidden", False, "name who signed it"),
])  # fmt: skip
def test_a_broker_with_tls_and_a_password(
    password: str,
    trusted: bool,
    words: str,
    locked: Mosquitto,
    pictures: Path,
    tmp_path: Path,
) -> None:
    """The password goes to whoever answers, or stands in a message; or a wrong one is not said to be wrong."""
    (tmp_path / "login").write_text(f"ann\n{password}\n")
    address = locked.address.replace("mqtt:", "mqtts:")
    arguments = ["--mqtt", address, "--mqtt-login", str(tmp_path / "login"), "--state", str(tmp_path / "state")]
    if trusted:
        arguments += ["--mqtt-ca", str(tmp_path / "locked/ca.pem")]
    command = [*COMMAND, "--camera", str(pictures / "0.png"), "--loop", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None and process.stdout is not None and process.stdout.readline()
        if words:
            said = process.stderr.readline()
            assert words in said and password not in said
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=10)
            assert process.returncode == 130 and "mqtt: 1 texts wait" in said
        else:
            process.kill()
    if not words:
        assert live("--camera", str(pictures / "1.png"), *arguments).returncode == 0


def test_a_broker_that_does_not_answer_stops_nobody(pictures: Path, tmp_path: Path) -> None:
    """Ctrl-C waits for the network, or reading does."""
    with_broker = ["--mqtt", f"mqtt://127.0.0.1:{free_port()}", "--state", str(tmp_path)]
    arguments = [*COMMAND, "--camera", str(pictures), "--loop", *with_broker]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == ["A1BO\n", "\n", "1A BOB\n"]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 130 and said.count("cannot be reached") == 1 and "Traceback" not in said


@pytest.mark.parametrize(("address", "words"), [
    ("example.org", "expected mqtt://HOST"), ("http://example.org", "expected mqtt://HOST"), ("mqtt://", "expected"),
    ("mqtt://h:99999", "expected"), ("mqtt://ann:hidden@h", "--mqtt-login"), ("mqtt://h/a/%23", "no topic"),
    ("mqtt://" + "x" * 70, "expected"),
])  # fmt: skip
def test_what_is_no_broker_is_one_sentence(address: str, words: str) -> None:
    with pytest.raises(EdgeOcrError, match=words) as caught:
        Broker.at(address)
    assert "hidden" not in str(caught.value)


def test_a_broker_has_usual_ports_and_topics() -> None:
    assert (Broker.at("mqtt://h").port, Broker.at("mqtts://h").port, Broker.at("mqtt://h:7").port) == (1883, 8883, 7)
    assert Broker.at("mqtt://h/cellar/water meter/").node == "cellar-water-meter"
    assert Broker.at("mqtt://h").root.startswith("edge-ocr/") and Broker.at("mqtts://h").secure


@pytest.mark.parametrize(("arguments", "words"), [
    (["--mqtt-login", "x"], "add --mqtt"), (["--mqtt", "mqtt://h", "--mqtt-login", "/nowhere"], "cannot be read"),
    (["--mqtt", "mqtts://h", "--mqtt-ca", "/nowhere"], "PEM"), (["--webhook", "x"], "expected http"),
])  # fmt: skip
def test_wrong_options_are_one_sentence(arguments: list[str], words: str, pictures: Path, tmp_path: Path) -> None:
    done = live("--camera", str(pictures), *arguments, "--state", str(tmp_path))
    assert done.returncode in (1, 2) and words in done.stderr and done.stderr.count("\n") == 1


def test_nothing_of_paho_is_left_running(tmp_path: Path) -> None:
    """Each end of a run waits for a connection that never comes."""
    receiver = mqtt.Mqtt(Broker.at(f"mqtt://127.0.0.1:{free_port()}"), first_pause=0.02)
    assert wait_for(lambda: receiver.trouble is not None, 20)
    receiver.close()
    assert wait_for(lambda: not receiver._thread.is_alive(), 20)
