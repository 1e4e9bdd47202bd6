"""Exact laws of sampling strategies, by exhaustive enumeration: `python3 exact.py > exact.tsv` (no dependency, 5 s).

Data: a binary Markov chain with a uniform start that flips with probability 0.1. Three tables:
  short  eight bits, all 256 sequences: calls, KL(p|q), KL(q|p), NLL of q under p, H(q), total variation;
  long   64 bits: calls with the cosine schedule, then the sums of conditional total correlations of
         random linear, random cosine, Halton cosine, contiguous blocks, strided;
  remask four bits, masked diffusion that masks again (ReMDM): KL(p|q), KL(q|p), total variation, mean share of masks
         after each call.
Nothing here is shared with the Rust code: strategies are written out as products of conditionals, sets are
enumerated with itertools, and the mean over random orders uses exact binomials.
"""
import itertools
import math
from collections import defaultdict
from math import comb, log

FLIP, SHORT, LONG = 0.1, 8, 64


def same(d):
    return (1 + (1 - 2 * FLIP) ** d) / 2


def move(d, a, b):
    return same(d) if a == b else 1 - same(d)


def conditional(i, known):
    """(p(x_i = 0), p(x_i = 1)) given a dict of known bits."""
    left = max((j for j in known if j < i), default=None)
    right = min((j for j in known if j > i), default=None)
    w = [(0.5 if left is None else move(i - left, known[left], b)) * (1 if right is None else move(right - i, b, known[right])) for b in (0, 1)]
    return w[0] / sum(w), w[1] / sum(w)


def p(x):
    return 0.5 * math.prod(move(1, a, b) for a, b in zip(x, x[1:]))


def compare(q):
    xs = list(itertools.product((0, 1), repeat=SHORT))
    assert abs(math.fsum(q.get(x, 0) for x in xs) - 1) < 1e-12
    pairs = [(p(x), q.get(x, 0.0)) for x in xs]
    return [math.fsum(a * log(a / b) for a, b in pairs), math.fsum(b * log(b / a) for a, b in pairs if b),
            -math.fsum(b * log(a) for a, b in pairs), -math.fsum(b * log(b) for a, b in pairs if b),
            math.fsum(abs(a - b) for a, b in pairs) / 2]


def evolve(rule):
    """rule(known, call) yields (probability, newly known bits); equal canvases are merged after each call."""
    front, done, calls = {(): 1.0}, defaultdict(float), 0.0
    for call in itertools.count():
        grown = defaultdict(float)
        for canvas, weight in front.items():
            calls += weight
            for prob, new in rule(dict(canvas), call):
                grown[tuple(sorted({**dict(canvas), **new}.items()))] += weight * prob
        front = {c: w for c, w in grown.items() if len(c) < SHORT}
        for c, w in grown.items():
            if len(c) == SHORT:
                done[tuple(v for _, v in c)] += w
        if not front:
            return calls, done


def independent(positions, known, power=1.0):
    """All values of the positions, drawn independently given what is known."""
    laws = []
    for i in positions:
        a, b = (z ** power for z in conditional(i, known))
        laws.append((a / (a + b), b / (a + b)))
    for bits in itertools.product((0, 1), repeat=len(positions)):
        yield math.prod(law[b] for law, b in zip(laws, bits)), dict(zip(positions, bits))


def groups(list_of_groups, power=1.0):
    return lambda known, call: independent(list_of_groups[call], known, power)


def random_subsets(counts, size=SHORT):
    """A random subset of the given size per call, in blocks of `size` from left to right."""
    def rule(known, call):
        block, k = divmod(call, len(counts))
        free = [i for i in range(block * size, (block + 1) * size) if i not in known]
        chosen = list(itertools.combinations(free, counts[k]))
        return ((prob / len(chosen), new) for s in chosen for prob, new in independent(s, known))
    return rule


def best_first(scored):
    """Positions by falling score, rounded to 12 decimals; ties to the lowest position."""
    return [i for _, i in sorted((-round(s, 12), i) for i, s in scored.items())]


def by_context(n):
    def rule(known, call):
        scored = {i: max(conditional(i, known)) for i in range(SHORT) if i not in known}
        return independent(sorted(best_first(scored)[:n]), known)
    return rule


def by_sample(choose):
    """Draw every unknown bit, keep those whose own probability is best."""
    def rule(known, call):
        free = [i for i in range(SHORT) if i not in known]
        laws = {i: conditional(i, known) for i in free}
        for prob, bits in independent(free, known):
            scored = {i: laws[i][bits[i]] for i in free}
            yield prob, {i: bits[i] for i in choose(best_first(scored), scored)}
    return rule


def at_least(t):
    return lambda ranked, scored: [i for i in ranked if round(scored[i], 12) >= t] or ranked[:1]


def short():
    one = [[i] for i in range(SHORT)]
    sampled = lambda n: by_sample(lambda ranked, scored: ranked[:n])
    return [
        ("Ar", groups(one)),
        ("Ar at temperature 0.8", groups(one, 1 / .8)),
        ("Ar at temperature 0.6", groups(one, 1 / .6)),
        ("Then: Ar on even, one call on odd", groups([[0], [2], [4], [6], [1, 3, 5, 7]])),
        ("Blocks(2): one shot inside", groups([[0, 1], [2, 3], [4, 5], [6, 7]])),
        ("Blocks(4): one shot inside", groups([[0, 1, 2, 3], [4, 5, 6, 7]])),
        ("Blocks(4): Random [2, 2] inside", random_subsets([2, 2], 4)),
        ("Parallel: one shot", groups([range(SHORT)])),
        ("Parallel: even together, then odd together", groups([[0, 2, 4, 6], [1, 3, 5, 7]])),
        ("Parallel: Dyadic", groups([[3], [0, 7], [1, 5], [2, 4, 6]])),
        ("Parallel: Random, 1 per call", random_subsets([1] * 8)),
        ("Parallel: Random [4, 4]", random_subsets([4, 4])),
        ("Parallel: Random [2, 2, 2, 2]", random_subsets([2, 2, 2, 2])),
        ("Parallel: Random [1, 1, 2, 4]", random_subsets([1, 1, 2, 4])),
        ("Parallel: Random [4, 2, 1, 1]", random_subsets([4, 2, 1, 1])),
        ("Parallel: MaxProb, 1 per call", by_context(1)),
        ("Parallel: MaxProb, 2 per call", by_context(2)),
        ("Parallel: Sampled (biased), 1 per call", sampled(1)),
        ("Parallel: Sampled (biased), 2 per call", sampled(2)),
        ("Parallel: Sampled (biased) >= 0.95", by_sample(at_least(.95))),
        ("Parallel: Sampled (biased) >= 0.8", by_sample(at_least(.8))),
    ]


def h(*probs):
    return -math.fsum(z * log(z) for z in probs if z > 0)


def bit_entropy(l, r):
    """H(x_i | bits at distance l to the left and r to the right), from the joint law of the three."""
    joint = defaultdict(float)
    for a, b, c in itertools.product((0, 1), repeat=3):
        prob = 0.5 * (move(l, a, b) if l else 1 if a == 0 else 0) * (move(r, b, c) if r else 1 if c == 0 else 0)
        joint[a, b, c] += prob * (1 if l else 2 if not r else 1)
    total = math.fsum(joint.values())
    joint = {k: v / total for k, v in joint.items()}
    context = defaultdict(float)
    for (a, b, c), v in joint.items():
        context[a, c] += v
    return h(*joint.values()) - h(*context.values())


def near(known, i):
    return i - max((j for j in known if j < i), default=i), min((j for j in known if j > i), default=i) - i


def fixed_cost(list_of_groups):
    known, total = set(), 0.0
    for g in list_of_groups:
        grown = set(known)
        for i in g:
            total += bit_entropy(*near(known, i)) - bit_entropy(*near(grown, i))
            grown.add(i)
        known = grown
    return total


def mean_entropies():
    n, out = LONG, []
    table = {(l, r): bit_entropy(l, r) for l in range(n) for r in range(n - l)}
    for k in range(n):
        total, ways_all = 0.0, 0
        for i in range(n):
            for l in range(i + 1):
                for r in range(n - i):
                    # known: one at i - l (none to the left if l = 0), one at i + r, none between
                    outside = (i - l if l else 0) + (n - 1 - i - r if r else 0)
                    ways = comb(outside, k - bool(l) - bool(r)) if k >= bool(l) + bool(r) else 0
                    total += ways * table[l, r]
                    ways_all += ways
        assert ways_all == n * comb(n - 1, k)
        out.append(total / ways_all)
    return out


def schedule(calls, cosine):
    n = LONG
    ends = [n - math.floor(n * math.cos(math.pi / 2 * (k + 1) / calls) + 1e-9) if cosine else math.floor(n * (k + 1) / calls + .5) for k in range(calls)]
    return [b - a for a, b in zip([0] + ends, ends) if b > a]


def random_cost(counts, entropies):
    k, total = 0, 0.0
    for s in counts:
        total += s * entropies[k] - math.fsum(entropies[k:k + s])
        k += s
    return total


def long():
    entropies = mean_entropies()
    halton = [int(format(k, "06b")[::-1], 2) for k in range(LONG)]
    for calls in (1, 2, 4, 8, 16, 32, 64):
        linear, cosine = schedule(calls, False), schedule(calls, True)
        ends = list(itertools.accumulate(cosine))
        size = LONG // calls
        yield calls, [len(cosine), random_cost(linear, entropies), random_cost(cosine, entropies),
                      fixed_cost([halton[e - s:e] for e, s in zip(ends, cosine)]),
                      fixed_cost([range(k * size, (k + 1) * size) for k in range(calls)]),
                      fixed_cost([range(k, LONG, calls) for k in range(calls)])]


def remask(calls, sigma_of, size=4):
    """Every position tosses its own coin: masked ones to be revealed, known ones to be masked."""
    front, shares = {(None,) * size: 1.0}, []
    for call in range(calls):
        before, after = call / calls, (call + 1) / calls
        sigma = sigma_of(min(1, (1 - after) / before) if before else 0.0)
        reveal = (after - (1 - sigma) * before) / (1 - before)
        grown = defaultdict(float)
        for canvas, weight in front.items():
            known = {i: v for i, v in enumerate(canvas) if v is not None}
            options = []
            for i, v in enumerate(canvas):
                if v is None:
                    a, b = conditional(i, known)
                    options.append([(None, 1 - reveal), (0, reveal * a), (1, reveal * b)])
                else:
                    options.append([(None, sigma), (v, 1 - sigma)])
            for choice in itertools.product(*options):
                grown[tuple(c for c, _ in choice)] += weight * math.prod(w for _, w in choice)
        front = grown
        shares.append(math.fsum(w * c.count(None) / size for c, w in front.items()))
    pairs = [(p(x), front.get(x, 0.0)) for x in itertools.product((0, 1), repeat=size)]
    kl = lambda pairs: math.fsum(a * log(a / b) for a, b in pairs if a)
    return [kl(pairs), kl([(b, a) for a, b in pairs]), math.fsum(abs(a - b) for a, b in pairs) / 2, *shares]


def remasks():
    for calls in (1, 2, 3, 4):
        yield "cap 0 %d" % calls, remask(calls, lambda most: 0.0)
        yield "cap 0.3 %d" % calls, remask(calls, lambda most: min(0.3, most))
        yield "rescale 0.5 %d" % calls, remask(calls, lambda most: 0.5 * most)


if __name__ == "__main__":
    show = lambda values: ["%.12f" % (0 if abs(v) < 1e-12 else v) for v in values]
    for name, rule in short():
        calls, q = evolve(rule)
        print("short", name, *show([calls, *compare(q)]), sep="\t")
    for calls, values in long():
        print("long", calls, *show(values), sep="\t")
    for name, values in remasks():
        print("remask", name, *show(values), sep="\t")
