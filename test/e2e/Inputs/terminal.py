"""Runs a command on a terminal of its own and prints what it shows there. usage: terminal.py [COLUMNS] COMMAND ARGUMENTS.."""
import fcntl
import os
import pty
import struct
import sys
import termios

shown = bytearray()
columns = int(sys.argv.pop(1)) if sys.argv[1].isdigit() else 0


def read(descriptor):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    data = os.read(descriptor, 4096)
    shown.extend(data)
    return data


devnull = os.open(os.devnull, os.O_RDWR)
out = os.dup(1)
os.dup2(devnull, 0)
os.dup2(devnull, 1)  # pty.spawn repeats there what it reads.
status = pty.spawn(sys.argv[1:], read, lambda descriptor: b"")
text = shown.decode().replace("\r\033[K", "<again>").replace("\r\n", "\n")
os.write(out, text.encode())
sys.exit(os.waitstatus_to_exitcode(status))
