"""Sampling by Hugging Face's `generate` in the shape of `large` beside it: prints tokens per second."""
import sys
import time

import torch
from transformers import GPT2Config, GPT2LMHeadModel

threads, tokens = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)
config = GPT2Config(vocab_size=65, n_positions=256, n_embd=384, n_layer=6, n_head=6, bos_token_id=None, eos_token_id=None)
model = GPT2LMHeadModel(config).eval()
prompt = torch.zeros(1, 1, dtype=torch.long)


def run():
    with torch.inference_mode():
        out = model.generate(
            prompt, attention_mask=torch.ones_like(prompt), do_sample=True, top_k=0,
            max_new_tokens=tokens, min_new_tokens=tokens, use_cache=True, pad_token_id=0,
        )
    assert out.shape[1] == tokens + 1


run()
times = []
for _ in range(3):
    started = time.perf_counter()
    run()
    times.append(time.perf_counter() - started)
print(tokens / sorted(times)[1])
