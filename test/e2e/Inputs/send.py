"""Sends a signal to a program that has worked for a second, and says what it prints. usage: send.py SIGNAL SECONDS STATUS COMMAND..
It has to end with that status within so many seconds of the signal."""
import signal
import subprocess
import sys
import time

name, seconds, status = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
process = subprocess.Popen(sys.argv[4:])
try:
    process.wait(1)
    sys.exit("the program ended before the signal")
except subprocess.TimeoutExpired:
    process.send_signal(getattr(signal, "SIG" + name))
code = process.wait(seconds)
if code != status:
    sys.exit(f"expected status {status}, found {code}")
