"""The house keeps its own rules: imports, types, style, the doors, nothing of one machine."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "plimsoll"
MODULES = sorted(SOURCES.rglob("*.py"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
LONGEST_FILE = 450
"""A file is about four hundred lines at most; beyond this it is two files."""


def told(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the tools ---


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "--no-fix", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("importlinter.cli", "lint"),
    ],
    ids=["lint", "format", "types", "imports"],
)
def test_the_tools_find_nothing(command: tuple[str, ...]) -> None:
    if command[0] == "importlinter.cli":
        run = told("-c", "from importlinter.cli import lint_imports_command as c; c()")
    else:
        run = told("-m", *command)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


# --- the modules ---


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_opens_with_a_sentence(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert text, "no docstring"
    first = text.split("\n\n")[0]
    assert first[0].isupper() or first[0] in "`*'\"", first
    assert first.endswith((".", ":")), first


def test_no_file_has_grown_too_long() -> None:
    lengths = {relative(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_what_the_map_of_the_house_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tree = text.split("```")[1].splitlines()
    place: list[tuple[int, Path]] = []
    for line in filter(None, tree):
        depth = len(line) - len(line.lstrip())
        place = [(d, path) for d, path in place if d < depth]
        here = (place[-1][1] if place else ROOT) / line.split()[0]
        assert here.exists(), here
        place.append((depth, here))


ROOMS = {
    "PySide6": ("ui/",),
    "sqlite3": ("ledger/", "sources/logs/tables.py"),  # agents' own databases are read there
    "sqlite_utils": ("ledger/",),
    "httpx2": ("sources/",),
    "urllib.request": (),
    "http.client": (),
    "requests": (),
    "keyring": ("services/vault.py",),
    "secretstorage": ("services/secret_service.py",),
    "genai_prices": ("prices/",),
}
"""Where a library may be imported, at the top of a module or inside its functions."""

NOT_THERE = {
    "PySide6": ("ui/charts/scale.py",),
    "httpx2": ("sources/providers/", "sources/base.py"),
}


def imported_by(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("library", ROOMS)
def test_a_library_is_imported_in_its_own_room_only(library: str) -> None:
    wrong = []
    for path in MODULES:
        place = path.relative_to(SOURCES).as_posix()
        uses = any(n == library or n.startswith(library + ".") for n in imported_by(path))
        at_home = place.startswith(ROOMS[library] or ("nowhere",))
        if uses and (not at_home or place.startswith(NOT_THERE.get(library, "nowhere"))):
            wrong.append(place)
    assert wrong == []


def test_no_statement_numbers_its_parameters() -> None:
    """`?1` is deprecated in Python 3.12.0 to 3.12.3; write `?`, or `:name` with a dict."""
    texts = {relative(path): path.read_text(encoding="utf-8") for path in MODULES}
    assert [name for name, text in texts.items() if re.search(r"[^\w?]\?\d", text)] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    assert [relative(path) for path in MODULES if path.stem in nothing] == []


# --- light imports ---

HEAVY = ("PySide6", "httpx2", "pydantic", "genai_prices", "keyring", "sqlite_utils")

LOADED = """
import json, sys
from plimsoll.app import main
sys.argv[0] = "plimsoll"
try:
    main()
except SystemExit:
    pass
with open({listing!r}, "w") as listing:
    json.dump(sorted(set(name.partition(".")[0] for name in sys.modules)), listing)
"""


def loaded_by(folder: Path, *arguments: str) -> set[str]:
    """The packages in memory after a command of the command line has run."""
    listing = folder / "loaded.json"
    run = told("-c", LOADED.format(listing=str(listing)), *arguments)
    assert listing.exists(), run.stdout + run.stderr
    return set(json.loads(listing.read_text(encoding="utf-8")))


def test_the_version_is_said_without_loading_anything_heavy(tmp_path: Path) -> None:
    assert loaded_by(tmp_path, "--version") & {*HEAVY, "rich", "sqlite3"} == set()


@pytest.mark.parametrize("name", ["spend", "growth"])
def test_a_question_loads_nothing_heavy_once_the_archive_is_there(
    tmp_path: Path, name: str
) -> None:
    command = (name, "--json", "--data-dir", str(tmp_path / "data"))
    loaded_by(tmp_path, *command)
    assert loaded_by(tmp_path, *command) & set(HEAVY) == set()


# --- the lock ---


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_address_and_pins_by_hash(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [e.splitlines()[0] for e in entries if "==" not in e or "--hash=sha256:" not in e] == []


def test_the_locks_hold_what_the_project_asks_for_at_one_version_each() -> None:
    app, dev = pins(ROOT / "requirements" / "app.txt"), pins(ROOT / "requirements" / "dev.txt")
    project = PYPROJECT["project"]
    name_of = re.compile(r"[A-Za-z0-9-]+")
    asked = {name_of.match(text).group() for text in project["dependencies"]}  # type: ignore[union-attr]
    tools = {
        name_of.match(text).group().lower()  # type: ignore[union-attr]
        for text in project["optional-dependencies"]["dev"]
    }
    assert asked - set(app) == set()
    assert tools - set(dev) == set()
    assert app.items() - dev.items() == set()


# --- the way in ---


def commands_under(heading: str) -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    assert section, f"README.md has no heading {heading}"
    blocks = re.findall(r"^```\w*\n(.*?)^```", section.group(1), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, f"{heading} has {len(blocks)} fenced commands"
    return [line for line in blocks[0].splitlines() if line.strip()]


def test_the_readme_gives_one_command_to_run_and_one_to_test() -> None:
    assert commands_under("Run") == ["python3 dev.py demo"]
    assert commands_under("Test") == ["python3 dev.py test"]


def test_ci_runs_exactly_the_test_command() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == f"exec {commands_under('Test')[0]}"
    if os.name == "posix":
        assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_frozen_program_gets_the_folders_that_are_walked() -> None:
    spec = (ROOT / "build.spec").read_text(encoding="utf-8")
    for package in ("plimsoll.sources", "plimsoll.reports", "plimsoll.cli"):
        assert f'collect_submodules("{package}")' in spec


def test_the_map_of_the_house_shows_every_room() -> None:
    shown = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = [path.name for path in SOURCES.iterdir() if (path / "__init__.py").exists()]
    assert [room for room in rooms if f"  {room}/ " not in shown] == []


# --- nothing of the machine it was written on ---


NOT_OURS = {".git", ".venv", "build", "dist", "plimsoll-shots", "__pycache__"}


def committed_files() -> list[Path]:
    """What git tracks; on a machine without git, all but what the setup and the tests make."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listing = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
        run = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
        paths = [ROOT / name for name in run.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not made_here(path.relative_to(ROOT))]
    return [path for path in paths if path.is_file()]


def made_here(path: Path) -> bool:
    return any(part in NOT_OURS or part.endswith(("_cache", ".egg-info")) for part in path.parts)


def test_nothing_committed_names_a_place_on_one_machine_or_a_registry() -> None:
    places = re.compile(rb"(?<![\w./-])/(root|work)/|/tmp/(plan|pk)\b")
    hosts = [b".".join(parts) for parts in ((b"pypi", b"org"), (b"pythonhosted", b"org"))]
    found = []
    for path in committed_files():
        content = path.read_bytes()
        if places.search(content) or any(host in content for host in hosts):
            found.append(relative(path))
    assert found == []


def test_everything_stands_where_the_plan_of_the_house_says() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in committed_files()}
    allowed = {
        *("pyproject.toml", "README.md", "src", "resources", "tests", "build.spec", "dev.py"),
        *("requirements", "CHANGELOG.md", "LICENSE", "CONTRIBUTING.md", "docs", "benchmarks"),
        *(".ci", ".gitignore", ".gitattributes", ".editorconfig"),
        *(".hypothesis",),  # the tests' own, where git does not say what is tracked
    }
    assert top - allowed == set()
