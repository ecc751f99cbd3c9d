"""Times commands alternating in one run."""

import os
import pathlib
import platform
import random
import shutil
import statistics
import subprocess
import sys
import time


def machine():
    """What the figures were measured on."""
    model = "unknown processor"
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.machine()}"


def fill(path, size):
    """Pseudo-random bytes, the same in every run."""
    source = random.Random(size)
    with open(path, "wb") as file:
        while size > 0:
            count = min(size, 1 << 20)
            file.write(source.randbytes(count))
            size -= count


def run(command, cwd, env, **more):
    child = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more
    )
    if child.returncode != 0:
        sys.exit(f"{command} failed:\n{child.stderr.decode()}")


def seconds(command, cwd, env):
    """Seconds of wall time of one run."""
    started = time.perf_counter()
    run(command, cwd, env)
    return time.perf_counter() - started


def memory(command, cwd, env):
    """Peak KiB of one run."""
    # GNU time forks from a small process; a child of this one would be charged for this one's memory.
    command = ["time", "-f", "%M", "-o", "/dev/fd/9", *command]
    read, write = os.pipe()
    run(["sh", "-c", f'exec 9>&{write}; exec "$@"', "sh", *command], cwd, env, pass_fds=[write])
    os.close(write)
    with os.fdopen(read) as said:
        return int(said.read().split()[-1])


def compare(commands, rounds, cwd, env=None, outputs=()):
    """Runs the commands in turn; for each name the median of the seconds and the peak KiB.

    What is named in `outputs` is removed before each run: freeing an old file of gigabytes takes as long as
    writing a new one, and none of the commands should pay for another.
    """

    def fresh():
        for name in outputs:
            path = pathlib.Path(cwd, name)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def of(command, turn):
        return command(turn) if callable(command) else command

    # The first round warms the caches, and measures the memory.
    peaks = {}
    for name, command in commands:
        fresh()
        peaks[name] = memory(of(command, 0), cwd, env)
    times = {name: [] for name, _ in commands}
    for turn in range(1, rounds + 1):
        for name, command in commands:
            fresh()
            times[name].append(seconds(of(command, turn), cwd, env))
    return {name: (statistics.median(times[name]), peaks[name]) for name, _ in commands}


def table(title, commands, rounds, cwd, env=None, outputs=()):
    """Runs the commands in turn and prints a row for each; ratios are to the first."""
    figures = compare(commands, rounds, cwd, env, outputs)
    base = figures[commands[0][0]][0]
    print(f"\n{title}\n")
    print("| | median | peak memory | ratio |\n|---|---|---|---|")
    for name, (seconds, memory) in figures.items():
        print(f"| {name} | {seconds * 1000:.1f} ms | {memory / 1024:.0f} MiB | {seconds / base:.2f} |")
