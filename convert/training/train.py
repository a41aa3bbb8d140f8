"""`python -m convert train`: of the characters' network or of the lines'."""

from importlib import import_module


def main(argv: list[str]) -> int:
    """Train what the first argument names; the characters' parser also explains the command."""
    kind = "lines" if argv[:1] == ["lines"] else "characters"
    code: int = import_module(f"convert.training.{kind}").main(argv)
    return code
