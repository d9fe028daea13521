"""Those who are compared. Each has `losses`, of five steps on batch 0, and `time`, a turn in a process of its own: ms of each
step after a warm-up, seconds from the start of the process to the end of the first step, peak memory in KiB (VmHWM)."""
import contextlib
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import time
from typing import NamedTuple

import numpy as np

import cases
from roof import has_avx512, output

HERE = os.path.dirname(os.path.abspath(__file__))
WARM_UP = 0.5  # seconds, and at least four steps


class Absent(Exception):
    """Why one does not take part; without a text: it never does in this case."""


class Turn(NamedTuple):
    ms: list
    first: float
    peak: int


@contextlib.contextmanager
def foreign_share():
    """The share of one core's time that processes other than ours used meanwhile, stolen time included."""

    def busy():
        with open("/proc/stat") as stat:
            ticks = [int(value) for value in stat.readline().split()[1:9]]
        return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")

    def own():
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    all_before, own_before, start, share = busy(), own(), time.monotonic(), []
    yield lambda: share[0]
    spent = busy() - all_before - (own() - own_before)
    share.append(max(0, spent) / (time.monotonic() - start))


class Process:
    """A pinned process that prints `step 1...` after its first step."""

    def __init__(self, command, cores, **environment):
        start = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", cores, *command], stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, **environment))
        for line in self.process.stdout:
            if line.startswith("step 1"):
                break
        self.first = time.monotonic() - start

    def rest(self):
        """What else it prints."""
        text = self.process.stdout.read()
        if self.process.wait() != 0:
            raise subprocess.CalledProcessError(self.process.returncode, self.process.args)
        return text

    def watch(self):
        """Waits for its end; its peak memory as last seen, and that does not grow after the first steps."""
        peak = 0
        while True:
            with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/status") as status:
                peak = max([peak, *(int(line.split()[1]) for line in status if line.startswith("VmHWM"))])
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.25)
                self.rest()
                return peak


class Ours:
    """An executable of nnc. Data are files of all batches (of the check: of batch 0 alone, as rows are shuffled), initial values
    are written over those of a checkpoint without a step, times are those of metrics.jsonl."""

    label = "nnc"

    def __init__(self, name, build, folder):
        self.name, self.folder, self.nnc = name, folder, os.path.join(os.path.abspath(build), "bin", "nnc")
        settings = cases.SOURCES.get(name, {})
        self.source = os.path.join(HERE, settings.get("source", name) + ".nn")
        if not os.path.exists(self.source):
            raise Absent(f"no {os.path.basename(self.source)}")
        defines = [f"-D{value}" for value in settings.get("defines", [])]
        self.executable, self.checked = os.path.join(folder, name), os.path.join(folder, name + "-check")
        start = time.monotonic()
        output([self.nnc, self.source, *defines, "-o", self.executable])
        self.compile_seconds, self.size = time.monotonic() - start, os.path.getsize(self.executable)
        if "check" in settings:
            output([self.nnc, self.source, *defines, *(f"-D{value}" for value in settings["check"]), "-o", self.checked])
        else:
            self.checked = self.executable
        report = output([self.nnc, "--report=memory", self.source, *defines])
        self.planned = {int(n): int(size) for n, size in re.findall(r"^total, (\d+) threads?\s+(\d+) bytes", report, re.M)}
        report = output([self.nnc, "--report=flops", self.source, *defines])
        self.flops = sum(map(int, re.findall(r"^(?:grad|update)\.\d+\s+(\d+)", report, re.M)))
        self.estimate = None
        for data, count in ("one", 1), ("all", cases.BATCHES):
            self.write_data(os.path.join(folder, data), count)

    def write_data(self, folder, count):
        os.makedirs(folder)
        batches = [cases.batch(self.name, j) for j in range(count)]
        for field in batches[0]:
            np.save(os.path.join(folder, field + ".npy"), np.concatenate([batch[field] for batch in batches]))

    def train(self, executable, data, steps, *flags):
        return [executable, "train", "--steps", str(steps), "--run", os.path.join(self.folder, "run"),
                "--data-dir", os.path.join(self.folder, data), *flags]

    def records(self, key):
        """The values of each step; a turn of a game has several records, whose values add."""
        records = []
        with open(os.path.join(self.folder, "run", "metrics.jsonl")) as file:
            for line in map(json.loads, file):
                if "step" in line and "ms" in line:
                    records.append(line)
        values = [next(value for name, value in record.items() if key(name)) for record in records]
        players = 2 if self.name == "gan" else 1
        return [sum(values[i : i + players]) for i in range(0, len(values), players)]

    def losses(self):
        shutil.rmtree(os.path.join(self.folder, "run"), ignore_errors=True)
        output(self.train(self.checked, "one", 0))
        overwrite(os.path.join(self.folder, "run", "last.safetensors"), cases.ours(self.name))
        output(self.train(self.checked, "one", 5, "--resume", "--threads", "2"))
        return self.records(lambda name: name not in ("step", "epoch", "ms", "grad_norm", "lr"))

    def run(self, steps, threads, cores):
        shutil.rmtree(os.path.join(self.folder, "run"), ignore_errors=True)
        process = Process(self.train(self.executable, "all", steps, "--threads", str(threads)), cores)
        peak = process.watch()
        return Turn(self.records(lambda name: name == "ms"), process.first, peak)

    def time(self, threads, seconds, cores):
        if self.estimate is None:  # ms a step, to know how many there is time for
            self.estimate = sorted(self.run(9, threads, cores).ms)[4]
        turn = self.run(9 + int((WARM_UP + seconds) / (self.estimate / 1e3)), threads, cores)
        warm, spent = 0, 0
        while warm < 4 or (spent < 1e3 * WARM_UP and warm < len(turn.ms) - 5):
            spent += turn.ms[warm]
            warm += 1
        self.estimate = sorted(turn.ms)[len(turn.ms) // 2]
        return turn._replace(ms=turn.ms[warm:])


def overwrite(path, values):
    """Replaces the bytes of the parameters in a safetensors file; all of them, so that none keeps its own initial value."""
    with open(path, "r+b") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.tell()
        stored = {name for name in header if name.startswith("param/")}
        if stored != {"param/" + name for name in values}:
            sys.exit(f"{path}: parameters differ: {sorted(stored ^ {'param/' + name for name in values})}")
        for name, value in values.items():
            entry = header["param/" + name]
            if entry["shape"] != list(value.shape) or entry["dtype"] != "F32":
                sys.exit(f"{path}: {name}: expected {value.shape}, found {entry['dtype']} {entry['shape']}")
            file.seek(data + entry["data_offsets"][0])
            file.write(np.ascontiguousarray(value, np.float32).tobytes())


class Peer:
    """A program that reports as eager.py and peer.h do."""

    def losses(self):
        words = output([*self.command, "--check"], env=dict(os.environ, **self.environment)).split()
        return [float(word) for word in words[words.index("losses") + 1 :]]

    def time(self, threads, seconds, cores):
        process = Process([*self.command, str(threads), str(seconds)], cores, OMP_NUM_THREADS=str(threads), OMP_PROC_BIND="true",
                          **self.environment)
        lines = {line.split()[0]: line.split()[1:] for line in process.rest().splitlines()}
        return Turn([float(ms) for ms in lines["ms"]], process.first, int(lines["peak"][0]))


class Eager(Peer):
    """PyTorch. Its large blocks come from an allocator that keeps them, where tcmalloc is installed: glibc's gives them back to
    the system, and each step pays for page faults."""

    label = "eager"
    said = set()

    def __init__(self, name, folder):
        python = os.path.join(os.environ.get("PEERS_VENV", ""), "bin", "python")
        if "PEERS_VENV" not in os.environ or not os.path.exists(python):
            raise Absent(self.once("no PyTorch: PEERS_VENV names no virtual environment (peers.sh says how to make one)"))
        self.command = [python, os.path.join(HERE, "eager.py"), name]
        self.environment = {"THP_MEM_ALLOC_ENABLE": "1"}
        libraries = output(["/sbin/ldconfig", "-p"])
        malloc = re.search(r"libtcmalloc_minimal\.so.* => (\S+)", libraries)
        if malloc:
            self.environment["LD_PRELOAD"] = malloc[1]
        elif self.once("tcmalloc"):
            print("no libtcmalloc-minimal4: PyTorch has glibc's allocator, which is slower", file=sys.stderr)

    def once(self, text):
        text, _ = ("" if text in self.said else text), self.said.add(text)
        return text


class C(Peer):
    """Written by hand, products by OpenBLAS."""

    label = "C"
    programs = dict(mlp=["mlp.c"], mlp_large=["-DLARGE", "mlp.c"], gpt_small=["gpt.c"], gpt_mid=["-DMID", "gpt.c"])

    def __init__(self, name, folder):
        if name not in self.programs:
            raise Absent()
        program = os.path.join(folder, "peer")
        flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp"]
        command = ["cc", *flags, *self.programs[name], "-o", program, "-lopenblas", "-lm"]
        built = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
        if built.returncode != 0:
            raise Absent(f"no C peer (needs gcc and libopenblas-dev): {built.stderr.strip().splitlines()[0]}")
        self.command = [program]
        # A library older than the processor falls back to AVX2: ask for its AVX-512 kernels where they run.
        self.environment = {"OPENBLAS_CORETYPE": "SkylakeX"} if has_avx512() else {}
