"""One command for every chore: it sets the machine up first, as far as that is not done already.

    python3 dev.py demo [ARGUMENTS]         the demo; ARGUMENTS as for `plimsoll demo`
    python3 dev.py test [ARGUMENTS]         every check and test; ARGUMENTS as for pytest
    python3 dev.py build                    the one-folder program in dist/plimsoll/
    python3 dev.py lock [--upgrade]         requirements/*.txt from pyproject.toml
    python3 dev.py screenshots [FOLDER]     every page in both themes, some in Chinese
    python3 dev.py benchmarks [NAME ...]    the benchmarks of benchmarks/
    python3 dev.py translations [LANGUAGE]  the window's texts that a language has no words for

On Windows write `py dev.py ...`. Only the standard library is used, because on a bare machine there
is nothing else; and no syntax that an old Python cannot read, so that it can say what it needs.
"""

import ast
import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this is the script that says so
    sys.exit(
        f"Plimsoll needs Python 3.11 or newer, and this is Python {sys.version.split()[0]}"
        f" ({sys.executable}).\nRun this script with a newer one: python3.11 dev.py demo"
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
LINUX = sys.platform.startswith("linux")
UV = "uv==0.13.9"

Needs = tuple  # of (name, Debian package)

# What Qt links to and no wheel brings: shared library, Debian package.
QT_LIBRARIES = (
    ("libglib-2.0.so.0", "libglib2.0-0"),
    ("libGL.so.1", "libgl1"),
    ("libEGL.so.1", "libegl1"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
    ("libfontconfig.so.1", "libfontconfig1"),
    ("libdbus-1.so.3", "libdbus-1-3"),
)
X11_LIBRARIES = (
    ("libxcb-cursor.so.0", "libxcb-cursor0"),
    ("libxcb-icccm.so.4", "libxcb-icccm4"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    ("libxcb-shape.so.0", "libxcb-shape0"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
# The tests open a window on a real X display and keep keys in a real keyring.
TEST_PROGRAMS = (
    ("Xvfb", "xvfb"),
    ("xvfb-run", "xvfb"),
    ("xauth", "xauth"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("dbus-run-session", "dbus-x11"),
)
BUILD_PROGRAMS = (("objdump", "binutils"),)


def main() -> int:
    """Run the command that is named; exit code 2 without one."""
    commands = {
        "demo": demo,
        "test": test,
        "build": build,
        "lock": lock,
        "screenshots": screenshots,
        "benchmarks": benchmarks,
        "translations": translations,
    }
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        print(__doc__.strip())
        return 0 if sys.argv[1:] in (["help"], ["-h"], ["--help"]) else 2
    try:
        return commands[sys.argv[1]](sys.argv[2:])
    except KeyboardInterrupt:
        return 130


# --- the commands ---


def demo(arguments: list[str]) -> int:
    """Run `plimsoll demo`; relative paths are the caller's."""
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    need_system(libraries=QT_LIBRARIES + (X11_LIBRARIES if display or is_root() else ()))
    return run([need_python("app"), "-m", "plimsoll", "demo", *arguments])


def test(arguments: list[str]) -> int:
    """Run pytest, whose tests run the linter, the type checker and the import rules as well."""
    need_system(libraries=QT_LIBRARIES + X11_LIBRARIES, programs=TEST_PROGRAMS)
    # The whole suite on every core; a file stays on one, because its tests share what it builds.
    everything = ["--numprocesses", "auto", "--dist", "loadfile"]
    return run([need_python("dev"), "-m", "pytest", *(arguments or everything)], cwd=ROOT)


def build(arguments: list[str]) -> int:
    """Build the one-folder program."""
    libraries = QT_LIBRARIES + X11_LIBRARIES + python_library()
    need_system(libraries=libraries, programs=BUILD_PROGRAMS)
    command = ["-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR", "build.spec"]
    result = run([need_python("dev"), *command, *arguments], cwd=ROOT)
    if result:
        return result
    program = ROOT / "dist" / "plimsoll" / ("plimsoll.exe" if WINDOWS else "plimsoll")
    with tempfile.TemporaryDirectory() as folder:  # what was built must at least know itself
        result = run([program, "--version"]) or run([program, "doctor", "--data-dir", folder])
    print("Built:" if result == 0 else "Built, but it does not work:", program)
    return result


def lock(arguments: list[str]) -> int:
    """Pin every dependency of every platform with its hashes; no index address is written."""
    python = need_python("dev")
    if run([python, "-c", "import uv"], stderr=subprocess.DEVNULL):
        pip_install(python, UV)
    common = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    common += ["--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11"]
    compiler = [python, "-m", "uv", "pip", "compile", "pyproject.toml", *common, *arguments]
    app, dev = "requirements/app.txt", "requirements/dev.txt"
    return run([*compiler, "-o", app], cwd=ROOT) or run(
        [*compiler, "--extra", "dev", "--constraint", app, "-o", dev], cwd=ROOT
    )


def screenshots(arguments: list[str]) -> int:
    """Save every page in both themes, and some in Chinese."""
    return demo(["--shots", *(arguments or ["plimsoll-shots"])])


def benchmarks(arguments: list[str]) -> int:
    """Run the named benchmarks, or all of them, one after the other."""
    need_system(libraries=QT_LIBRARIES + X11_LIBRARIES)
    python = need_python("dev")
    known = {path.stem: path for path in sorted((ROOT / "benchmarks").glob("[!_]*.py"))}
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print("No benchmark is called {}. There are: {}.".format(unknown[0], ", ".join(known)))
        return 2
    results = [run([python, known[name]], cwd=ROOT) for name in arguments or known]
    return max(results, default=0)


def translations(arguments: list[str]) -> int:
    """Say which of the window's texts a language has no words for; exit code 1 if any."""
    texts = set()
    program = ROOT / "src" / "plimsoll"
    heard = [
        *sorted((program / "ui").rglob("*.py")),
        *(program / "services" / name for name in ("change_words.py", "reprice_words.py")),
    ]
    for path in heard:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            says = isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"tr", "say"}
            if says and node.args:
                text = getattr(node.args[0], "value", None)
                texts.update({text} if isinstance(text, str) else ())
    missing = 0
    for catalogue in sorted((ROOT / "resources" / "words").glob("*.json")):
        if arguments and catalogue.stem not in arguments:
            continue
        words = json.loads(catalogue.read_text(encoding="utf-8"))
        without = sorted(texts - set(words))
        missing += len(without)
        print(f"{catalogue.stem}: {len(texts)} texts, {len(without)} without words")
        print("".join(f"  {json.dumps(text, ensure_ascii=False)}\n" for text in without), end="")
    return 1 if missing else 0


# --- the system's packages ---


def need_system(*, libraries: Needs = (), programs: Needs = ()) -> None:
    """Install what is missing on Debian and its kin as root; elsewhere say what is missing."""
    if not LINUX:
        return
    missing = [(name, package) for name, package in libraries if not has_library(name)]
    missing += [(name, package) for name, package in programs if not shutil.which(name)]
    if not missing:
        return
    packages = sorted({package for _, package in missing})
    if not shutil.which("apt-get"):
        sys.exit(
            "These are missing: {}.\nInstall them with your system's package manager; on Debian"
            " they are in: {}.".format(", ".join(n for n, _ in missing), " ".join(packages))
        )
    apt = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if not is_root():
        sys.exit(
            "Some system packages are missing. Run this, then the same command again:\n\n"
            "    sudo apt-get update && sudo {}\n".format(" ".join(apt))
        )
    install_packages(apt)


def install_packages(apt: list[str]) -> None:
    """Run apt-get as root, quietly unless it fails."""
    print("Installing system packages: {} ...".format(" ".join(apt[4:])), flush=True)
    options = ["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    # A third party's list that cannot be read must not stop what Debian's own lists can give.
    run(["apt-get", "update", *options], env=environment, stdout=subprocess.DEVNULL)
    told = subprocess.run(
        [*apt, *options],
        check=False,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if told.returncode:
        sys.stdout.buffer.write(told.stdout)
        sys.exit("The system packages could not be installed; apt-get's own words are above.")


def python_library() -> Needs:
    """Python as a shared library, which Debian keeps in a package of its own."""
    name = sysconfig.get_config_var("INSTSONAME") or ""
    beside = Path(sysconfig.get_config_var("LIBDIR") or "") / name
    if not name.startswith("libpython") or beside.exists():
        return ()
    return ((name, f"libpython{sys.version_info[0]}.{sys.version_info[1]}"),)


def has_library(name: str) -> bool:
    """Whether the dynamic loader finds a shared library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def is_root() -> bool:
    """Whether packages can be installed."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


# --- the virtual environment ---


def need_python(wanted: str) -> str:
    """The interpreter of .venv with `requirements/<wanted>.txt` in it and src on its path."""
    python = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
    if any(is_current(python, name) for name in {wanted, "dev"}):  # dev holds all of app
        return str(python)
    if not python.exists() or version_of(python) != sys.version:
        create_venv(python)
    print("Installing Python packages into .venv (the first time only) ...", flush=True)
    requirements = ROOT / "requirements" / (wanted + ".txt")
    pip_install(python, "--require-hashes", "--only-binary", ":all:", "-r", requirements)
    link_sources(python)
    stamp_of(wanted).write_text(fingerprint(wanted), encoding="utf-8")
    return str(python)


def is_current(python: Path, name: str) -> bool:
    """Whether an earlier run has installed exactly this."""
    stamp = stamp_of(name)
    if not (python.exists() and stamp.exists()):
        return False
    return stamp.read_text(encoding="utf-8") == fingerprint(name)


def stamp_of(name: str) -> Path:
    """The file that says what is installed."""
    return VENV / (f"plimsoll-{name}.stamp")


def fingerprint(name: str) -> str:
    """What the installed packages depend on: the lock, the interpreter and the folder."""
    locked = (ROOT / "requirements" / (name + ".txt")).read_bytes()
    return "\n".join([hashlib.sha256(locked).hexdigest(), sys.version, base_python(), str(ROOT)])


def base_python() -> str:
    """The interpreter outside of any virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def version_of(python: Path) -> str:
    """The full version of an interpreter; empty when it does not run."""
    try:
        told = subprocess.run(
            [python, "-c", "import sys; print(sys.version, end='')"],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(),
        )
    except OSError:
        return ""
    return told.stdout.decode("utf-8", "replace")


def create_venv(python: Path) -> None:
    """Make .venv. Debian's python3 has no ensurepip: then pip outside installs into it."""
    pip = None if has_module("pip") else ("ensurepip" if has_module("ensurepip") else "apt")
    if pip == "apt":
        if not (LINUX and shutil.which("apt-get")):
            sys.exit("This Python has no pip; install it (python3-pip), then try again.")
        if not is_root():
            sys.exit("This Python has no pip. Run: sudo apt-get install python3-pip")
        apt = ["apt-get", "install", "--yes", "--no-install-recommends", "python3-pip"]
        install_packages(apt)
    options = ["--clear"] if pip == "ensurepip" else ["--clear", "--without-pip"]
    if run([base_python(), "-m", "venv", *options, VENV]) or not python.exists():
        sys.exit(f"The virtual environment {VENV} could not be made.")


def has_module(name: str) -> bool:
    """Whether the interpreter outside has a module."""
    command = [base_python(), "-m", name, "--version"]
    return not run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def pip_install(python: Path, *arguments: object) -> None:
    """Install into .venv, trying again twice when it fails, because networks do."""
    outside = [base_python(), "-m", "pip", "--python", python]
    command = outside if has_module("pip") else [python, "-m", "pip"]
    options = ["--no-input", "--disable-pip-version-check"]
    if not sys.stdout.isatty():
        options += ["--quiet", "--quiet"]  # errors only
    for pause in (2, 10, None):
        result = run([*command, "install", *options, *arguments])
        if result == 0:
            return
        if pause is None:
            sys.exit("The Python packages could not be installed; pip's own words are above.")
        print(f"pip failed; trying again in {pause} s.", flush=True)
        time.sleep(pause)


def link_sources(python: Path) -> None:
    """Put src on the path of .venv: nothing is built, and a change is seen at once."""
    asked = "import sysconfig; print(sysconfig.get_path('purelib'), end='')"
    told = subprocess.run(
        [python, "-c", asked], stdout=subprocess.PIPE, check=True, env=clean_environment()
    )
    folder = Path(told.stdout.decode())
    (folder / "plimsoll-src.pth").write_text(str(ROOT / "src") + "\n", encoding="utf-8")


# --- running ---


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would lead Python or pip somewhere else."""
    misleading = {"PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "__PYVENV_LAUNCHER__"}
    kept = {name: text for name, text in os.environ.items() if name not in misleading}
    kept.setdefault("PIP_ROOT_USER_ACTION", "ignore")
    kept["PIP_USER"] = "0"
    return kept


def run(command: list[object], **options: object) -> int:
    """The exit code of a command; it inherits the terminal."""
    options.setdefault("env", clean_environment())
    words = [str(word) for word in command]
    return subprocess.run(words, check=False, **options).returncode


if __name__ == "__main__":
    sys.exit(main())
