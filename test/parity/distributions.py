"""Log densities, entropies and divergences beside torch.distributions in f64, at the values of test/prob/Inputs/densities.py.

usage: distributions.py EXECUTABLE f32|f64        in the folder where files go; the executable is that of densities.nn
Limits: 1e-5 in f32, 1e-10 in f64, of the value, or of 1 where it is smaller; where a value is a small difference of large terms, of the
largest (densities.py knows them). Left out are places where the definition is finite and torch is not: the upper end of a uniform
distribution, which torch takes as open, and divergences of Bernoulli distributions whose probability rounds to 1.
"""
import math
import os
import sys
from decimal import Decimal

import torch
from torch import distributions as D
from torch.distributions import kl_divergence as kl

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "prob", "Inputs"))
import densities  # noqa: E402


def normal(r):
    q = D.Normal(r["m"], r["s"])
    return dict(log_prob=q.log_prob(r["x"]), entropy=q.entropy(), kl=kl(q, D.Normal(r["m0"], r["s0"])))


def uniform(r):
    q = D.Uniform(r["low"], r["high"], validate_args=False)
    return dict(log_prob=q.log_prob(r["x"]), entropy=q.entropy(), kl=kl(q, D.Uniform(r["low0"], r["high0"], validate_args=False)),
                kl_normal=kl(q, D.Normal(r["m0"], r["s0"])))


def bernoulli(r):
    q = D.Bernoulli(logits=r["logits"], validate_args=False)
    return dict(log_prob=q.log_prob(r["x"]), entropy=q.entropy(), kl=kl(q, D.Bernoulli(logits=r["logits0"])))


def categorical(r):
    q, p = D.Categorical(logits=r["logits"]), D.Categorical(logits=r["logits0"])
    density, divergence, entropy = q.log_prob(r["x"]), kl(q, p), q.entropy()
    return dict(log_prob=density, log_prob_one_hot=density, entropy=entropy, entropy_one_hot=entropy, kl=divergence, kl_one_hot=divergence)


def vectors(r):
    q, q0 = (D.Independent(D.Normal(r[m], r[s]), 1) for m, s in (("m", "s"), ("m0", "s0")))
    full, full0 = (D.MultivariateNormal(r[m], scale_tril=r[l]) for m, l in (("m", "l"), ("m0", "l0")))
    tril, tril0 = (D.MultivariateNormal(r[m], scale_tril=torch.diag_embed(r[s])) for m, s in (("m", "s"), ("m0", "s0")))
    return dict(log_prob=q.log_prob(r["x"]), entropy=q.entropy(), kl=kl(q, q0), log_prob_full=full.log_prob(r["x"]),
                entropy_full=full.entropy(), kl_full=kl(full, full0), kl_to_full=kl(tril, full0), kl_from_full=kl(full, tril0))


def mixture(r):
    weights = D.Categorical(logits=r["w"])
    return dict(log_prob=D.MixtureSameFamily(weights, D.Normal(r["m"], r["s"])).log_prob(r["x"]),
                log_prob_full=D.MixtureSameFamily(weights, D.MultivariateNormal(r["mv"], scale_tril=r["lv"])).log_prob(r["v"]))


def main():
    executable, real = os.path.abspath(sys.argv[1]), sys.argv[2]
    limit = Decimal("1e-10") if real == "f64" else Decimal("1e-5")
    failed = False
    for twin in (normal, uniform, bernoulli, categorical, vectors, mixture):
        make, expect = densities.CASES[twin.__name__]
        grid = densities.Grid(real)
        rows = [make(grid) for _ in range(densities.N)]
        exact = [expect(densities.Record(row)) for row in rows]
        columns = {key: torch.tensor([row[key] for row in rows], dtype=torch.int64 if isinstance(rows[0][key], int) else torch.float64)
                   for key in rows[0]}
        wanted = twin(columns)
        got = densities.run(executable, twin.__name__, rows, wanted.keys(), grid.kind)
        for key, values in wanted.items():
            errors, left_out = [], 0
            for mine, theirs, e in zip(got[key], values.tolist(), exact):
                if not math.isfinite(theirs) and abs(e[key].value) != densities.INF:
                    left_out += 1
                    continue
                reference = densities.Sum(Decimal(theirs))
                reference.scale = max(e[key].scale, Decimal(1))
                errors.append(densities.error_of(mine, reference, limit))
            worst = max(errors)
            good = worst <= 1 and left_out < densities.N / 4
            failed |= not good
            print(f"{twin.__name__} {key} {real}: {'ok' if good else 'FAILED'}, {worst:.2g} of the limit"
                  + (f", torch not finite at {left_out}" if left_out else ""))
    sys.exit(1 if failed else 0)


main()
