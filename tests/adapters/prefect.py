"""Four runs in Prefect: fine, mapped, failed, refused."""

import os
import tempfile

os.chdir(tempfile.mkdtemp(prefix="adapter-"))
from autograder.observe import home  # noqa: E402

home.prepare("prefect")
from datetime import date  # noqa: E402

from prefect import flow, task, unmapped  # noqa: E402

from autograder.observe import observe_run  # noqa: E402


@task
def airports():
    return ["EWR", "JFK", "LGA"]


@task
def ingest(day, origin):
    if (str(day), origin) == ("2013-03-02", "JFK"):
        raise ValueError("no such file")
    return origin


@task
def validate(raw):
    return sorted(raw)


@task
def features(valid):
    return len(valid)


@flow
def made(day: date):
    return features.submit(validate.submit(ingest.map(unmapped(day), airports.submit())))


def run(day):
    return observe_run(made, day=day)
