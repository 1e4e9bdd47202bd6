"""Golden vectors of the warps: `python3 warps.py > warps.tsv` (no dependency, seed 1).

The functions below follow the definitions of Hugging Face `transformers` 4.x, `generation/logits_process.py`
(TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper, MinPLogitsWarper, TypicalLogitsWarper,
RepetitionPenaltyLogitsProcessor), the penalties of OpenAI's interface, and what the authors of top-nσ, XTC and DRY say. They restate those formulas on lists; the library itself is not run, and
rows have no ties, where its top-k keeps more than k.

Columns: chain of warps, prompt, generated, logits, probabilities.
"""
import math
import random

INF = math.inf


def softmax(x):
    m = max(x)
    e = [math.exp(v - m) for v in x]
    s = math.fsum(e)
    return [v / s for v in e]


def temperature(x, prompt, generated, t):
    return [v / t for v in x]


def top_k(x, prompt, generated, k):
    k = min(int(k), len(x))
    limit = sorted(x, reverse=True)[k - 1]
    return [-INF if v < limit else v for v in x]


def top_p(x, prompt, generated, p):
    """Ascending sort; remove while the cumulated probability is <= 1 - p; always keep the last one."""
    order = sorted(range(len(x)), key=lambda i: x[i])
    probs, total, out = softmax(x), 0.0, list(x)
    for i in order[:-1]:
        total += probs[i]
        if total <= 1 - p:
            out[i] = -INF
    return out


def min_p(x, prompt, generated, m):
    probs = softmax(x)
    return [-INF if p < m * max(probs) else v for v, p in zip(x, probs)]


def repetition(x, prompt, generated, penalty):
    out = list(x)
    for i in set(prompt + generated):
        out[i] = x[i] * penalty if x[i] < 0 else x[i] / penalty
    return out


def frequency(x, prompt, generated, a):
    return [v - a * generated.count(i) for i, v in enumerate(x)]


def presence(x, prompt, generated, a):
    return [v - a * (i in generated) for i, v in enumerate(x)]


def typical(x, prompt, generated, mass):
    """Ascending distance of the surprise from the entropy; the entry that crosses the mass is the last one kept."""
    logs = [math.log(p) if p else -INF for p in softmax(x)]
    entropy = -math.fsum(math.exp(l) * l for l in logs if l > -INF)
    order = sorted(range(len(x)), key=lambda i: abs(-logs[i] - entropy))
    total, out = 0.0, [-INF] * len(x)
    for i in order:
        if total >= mass and total > 0:
            break
        out[i] = x[i]
        total += math.exp(logs[i])
    return out


def top_n_sigma(x, prompt, generated, n):
    finite = [v for v in x if v > -INF]
    mean = math.fsum(finite) / len(finite)
    sigma = math.sqrt(math.fsum((v - mean) ** 2 for v in finite) / len(finite))
    return [v if v >= max(x) - n * sigma else -INF for v in x]


def xtc(x, prompt, generated, threshold):
    """With the coin always showing heads."""
    probs = softmax(x)
    top = sorted((i for i in range(len(x)) if probs[i] >= threshold), key=lambda i: probs[i])
    return [-INF if i in top[1:] else v for i, v in enumerate(x)]


def dry(x, prompt, generated, multiplier):
    """Base 1.75, two tokens allowed, no breakers: every earlier place is compared with the end, token by token."""
    ids, best = prompt + generated, {}
    for end in range(1, len(ids)):
        n = 0
        while n < end and ids[end - 1 - n] == ids[len(ids) - 1 - n]:
            n += 1
        if n >= 2:
            best[ids[end]] = max(n, best.get(ids[end], 0))
    return [v - multiplier * 1.75 ** (best[i] - 2) if i in best else v for i, v in enumerate(x)]


CHAINS = [
    [(temperature, .7)], [(temperature, 1.8)],
    [(top_k, 1)], [(top_k, 5)], [(top_k, 99)],
    [(top_p, .05)], [(top_p, .6)], [(top_p, .95)],
    [(min_p, .02)], [(min_p, .3)], [(min_p, 1)],
    [(repetition, 1.3)], [(repetition, .8)],
    [(frequency, .4)], [(presence, .9)], [(frequency, .4), (presence, .9)],
    [(repetition, 1.2), (frequency, .2), (temperature, .8), (top_k, 8), (top_p, .9), (min_p, .05)],
    [(temperature, 1.5), (top_p, .7)], [(top_p, .7), (temperature, 1.5)],
    [(typical, .2)], [(typical, .9)], [(top_k, 5), (typical, .5)],
    [(top_n_sigma, .7)], [(top_n_sigma, 1.5), (temperature, 2.)],
    [(xtc, .1)], [(xtc, .3)], [(min_p, .05), (xtc, .05)],
]
# Histories that repeat themselves.
LOOPS = [[(dry, .8)], [(dry, 2.), (temperature, .9)]]

if __name__ == "__main__":
    rng = random.Random(1)
    show = lambda v: ",".join(map(repr, v))
    for chain in CHAINS + LOOPS:
        for _ in range(3):
            size = rng.choice([4, 9, 16])
            x = [rng.gauss(0, 2.5) for _ in range(size)]
            prompt = [rng.randrange(size) for _ in range(rng.randrange(4))]
            generated = [rng.randrange(size) for _ in range(rng.randrange(6))]
            if chain in LOOPS:
                prompt = [rng.randrange(3) for _ in range(rng.randrange(3, 12))]
                generated = [rng.randrange(3) for _ in range(rng.randrange(3, 12))]
            y = x
            for f, a in chain:
                y = f(y, prompt, generated, a)
            name = " ".join("%s=%r" % (f.__name__, a) for f, a in chain)
            print(name, show(prompt), show(generated), show(x), show(softmax(y)), sep="\t")
