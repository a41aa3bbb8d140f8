"""`python -m convert train`: trains the character network or the line network."""

from importlib import import_module


def main(argv: list[str]) -> int:
    """Train the network that the first argument names; the characters' parser explains the command."""
    kind = "lines" if argv[:1] == ["lines"] else "characters"
    code: int = import_module(f"convert.training.{kind}").main(argv)
    return code
