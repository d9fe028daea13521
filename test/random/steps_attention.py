"""Attention in several spellings, with masks by position, by key, by both, and biases."""
from tensors import Skip, number

ORDER = ["j <= i", "j >= i", "j < i + 2", "j <= i and j + 3 > i", "j != i", "(i + j) % 3 != 1", "i < 2 or j == i"]
BY_HEAD = ["j <= h", "j <= i and j <= h + 1", "j <= h + i", "h == 0 or j <= i"]


def operands(f):
    """Names of q [lead, I, c], k [lead, J, c] and v [lead, J, e], with lead of 0 to 2 axes."""
    lead = f.axes(f.rng.choice([0, 1, 1, 2]))
    free = [d for d in f.dims if d not in lead]
    f.rng.shuffle(free)
    if len(free) < 4:
        raise Skip
    queries, keys, c, e = free[:4]
    if f.rng.random() < 0.5:
        keys = queries
    q, k = f.like(lead + [queries, c], new=0.8), f.like(lead + [keys, c], new=0.8)
    v = k if f.rng.random() < 0.1 else f.like(lead + [keys, e], new=0.8)
    return lead, queries, keys, c, v.axes[-1], q, k, v


def mask(f, lead, keys):
    """A condition on the indices, or None; a mask of keys is an input."""
    form = f.rng.random()
    parts = []
    if form < 0.55:
        parts.append(f.rng.choice(ORDER + (BY_HEAD if lead else [])))
    if 0.35 < form < 0.75:
        allowed = f.input([keys], "bool")
        parts.append(f"{allowed.name}[j]")
        allowed.values[0] = True
    f.rng.shuffle(parts)
    return " and ".join(f"({part})" if len(parts) > 1 and " or " in part else part for part in parts)


def spelled(f):
    """Index notation, in one statement for scores or two, with softmax[j] or written out."""
    lead, queries, keys, c, e, q, k, v = operands(f)
    heads = "gh"[2 - len(lead):]
    at = "".join(f"{name}, " for name in heads)
    sizes = "".join(f"{name} < {axis.text}, " for name, axis in zip(heads, lead))
    score = f"sum[c] {q.name}[{at}i, c] * {k.name}[{at}j, c]"
    score = f.rng.choice([f"({score}) / sqrt({c.text})", f"{score} / sqrt({c.text})", f"({score}) * 0.3", f"0.5 * ({score})", f"({score})"])
    if f.rng.random() < 0.25:
        bias = f.input([queries, keys] if queries != keys else [queries, number(keys.value)])
        score = f"{score} + {bias.name}[i, j]"
    names = [f.fresh() for _ in range(4)]
    s, a, y, w = names
    ranges = f"{sizes}i < {queries.text}, j < {keys.text}"
    masked = mask(f, lead, keys)
    if f.rng.random() < 0.5:
        f.add(f"{s}[{ranges}] = {score}")
        score = f"{s}[{at}i, j]"
    choice = f"where({masked}, {score}, -inf)" if masked else f"({score})"
    if masked and f.rng.random() < 0.2:
        choice = f"where(not ({masked}), -inf, {score})"
    f.add(f"{a}[{ranges}] = softmax[j] {choice}")
    f.add(f"{y}[{sizes}i < {queries.text}, n < {e.text}] = sum[j] {a}[{at}i, j] * {v.name}[{at}j, n]")
    return f.result(y, lead + [queries, e], bound=v.bound, depends=q.depends | k.depends | v.depends)


def whole(f):
    """Matrix products of whole tensors."""
    lead, queries, keys, c, e, q, k, v = operands(f)
    if len(lead) > 1 and f.rng.random() < 0.5:
        raise Skip
    depends = q.depends | k.depends | v.depends
    score = f"{q.name} @ transpose({k.name})"
    score = f.rng.choice([f"{score} / sqrt({c.text})", f"0.4 * ({score})", score])
    causal = f.rng.random() < 0.5 and queries == keys
    if causal:
        open_pairs = f.fresh("b")
        f.add(f"{open_pairs}[i < {queries.text}, j < {number(keys.value).text}] = j <= i")
        s = f.define(score, lead + [queries, keys], bound=10, depends=depends)
        if len({axis.text for axis in s.axes}) < s.rank:
            raise Skip
        score = f"where({open_pairs}, {s.name}, -inf)"
    f.define(f"softmax({score})", lead + [queries, keys], bound=1.0, depends=depends)
    return f.define(f"{f.scope[-1].name} @ {v.name}", lead + [queries, e], bound=v.bound, depends=depends)


def written_out(f):
    """exp, sum and division by hand, with and without the maximum; exp of log_softmax."""
    lead, queries, keys, c, e, q, k, v = operands(f)
    if queries == keys or len(lead) > 1:
        raise Skip
    depends = q.depends | k.depends | v.depends
    s = f.define(f"{q.name} @ transpose({k.name}) / (1 + sqrt({c.text}))", lead + [queries, keys], bound=4, depends=depends)
    form, t = f.rng.randrange(4), f"axis = {keys.text}"
    if form == 0:
        p = f.define(f"exp({s.name} - max({s.name}, {t}))", s.axes, depends=depends)
        a = f.define(f"{p.name} / sum({p.name}, {t})", s.axes, depends=depends)
    elif form == 1:
        p = f.define(f"exp({s.name})", s.axes, bound=8, depends=depends)
        a = f.define(f"{p.name} / sum({p.name}, {t})", s.axes, depends=depends)
    elif form == 2:
        a = f.define(f"exp(log_softmax({s.name}))", s.axes, depends=depends)
    else:
        a = f.define(f"exp({s.name} - logsumexp({s.name}, {t}))", s.axes, depends=depends)
    return f.define(f"{a.name} @ {v.name}", lead + [queries, e], bound=v.bound, depends=depends)


def prelude(f):
    """The prelude's fn, on four axes."""
    axes = f.axes(5)
    queries, keys = axes[2], axes[3] if f.rng.random() < 0.5 else axes[2]
    out = f.rng.choice(f.dims)
    q = f.like(axes[:3] + [axes[4]], new=0.8)
    k = f.like(axes[:2] + [keys, axes[4]], new=0.8)
    v = f.like(axes[:2] + [keys, out], new=0.8)
    arguments = f"{q.name}, {k.name}, {v.name}"
    if f.rng.random() < 0.4:
        allowed = f.input([axes[0], keys], "bool")
        arguments += f", mask = {allowed.name}"
    return f.define(f"attention[causal = {f.rng.choice(['true', 'false'])}]({arguments})", axes[:2] + [queries, out],
                    bound=v.bound, depends=q.depends | k.depends | v.depends)


STEPS = [(5, spelled), (2, whole), (2, written_out), (2, prelude)]
