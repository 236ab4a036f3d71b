"""Runs a program that ends when the supervisor ends, even when the supervisor is killed without notice.

python leash.py PARENT_PID NICENESS PROGRAM [ARGUMENT ...]

The program takes this process's place; the operating system keeps the wish to be told of the parent's end (Linux's
PR_SET_PDEATHSIG survives exec). Elsewhere the program simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

parent, niceness, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.nice(niceness)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
os.execvp(program, sys.argv[3:])
