"""Trains the example's variational autoencoder in PyTorch on Fashion-MNIST, with its own initial values and noise, as long as
examples/vae/vae.nn says, and prints the held-out ELBO in nats a picture, to be compared with `vae eval`.

usage: vae_training.py FOLDER [EPOCHS [SEED]]        FOLDER has the files of Fashion-MNIST (build/data)
"""
import gzip
import math
import os
import sys

import torch
import torch.nn.functional as F

PIXELS, HIDDEN, LATENT, BATCH = 784, 400, 16, 128


def pictures(folder, name):
    with gzip.open(os.path.join(folder, name)) as file:
        data = bytearray(file.read()[16:])
    return torch.frombuffer(data, dtype=torch.uint8).reshape(-1, PIXELS)


class Vae(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.mean, self.log_sigma = self.dense(PIXELS, HIDDEN), self.dense(HIDDEN, LATENT), self.dense(HIDDEN, LATENT)
        self.decode, self.logits = self.dense(LATENT, HIDDEN), self.dense(HIDDEN, PIXELS)

    @staticmethod
    def dense(inputs, outputs):
        """Glorot's initial values and a bias of 0, as in the prelude."""
        layer = torch.nn.Linear(inputs, outputs)
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        return layer

    def forward(self, x):
        """The two parts of the bound, a number a picture."""
        h = torch.relu(self.hidden(x))
        q = torch.distributions.Normal(self.mean(h), torch.exp(self.log_sigma(h)))
        logits = self.logits(torch.relu(self.decode(q.rsample())))
        evidence = -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
        return evidence, torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum(1)


@torch.no_grad()
def judge(model, images):
    sums = torch.zeros(2, dtype=torch.float64)
    for batch in images.split(1000):
        parts = model(batch.float() / 255)
        sums += torch.tensor([part.double().sum().item() for part in parts], dtype=torch.float64)
    reconstruction, kl = (sums / len(images)).tolist()
    return reconstruction - kl, reconstruction, kl


def main():
    folder, epochs, seed = sys.argv[1], int((sys.argv[2:] + ["20"])[0]), int((sys.argv[3:] + ["1"])[0])
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    train, held_out = (pictures(folder, f"{name}-images-idx3-ubyte.gz") for name in ("train", "t10k"))
    model = Vae()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, epochs + 1):
        order = torch.randperm(len(train))
        for start in range(0, len(train) - BATCH + 1, BATCH):
            evidence, kl = model(train[order[start : start + BATCH]].float() / 255)
            loss = (kl - evidence).mean()
            if not math.isfinite(loss.item()):
                sys.exit(f"the loss is {loss.item()}")
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        elbo, reconstruction, kl = judge(model, held_out)
        print(f"epoch {epoch}: elbo={elbo:.3f} elbo.reconstruction={reconstruction:.3f} elbo.kl={kl:.3f}", flush=True)


main()
