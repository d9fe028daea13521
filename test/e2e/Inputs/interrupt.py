"""Interrupts a training after some of its steps. usage: interrupt.py EXECUTABLE RUN STEPS"""
import os
import signal
import subprocess
import sys
import time

executable, run, steps = sys.argv[1:]
metrics = os.path.join(run, "metrics.jsonl")
process = subprocess.Popen([executable, "train", "--steps", steps, "--run", run])
until = time.monotonic() + 20
while process.poll() is None and time.monotonic() < until:
    if os.path.exists(metrics) and os.path.getsize(metrics) > 5000:
        break
    time.sleep(0.01)
process.send_signal(signal.SIGINT)
code = process.wait(20)
if code != 130:
    sys.exit(f"expected exit code 130, found {code}")
