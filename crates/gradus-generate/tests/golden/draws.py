"""Known answers of seeded runs: `python3 draws.py` prints them (no dependency).

An independent Philox4x32-10, the race of exponentials on it, and two samplers of a chain of 16 bits that flips with
probability 0.1: one after the other, and four calls in a random order. Seed 7, row 0.
"""
import math

MASK = 0xFFFFFFFF
TOKEN, ORDER = 0, 4


def philox(counter, key):
    (a, b, c, d), (k, l) = counter, key
    for _ in range(10):
        x, y = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = y >> 32 ^ b ^ k, y & MASK, x >> 32 ^ d ^ l, x & MASK
        k, l = k + 0x9E3779B9 & MASK, l + 0xBB67AE85 & MASK
    return a, b, c, d


def uniform(seed, pos, kind, i):
    w = philox((i >> 1, pos, 0, kind), (seed & MASK, seed >> 32))[2 * (i & 1):][:2]
    return ((w[0] << 32 | w[1]) >> 12) * 2.0 ** -52 + 2.0 ** -53


def draw(law, seed, pos):
    return min(range(len(law)), key=lambda v: -math.log(uniform(seed, pos, TOKEN, v)) / law[v])


def conditional(i, known):
    same = lambda d: (1 + .8 ** d) / 2
    left = max((j for j in known if j < i), default=None)
    right = min((j for j in known if j > i), default=None)
    w = []
    for bit in (0, 1):
        a = .5 if left is None else same(i - left) if known[left] == bit else 1 - same(i - left)
        b = 1 if right is None else same(right - i) if known[right] == bit else 1 - same(right - i)
        w.append(a * b)
    return [x / sum(w) for x in w]


def run(groups, seed=7):
    known = {}
    for group in groups:
        known.update({i: draw(conditional(i, known), seed, i) for i in group})
    return [known[i] for i in sorted(known)]


if __name__ == "__main__":
    print("draws of (.5, .3, .2):", [draw((.5, .3, .2), 7, t) for t in range(16)])
    print("one after the other:  ", run([[i] for i in range(16)]))
    order = sorted(range(16), key=lambda i: uniform(7, i, ORDER, 0))
    print("random, four calls:   ", run([order[k:k + 4] for k in range(0, 16, 4)]))
