"""Kills trainings that save after every step, and reads what they leave. usage: kill.py EXECUTABLE RUN TIMES"""
import os
import signal
import subprocess
import sys
import time

executable, run, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
checkpoint = os.path.join(run, "last.safetensors")
steps = set()
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
    judged = subprocess.run([executable, "eval", "--run", run], capture_output=True, text=True)
    if judged.returncode != 0:
        sys.exit(f"after kill {turn}: {judged.stderr}")
    steps.add(judged.stdout)
if len(steps) < times:
    sys.exit(f"{len(steps)} different checkpoints after {times} kills: trainings did not go on from each other")
