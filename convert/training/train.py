"""`python -m convert train`: trains the character network, the line network or the finder."""

from importlib import import_module


def main(argv: list[str]) -> int:
    """Train the network that the first argument names; the characters' parser explains the command."""
    kind = argv[0] if argv[:1] in (["lines"], ["finder"]) else "characters"
    code: int = import_module(f"convert.training.{kind}").main(argv)
    return code
