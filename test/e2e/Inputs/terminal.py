"""Runs a command on a terminal of its own and prints what it shows there. usage: terminal.py [COLUMNS] COMMAND ARGUMENTS.."""
import os
import pty
import sys

shown = bytearray()
command = sys.argv[1:]
if command[0].isdigit():  # The width is set before the command starts.
    command = ["sh", "-c", f'stty columns {command[0]} && exec "$@"', "sh", *command[1:]]


def read(descriptor):
    data = os.read(descriptor, 4096)
    shown.extend(data)
    return data


devnull = os.open(os.devnull, os.O_RDWR)
out = os.dup(1)
os.dup2(devnull, 0)
os.dup2(devnull, 1)  # pty.spawn repeats there what it reads.
status = pty.spawn(command, read, lambda descriptor: b"")
text = shown.decode().replace("\r\033[K", "<again>").replace("\r\n", "\n")
os.write(out, text.encode())
sys.exit(os.waitstatus_to_exitcode(status))
