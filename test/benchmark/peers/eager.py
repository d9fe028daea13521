"""PyTorch's side, eager: fused optimisers, its own attention and recurrent layers, images channels last.

usage: eager.py CASE THREADS SECONDS     prints `step 1` after the first step, then what report() says
       eager.py CASE --check             prints the losses of five steps on batch 0, without dropout and with the data's noise
"""
import sys
import time

import torch
import torch.nn.functional as F

import cases


def dense(p, name, x):
    return F.linear(x, p[name + ".w"], p.get(name + ".b"))


def norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[name + ".g"], None, 1e-5)


def cross_entropy(logits, label):
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), label.reshape(-1))


def mlp(p, batch, case):
    h = F.relu(dense(p, "l0", batch["x"]))
    return cross_entropy(dense(p, "l2", F.relu(dense(p, "l1", h))), batch["y"])


def cnn(p, batch, case):
    x = batch["x"]
    for k in "01":
        x = F.conv2d(x, p[f"c{k}.w"], padding=1)
        x = F.batch_norm(x, *case["running"][k], p[f"n{k}.g"], p[f"n{k}.b"], True, 0.1, 1e-5)
        x = F.max_pool2d(F.relu(x), 2)
    h = F.relu(dense(p, "l0", x.flatten(1)))
    return cross_entropy(dense(p, "l1", h if case["check"] else F.dropout(h, case["rate"])), batch["y"])


def rnn(p, batch, case):
    """Time is the first axis, which the layers of torch prefer."""
    x = F.embedding(batch["x"].t(), p["emb"])
    h = x.new_zeros(1, x.shape[1], case["state"])
    weights = [p[key] for key in ("w_ih", "w_hh", "b_ih", "b_hh")]
    if case["name"] == "lstm":
        y = torch.lstm(x, (h, h), weights, True, 1, 0.0, True, False, False)[0]
    else:
        y = torch.gru(x, h, weights, True, 1, 0.0, True, False, False)[0]
    return cross_entropy(dense(p, "l", y), batch["y"].t())


def vae(p, batch, case):
    h = F.relu(dense(p, "e", batch["x"]))
    mu, lv = dense(p, "mu", h), dense(p, "lv", h)
    noise = batch["eps"] if case["check"] else torch.randn_like(mu)
    logits = dense(p, "o", F.relu(dense(p, "d", mu + noise * torch.exp(lv / 2))))
    divergence = -0.5 * torch.sum(1 + lv - mu * mu - torch.exp(lv))
    return (F.binary_cross_entropy_with_logits(logits, batch["x"], reduction="sum") + divergence) / len(mu)


def gpt(p, batch, case):
    def heads(x):
        return x.view(*x.shape[:2], case["heads"], -1).transpose(1, 2)

    x = F.embedding(batch["x"], p["wte"]) + p["wpe"]
    for k in range(case["layers"]):
        q, k_, v = map(heads, dense(p, f"h{k}.qkv", norm(p, f"h{k}.ln1", x)).split(case["width"], -1))
        y = F.scaled_dot_product_attention(q, k_, v, is_causal=True).transpose(1, 2).reshape(x.shape)
        x = x + dense(p, f"h{k}.proj", y)
        x = x + dense(p, f"h{k}.out", F.gelu(dense(p, f"h{k}.fc", norm(p, f"h{k}.ln2", x))))
    return cross_entropy(F.linear(norm(p, "lnf", x), p["wte"]), batch["y"])


LOSSES = dict(mlp=mlp, mlp_large=mlp, cnn=cnn, lstm=rnn, gru=rnn, vae=vae, gpt_small=gpt, gpt_mid=gpt)


def optimizer(case, parameters):
    if case["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=case["lr"], momentum=0.9, fused=True)
    arguments = dict(lr=case["lr"], betas=case.get("betas", (0.9, 0.999)), fused=True)
    if case["optimizer"] == "adam":
        return torch.optim.Adam(parameters, **arguments)
    groups = [dict(params=[w for w in parameters if w.ndim >= 2], weight_decay=case["decay"])]
    groups += [dict(params=[w for w in parameters if w.ndim < 2], weight_decay=0.0)]
    return torch.optim.AdamW(groups, **arguments)


def game(p, batches, case):
    """A step of both players; its value is the sum of their losses."""
    players = [[w for name, w in p.items() if name[0] == player] for player in "dg"]
    optimizers = [optimizer(case, player) for player in players]

    def judged(x):
        return dense(p, "d1", F.leaky_relu(dense(p, "d0", x), 0.2))

    def made(z):
        return torch.tanh(dense(p, "g1", F.relu(dense(p, "g0", z))))

    def noise(batch, name):
        return batch[name] if case["check"] else torch.randn(batch[name].shape)

    def step(i):
        batch = batches[i % len(batches)]
        with torch.no_grad():
            fake = made(noise(batch, "z1"))
        d = F.softplus(-judged(batch["x"])).mean() + F.softplus(judged(fake)).mean()
        d.backward(inputs=players[0])
        optimizers[0].step()
        optimizers[0].zero_grad(set_to_none=True)
        g = F.softplus(-judged(made(noise(batch, "z2")))).mean()
        g.backward(inputs=players[1])
        optimizers[1].step()
        optimizers[1].zero_grad(set_to_none=True)
        return d.item() + g.item()

    return step


def tensor(array):
    t = torch.from_numpy(array.astype("int64") if array.dtype == "int32" else array)
    return t.contiguous(memory_format=torch.channels_last) if t.ndim == 4 else t


def load(name, count):
    """Parameters, and the batches as the losses take them."""
    p = {key: tensor(w.copy()).requires_grad_() for key, w in cases.initial(name).items()}
    if name == "lstm":
        p["b_hh"].requires_grad_(False)  # Two biases of one sum would move twice as far as one.
    batches = []
    for j in range(count):
        batch = {key: tensor(x) for key, x in cases.batch(name, j).items()}
        if "symbols" in cases.CASES[name]:
            text = batch["x"]
            batch = dict(x=text[:, :-1].contiguous(), y=text[:, 1:].contiguous())
        batches.append(batch)
    return p, batches


def training(name, check):
    """step(i) does step i and gives its loss."""
    case = dict(cases.CASES[name], name=name, check=check)
    p, batches = load(name, 1 if check else cases.BATCHES)
    if name == "cnn":
        case["running"] = {k: (torch.zeros(len(p[f"n{k}.g"])), torch.ones(len(p[f"n{k}.g"]))) for k in "01"}
    if name == "gan":
        return game(p, batches, case)
    parameters = [w for w in p.values() if w.requires_grad]
    optimize = optimizer(case, parameters)

    def step(i):
        loss = LOSSES[name](p, batches[i % len(batches)], case)
        loss.backward()
        if "clip" in case:
            torch.nn.utils.clip_grad_norm_(parameters, case["clip"])
        optimize.step()
        optimize.zero_grad(set_to_none=True)
        return loss.item()

    return step


def report(step, seconds):
    """`ms`, the time of each step after a warm-up, and `peak`, the memory in KiB."""
    step(0)
    print("step 1", flush=True)
    done, start = 1, time.perf_counter()
    while done < 4 or time.perf_counter() - start < 0.5:
        step(done)
        done += 1
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        step(done)
        times.append((time.perf_counter() - before) * 1e3)
        done += 1
    print("ms", *(f"{t:.4f}" for t in times))
    with open("/proc/self/status") as status:
        print("peak", next(line.split()[1] for line in status if line.startswith("VmHWM")))


def main():
    torch.set_flush_denormal(True)
    name, check = sys.argv[1], sys.argv[2] == "--check"
    if check:
        step = training(name, True)
        print("losses", *(f"{step(i):.8g}" for i in range(5)))
    else:
        torch.set_num_threads(int(sys.argv[2]))
        report(training(name, False), float(sys.argv[3]))


main()
