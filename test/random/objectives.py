"""Fragments that are objectives of a kind of their own: draws with estimators, evidence, games, averages, running values, data.

Each is a template with random parts: families, estimators, nets, sizes, optimisers.
"""
from tensors import Skip

OPTIMISERS = ["SGD(0.1)", "SGD(0.05, momentum = 0.9)", "Adam(1e-2, eps = 0.1)",
              "Adam(1e-2, beta1 = 0.5, eps = 0.1)", "RMSProp(1e-3, eps = 0.1)"]


class Objective:
    """Declarations of one fragment; names end in its number, so that fragments do not meet."""

    mode = "objective"
    inputs, results = [], []

    def __init__(self, rng, number, dims):
        self.rng, self.number, self.dims = rng, number, dims
        self.parts = []
        rng.choice(FORMS)(self)

    @property
    def moved(self):
        return True

    def text(self):
        return "\n".join(self.parts)

    # What the templates are made of.

    def add(self, text):
        self.parts.append(text)

    def size(self, smallest=1, but=()):
        fitting = [d for d in self.dims if d.value >= smallest and d not in but]
        if not fitting:
            raise Skip
        return self.rng.choice(fitting)

    def batch(self):
        return self.rng.choice([2, 3, 4, 5, 7, 8])

    def net(self, name, inside, out, wrap="{}"):
        """A net from [B, inside] to [B, out]; `wrap` makes its value of what the layer computes."""
        n = self.number
        hidden = self.rng.randrange(2, 9)
        middle = self.rng.choice([f"Dense[{out}](tanh(Dense[{hidden}](x)))", f"Dense[{out}](x)",
                                  f"Dense[{out}](LayerNorm(silu(Dense[{hidden + 1}](x))))"])
        self.add(f"layer {name.title()}{n}(x: f32[B, {inside}]) = {wrap.format(middle)}\nnet {name}{n} = {name.title()}{n}")
        return f"{name}{n}"

    def train(self, *steps, count=3):
        chosen = steps or [f"step o{self.number} with {self.optimiser()}"]
        self.add(f"train t{self.number} {{\n  for {count} steps {{\n    " + "\n    ".join(chosen) + "\n  }\n}")

    def optimiser(self):
        return self.rng.choice(OPTIMISERS) + self.rng.choice(["", "", ", clip(0.3)"])

    def head(self, batch=None):
        return f"objective o{self.number}[B = {batch or self.batch()}] {{"


def discrete(o):
    """A draw of a discrete family, the gradient by one of the estimators."""
    a = o.size()
    k = o.rng.randrange(2, 5)
    family, wide = o.rng.choice([("Categorical(logits = {})", k), ("Bernoulli(logits = {})", 1), ("OneHot(logits = {})", k),
                                 ("Bernoulli(logits = {})", 2)])
    net = o.net("policy", a.text, wide)
    by = o.rng.choice(["score", "score(baseline = 0.3)", "score(baseline = mean)", "enumerate"])
    if family.startswith("OneHot") and o.rng.random() < 0.5:
        by = o.rng.choice(["gumbel(tau = 0.7)", "gumbel(tau = 1.2, hard = true)"])
    value = {"C": "f32(z)", "B": "sum(z, axis = 1)", "O": f"sum(z * sin(z + 1), axis = 1)"}[family[0]]
    cost = o.rng.choice(["sin({} * x[:, 0])", "({} - x[:, 0])^2", "cos({}) + x[:, 0] * {}"]).replace("{}", value)
    o.add(o.head() + f"""
  x: f32[B, {a.text}] ~ Normal(0, 1)
  z ~ {family.format(f'{net}(x)')} by {by}
  {o.rng.choice([f'minimize mean({cost}) over {net}', f'maximize mean({cost}) over {net}', f'minimize mean({cost}) + mean({net}(x)^2) over {net}'])}
}}""")
    o.train()


def continuous(o):
    """A variational autoencoder in small: reparametrised draws, what is observed, divergences in closed form or by one draw."""
    a, z = o.size(), o.size()
    if a == z:
        raise Skip
    n = o.number
    encoder = o.net("encoder", a.text, z.text, o.rng.choice(["Normal({}, 0.4)", "Normal({}, softplus(Dense[" + z.text + "](x)) + 0.2)",
                                                       "DiagNormal({}, exp(0.3 * Dense[" + z.text + "](x)))"]))
    decoder = o.net("decoder", z.text, a.text)
    vector = "DiagNormal" in o.parts[0]
    observed = o.rng.choice([f"Normal({decoder}(z), 0.7)", f"Bernoulli(logits = {decoder}(z))", f"DiagNormal({decoder}(z), 0.5)"])
    x = "sigmoid(noise)" if observed.startswith("Bern") else "noise"
    prior = f"DiagNormal(0 * q.mean, 1 + 0 * q.mean)" if vector else o.rng.choice(["Normal(0, 1)", "Normal(0.2, 1.3)"])
    divergence = "kl(q, p)" if vector else f"sum(kl(q, p), axis = 1)"
    mask = o.rng.choice(["", "", f" where noise[:, 0] > 0" if "Diag" in observed else " where noise > -0.5"])
    o.add(o.head() + f"""
  noise: f32[B, {a.text}] ~ Normal(0, 1)
  x = {x}
  q = {encoder}(x)
  p = {prior}
  z ~ q{o.rng.choice(['', ' by reparam', ' by score'])}
  observe x ~ {observed}{mask}
  maximize mean(evidence - {divergence}) over {encoder}, {decoder}
}}""")
    o.train()


def walk(o):
    """Draws in a scan: later turns depend on them."""
    a, turns = o.size(), o.rng.randrange(2, 5)
    k = o.rng.randrange(2, 5)
    by = o.rng.choice(["score(baseline = -0.5)", "score"])
    draw = o.rng.choice([f"Categorical(logits = {{}}) by {by}", f"Bernoulli(logits = {{}}) by {by}", "Normal({}, 0.6)", "Normal({}, 0.4) by score"])
    wide = k if draw.startswith("C") else 1
    net = o.net("walker", a.text, wide)
    move = "f32(move)" if draw.startswith("C") else "squeeze(move)"
    o.add(o.head() + f"""
  start: f32[B, {a.text}] ~ Normal(0, 1)
  r[:, t] = scan t < {turns} carry at: f32[B, {a.text}] = start {{
    move ~ {draw.format(f'{net}(at)')}
    at = {o.rng.choice(['sin', 'tanh'])}(at + 0.5 * {move})
    yield mean(at, axis = 1) * (t + 1)
  }}
  maximize mean(sum(r, axis = 1)) over {net}
}}""")
    o.train()


def told(o):
    """A sequence model that is told its symbols in training and draws them when it judges nothing: `given`, and a mask."""
    k, turns, hidden = o.size(2), o.rng.randrange(2, 6), o.rng.randrange(2, 6)
    n = o.number
    mask = o.rng.choice(["", f" where text[:, t] != 0"])
    cell = o.rng.choice([f"h = GRUCell[{hidden}](embed(last), h)", f"h = RNNCell[{hidden}](embed(last), h)",
                         f"h = tanh(Dense[{hidden}](embed(last)) + 0.5 * h)"])
    o.add(f"""layer Writer{n}(text: i32[B, {turns}] < {k.text}) -> f32[B, {hidden}] {{
  net embed = Embedding[{o.rng.randrange(2, 6)}]
  scan t < {turns} carry last = text[:, 0], h: f32[B, {hidden}] = 0 {{
    {cell}
    next ~ Categorical(logits = Dense[{k.text}](h)) given text[:, t]{mask}
    last = next
  }}
  h
}}
net w{n} = Writer{n}
{o.head()}
  text: i32[B, {turns}] ~ DiscreteUniform({k.text})
  h = w{n}(text)
  maximize mean(evidence) / {turns} - 0.1 * mean(h^2) over w{n}
}}""")
    o.train()


def game(o):
    """Two players; each step moves one of them."""
    a, z, n = o.size(), o.size(), o.number
    if a == z:
        raise Skip
    g, d = o.net("maker", z.text, a.text), o.net("critic", a.text, 1, "squeeze({})")
    loss = o.rng.choice([
        f"minimize -mean(log_sigmoid(real)) - mean(log_sigmoid(-fake)) over {d}\n  maximize mean(log_sigmoid(fake)) over {g}",
        f"minimize mean((real - 1)^2) + mean(fake^2) over {d}\n  minimize mean((fake - 1)^2) over {g}",
        f"maximize mean(real) - mean(fake) - penalty over {d}\n  minimize -mean(fake) over {g}"])
    penalty = ""
    if "penalty" in loss:
        penalty = f"""
  between = 0.4 * x + 0.6 * made
  slope = grad(sum({d}(between)), between)
  penalty = mean((sqrt(sum(slope^2, axis = 1) + 0.01) - 1)^2)"""
    b = o.batch()
    o.add(f"""objective o{n}[B = {b}] {{
  x: f32[B, {a.text}] ~ Normal(0.5, 1)
  z: f32[B, {z.text}] ~ Normal(0, 1)
  made = {g}(z)
  fake = {d}(made)
  real = {d}(x){penalty}
  {loss}
  report gap = mean(real) - mean(fake)
}}""")
    first = f"step o{n} over {d} with {o.optimiser()}"
    o.train(o.rng.choice([first, f"repeat 2 {{ {first} }}"]), f"step o{n} over {g} with {o.optimiser()}", count=2)


def followed(o):
    """A net and its running average, or one that stays as it was."""
    a, b = o.size(), o.size()
    n = o.number
    net = o.net("followed", a.text, b.text)
    other = o.rng.choice([f"ema({net}, 0.8)", f"Followed{n}"])
    o.add(f"net slow{n} = {other}")
    over = net if other[0] == "e" else f"{net}, slow{n}"
    o.add(o.head() + f"""
  x: f32[B, {a.text}] ~ Normal(0, 1)
  y = {net}(x) - 0.5 * slow{n}(cos(x))
  minimize mean(sin(y) * {net}(x)) + mean(y^2) over {over}
}}""")
    o.train()


def running(o):
    """Running values that a step moves."""
    a, n = o.size(), o.number
    rate = o.rng.choice([0.5, 0.9])
    o.add(f"""layer Centred{n}(x: f32[B, {a.text}]) -> f32[B, {a.text}] {{
  running center: f32[{a.text}] = 0
  running count: f32 = 1
  param gain: f32[{a.text}] ~ Normal(1, 0.2)
  if training {{
    center <- {rate} * center + {round(1 - rate, 1)} * mean(x, axis = B)
    count <- count + 1
  }}
  gain * (x - center) / sqrt(1 + count)
}}
net c{n} = Centred{n}
{o.head()}
  x: f32[B, {a.text}] ~ Normal(0.3, 1)
  minimize mean({o.rng.choice(['sin', 'tanh', 'cos'])}(c{n}(x))) + {o.rng.choice(['0', f'mean(c{n}(x + 1)^2)'])} over c{n}
}}""")
    o.train()


FORMS = [discrete, discrete, continuous, walk, told, game, followed, running]
