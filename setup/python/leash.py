"""Runs a program that ends when the supervisor ends, even when the supervisor is killed without notice.

python leash.py PARENT_PID PROGRAM [ARGUMENT ...]

The program takes this process's place; the operating system keeps the wish to be told of the parent's end (Linux's
PR_SET_PDEATHSIG survives exec). Elsewhere the program simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

parent, program = int(sys.argv[1]), sys.argv[2]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
os.execvp(program, sys.argv[2:])
