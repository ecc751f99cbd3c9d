"""Times commands alternating in one run."""

import os
import platform
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


def once(command, cwd, env):
    """Seconds of wall time and peak KiB of one run."""
    # GNU time forks from a small process; a child of this one would be charged for this one's memory.
    command = ["time", "-f", "%M", "-o", "/dev/fd/9", *command]
    read, write = os.pipe()
    started = time.perf_counter()
    child = subprocess.run(
        ["sh", "-c", f'exec 9>&{write}; exec "$@"', "sh", *command],
        cwd=cwd, env=env, capture_output=True, pass_fds=[write],
    )
    seconds = time.perf_counter() - started
    os.close(write)
    memory = os.read(read, 100)
    os.close(read)
    if child.returncode != 0:
        sys.exit(f"{command} failed:\n{child.stderr.decode()}")
    return seconds, int(memory.split()[-1])


def compare(commands, rounds, cwd, env=None):
    """Runs the commands in turn; for each name the median of the seconds and the peak of the KiB."""
    runs = {name: [] for name, _ in commands}
    for turn in range(rounds + 1):
        for name, command in commands:
            run = once(command(turn) if callable(command) else command, cwd, env)
            if turn > 0:  # the first round warms the caches
                runs[name].append(run)
    return {
        name: (statistics.median(seconds for seconds, _ in of), max(memory for _, memory in of))
        for name, of in runs.items()
    }


def table(title, commands, rounds, cwd, env=None):
    """Runs the commands in turn and prints a row for each; ratios are to the first."""
    figures = compare(commands, rounds, cwd, env)
    base = figures[commands[0][0]][0]
    print(f"\n{title}\n")
    print("| | median | peak memory | ratio |\n|---|---|---|---|")
    for name, (seconds, memory) in figures.items():
        print(f"| {name} | {seconds * 1000:.1f} ms | {memory / 1024:.0f} MiB | {seconds / base:.2f} |")
