"""Writes the golden values of pictures: `python image.py > image.rs`. Needs torch.

The affine movement is written out as torchvision composes it, and sampled by torch's grid_sample.
"""

import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
X = (torch.arange(2 * 7 * 9) * 0.7).sin().reshape(1, 2, 7, 9)


def show(name, values):
    flat = values.flatten().tolist()
    numbers = ", ".join(repr(float(v)) for v in flat)
    print(f"pub(crate) const {name}: [f64; {len(flat)}] = [{numbers}];")


def affine(x, degrees, translate, scale, shear, mode):
    rot, sx, sy = (math.radians(v) for v in (degrees, *shear))
    a = math.cos(rot - sy) / math.cos(sy)
    b = -math.cos(rot - sy) * math.tan(sx) / math.cos(sy) - math.sin(rot)
    c = math.sin(rot - sy) / math.cos(sy)
    d = -math.sin(rot - sy) * math.tan(sx) / math.cos(sy) + math.cos(rot)
    m = [v / scale for v in (d, -b, 0.0, -c, a, 0.0)]
    m[2] = m[0] * -translate[0] + m[1] * -translate[1]
    m[5] = m[3] * -translate[0] + m[4] * -translate[1]
    h, w = x.shape[-2:]
    theta = torch.tensor(m).reshape(2, 3)
    y, x0 = torch.meshgrid(torch.arange(h) - h / 2 + 0.5, torch.arange(w) - w / 2 + 0.5, indexing="ij")
    base = torch.stack([x0, y, torch.ones_like(y)], -1)
    grid = base @ theta.T / torch.tensor([w / 2, h / 2])
    return F.grid_sample(x, grid[None], mode=mode, padding_mode="zeros", align_corners=False)


print(f"// Written by image.py with torch {torch.__version__}.")
for h, w in [(5, 4), (12, 13), (3, 20)]:
    show(f"NEAREST_{h}_{w}", F.interpolate(X, (h, w), mode="nearest")[0, 1])
    show(f"BILINEAR_{h}_{w}", F.interpolate(X, (h, w), mode="bilinear")[0, 1])
    show(f"ANTIALIASED_{h}_{w}", F.interpolate(X, (h, w), mode="bilinear", antialias=True)[0, 1])
show("AFFINE_BILINEAR", affine(X, 25.0, (1.5, -0.75), 1.2, (10.0, -5.0), "bilinear")[0, 1])
show("AFFINE_NEAREST", affine(X, -40.0, (0.3, 0.9), 0.8, (0.0, 12.0), "nearest")[0, 1])
