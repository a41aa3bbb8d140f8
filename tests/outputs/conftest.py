"""What tests of outputs share."""

from tests.live.test_loop import pictures

__all__ = ["pictures"]
