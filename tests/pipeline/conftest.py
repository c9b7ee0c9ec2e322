"""A lake with two weeks of history, made once; each test gets a copy of its own to spoil."""

import os
import shutil
from pathlib import Path

import pytest

from pipeline import lake_at, prepare

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("error"))


@pytest.fixture(scope="session")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    with lake_at(folder):
        assert prepare("2013-02-21/2013-03-10") == 18
    return folder


@pytest.fixture
def empty_lake(tmp_path):
    with lake_at(tmp_path / "lake") as folder:
        yield folder


@pytest.fixture
def lake_with_history(history, tmp_path):
    """Hard links are copies enough: the pipeline never writes into a file, it replaces files."""
    shutil.copytree(history, tmp_path / "lake", copy_function=os.link)
    with lake_at(tmp_path / "lake") as folder:
        yield folder


@pytest.fixture
def contents():
    """A function: all files of a folder and their bytes."""

    def of(folder):
        return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    return of
