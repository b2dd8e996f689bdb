"""Work for processes of their own, which start in no time because this imports nothing of ours."""

from __future__ import annotations

import os
import signal


def always_die(_number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def refuse(number: int) -> int:
    raise ValueError(f"{number} is refused")


def all_but_two(number: int) -> int:
    """Kills every process that gets problem 2."""
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def shrug(number: int) -> int:
    return -number
