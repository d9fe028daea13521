"""The same models in PyTorch, on the parameters of a checkpoint. A twin is a function (parameters, data) -> loss; of a game,
(parameters, data, net that moves) -> value."""
import math

import torch
import torch.nn.functional as F

import streams


def dense(p, name, x):
    return x @ p[name + ".w"] + p[name + ".b"]


def layer_norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[name + ".gain"], p[name + ".bias"], eps=1e-5)


def batch_norm(p, name, x):
    """Statistics of the batch, biased variance, as in training."""
    return F.batch_norm(x, None, None, p[name + ".gain"], p[name + ".bias"], training=True, eps=1e-5)


def convolution(p, name, x, stride=1, padding=1):
    return F.conv2d(x, p[name + ".w"], p[name + ".b"], stride=stride, padding=padding)


def mlp(p, data):
    h = torch.tanh(dense(p, "classifier.dense", data["x"]))
    h = torch.relu(dense(p, "classifier.dense_2", h))
    return F.cross_entropy(dense(p, "classifier.dense_3", h), data["label"])


def autoencoder(p, data):
    z = dense(p, "encoder.dense_2", torch.relu(dense(p, "encoder.dense", data["x"])))
    y = torch.sigmoid(dense(p, "decoder.dense_2", torch.relu(dense(p, "decoder.dense", z))))
    return ((data["x"] - y) ** 2).sum(1).mean()


def cnn(p, data):
    def unit(name, x, stride=1):
        return torch.relu(batch_norm(p, name + ".batch_norm", convolution(p, name + ".conv2d", x, stride)))

    h = F.max_pool2d(unit("cnn.unit", data["image"]), 2)
    h = unit("cnn.unit_2", h, stride=2)
    h = F.avg_pool2d(convolution(p, "cnn.conv2d", h, padding=0), 3)
    return F.cross_entropy(dense(p, "cnn.dense", h.flatten(1)), data["label"])


def vae(p, data):
    h = torch.relu(dense(p, "encoder.dense", data["x"]))
    mean, sigma = dense(p, "encoder.dense_2", h), torch.exp(dense(p, "encoder.dense_3", h))
    q = torch.distributions.Normal(mean, sigma)
    logits = dense(p, "decoder.dense_2", torch.relu(dense(p, "decoder.dense", mean + sigma * data["noise"])))
    evidence = -F.binary_cross_entropy_with_logits(logits, data["x"], reduction="none").sum(1)
    return (torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum(1) - evidence).mean()


def dvae_encoder(p, data):
    """Logits of two letters of an alphabet of three, and the divergence from uniform letters."""
    h = torch.tanh(dense(p, "encoder.dense", data["x"]))
    logs = dense(p, "encoder.dense_2", h).reshape(-1, 2, 3).log_softmax(2)
    return logs, (logs.exp() * (logs + math.log(3))).sum((1, 2))


def dvae_cost(p, data, z):
    """-log p(x | z) of each row."""
    logits = dense(p, "decoder.dense_2", torch.tanh(dense(p, "decoder.dense", z.flatten(1))))
    return F.binary_cross_entropy_with_logits(logits, data["x"], reduction="none").sum(1)


def dvae(p, data):
    """The expectation over all nine words."""
    logs, divergence = dvae_encoder(p, data)
    cost = 0
    for word in range(9):
        letters = torch.tensor([[word % 3, word // 3]]).expand(len(logs), 2)
        z = F.one_hot(letters, 3).to(logs)
        cost = cost + (z * logs).sum((1, 2)).exp() * dvae_cost(p, data, z)
    return (divergence + cost).mean()


def perturbed(logs, data):
    return logs - torch.log(-torch.log(data["noise"]))


def dvae_gumbel(p, data):
    logs, divergence = dvae_encoder(p, data)
    return (divergence + dvae_cost(p, data, (perturbed(logs, data) / 0.7).softmax(2))).mean()


def dvae_score(p, data):
    """The value of a draw; the derivative of its surrogate, weighed against the mean of the other rows."""
    logs, divergence = dvae_encoder(p, data)
    z = F.one_hot(perturbed(logs, data).argmax(2), 3).to(logs)
    cost, density = dvae_cost(p, data, z), (z * logs).sum((1, 2))
    weight = (cost - (cost.sum() - cost) / (len(cost) - 1)).detach()
    return (divergence + cost + weight * (density - density.detach())).mean()


def attention(p, name, x):
    """Causal self-attention, weights [width, heads, features a head]."""
    q, k, v = (torch.einsum("bia,ahc->bhic", x, p[f"{name}.w_{part}"]) for part in "qkv")
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    hidden = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    weights = scores.masked_fill(hidden, -math.inf).softmax(-1)
    return torch.einsum("bhic,hca->bia", weights @ v, p[name + ".w_o"])


def gelu(x):
    """The tanh form, written out: torch 1.13 has it for some types only."""
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gpt(p, data):
    text = data["text"]
    inputs, targets = text[:, :-1], text[:, 1:]
    x = p["gpt.embed.table"][inputs] + p["gpt.place"][: inputs.shape[1]]
    layer = 0
    while f"gpt.block.{layer}.attn.w_q" in p:
        block = f"gpt.block.{layer}"
        x = x + attention(p, block + ".attn", layer_norm(p, block + ".layer_norm", x))
        h = layer_norm(p, block + ".layer_norm_2", x)
        h = dense(p, block + ".feed_forward.dense", h)
        x = x + dense(p, block + ".feed_forward.dense_2", gelu(h))
        layer += 1
    logits = layer_norm(p, "gpt.layer_norm", x) @ p["gpt.embed.table"].T
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def log_sigmoid_mean(logit):
    return F.logsigmoid(logit).mean()


def gan(p, data, over):
    x, z = data["x"][:, :14], data["x"][:, 14:]

    def discriminator(x):
        h = batch_norm(p, "D.batch_norm", torch.tanh(dense(p, "D.dense", x)))
        return dense(p, "D.dense_2", h)[:, 0]

    h = batch_norm(p, "G.batch_norm", torch.tanh(dense(p, "G.dense", z)))
    fake = discriminator(torch.sigmoid(dense(p, "G.dense_2", h)))
    if over == "G":
        return log_sigmoid_mean(fake)
    return -(log_sigmoid_mean(discriminator(x)) + log_sigmoid_mean(-fake))


def wgan_gp(p, data, over):
    x, z, e = data["x"][:, :13], data["x"][:, 13:19], data["x"][:, 19:]

    def critic(x):
        h = F.leaky_relu(dense(p, "critic.dense", x), 0.2)
        return dense(p, "critic.dense_3", torch.tanh(dense(p, "critic.dense_2", h)))[:, 0]

    fake = dense(p, "generator.dense_2", torch.relu(dense(p, "generator.dense", z)))
    distance = critic(x).mean() - critic(fake).mean()
    if over == "generator":
        return distance
    between = e * x + (1 - e) * fake
    (g,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    slope = ((g**2).sum(1) + 1e-12).sqrt()
    return distance - 10 * ((slope - 1) ** 2).mean()


class Player:
    """One step of a turn: what it makes small or large, as it is logged, which parameters move, and how."""

    def __init__(self, loss, arguments, clip=None, log="nll", net="", maximize=False):
        self.loss, self.arguments, self.clip = loss, arguments, clip
        self.log, self.net, self.maximize = log, net, maximize

    @classmethod
    def of_game(cls, loss, name, net, maximize, **arguments):
        return cls(lambda p, data: loss(p, data, net), arguments, None, f"{name}.{net}", net + ".", maximize)

    def moved(self, p):
        return {name: w for name, w in p.items() if name.startswith(self.net)}

    def gradients(self, p, data):
        """The value, and what the moved parameters step against."""
        value = self.loss(p, data)
        moved = self.moved(p)
        signed = -value if self.maximize else value
        return value.item(), dict(zip(moved, torch.autograd.grad(signed, list(moved.values()))))


def lstm(p, data):
    """torch's LSTM on our weights. Ours has the gates i f o g, and adds 1 to f; torch's has i f g o."""
    def reorder(w):
        i, f, o, g = w.chunk(4, -1)
        return torch.cat([i, f, g, o], -1).t().contiguous()

    text = data["text"]
    inputs, targets = text[:, :-1], text[:, 1:]
    x = p["writer.embed.table"][inputs]
    d, n = x.shape[2], p["writer.lstm_cell.w"].shape[1] // 4
    forget = torch.zeros(4 * n, dtype=x.dtype)
    forget[n : 2 * n] = 1
    w, start = p["writer.lstm_cell.w"], torch.zeros(1, x.shape[0], n, dtype=x.dtype)
    weights = [reorder(w[:d]), reorder(w[d:]), reorder(p["writer.lstm_cell.b"]) + forget, torch.zeros_like(forget)]
    h = torch.lstm(x, (start, start), weights, True, 1, 0.0, True, False, True)[0]
    return F.cross_entropy(dense(p, "writer.dense", h).flatten(0, 1), targets.flatten())


class Adam:
    """Kingma & Ba 2015 with decoupled weight decay on tensors of two or more axes, as in the prelude."""

    def __init__(self, p, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0):
        self.p, self.lr, self.betas, self.eps, self.decay = p, lr, (beta1, beta2), eps, decay
        self.m = {name: torch.zeros_like(w) for name, w in p.items()}
        self.v = {name: torch.zeros_like(w) for name, w in p.items()}
        self.n = 0

    @torch.no_grad()
    def step(self, gradients):
        self.n += 1
        b1, b2 = self.betas
        for name, w in self.p.items():
            g = gradients[name]
            self.m[name] = b1 * self.m[name] + (1 - b1) * g
            self.v[name] = b2 * self.v[name] + (1 - b2) * g**2
            m, v = self.m[name] / (1 - b1**self.n), self.v[name] / (1 - b2**self.n)
            w -= self.lr * (m / (v.sqrt() + self.eps) + (self.decay if w.dim() >= 2 else 0) * w)


# name: (loss, optimiser's arguments, clip by global norm)
TWINS = {
    "mlp": (mlp, dict(lr=1e-2, decay=0.01), 1.0),
    "autoencoder": (autoencoder, dict(lr=3e-3), None),
    "vae": (vae, dict(lr=3e-3), None),
    "dvae": (dvae, dict(lr=3e-3), None),
    "dvae_score": (dvae_score, dict(lr=3e-3), None),
    "dvae_gumbel": (dvae_gumbel, dict(lr=3e-3), None),
    "cnn": (cnn, dict(lr=3e-3), None),
    "gpt": (gpt, dict(lr=3e-3, beta2=0.99, decay=0.1), 1.0),
    "lstm": (lstm, dict(lr=3e-3), 1.0),
}

# The standard normal numbers that a twin is given as data["noise"]: call path of the draw, and shape.
NOISE = {
    "vae": ("nll/z", (48, 5), streams.normal),
    "dvae_score": ("nll/z", (48, 2, 3), streams.uniform),
    "dvae_gumbel": ("nll/z", (48, 2, 3), streams.uniform),
}

# name: the steps of a turn, in order
critic = Player.of_game(wgan_gp, "wasserstein", "critic", True, lr=1e-3, beta1=0, beta2=0.9)
GAMES = {
    "gan": [
        Player.of_game(gan, "game", "D", False, lr=1e-3, beta1=0.5),
        Player.of_game(gan, "game", "G", True, lr=1e-3, beta1=0.5),
    ],
    "wgan_gp": [
        critic,
        critic,
        Player.of_game(wgan_gp, "wasserstein", "generator", False, lr=1e-3, beta1=0, beta2=0.9),
    ],
}


def players(name):
    return GAMES[name] if name in GAMES else [Player(*TWINS[name])]
