"""Readers that stand in for others in comparisons: small scripts that speak the protocol of `contenders`."""

import sys
from pathlib import Path

SCRIPT = """
import json, sys, time
print(json.dumps({{"name": {name!r}, "version": "9", "model_mb": 1.5}}), flush=True)
for number, line in enumerate(sys.stdin):
    path = json.loads(line)
    {behaviour}
    print(json.dumps({{"text": path[-5:], "cpu_s": {cpu_s}, "wall_s": 0.6, "peak_mb": 10.0 + number}}), flush=True)
"""


def fake_reader(folder: Path, name: str = "Fake", behaviour: str = "pass", cpu_s: float = 0.5) -> tuple[str, ...]:
    """The command of a reader that does `behaviour`, Python over `path`, and then reads the end of the path."""
    script = folder / f"{name}.py"
    script.write_text(SCRIPT.format(name=name, behaviour=behaviour, cpu_s=cpu_s))
    return sys.executable, str(script)


def program(folder: Path, commands: str, name: str = "program") -> str:
    """A program that runs these shell commands."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{commands}\n")
    path.chmod(0o755)
    return str(path)
