"""Compares the recurrent cells with torch.nn.LSTM, RNN and GRU in f64: outputs, and every gradient, to 1e-9.

usage: cells.py EXECUTABLE FOLDER
The loss is on all steps (`all`) or on the last carries alone (`last`). A step of SGD with rate 1 moves each parameter by its
gradient. The prelude's GRU resets the state before its product and PyTorch's after it: the first has a twin of torch's ops, the
second is written in the program.
"""
import os
import shutil
import sys

import numpy
import torch

from checkpoints import parameters, run

LIMIT = 1e-9


def gates(w, order, count):
    """Blocks of columns in another order, transposed: from ours to torch's."""
    blocks = w.chunk(count, dim=-1)
    return torch.cat([blocks[k] for k in order], dim=-1).t()


def torch_module(kind, p, d):
    """torch's module on our numbers, and for each of our parameters where its gradient is found."""
    n = p["h0"].shape[1]
    if kind == "lstm":  # Ours: i f o g, and 1 added to f. Torch's: i f g o.
        module, order, cell = torch.nn.LSTM(d, n, batch_first=True), [0, 1, 3, 2], "lstm_cell"
        w, b, forget = p[cell + ".w"], p[cell + ".b"], torch.zeros(4 * n, dtype=torch.float64)
        forget[n : 2 * n] = 1
    else:
        module, order, cell = torch.nn.RNN(d, n, batch_first=True), [0], "rnn_cell.dense"
        w, b, forget = p[cell + ".w"], p[cell + ".b"], torch.zeros(n, dtype=torch.float64)
    module = module.double()
    count = len(order)
    back = numpy.argsort(order).tolist()
    with torch.no_grad():
        module.weight_ih_l0.copy_(gates(w[:d], order, count))
        module.weight_hh_l0.copy_(gates(w[d:], order, count))
        module.bias_ih_l0.copy_(gates(b, order, count) + forget)
        module.bias_hh_l0.zero_()

    def gradients():
        ours = torch.cat([module.weight_ih_l0.grad.T, module.weight_hh_l0.grad.T])
        return {
            cell + ".w": gates(ours, back, count).T,
            cell + ".b": gates(module.bias_ih_l0.grad, back, count),
        }

    return module, gradients


def torch_gru(p, d):
    """torch.nn.GRU, gates r z n as in LateResetCell."""
    n = p["h0"].shape[1]
    module = torch.nn.GRU(d, n, batch_first=True).double()
    cell = "late_reset_cell."
    with torch.no_grad():
        module.weight_ih_l0.copy_(p[cell + "dense.w"].T)
        module.weight_hh_l0.copy_(p[cell + "dense_2.w"].T)
        module.bias_ih_l0.copy_(p[cell + "dense.b"])
        module.bias_hh_l0.copy_(p[cell + "dense_2.b"])

    def gradients():
        return {
            cell + "dense.w": module.weight_ih_l0.grad.T,
            cell + "dense_2.w": module.weight_hh_l0.grad.T,
            cell + "dense.b": module.bias_ih_l0.grad,
            cell + "dense_2.b": module.bias_hh_l0.grad,
        }

    return module, gradients


class EarlyGRU:
    """The prelude's GRU (Cho et al. 2014), of torch's ops."""

    def __init__(self, p):
        self.p = {name: w.clone().requires_grad_() for name, w in p.items() if name.startswith("gru_cell")}

    def __call__(self, x, h):
        dense = lambda name, v: v @ self.p[f"gru_cell.{name}.w"] + self.p[f"gru_cell.{name}.b"]
        h, ys = h[0], []
        for t in range(x.shape[1]):
            r, z = torch.sigmoid(dense("dense", torch.cat([x[:, t], h], 1))).chunk(2, 1)
            g = torch.tanh(dense("dense_2", torch.cat([x[:, t], r * h], 1)))
            h = (1 - z) * h + z * g
            ys.append(h)
        return torch.stack(ys, 1), h[None]

    def gradients(self):
        return {name: w.grad for name, w in self.p.items()}


def twin(kind, p, loss):
    """Outputs and gradients, under our names."""
    x, h0 = (p[name].clone().requires_grad_() for name in ("x", "h0"))
    starts = {"x": x, "h0": h0}
    d = x.shape[2]
    if kind == "gru":
        module = EarlyGRU(p)
        find = module.gradients
    else:
        module, find = torch_gru(p, d) if kind == "late" else torch_module(kind, p, d)
    if kind == "lstm":
        starts["c0"] = p["c0"].clone().requires_grad_()
        y, (h, c) = module(x, (h0[None], starts["c0"][None]))
        outputs = {"lstm_y": y, "lstm_c": c[0]}
    else:
        y, h = module(x, h0[None])
        outputs = {kind + "_y": y}
    judged = [y] if loss == "all" else [h] + ([c] if kind == "lstm" else [])
    sum(torch.sin(3 * v).sum() for v in judged).backward()
    gradients = {name: w.grad for name, w in starts.items()}
    gradients.update(find())
    return outputs, gradients


def main():
    executable, folder = sys.argv[1:]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    run(executable, "start", folder, "all", "--lr", "0")
    run(executable, "start", folder, "outputs")
    first, _ = parameters(os.path.join(folder, "start"))
    worst = (0.0, "")
    for loss in ("all", "last"):
        run(executable, loss, folder, loss, "--lr", "1")
        after, _ = parameters(os.path.join(folder, loss))
        for kind in ("lstm", "rnn", "gru", "late"):
            prefix = kind + "."
            p = {name[len(prefix) :]: w for name, w in first.items() if name.startswith(prefix)}
            outputs, gradients = twin(kind, p, loss)
            if set(gradients) != set(p):
                sys.exit(f"{kind}: the twin has gradients of {sorted(gradients)}, the program of {sorted(p)}")
            for name, expected in outputs.items():
                ours = torch.from_numpy(numpy.load(os.path.join(folder, name + ".npy")))
                worst = max(worst, ((ours - expected).abs().max().item(), name))
            for name, expected in gradients.items():
                error = (first[prefix + name] - after[prefix + name] - expected).abs().max().item()
                worst = max(worst, (error, f"gradient of {prefix}{name}, loss on {loss}"))
    print(f"cells, T = {first['rnn.x'].shape[1]}: within {worst[0]:.1e} ({worst[1]}): "
          f"{'ok' if worst[0] <= LIMIT else 'FAILED'}")
    sys.exit(0 if worst[0] <= LIMIT else 1)


main()
