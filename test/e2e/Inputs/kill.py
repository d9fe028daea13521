"""Kills trainings that save after every step, and reads what they leave. usage: kill.py EXECUTABLE RUN TIMES"""
import json
import os
import re
import signal
import subprocess
import sys
import time

executable, run, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
checkpoint = os.path.join(run, "last.safetensors")
steps = set()


def check_records():
    """Each step that the checkpoint holds has one record."""
    with open(checkpoint, "rb") as file:
        head = file.read(8 + int.from_bytes(file.read(8), "little"))
    done = int(json.loads(head[: head.rindex(b"}") + 1])["__metadata__"]["nnc.step"])
    with open(os.path.join(run, "metrics.jsonl")) as file:
        found = [int(step) for step in re.findall(r'^{"step": ([0-9]+), "epoch".*}$', file.read(), re.MULTILINE)]
    if [step for step in found if step <= done] != list(range(1, done + 1)):
        sys.exit(f"the checkpoint holds {done} steps, the records are of {found}")


for turn in range(times):
    resume = ["--resume"] if os.path.exists(checkpoint) else []
    command = [executable, "train", "--steps", "1000000", "--save-every", "1", "--run", run, *resume]
    before = os.stat(checkpoint).st_mtime_ns if resume else 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        if os.path.exists(checkpoint) and os.stat(checkpoint).st_mtime_ns != before:
            break
        time.sleep(0.001)
    time.sleep(0.0007 * turn)  # Another place in the writing each time.
    process.send_signal(signal.SIGKILL)
    if process.wait(20) != -signal.SIGKILL:
        sys.exit("the training ended by itself")
    check_records()
    judged = subprocess.run([executable, "eval", "--run", run], capture_output=True, text=True)
    if judged.returncode != 0:
        sys.exit(f"after kill {turn}: {judged.stderr}")
    steps.add(judged.stdout)
if len(steps) < times:
    sys.exit(f"{len(steps)} different checkpoints after {times} kills: trainings did not go on from each other")
