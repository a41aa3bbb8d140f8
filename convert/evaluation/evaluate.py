"""`python -m convert evaluate`: of a bundle of characters, or what its first word names."""

from importlib import import_module

OTHERS = ("lines", "finder", "confidence", "patterns", "pairs", "cards")
"""What else is evaluated; `convert.evaluation` has a module of each name."""


def main(argv: list[str]) -> int:
    """Evaluate what the first argument names; the characters' parser also explains the command."""
    named = argv[:1] and argv[0] in OTHERS
    module = import_module(f"convert.evaluation.{argv[0] if named else 'characters'}")
    code: int = module.main(argv[1:] if named else argv)
    return code
