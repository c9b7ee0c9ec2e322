"""Four runs in Dagster: fine, mapped, failed, refused."""

import dagster as dg

from autograder.observe import observe_run

daily = dg.DailyPartitionsDefinition(start_date="2013-01-01", end_date="2014-01-01")


@dg.op(out=dg.DynamicOut())
def airports():
    for origin in ("EWR", "JFK", "LGA"):
        yield dg.DynamicOutput(origin, mapping_key=origin)


@dg.op
def ingest(context, origin):
    if (context.partition_key, origin) == ("2013-03-02", "JFK"):
        raise ValueError("no such file")
    return origin


@dg.op
def validate(raw):
    return sorted(raw)


@dg.op
def features(valid):
    return len(valid)


@dg.job(partitions_def=daily)
def made():
    features(validate(airports().map(ingest).collect()))


def run(day):
    return observe_run(made, partition=day)
