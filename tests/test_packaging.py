"""The program as it is set up and shipped: the one script, the wheel, the resources."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

import plimsoll
from plimsoll import shipped
from plimsoll.shipped import resource

ROOT = Path(__file__).resolve().parent.parent


# --- resources ---


def test_a_checkout_finds_its_resources_at_the_top() -> None:
    assert resource("icons/app.svg") == ROOT / "resources" / "icons" / "app.svg"
    assert resource("icons").is_dir()


def test_an_installed_or_frozen_program_finds_them_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = tmp_path / "plimsoll" / "resources", tmp_path / "resources"
    for place in (inside, outside):
        place.mkdir(parents=True)
        (place / "word.txt").write_text("here", encoding="utf-8")
    monkeypatch.setattr(shipped, "_PLACES", (inside, outside))
    assert resource("word.txt") == inside / "word.txt"


def test_a_resource_that_is_missing_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no/such/thing\.svg"):
        resource("no/such/thing.svg")


# --- the wheel ---


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_module_and_every_resource(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    carried = {
        f"plimsoll/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "resources").rglob("*")
        if path.is_file()
    }
    assert carried
    assert (modules | carried) - held == set()
    assert not any(name.startswith(("tests/", "docs/", "benchmarks/")) for name in held)


def test_the_installed_scripts_run_and_find_their_resources(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*install, "--target", str(target), str(wheel)], check=True)
    environment = os.environ | {"PYTHONPATH": str(target)}
    scripts = {path.stem for path in (target / "bin").iterdir()}
    assert {"plimsoll", "plimsoll-gui"} <= scripts
    asked = (
        "import sys, plimsoll; from plimsoll.app import main;"
        "from plimsoll.shipped import resource;"
        "print(plimsoll.__file__); print(resource('icons/app.svg')); sys.argv[1:] = ['--version'];"
        "main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    module, icon, version = run.stdout.splitlines()
    assert Path(module) == target / "plimsoll" / "__init__.py"
    assert Path(icon) == target / "plimsoll" / "resources" / "icons" / "app.svg"
    assert version == f"plimsoll {plimsoll.__version__}"


def test_both_scripts_enter_at_the_same_door() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"plimsoll": "plimsoll.app:main"}
    assert project["gui-scripts"] == {"plimsoll-gui": "plimsoll.app:main"}


# --- the one script ---


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("plimsoll_dev", ROOT / "dev.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / "venv")
    return module


def test_an_old_python_can_read_the_script_and_is_told_what_it_needs() -> None:
    text = (ROOT / "dev.py").read_text(encoding="utf-8")
    body = ast.parse(text, feature_version=(3, 6)).body
    first = next(
        node for node in body if not isinstance(node, (ast.Expr, ast.Import, ast.ImportFrom))
    )
    assert "sys.version_info" in ast.unparse(first)
    assert "Python 3.11 or newer" in ast.unparse(first)


class Machine:
    """A Linux machine as the script sees it: what is there, who runs it, what was run."""

    def __init__(self, dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        self.present: set[str] = {"apt-get"}
        self.root = True
        self.ran: list[list[str]] = []
        monkeypatch.setattr(dev, "LINUX", True)
        monkeypatch.setattr(dev, "has_library", lambda name: name in self.present)
        monkeypatch.setattr(dev.shutil, "which", lambda name: name in self.present or None)
        monkeypatch.setattr(dev, "is_root", lambda: self.root)
        monkeypatch.setattr(dev, "install_packages", self.ran.append)


@pytest.fixture
def machine(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(dev, monkeypatch)


NEEDS = (("libGL.so.1", "libgl1"), ("libEGL.so.1", "libegl1"))


def test_root_gets_exactly_the_missing_system_packages(dev: ModuleType, machine: Machine) -> None:
    machine.present.add("libGL.so.1")
    dev.need_system(libraries=NEEDS)
    assert machine.ran == [["apt-get", "install", "--yes", "--no-install-recommends", "libegl1"]]


def test_nothing_is_installed_when_nothing_is_missing(dev: ModuleType, machine: Machine) -> None:
    machine.present |= {"libGL.so.1", "libEGL.so.1", "Xvfb"}
    dev.need_system(libraries=NEEDS, programs=(("Xvfb", "xvfb"),))
    assert machine.ran == []


def test_anyone_else_is_told_the_line_to_run(dev: ModuleType, machine: Machine) -> None:
    machine.root = False
    with pytest.raises(SystemExit) as stopped:
        dev.need_system(libraries=NEEDS)
    line = "sudo apt-get install --yes --no-install-recommends libegl1 libgl1"
    assert line in str(stopped.value)
    assert machine.ran == []


def test_a_system_without_apt_is_told_what_is_missing(dev: ModuleType, machine: Machine) -> None:
    machine.present.clear()
    with pytest.raises(SystemExit, match=r"libGL\.so\.1, libEGL\.so\.1"):
        dev.need_system(libraries=NEEDS)


def test_a_second_start_installs_nothing_and_a_new_lock_does(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed: list[object] = []
    python = dev.VENV / ("Scripts/python.exe" if dev.WINDOWS else "bin/python")

    def create(python: Path) -> None:
        python.parent.mkdir(parents=True)
        python.touch()

    monkeypatch.setattr(dev, "create_venv", create)
    monkeypatch.setattr(dev, "pip_install", lambda *words: installed.append(words))
    monkeypatch.setattr(dev, "link_sources", lambda python: None)
    monkeypatch.setattr(dev, "version_of", lambda python: sys.version)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    (tmp_path / "requirements").mkdir()
    for name in ("app", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(name, encoding="utf-8")

    assert dev.need_python("dev") == str(python)
    assert len(installed) == 1
    dev.need_python("dev")
    dev.need_python("app")  # all of it is in dev
    assert len(installed) == 1
    (tmp_path / "requirements" / "dev.txt").write_text("another", encoding="utf-8")
    dev.need_python("dev")
    assert len(installed) == 2


def test_an_interrupted_installation_is_done_again(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "create_venv", lambda python: dev.VENV.mkdir(exist_ok=True))
    monkeypatch.setattr(dev, "pip_install", interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            dev.need_python("app")


def test_the_users_own_python_settings_do_not_lead_the_setup_astray(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_USER"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "kept")
    environment = dev.clean_environment()
    assert environment["PIP_INDEX_URL"] == "kept"
    assert environment["PIP_USER"] == "0"
    assert not {"PYTHONHOME", "PYTHONPATH", "PIP_TARGET"} & set(environment)


def test_an_unknown_command_shows_what_there_is(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["dev.py", "dance"])
    assert dev.main() == 2
    assert "dev.py demo" in capsys.readouterr().out
