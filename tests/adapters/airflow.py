"""Four runs in Airflow: fine, mapped, failed, refused."""

import os
import tempfile

os.chdir(tempfile.mkdtemp(prefix="adapter-"))
from autograder.observe import home  # noqa: E402

home.prepare("airflow")
from airflow.sdk import Param, dag, task  # noqa: E402

from autograder.observe import observe_run  # noqa: E402


@dag(schedule=None, params={"day": Param("2013-03-10", type="string", format="date")})
def made():
    @task
    def airports():
        return ["EWR", "JFK", "LGA"]

    @task
    def ingest(day, origin):
        if (day, origin) == ("2013-03-02", "JFK"):
            raise ValueError("no such file")
        return origin

    @task
    def validate(raw):
        return sorted(raw)

    @task
    def features(valid):
        return len(valid)

    features(validate(ingest.partial(day="{{ params.day }}").expand(origin=airports())))


PIPELINE = made()


def run(day):
    return observe_run(PIPELINE, day=day)
