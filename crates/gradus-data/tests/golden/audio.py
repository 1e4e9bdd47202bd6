"""Writes the golden values of sounds: `python audio.py > audio.rs`.

Needs torch and torchaudio. Nothing is drawn: the sound is given by a formula.
"""

import torch
import torchaudio
import torchaudio.functional as F

torch.set_default_dtype(torch.float64)
N = 400
t = torch.arange(N)
X = torch.sin(0.05 * t * (1 + t / 300)) * 0.6 + 0.3 * torch.cos(1.3 * t + 0.002 * t * t)


def show(name, values):
    flat = values.flatten().tolist()
    numbers = ", ".join(repr(float(v)) for v in flat)
    print(f"pub(crate) const {name}: [f64; {len(flat)}] = [{numbers}];")


def projected(name, x, n=12):
    """The products with cos(0 j), cos(1 j), …: any wrong entry shows, in little space."""
    flat = x.flatten()
    j = torch.arange(len(flat))
    show(name, torch.stack([(flat * torch.cos(k * 0.37 * j + k)).sum() for k in range(n)]))


print(f"// Written by audio.py with torch {torch.__version__} and torchaudio {torchaudio.__version__}.")
show("MU_LAW", F.mu_law_encoding(X, 256)[:64])
show("MU_LAW_DECODED", F.mu_law_decoding(torch.arange(0, 256, 5), 256))
for n_fft, hop, win in [(64, 16, 64), (50, 20, 40), (33, 8, 33)]:
    window = torch.hann_window(win)
    spectrum = torch.stft(X, n_fft, hop, win, window, center=True, pad_mode="reflect", return_complex=True)
    projected(f"STFT_{n_fft}", torch.view_as_real(spectrum))
    changed = spectrum * torch.exp(torch.linspace(-1, 1, spectrum.shape[0]))[:, None]
    projected(f"ISTFT_{n_fft}", torch.istft(changed, n_fft, hop, win, window, center=True, length=360))
for scale in ["htk", "slaney"]:
    for norm in [None, "slaney"]:
        bank = F.melscale_fbanks(129, 50.0, 3800.0, 20, 8000, norm, scale)
        projected(f"MEL_{scale}_{norm or 'plain'}".upper(), bank.T)
mel = torch.cos(torch.arange(60.0)).reshape(20, 3) ** 2 * 1e3
show("DB", F.amplitude_to_DB(mel, 10.0, 1e-10, 0.0, 40.0))
show("MFCC", F.create_dct(5, 20, "ortho").T @ F.amplitude_to_DB(mel, 10.0, 1e-10, 0.0, 40.0))
window = torch.hann_window(64)
magnitude = torch.stft(X, 64, 16, 64, window, return_complex=True).abs()
for momentum in [0.0, 0.99]:
    y = F.griffinlim(magnitude, window, 64, 16, 64, 1.0, 6, momentum, N, rand_init=False)
    show(f"GRIFFIN_LIM_{int(momentum * 100)}", y[::4])
