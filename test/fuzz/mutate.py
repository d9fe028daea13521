"""Programs and dumps with mistakes in them: whatever the text, nnc ends with 0, 1 or 2, in time.

usage: mutate.py NNC FOLDER [--seconds N] [--inputs N] [--seed N] [--jobs N] [--only KIND]

Takes the programs of test/Check/programs, the examples and Inputs/*.nn, and the dumps of each stage of the last, and changes a few
tokens of one: deleted, doubled, exchanged, numbers at the ends of their ranges, names of something else, ops under other names. A run that
ends with a signal, with exit code 3 (a fault of the compiler) or not at all is a finding: it is reduced line by line, kept in FOLDER and
reported. The same seed tries the same inputs in the same order. KIND is source or a stage.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import time

STAGES = ["nn", "raised", "estimated", "differentiated", "fused", "buffers", "loops", "llvm"]
TOKEN = re.compile(r'"[^"\n]*"|[%@#^]?[A-Za-z_][\w.$]*|%\d[\w:#]*|\d+\.\d+(?:e[-+]?\d+)?|\d+|->|<-|[<>=!]=|\s+|.', re.S)
NUMBER = re.compile(r"\d+(\.\d+)?(e[-+]?\d+)?$")
ENDS = ["0", "1", "2", "3", "7", "-1", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807",
        "9223372036854775808", "1e30", "0.5"]
FLAGS = [[], [], [], [], ["-O0"], ["--real=f64"], ["--no-pass=nn-form-kernels"], ["--no-pass=nn-scan-split"],
         ["--no-pass=nn-simplify"], ["--no-pass=microkernels"], ["--memory-limit=1K"], ["--compare-estimators"]]
LIMIT = 60  # seconds of the processor for one run


def tokens_of(text):
    return TOKEN.findall(text)


def is_space(token):
    return token.isspace()


def mutate_tokens(rng, text, spare):
    """A few changes of tokens, near each other or anywhere."""
    tokens = tokens_of(text)
    places = [k for k, token in enumerate(tokens) if not is_space(token)]
    if len(places) < 3:
        return text
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        k = rng.choice(places)
        what = rng.randrange(7)
        if what == 0:
            tokens[k] = ""
        elif what == 1:
            tokens[k] += " " + tokens[k]
        elif what == 2:
            j = rng.choice(places)
            tokens[k], tokens[j] = tokens[j], tokens[k]
        elif what in (3, 4):
            numbers = [j for j in places if NUMBER.match(tokens[j])]
            if numbers:
                tokens[rng.choice(numbers)] = rng.choice(ENDS)
        elif what == 5:  # Something of the same kind: a name for a name.
            same = [t for t in spare if t[:1].isalpha() == tokens[k][:1].isalpha() and t[:1] in "%@#" == (tokens[k][:1] in "%@#")]
            tokens[k] = rng.choice(same or spare)
        else:
            same = [j for j in places if tokens[j][:1] == tokens[k][:1] or tokens[j].isidentifier() and tokens[k].isidentifier()]
            tokens[k] = tokens[rng.choice(same)]
    return "".join(tokens)


def mutate_lines(rng, text):
    lines = text.split("\n")
    for _ in range(rng.choice([1, 1, 2])):
        k, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        what = rng.randrange(4)
        if what == 0:
            del lines[k:k + rng.choice([1, 1, 1, 3])]
        elif what == 1:
            lines.insert(k, lines[k])
        elif what == 2:
            lines.insert(j, lines.pop(k))
        else:
            lines[k], lines[j] = lines[j], lines[k]
        if not lines:
            return text
    return "\n".join(lines)


ATTRIBUTE = re.compile(r'(?:learn|nn)\.[a-z_]+ = (?:"[^"]*"|[^,{}\[\]]+)|[a-z_]+ = \d+ : i64')
OPERAND = re.compile(r"%[\w#:]+")
OP = re.compile(r"\b(?:nn|prob|learn|arith|scf|memref|vector|func|cf|math|llvm)\.[a-z_.]+")
TYPE = re.compile(r"(?:tensor|memref|vector)<[^<>]*>|\b[if]\d+\b")


def exchange(rng, text, pattern, near):
    """One match replaced by another one, from its own neighbourhood half of the time."""
    found = list(pattern.finditer(text))
    if len(found) < 2:
        return text
    k = rng.randrange(len(found))
    other = found[max(0, min(len(found) - 1, k + rng.randint(-8, 8)))] if near else rng.choice(found)
    return text[:found[k].start()] + other.group() + text[found[k].end():]


def mutate_dump(rng, text, spare):
    header, _, body = text.partition("\n")
    for _ in range(rng.choice([1, 1, 2])):
        what = rng.randrange(8)
        if what == 0:
            found = list(ATTRIBUTE.finditer(body))
            if found:
                one = rng.choice(found)
                body = body[:one.start()] + body[one.end():].removeprefix(", ")
        elif what in (1, 2):
            body = exchange(rng, body, OPERAND, True)
        elif what == 3:
            body = exchange(rng, body, OP, rng.random() < 0.5)
        elif what == 4:
            body = exchange(rng, body, TYPE, rng.random() < 0.5)
        elif what == 5:
            body = mutate_lines(rng, body)
        else:
            lines = body.split("\n")
            k = rng.randrange(len(lines))
            lines[k] = mutate_tokens(rng, lines[k], spare)
            body = "\n".join(lines)
    return body if rng.random() < 0.2 else header + "\n" + body


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Fuzzer:
    def __init__(self, args):
        self.nnc, self.folder, self.jobs = args.nnc, pathlib.Path(args.folder), args.jobs
        self.folder.mkdir(parents=True, exist_ok=True)
        self.findings = {}
        root = pathlib.Path(__file__).resolve().parents[2]
        small = sorted((root / "test/fuzz/Inputs").glob("*.nn"))
        sources = small * 4 + sorted((root / "test/Check/programs").glob("*.nn")) + sorted((root / "examples").glob("*/*.nn"))
        self.seeds = [("source", path.read_text()) for path in sources] if args.only in (None, "source") else []
        for stage in STAGES:
            if args.only in (None, stage):
                # The dumps of later stages are long: one program of each is enough, another one for each seed.
                for path in small if stage < "loops" else [small[args.seed % len(small)]]:
                    done = subprocess.run([self.nnc, "--emit=" + stage, path, "-o", "-"], capture_output=True, text=True)
                    if done.returncode != 0:
                        sys.exit(f"{path} does not compile: {done.stderr}")
                    self.seeds.append((stage, done.stdout))
        self.spare = sorted({t for kind, text in self.seeds if kind == "source" for t in tokens_of(text) if not is_space(t)} or {"x"})
        self.words = {kind: sorted(set(t for t in tokens_of(text[:20000]) if not is_space(t))) for kind, text in self.seeds}

    def command(self, kind, flags, path):
        start = [] if kind == "source" else ["--from=" + kind]
        return [self.nnc, *start, *flags, path, "-o", "/dev/null"]

    def outcome(self, kind, flags, path):
        """None if all is well, else what went wrong, by what can be told apart."""
        try:
            done = subprocess.run(self.command(kind, flags, path), capture_output=True, text=True, errors="replace", timeout=10 * LIMIT,
                                  preexec_fn=limits, cwd=self.folder)
        except subprocess.TimeoutExpired:
            return "does not end"
        if done.returncode in (0, 1, 2):
            return None
        if -done.returncode in (signal.SIGXCPU, signal.SIGKILL):
            return "does not end"
        frames = re.findall(r"(nnc::[\w:~<]+|\w+Op::[\w]+)", done.stderr)
        said = re.findall(r"(?:internal error|error\[E\d+\]|error): .*", done.stderr)
        return f"exit {done.returncode}; {' < '.join(frames[:2])}; {said[-1][:120] if said else ''}"

    def make(self, number, seed):
        rng = random.Random(f"{seed} {number}")
        kind, text = rng.choice(self.seeds)
        if kind == "source":
            spare = self.spare
            text = mutate_lines(rng, text) if rng.random() < 0.2 else mutate_tokens(rng, text, spare)
            flags = list(rng.choice(FLAGS))
            names = re.findall(r"\bdim\s+(\w+)", text)
            if names and rng.random() < 0.2:
                flags.append(f"-D{rng.choice(names)}={rng.choice(ENDS[:12])}")
        else:
            text = mutate_dump(rng, text, self.words[kind])
            flags = list(rng.choice(FLAGS[:5]))
        end = "--emit=llvm" if rng.random() < 0.85 else "--emit=object"
        return kind, [*flags, end], text

    def run_one(self, number, seed):
        kind, flags, text = self.make(number, seed)
        path = self.folder / f"input-{number}.{'nn' if kind == 'source' else 'mlir'}"
        path.write_text(text)
        wrong = self.outcome(kind, flags, path)
        if wrong is None:
            path.unlink()
        return number, kind, flags, path, wrong

    def reduce(self, kind, flags, path, wrong):
        """Fewer lines that end in the same way."""
        lines = path.read_text().split("\n")
        size, end = max(1, len(lines) // 2), time.time() + 60
        while size and time.time() < end and wrong != "does not end":
            k = 0
            while k < len(lines) and time.time() < end:
                fewer = lines[:k] + lines[k + size:]
                path.write_text("\n".join(fewer))
                if self.outcome(kind, flags, path) == wrong:
                    lines = fewer
                else:
                    k += size
            size //= 2
        path.write_text("\n".join(lines))

    def run(self, seconds, most, seed):
        end, number, done = time.time() + seconds, 0, 0
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            waiting = set()
            while (time.time() < end and number < most) or waiting:
                while time.time() < end and number < most and len(waiting) < 2 * self.jobs:
                    waiting.add(pool.submit(self.run_one, number, seed))
                    number += 1
                ready, waiting = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in ready:
                    which, kind, flags, path, wrong = future.result()
                    done += 1
                    if wrong and (kind, wrong) in self.findings:
                        path.unlink()
                    elif wrong:
                        self.findings[kind, wrong] = (which, flags, path)
        for (kind, wrong), (which, flags, path) in self.findings.items():
            self.reduce(kind, flags, path, wrong)
            print(f"FOUND input {which} of seed {seed}: {wrong}\n  {' '.join(map(str, self.command(kind, flags, path)))}")
        print(f"mutate: {done} inputs, {len(self.findings)} findings")
        return not self.findings


parser = argparse.ArgumentParser()
parser.add_argument("nnc")
parser.add_argument("folder")
parser.add_argument("--seconds", type=float, default=75)
parser.add_argument("--inputs", type=int, default=10**9)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--jobs", type=int, default=os.cpu_count())
parser.add_argument("--only")
arguments = parser.parse_args()
arguments.nnc = os.path.abspath(arguments.nnc)
sys.exit(0 if Fuzzer(arguments).run(arguments.seconds, arguments.inputs, arguments.seed) else 1)
