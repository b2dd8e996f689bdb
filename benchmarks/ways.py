"""Other ways of choosing meetings than ours, on the same market; each gives the chosen rows.

What a way cannot express (limits of month, term and company, clashes) it breaks or leaves out, as
it would in use; ``breaches`` counts it.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from matcher.matching import flow
from matcher.matching.assignment import Market
from matcher.matching.network import make_graph

NEVER = -1e6


def in_turn(market: Market, order: np.ndarray) -> np.ndarray:
    """Take each meeting in this order if no nested limit is in its way."""
    limits = _limits(market)
    used: list[Counter[int]] = [Counter() for _ in limits]
    pairs: set[int] = set()
    taken: list[int] = []
    for row in order.tolist():
        keys = [int(group[row]) for group, _ in limits]
        full = any(
            key >= 0 and count[key] >= cap[key]
            for key, count, (_, cap) in zip(keys, used, limits, strict=True)
        )
        if full or int(market.pair[row]) in pairs:
            continue
        pairs.add(int(market.pair[row]))
        taken.append(row)
        for key, count in zip(keys, used, strict=True):
            count[key] += 1
    return np.array(sorted(taken), dtype=np.int64)


def greedy(market: Market) -> np.ndarray:
    """The best meeting of all first; with one score for both sides this is deferred acceptance."""
    return in_turn(market, np.lexsort((market.tie, -market.value)))


def first_come(market: Market) -> np.ndarray:
    """One need after the other takes the best that is left."""
    return in_turn(market, np.lexsort((market.tie, -market.value, market.need)))


def linear_sum(market: Market) -> np.ndarray:
    """One dense matrix of wanted visits by places: only slots' and films' own limits are seen."""
    needs = np.repeat(np.arange(len(market.wanted)), market.wanted)
    place, cap = _places(market)
    places = np.repeat(np.arange(len(cap)), np.minimum(cap, len(needs)))
    best, row_of = _table(market, place, len(cap), np.arange(len(market.need)))
    matrix = best[np.ix_(needs, places)]
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    chosen = {
        int(row_of[needs[r], places[c]])
        for r, c in zip(rows, columns, strict=True)
        if matrix[r, c] > NEVER
    }
    return np.array(sorted(chosen), dtype=np.int64)


def hungarian_rounds(market: Market) -> np.ndarray:
    """Round by round each need gets at most one and each giver gives at most one, as tools for
    mentors do; what is full or served is left out of the next round."""
    limits = _limits(market)
    used = [np.zeros(len(cap), dtype=np.int64) for _, cap in limits]
    giver = np.unique(_givers(market), return_inverse=True)[1]
    free = np.ones(len(market.need), dtype=bool)
    chosen: list[int] = []
    while True:
        for (group, cap), count in zip(limits, used, strict=True):
            full = np.append(count >= cap, False)
            free &= ~full[group]
        free &= ~np.isin(market.pair, market.pair[chosen])
        if not free.any():
            return np.array(sorted(chosen), dtype=np.int64)
        best, row_of = _table(market, giver, giver.max() + 1, np.nonzero(free)[0])
        rows, columns = linear_sum_assignment(best, maximize=True)
        fits = best[rows, columns] > NEVER
        won = row_of[rows[fits], columns[fits]]
        chosen += won.tolist()
        for (group, _), count in zip(limits, used, strict=True):
            np.add.at(count, group[won][group[won] >= 0], 1)


def by_highs(market: Market) -> np.ndarray:
    """The very same network as ours, as a linear programme."""
    everything = np.arange(len(market.need))
    graph, of_row = make_graph(market, everything)
    return everything[flow.solve_with_highs(graph)[of_row] > 0]


def picking_sequence(market: Market) -> np.ndarray:
    """The need with the least for what it wants picks next, the best that is left, as FairSequence
    does (Payan & Zick, 2022), without its weighted proof of envy."""
    limits = _limits(market)
    used = [np.zeros(len(cap), dtype=np.int64) for _, cap in limits]
    order = np.lexsort((market.tie, -market.value, market.need))
    start = np.searchsorted(market.need[order], np.arange(len(market.wanted) + 1))
    at, got = start[:-1].copy(), np.zeros(len(market.wanted))
    count, pairs = np.zeros(len(market.wanted), dtype=np.int64), set()
    chosen: list[int] = []
    waiting = set(range(len(market.wanted)))
    while waiting:
        need = min(waiting, key=lambda n: (count[n] / market.wanted[n], got[n], n))
        row = _next(market, (limits, used), order[at[need] : start[need + 1]], pairs)
        if row is None:
            waiting.discard(need)
            continue
        chosen.append(row)
        pairs.add(int(market.pair[row]))
        count[need], got[need] = count[need] + 1, got[need] + market.value[row]
        for (group, _), taken in zip(limits, used, strict=True):
            if group[row] >= 0:
                taken[group[row]] += 1
        if count[need] >= market.wanted[need]:
            waiting.discard(need)
    return np.array(sorted(chosen), dtype=np.int64)


def _next(market: Market, state: tuple, rows: np.ndarray, pairs: set[int]) -> int | None:
    limits, used = state
    for row in rows.tolist():
        if int(market.pair[row]) in pairs:
            continue
        if all(
            group[row] < 0 or taken[group[row]] < cap[group[row]]
            for (group, cap), taken in zip(limits, used, strict=True)
        ):
            return row
    return None


def breaches(market: Market, rows: np.ndarray) -> int:
    """People and companies with more visits than their month, term or company's term allows."""
    groups = market.groups
    return sum(
        int((np.bincount(group[rows][group[rows] >= 0], minlength=len(cap)) > cap).sum())
        for group, cap in (
            (market.month, groups.month_cap),
            (market.term, groups.term_cap),
            (market.company, groups.company_cap),
        )
    )


def _limits(market: Market) -> list[tuple[np.ndarray, np.ndarray]]:
    groups = market.groups
    return [
        (market.need, market.wanted),
        (market.slot, market.slot_cap),
        (np.where(market.slot < 0, market.supply, -1), market.supply_cap),
        (market.month, groups.month_cap),
        (market.term, groups.term_cap),
        (market.company, groups.company_cap),
    ]


def _places(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """A number of each meeting's slot, or of its offer without a date, and what each takes."""
    slots = len(market.slot_cap)
    place = np.where(market.slot >= 0, market.slot, slots + market.supply)
    return place, np.concatenate([market.slot_cap, market.supply_cap])


def _givers(market: Market) -> np.ndarray:
    """A number of each meeting's person-month; webinars and films by themselves."""
    months = len(market.groups.month_cap)
    place, _ = _places(market)
    return np.where(market.month >= 0, market.month, months + place)


def _table(
    market: Market, column: np.ndarray, columns: int, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Dense: the best value of each need with each column, NEVER where none, and its row."""
    order = rows[np.lexsort((market.tie[rows], market.value[rows]))]  # the best is written last
    best = np.full((len(market.wanted), columns), NEVER)
    row_of = np.full((len(market.wanted), columns), -1, dtype=np.int64)
    best[market.need[order], column[order]] = market.value[order]
    row_of[market.need[order], column[order]] = order
    return best, row_of


def max_min_then_sum(market: Market) -> np.ndarray:
    """The best least sum of any need, then the best sum, proved by HiGHS as an integer programme.

    For markets whose only limits are each need's and each offer's (an offer without a date).
    """
    least = _milp(market, None)
    needs = np.bincount(market.need[least], market.value[least], len(market.wanted))
    return _milp(market, float(needs.min()))


def _milp(market: Market, least: float | None) -> np.ndarray:
    """With ``least`` the best sum in which no need has less; without, the best least itself."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    count, needs, offers = len(market.need), len(market.wanted), len(market.supply_cap)
    rows = np.arange(count)
    one = np.ones(count)
    of_need = sparse.csr_matrix((one, (market.need, rows)), shape=(needs, count + 1))
    of_offer = sparse.csr_matrix((one, (market.supply, rows)), shape=(offers, count + 1))
    worth = sparse.csr_matrix((market.value, (market.need, rows)), shape=(needs, count + 1))
    lift = sparse.csr_matrix(
        (-np.ones(needs), (np.arange(needs), np.full(needs, count))), shape=(needs, count + 1)
    )
    seeking = least is None
    cost = np.append(np.zeros(count), -1.0) if seeking else np.append(-market.value, 0.0)
    found = milp(
        cost,
        constraints=[
            LinearConstraint(of_need, 0, market.wanted),
            LinearConstraint(of_offer, 0, market.supply_cap),
            LinearConstraint(worth + lift * seeking, 0 if seeking else least - 1e-9, np.inf),
        ],
        integrality=np.append(one, 0),
        bounds=Bounds(0, np.append(one, 100.0)),
    )
    return rows[found.x[:-1] > 0.5]
