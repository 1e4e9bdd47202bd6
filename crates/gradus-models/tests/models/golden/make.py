"""Writes values.txt: what PyTorch gives, in f64, for whole networks, in few lines and in the papers' own form.

Inputs and weights are `numbers(shape, seed)`, which the tests compute too. Run in this folder:
    pip install torch && python make.py
"""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
OUT = [f"# Made by make.py with PyTorch {torch.__version__.split('+')[0]}; do not edit."]


def numbers(shape, seed):
    count = 1
    for n in shape:
        count *= n
    values = [((i * 7919 + seed * 104729) % 1009) / 504.5 - 1.0 for i in range(count)]
    return torch.tensor(values).reshape(shape)


def fill(shapes):
    """Weights in the order of their sorted names."""
    return {name: numbers(shapes[name], 10 + i).requires_grad_() for i, name in enumerate(sorted(shapes))}


def write(name, tensor):
    OUT.append(f"{name} " + " ".join(f"{float(v):.13g}" for v in tensor.detach().reshape(-1)))


def write_model(name, logits, targets, p, some):
    """Logits, and the gradients of the mean loss by some weights."""
    write(name, logits)
    loss = F.cross_entropy(logits.flatten(0, -2), targets.flatten())
    for weight, grad in zip(some, torch.autograd.grad(loss, [p[w] for w in some])):
        write(f"{name}_GRAD_{weight}", grad)


def wave_net():
    v, r, d, s, kernel, dilations, classes, frame, hop = 5, 3, 2, 4, 3, [1, 2, 1, 2], 3, 2, 3
    shapes = {"embedding.weight": [v + 1, r], "hidden.weight": [s, s, 1], "hidden.bias": [s],
              "output.weight": [v, s, 1], "output.bias": [v]}
    for i in range(len(dilations)):
        shapes |= {f"blocks.{i}.dilated.weight": [2 * d, r, kernel], f"blocks.{i}.dilated.bias": [2 * d],
                   f"blocks.{i}.class.weight": [classes, 2 * d], f"blocks.{i}.frame.weight": [2 * d, frame],
                   f"blocks.{i}.skip.weight": [s, d, 1], f"blocks.{i}.skip.bias": [s]}
        if i + 1 < len(dilations):
            shapes |= {f"blocks.{i}.residual.weight": [r, d, 1], f"blocks.{i}.residual.bias": [r]}
    p = fill(shapes)
    tokens = torch.tensor([[(3 * b + t * t) % v for t in range(8)] for b in range(2)])
    ids = torch.cat([torch.full([2, 1], v), tokens[:, :-1]], 1)
    chosen = torch.tensor([2, 0])
    frames = numbers([2, 3, frame], 1).repeat_interleave(hop, 1)[:, :8]
    x = p["embedding.weight"][ids].transpose(1, 2)
    total = 0
    for i, dilation in enumerate(dilations):
        conv = lambda name, x, **how: F.conv1d(x, p[f"blocks.{i}.{name}.weight"], p[f"blocks.{i}.{name}.bias"], **how)
        z = conv("dilated", F.pad(x, ((kernel - 1) * dilation, 0)), dilation=dilation)
        z = z + p[f"blocks.{i}.class.weight"][chosen][:, :, None]
        z = z + (frames @ p[f"blocks.{i}.frame.weight"].T).transpose(1, 2)
        z = torch.tanh(z[:, :d]) * torch.sigmoid(z[:, d:])
        total = total + conv("skip", z)
        if i + 1 < len(dilations):
            x = x + conv("residual", z)
    x = F.relu(F.conv1d(F.relu(total), p["hidden.weight"], p["hidden.bias"]))
    logits = F.conv1d(x, p["output.weight"], p["output.bias"]).transpose(1, 2)
    write_model("WAVE_NET", logits, tokens, p, ["embedding.weight", "blocks.1.dilated.weight", "blocks.0.class.weight"])


def pixel_cnn():
    """With full kernels under masks, as in the paper; ours hold what the masks leave."""
    v, c, n, layers, classes, height, width = 4, 3, 3, 3, 2, 4, 5
    k = n // 2
    shapes = {"embedding.weight": [v, c], "hidden.weight": [c, c, 1, 1], "hidden.bias": [c],
              "output.weight": [v, c, 1, 1], "output.bias": [v]}
    for i in range(layers):
        shapes |= {f"layers.{i}.vertical.weight": [2 * c, c, k + (i > 0), n], f"layers.{i}.vertical.bias": [2 * c],
                   f"layers.{i}.horizontal.weight": [2 * c, c, 1, k + (i > 0)], f"layers.{i}.horizontal.bias": [2 * c],
                   f"layers.{i}.link.weight": [2 * c, 2 * c, 1, 1], f"layers.{i}.link.bias": [2 * c],
                   f"layers.{i}.out.weight": [c, c, 1, 1], f"layers.{i}.out.bias": [c],
                   f"layers.{i}.class.weight": [classes, 4 * c]}
    p = fill(shapes)
    images = torch.tensor([[[(b + i * i + 3 * j) % v for j in range(width)] for i in range(height)] for b in range(2)])
    chosen = torch.tensor([1, 0])
    vertical = horizontal = p["embedding.weight"][images].permute(0, 3, 1, 2)
    gate = lambda z: torch.tanh(z[:, :c]) * torch.sigmoid(z[:, c:])
    for i in range(layers):
        w = lambda name: p[f"layers.{i}.{name}.weight"]
        conv = lambda x, weight, name, pad: F.conv2d(F.pad(x, pad), weight, p[f"layers.{i}.{name}.bias"])
        added = w("class")[chosen][:, :, None, None]
        # Rows above; from the second layer on also this row, which has seen rows above alone.
        full = torch.zeros(2 * c, c, n, n)
        full[:, :, : k + (i > 0)] = w("vertical")
        seen = conv(vertical, full, "vertical", (k, k, k, k))
        # Pixels to the left; from the second layer on also this one, which has seen earlier ones alone.
        full = torch.zeros(2 * c, c, 1, n)
        full[:, :, :, : k + (i > 0)] = w("horizontal")
        z = conv(horizontal, full, "horizontal", (k, k, 0, 0)) + conv(seen, w("link"), "link", (0, 0, 0, 0))
        out = conv(gate(z + added[:, 2 * c :]), w("out"), "out", (0, 0, 0, 0))
        horizontal = out + horizontal if i > 0 else out
        vertical = gate(seen + added[:, : 2 * c])
    x = F.relu(F.conv2d(F.relu(horizontal), p["hidden.weight"], p["hidden.bias"]))
    logits = F.conv2d(x, p["output.weight"], p["output.bias"]).permute(0, 2, 3, 1)
    write_model("PIXEL_CNN", logits, images, p, ["embedding.weight", "layers.0.vertical.weight", "layers.2.horizontal.weight"])


wave_net()
pixel_cnn()
with open("values.txt", "w") as f:
    f.write("\n".join(OUT) + "\n")
