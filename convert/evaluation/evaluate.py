"""`python -m convert evaluate`: of a bundle of characters, or with `lines` of one of lines."""

from importlib import import_module


def main(argv: list[str]) -> int:
    """Evaluate what the first argument names; the characters' parser also explains the command."""
    lines = argv[:1] == ["lines"]
    module = import_module(f"convert.evaluation.{'lines' if lines else 'characters'}")
    code: int = module.main(argv[1:] if lines else argv)
    return code
