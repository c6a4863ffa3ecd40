"""How far auditors and moderation agree (product.md section 6): exact, within one grade, direction, weighted kappa."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from audits.choices import GRADES, SERIOUSNESS, Grade

KAPPA_FROM = 20
AUDITOR_FROM = 5
_GOOD_OR_BETTER = (Grade.OUTSTANDING, Grade.GOOD)

Pairs = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Agreement:
    """Figures from pairs of grades, the auditor's first and the settled one second; `n` is how many pairs.

    `over` are audits graded better than they settled, `under` worse. `matrix` has the auditor's grade down and the
    settled one across, best first. `leniency` is the mean step towards more serious, None where n is 0; `kappa` is
    None below 20 pairs, and where everybody gave one and the same grade.
    """

    n: int
    exact: int
    within_one: int
    over: int
    under: int
    matrix: tuple[tuple[int, ...], ...]
    leniency: float | None
    kappa: float | None
    good_before: int
    good_after: int


def agreement(pairs: Pairs) -> Agreement:
    """Agreement is counted in exact grades, within one grade, and by the direction in which moderation moved them."""
    counts = {
        pair: count for pair, count in pairs.items() if count and pair[0] in SERIOUSNESS and pair[1] in SERIOUSNESS
    }
    steps = {pair: SERIOUSNESS[pair[1]] - SERIOUSNESS[pair[0]] for pair in counts}
    n = sum(counts.values())
    matrix = tuple(tuple(counts.get((given, final), 0) for final in GRADES) for given in GRADES)
    return Agreement(
        n=n,
        exact=sum(count for pair, count in counts.items() if steps[pair] == 0),
        within_one=sum(count for pair, count in counts.items() if abs(steps[pair]) <= 1),
        over=sum(count for pair, count in counts.items() if steps[pair] > 0),
        under=sum(count for pair, count in counts.items() if steps[pair] < 0),
        matrix=matrix,
        leniency=float(Fraction(sum(steps[pair] * count for pair, count in counts.items()), n)) if n else None,
        kappa=linear_weighted_kappa(matrix) if n >= KAPPA_FROM else None,
        good_before=sum(count for (given, _), count in counts.items() if given in _GOOD_OR_BETTER),
        good_after=sum(count for (_, final), count in counts.items() if final in _GOOD_OR_BETTER),
    )


def linear_weighted_kappa(matrix: tuple[tuple[int, ...], ...]) -> float | None:
    """Agreement beyond chance, where a step of one grade counts as two thirds of an agreement and two steps as one third.

    Cohen's kappa with weights 1 - |i - j| / (k - 1), in whole fractions. None where chance alone agrees fully.
    """  # noqa: E501  the first line is the sentence that the user reads
    size = len(matrix)
    n = sum(map(sum, matrix))
    if not n:
        return None
    rows = [sum(row) for row in matrix]
    columns = [sum(row[j] for row in matrix) for j in range(size)]
    weight = [[Fraction(size - 1 - abs(i - j), size - 1) for j in range(size)] for i in range(size)]
    observed = sum((weight[i][j] * matrix[i][j] for i in range(size) for j in range(size)), Fraction()) / n
    chance = sum((weight[i][j] * rows[i] * columns[j] for i in range(size) for j in range(size)), Fraction()) / n**2
    return None if chance == 1 else float((observed - chance) / (1 - chance))


def kappa_words(kappa: float) -> str:
    """The usual words for a kappa: slight, fair, moderate, substantial, almost perfect (Landis and Koch 1977)."""
    if kappa < 0:
        return "less than chance"
    for limit, words in ((0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial")):
        if kappa <= limit:
            return words
    return "almost perfect"


def percent_of(count: int, n: int) -> int | None:
    """A share in whole percents, halves rounded up; None of nothing."""
    return (200 * count + n) // (2 * n) if n else None
