"""Trains a model with nnc's executable and with its PyTorch twin from the same parameters and rows, and compares.

usage: compare.py NAME EXECUTABLE FOLDER f32|f64
The twin computes in f64 from what the executable was given, so that errors are the executable's alone. Tolerances: f64, the
losses of 100 steps within 1e-6 relative, each gradient of the first step within 1e-9 of its largest entry; f32, 1e-3 and 1e-4.
Where training is so sensitive that the twin itself loses more than 1e-4 in f32, 1e-3 holds for the steps before, and for all of them ten
times what the twin loses: with other roundings (-O0, --no-pass, no fused multiply-add) errors of one model differ by a factor of 7.
A gradient that is zero in theory (a bias before batch normalisation) is rounding: the limit is at least 1e-6 (f64: 1e-12) of the
largest entry of all.
"""
import json
import math
import os
import random
import shutil
import sys

import torch

import streams
import twins
from checkpoints import SEED, parameters, run

TEXTS = ("gpt", "lstm")  # models of text; the others read rows of numbers


def make_rows(name, folder):
    """Writes the data file of a model; gives what the twin needs to know of it."""
    source = random.Random(7)
    if name in TEXTS:
        words = ["the", "cat", "sat", "on", "a", "mat", "dog", "ran", "to", "sea"]
        text = ""
        while len(text) < 28:
            text += source.choice(words) + " "
        with open(os.path.join(folder, "book.txt"), "w") as file:
            file.write(text[:28])
        return text[:28]
    count, columns = (24, 144) if name == "cnn" else (48, 20)
    rows = [[round(source.uniform(0, 1), 4) for _ in range(columns)] + [source.randrange(5)] for _ in range(count)]
    with open(os.path.join(folder, "rows.csv"), "w") as file:
        for row in rows:
            file.write(",".join(map(str, row)) + "\n")
    return rows


def twin_data(name, rows, metadata, stored):
    """The rows as the executable holds them, in the type `stored`, then as f64."""
    if name in TEXTS:
        vocabulary = json.loads(metadata["nnc.vocab.char"])["tokens"]
        ids = [vocabulary.index(letter) for letter in rows]
        return {"text": torch.tensor([ids[i : i + 17] for i in range(len(ids) - 16)])}
    table = torch.tensor([row[:-1] for row in rows], dtype=torch.float64).to(stored).to(torch.float64)
    label = torch.tensor([row[-1] for row in rows])
    return {"x": table, "image": table.reshape(len(rows), 1, 12, -1) if name == "cnn" else None, "label": label}


def logged_losses(folder, players):
    """The value of each step, under the name of the player whose turn it is."""
    losses = []
    with open(os.path.join(folder, "metrics.jsonl")) as file:
        for line in file:
            record = json.loads(line)
            name = players[len(losses) % len(players)].log
            if "step" in record and name in record:
                losses.append(record[name])
    return losses


def compare_gradients(ours, twin, own, floor):
    """The worst error over its limit, for gradients of the first step, and the parameter that it is of."""
    largest = max(g.abs().max().item() for g in twin.values())
    worst = (0.0, "")
    for name, g in twin.items():
        limit = max(own * g.abs().max().item(), floor * largest)
        worst = max(worst, ((ours[name] - g).abs().max().item() / limit, name))
    return worst


def with_noise(name, data, step, dtype):
    """The data, with the noise of a step (one batch an epoch) in the order of the rows in the file."""
    if name not in twins.NOISE:
        return data
    path, shape, numbers_of = twins.NOISE[name]
    numbers = numbers_of(math.prod(shape), SEED, path, step)
    noise = torch.empty(shape, dtype=dtype)
    noise[streams.epoch_rows(shape[0], SEED, step)] = torch.tensor(numbers, dtype=dtype).reshape(shape)
    return {**data, "noise": noise}


def leaves(first, dtype):
    return {key: w.to(dtype).clone().requires_grad_() for key, w in first.items()}


def plain_moves(players, first, data):
    """How far one step of each player's, at rate 1, moves the parameters: of a single player, its gradient."""
    p = leaves(first, torch.float64)
    for player in dict.fromkeys(players):
        for name, g in player.gradients(p, data)[1].items():
            p[name] = (p[name] - g).detach().requires_grad_()
    return {name: first[name].to(torch.float64) - w.detach() for name, w in p.items()}


def train_twin(name, players, first, data, dtype):
    """The values of 100 turns."""
    p = leaves(first, dtype)
    data = {key: x.to(dtype) if x is not None and x.is_floating_point() else x for key, x in data.items()}
    optimizers = {player: twins.Adam(player.moved(p), **player.arguments) for player in players}
    losses = []
    for turn in range(100):
        seen = with_noise(name, data, turn, dtype)
        for player in players:
            value, gradients = player.gradients(p, seen)
            if player.clip:
                norm = torch.stack([(g**2).sum() for g in gradients.values()]).sum().sqrt()
                factor = torch.clamp(player.clip / (norm + 1e-6), max=1)
                gradients = {name: g * factor for name, g in gradients.items()}
            optimizers[player].step(gradients)
            losses.append(value)
    return losses


def worst_error(losses, expected):
    """Relative to the value; where values pass through zero, as a critic's do, at least to a tenth of the median one."""
    least = 0
    if min(expected) < 0 < max(expected):
        least = 0.1 * sorted(map(abs, expected))[len(expected) // 2]
    return max(abs(a - b) / max(abs(b), least) for a, b in zip(losses, expected))


def main():
    name, executable, folder, real = sys.argv[1:]
    stored = torch.float64 if real == "f64" else torch.float32
    os.makedirs(folder, exist_ok=True)
    rows = make_rows(name, folder)
    start, moved, trained = (os.path.join(folder, f"{real}-{part}") for part in ("start", "moved", "trained"))
    for old in (start, moved, trained):  # A block that is not the first would go on from its checkpoint.
        shutil.rmtree(old, ignore_errors=True)
    run(executable, start, folder, "plain", "--lr", "0")
    run(executable, moved, folder, "plain", "--lr", "1")
    run(executable, trained, folder, "train", "--steps", "100")

    first, metadata = parameters(start)
    after, _ = parameters(moved)
    data = twin_data(name, rows, metadata, stored)
    players = twins.players(name)
    gradients = plain_moves(players, first, with_noise(name, data, 0, torch.float64))
    expected = train_twin(name, players, first, data, torch.float64)
    moves = {key: first[key].to(torch.float64) - after[key].to(torch.float64) for key in first}
    limits = (1e-9, 1e-12) if real == "f64" else (1e-4, 1e-6)
    worst, where = compare_gradients(moves, gradients, *limits)
    losses = logged_losses(trained, players)
    if len(losses) != len(expected):
        sys.exit(f"{name} {real}: expected {len(expected)} losses in the log, found {len(losses)}")
    error = worst_error(losses, expected)
    limit, early, steady = 1e-6, 0, len(losses)
    if real == "f32":
        twin = train_twin(name, players, first, data, torch.float32)
        limit = max(1e-3, 10 * worst_error(twin, expected))
        steady = next((k for k in range(len(twin)) if worst_error(twin[k:k + 1], expected[k:k + 1]) > 1e-4), len(twin))
        early = worst_error(losses[:steady], expected[:steady]) if steady else 0
    good = error <= limit and early <= 1e-3 and worst <= 1
    print(f"{name} {real}: losses within {error:.1e} (limit {limit:.0e}{f', {early:.1e} in the first {steady}' if steady < len(losses) else ''}), gradients at {worst:.2g} of the limit ({where}), "
          f"{losses[0]:.4f} -> {losses[-1]:.4f}: {'ok' if good else 'FAILED'}")
    sys.exit(0 if good else 1)


main()
