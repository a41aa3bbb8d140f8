"""Test sets, metrics, gates and model cards."""
