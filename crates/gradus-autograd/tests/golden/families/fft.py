"""Fourier transforms; complex numbers are pairs in a last dimension of 2."""

import torch
from generate import case, normal


def complex_to_complex(f):
    return lambda x, norm: torch.view_as_real(f(torch.view_as_complex(x), norm=norm))


def along(f):
    return lambda x, dim, norm: torch.view_as_real(f(torch.view_as_complex(x), dim=dim, norm=norm))


for norm in ["backward", "ortho", "forward"]:
    case("fft", along(torch.fft.fft), normal(2, 5, 2), dim=1, norm=norm)
    case("ifft", along(torch.fft.ifft), normal(4, 2, 2), dim=0, norm=norm)
    for n in [5, 6]:
        case("rfft", lambda x, norm: torch.view_as_real(torch.fft.rfft(x, norm=norm)), normal(2, n), norm=norm)
        case("irfft", lambda x, n, norm: torch.fft.irfft(torch.view_as_complex(x), n=n, norm=norm),
             normal(2, n // 2 + 1, 2), n=n, norm=norm)
    case("fft2", complex_to_complex(torch.fft.fft2), normal(2, 3, 2), norm=norm)
    case("ifft2", complex_to_complex(torch.fft.ifft2), normal(3, 2, 2), norm=norm)
    case("rfft2", lambda x, norm: torch.view_as_real(torch.fft.rfft2(x, norm=norm)), normal(3, 4), norm=norm)
    case("irfft2", lambda x, n, norm: torch.fft.irfft2(torch.view_as_complex(x), s=(x.shape[0], n), norm=norm),
         normal(3, 3, 2), n=5, norm=norm)
