"""Damaged pictures of every format, again and again: `make fuzz`."""
