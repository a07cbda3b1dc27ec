"""Read made-up logs of coding agents into the ledger, beside ccusage reporting on the same files.

    python benchmarks/agent_logs.py [FOLDER] [--size 1000] [--times 5]

Writes `size` megabytes of logs once into FOLDER (a folder for temporary files unless named), then
runs, alternately: a cold read by `plimsoll sync` into an empty archive, a second sync that finds
nothing new, and `ccusage daily --offline`, a Rust program that stores nothing. What is compared are
medians of the ratios of neighbouring runs, so that a busy machine disturbs them little. The
figures of both are held to the truth. Then: peak memory of all processes together, and the time
that a megabyte of new bytes takes with a short and with a long history.

ccusage is fetched with npm where it is missing; without npm, Plimsoll is measured alone.

Measured on two cores, one gigabyte in some 1,100 files, medians of five: a cold read takes 2.0 s
(2.4 to 2.7 times ccusage's report, 2.4 times its processors' time), a second sync 0.17 s (0.09 of
the cold read), all processes together hold 71 MB, and ten megabytes more cost 0.55 s of processors
without history and 0.61 s after a gigabyte.

ccusage's own time is not reached. Of the cold read's 3.2 s of processors, reading takes 1.2 (two
processes: finding lines, parsing the tenth of them that bears usage), storing 1.6 (65,000 calls at
some 25 microseconds each: a price for its instant, a row, its part of the digest, the rollups),
starting up 0.4; storing is one process, because the ledger has one writer, and takes longer than
ccusage's whole report. Tried and kept: lines passed over unparsed by their first type, lines of one
answer compared before they are read, a price for each model and day, rows inserted in the order of
their keys, harvests packed between processes, digests that grow by what is new. Tried and left, for
nothing gained: more processes than cores, memory maps, larger transactions, a rarer garbage
collection.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "sources"))
from made_up_logs import Truth, Writer  # noqa: E402 - from beside the tests

AGENTS = ("claude-code", "codex")
CCUSAGE = "@ccusage/ccusage-linux-x64"
MB = 10**6


@dataclass(frozen=True)
class Run:
    """One run: seconds on the wall, seconds of all processors, and the peak of resident memory."""

    wall: float
    cpu: float
    peak: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--size", type=int, default=1000, help="megabytes of logs")
    parser.add_argument("--times", type=int, default=5)
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.gettempdir()) / f"plimsoll-logs-{chosen.size}"
    home = folder / "home"
    truth = made(home, chosen.size * MB)
    print(f"{truth.bytes / MB:,.0f} MB in {len(list(home.rglob('*.jsonl')))} files")
    ccusage = find_ccusage(folder)
    cold, again, theirs = [], [], []
    for number in range(chosen.times):
        data = fresh(folder / "data", home)
        cold.append(timed([*plimsoll(data), "sync"], home))
        again.append(timed([*plimsoll(data), "sync"], home))
        if number == 0:
            hold_to(truth, data, home)
        if ccusage:
            theirs.append(timed([str(ccusage), "daily", "--json", "--offline", "-z", "UTC"], home))
    show("cold read into the ledger", cold)
    show("second sync, nothing new", again)
    print(f"  second / cold: {ratio(again, cold):.3f} (at most 0.1)")
    if theirs:
        show("ccusage 20 report", theirs)
        print(f"  cold / ccusage: wall {ratio(cold, theirs):.2f}, ", end="")
        print(f"processors {median(a.cpu / b.cpu for a, b in zip(cold, theirs, strict=True)):.2f}")
    peak = peak_of([*plimsoll(fresh(folder / "data", home)), "sync"], home)
    print(f"peak memory of all processes: {peak:.0f} MB (under 200)")
    linearity(folder, home)


def made(home: Path, size: int) -> Truth:
    kept = home.with_name("truth.json")
    if kept.exists():
        told = json.loads(kept.read_text())
        return Truth(by_agent=told["by_agent"], bytes=told["bytes"])
    shutil.rmtree(home, ignore_errors=True)
    truth = Writer(home, size).write()
    kept.write_text(json.dumps({"by_agent": truth.by_agent, "bytes": truth.bytes}))
    return truth


def find_ccusage(folder: Path) -> Path | None:
    package = folder / "npm" / "node_modules" / CCUSAGE
    if not package.exists() and (npm := shutil.which("npm")):
        (folder / "npm").mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", "--no-save", CCUSAGE], cwd=folder / "npm", check=False)
    program = package / "bin" / "ccusage"
    if not program.exists():
        print("ccusage is not to be had here: Plimsoll alone.")
        return None
    program.chmod(0o755)
    return program


def plimsoll(data: Path) -> list[str]:
    return [sys.executable, "-m", "plimsoll", "--data-dir", str(data)]


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"CLAUDE_CONFIG_DIR", "CODEX_HOME"}}
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}


def fresh(data: Path, home: Path) -> Path:
    shutil.rmtree(data, ignore_errors=True)
    for agent in AGENTS:
        command = [*plimsoll(data), "source", "add", agent, "--name", agent, "--set", "money=api"]
        subprocess.run(command, env=environment(home), check=True, stdout=subprocess.DEVNULL)
    return data


def timed(command: list[str], home: Path) -> Run:
    before, begun = os.times(), time.monotonic()
    subprocess.run(command, env=environment(home), check=True, stdout=subprocess.DEVNULL)
    after, wall = os.times(), time.monotonic() - begun
    cpu = sum(after[2:4]) - sum(before[2:4])
    return Run(wall, cpu)


def peak_of(command: list[str], home: Path) -> float:
    """The largest sum, in MB, of the memory of a command and its children, shared parts once."""
    running = subprocess.Popen(command, env=environment(home), stdout=subprocess.DEVNULL)
    peak = 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.is_set():
            peak = max(peak, sum(map(memory_of, family(running.pid))))
            ended.wait(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    running.wait()
    ended.set()
    watcher.join()
    return peak


def family(process: int) -> list[int]:
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return [process]
    return [process, *(member for child in listed for member in family(int(child)))]


def memory_of(process: int) -> float:
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    sizes = [int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")]
    return sum(sizes) / 1024


def hold_to(truth: Truth, data: Path, home: Path) -> None:
    command = [*plimsoll(data), "spend", "--from", "2026-01-01", "--to", "2026-12-31"]
    command += ["--by", "agent", "--json"]
    told = subprocess.run(command, env=environment(home), check=True, capture_output=True)
    for row in json.loads(told.stdout)["rows"]:
        expected = dict(truth.by_agent[row["agent"]])
        found = {name: row["tokens"][name] for name in expected if name != "calls"}
        found["calls"] = row["requests"]
        if found != expected:
            sys.exit(f"{row['agent']} is wrong: {found} and not {expected}")
    print("tokens and calls equal the truth")


def linearity(folder: Path, home: Path) -> None:
    """Ten more megabytes, read with no history and with all of it."""
    extra = folder / "extra"
    shutil.rmtree(extra, ignore_errors=True)
    Writer(extra, 10 * MB, seed=77).write()
    alone = timed([*plimsoll(fresh(folder / "small", extra)), "sync"], extra)
    joined = folder / "joined"
    shutil.rmtree(joined, ignore_errors=True)
    shutil.copytree(home, joined, copy_function=os.link)
    data = fresh(folder / "long", joined)
    timed([*plimsoll(data), "sync"], joined)
    idle = timed([*plimsoll(data), "sync"], joined)
    shutil.copytree(extra, joined, dirs_exist_ok=True)
    more = timed([*plimsoll(data), "sync"], joined)
    print(f"10 MB more: {alone.cpu:.2f} s of processors without history, ", end="")
    print(f"{more.cpu:.2f} s after {folder.name} (a sync that finds nothing: {idle.cpu:.2f} s)")


def show(what: str, runs: list[Run]) -> None:
    wall, cpu = median(run.wall for run in runs), median(run.cpu for run in runs)
    print(f"{what:<28} {wall:6.2f} s on the wall, {cpu:6.2f} s of processors")


def ratio(ours: list[Run], theirs: list[Run]) -> float:
    return median(a.wall / b.wall for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    main()
