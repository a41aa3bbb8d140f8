"""No test installs another reader: that takes minutes, a network and half a gigabyte."""

import pytest

from convert.comparison import roster


@pytest.fixture(autouse=True)
def nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests name a Python for each reader, or take what `roster` says where one cannot be installed."""
    monkeypatch.setattr(roster, "install", lambda *arguments: pytest.fail(f"{arguments[1]} would be installed"))
