"""The gates: how much worse a quantized model may be than the float one, and a tuned one than what it came from."""

from convert.evaluation.results import Comparison, LineRates, Rate

CHARACTER_AGREEMENT = 0.995
"""Part of the photographed characters on which int8 and float must give the same group."""

CHARACTER_LOSS = 0.002
"""Accuracy that int8 may lose against float on any test set of characters."""

LINE_LOSS = 0.003
"""Character error rate, loose and greedy, that a quantized line model may be worse than float; also what the
recommended scheme may add."""

DOUBTFUL_AGREEMENT = 0.95
"""Part of their answers to the sample pages that float and quantized model must have alike, else calibration is
doubted; ours are alike in 98 of 100, with all the pieces of characters among the tiles."""

FORGETTING = 0.003
"""Error rate by which a tuned model may read general writing worse."""

ROUNDING = 1e-9
"""Of differences between shares."""


def agreement(comparisons: list[Comparison]) -> dict[str, float]:
    """Agreement on all photographed characters together, by what may be answered."""
    found = {}
    for allowed in ("own charset", "all characters, folded"):
        rows = [row for row in comparisons if row.name.startswith("photographs") and row.name.endswith(allowed)]
        if rows:
            found[allowed] = sum(row.agreement * row.count for row in rows) / sum(row.count for row in rows)
    return found


def character_failures(comparisons: list[Comparison]) -> list[str]:
    """What keeps the int8 model from being released, one sentence each."""
    found = [
        f"photographs, {allowed}: int8 agrees with float on {share:.2%}, less than {CHARACTER_AGREEMENT:.1%}"
        for allowed, share in agreement(comparisons).items()
        if share < CHARACTER_AGREEMENT
    ]
    for row in comparisons:
        lost = row.float_accuracy - row.int8_accuracy
        if lost > CHARACTER_LOSS + ROUNDING:
            found.append(f"{row.name}: int8 loses {lost:.2%}, more than {CHARACTER_LOSS:.1%}")
    return found


def line_failures(measured: list[LineRates]) -> list[str]:
    """What keeps the int8 model from being released, one sentence each."""
    return [
        f"{row.name}: int8 has {row.int8_greedy - row.float_greedy:.2%} more errors, may have {LINE_LOSS:.1%}"
        for row in measured
        if row.int8_greedy - row.float_greedy > LINE_LOSS
    ]


def tuning_failures(own: Rate, general: Rate, limit: float, chance: float) -> list[str]:
    """What keeps a tuned model from being installed, one sentence each: `limit` and `chance` as in `choose`."""
    found = []
    if own.after - own.before > chance:
        found.append(f"{own.name}: {own.after - own.before:.2%} more wrong than before")
    if general.after - general.before > limit:
        found.append(f"{general.name}: {general.after - general.before:.2%} more wrong, may be {limit:.1%}")
    return found
