"""Writes the golden values of texts: `python text.py` in this folder, then format text.rs.

Needs numpy, scikit-learn (CountVectorizer, TfidfVectorizer) and tokenizers (BPE, WordPiece,
Unigram). Run it with `--vectors` where only scikit-learn is installed, or `--tokenizers` where only
tokenizers is; without either it does both. The corpus is given in full.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = [
    "The quick brown fox jumps over the lazy dog; the dog doesn't mind.",
    "A journey of a thousand miles begins with a single step, said the old man.",
    "She sells sea shells by the sea shore -- the shells she sells are sea shells!",
    "In 2024, 3,000 people said: 'We'll see what we'll see.'  Then they saw it.",
    "naïve café, déjà vu: Ünïcödé ΑΒΓ абв 床前明月光 疑是地上霜",
    "the the the the theory of the thinker thinks that thinking is the thing",
]
TEXTS = CORPUS + [
    "Thinking of 1999 shells, the naïve fox said: we'll see!",
    "unseen words: zyx QQQ ½ ① \u00e9 e\u0301 \U0001f600 🎉🎉",
    "  spaces   in \t the\n\n middle \u00a0 \u3000x  ",
    "",
    "aaaaaaaa bbbb abababab Straße İstanbul ΣΟΦΟΣ",
]


def vectors():
    import numpy as np
    import sklearn
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    cases = {
        "DEFAULT": {},
        "BIGRAMS": {"ngram_range": (1, 2), "min_df": 2, "max_df": 0.6},
        "CHARACTERS": {"analyzer": "char", "ngram_range": (2, 3), "min_df": 3},
        "SUBLINEAR": {"sublinear_tf": True, "norm": "l1", "smooth_idf": False, "lowercase": False},
    }
    lines = [f"// Written by text.py with scikit-learn {sklearn.__version__} and numpy {np.__version__}."]

    def strings(name, values):
        body = ", ".join(json.dumps(v, ensure_ascii=False) for v in values)
        lines.append(f"pub(crate) const {name}: [&str; {len(values)}] = [{body}];")

    def floats(name, values):
        body = ", ".join(repr(float(v)) for v in np.asarray(values).ravel())
        lines.append(f"pub(crate) const {name}: [f64; {np.size(values)}] = [{body}];")

    strings("CORPUS", CORPUS)
    strings("TEXTS", TEXTS)
    for name, options in cases.items():
        tfidf = TfidfVectorizer(dtype=np.float64, **options).fit(CORPUS)
        strings(f"{name}_TERMS", tfidf.get_feature_names_out())
        floats(f"{name}_IDF", tfidf.idf_)
        x = tfidf.transform(TEXTS).toarray()
        # The rows' sums with fixed weights tell any wrong entry, in little space.
        weights = np.cos(np.arange(x.shape[1]))
        floats(f"{name}_PROJECTED", x @ weights)
        counts = {k: v for k, v in options.items() if k not in ("sublinear_tf", "norm", "smooth_idf")}
        n = CountVectorizer(**counts).fit(CORPUS).transform(TEXTS).toarray()
        floats(f"{name}_COUNTS", n @ weights)
    (HERE / "text.rs").write_text("\n".join(lines) + "\n")


def tokenizers():
    import tokenizers
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    def save(name, tokenizer):
        tokenizer.save(str(HERE / "tokenizers" / f"{name}.json"), pretty=False)
        encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
        return {"file": f"{name}.json", "ids": encoded}

    found = {"written_by": f"text.py with tokenizers {tokenizers.__version__}", "corpus": CORPUS, "texts": TEXTS}

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        min_frequency=1,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(CORPUS, trainer)
    found["bpe"] = save("bpe", bpe)

    for name, lowercase in [("wordpiece", True), ("wordpiece_cased", False)]:
        wordpiece = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
        wordpiece.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
        wordpiece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(
            vocab_size=220,
            special_tokens=["[UNK]", "[PAD]"],
            show_progress=False,
        )
        wordpiece.train_from_iterator(CORPUS, trainer)
        found[name] = save(name, wordpiece)

    unigram = Tokenizer(models.Unigram())
    unigram.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    unigram.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=140, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False
    )
    unigram.train_from_iterator(CORPUS, trainer)
    found["unigram"] = save("unigram", unigram)
    (HERE / "tokenizers" / "encoded.json").write_text(json.dumps(found, ensure_ascii=False))


if "--tokenizers" not in sys.argv:
    vectors()
if "--vectors" not in sys.argv:
    tokenizers()
