# %% [markdown]
# # Start
#
# Fifteen notebooks from now you will have built one machine-learning pipeline in Airflow, in Prefect and in Dagster,
# and you will choose between them on figures that you measured. What keeps that honest is a grader that looks at what
# your code *does*. This notebook lets you meet it while nothing is at stake, together with the data and with the two
# traps in the data that the rest of the course keeps coming back to.
#
# **You will be able to**
#
# * show that the course's four environments work, and say what is in each;
# * run a check, read a verdict, and ask for a hint;
# * compute a label without turning cancelled flights into punctual ones;
# * give the exact beginning and end of a day in New York, also when its clocks change.
#
# **Time:** 20 minutes. **Builds on:** Python and pandas; nothing else. Run the cells from top to bottom with
# <kbd>Shift</kbd>+<kbd>Enter</kbd>.

# %%
import subprocess
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from autograder import check, hint
from autograder.environments import program
from pipeline import airports, read_flights

# %% [markdown]
# ## Four rooms
#
# The three orchestrators disagree about the versions of their dependencies, so each lives in an environment of its own
# and is a kernel of its own in JupyterLab. A fourth, the *hub*, holds JupyterLab and the grader; this notebook runs
# there.
#
# The next cell asks the Python of each environment what it has. **Predict:** the tools differ, but will pandas?

# %%
QUESTION = """
import platform, sys; from importlib.metadata import distributions, version
print(f"Python {platform.python_version()}   {sys.argv[1]} {version(sys.argv[1])}".ljust(40),
      f"pandas {version('pandas')}   {len(list(distributions()))} packages")
"""
for environment, package in {
    "hub": "nbgrader",
    "airflow": "apache-airflow",
    "prefect": "prefect",
    "dagster": "dagster",
}.items():
    python = program(environment)
    command = [python, "-c", QUESTION, package]
    answer = subprocess.run(command, capture_output=True, text=True).stdout.strip() if python.exists() else ""
    print(environment.ljust(9), answer or "is not ready: run `make setup` in a terminal")

# %% [markdown]
# The same pandas everywhere, and the same scikit-learn, DuckDB and data: when two tools give different results in this
# course, it is not because of a library. The number of packages differs a good deal. Each count includes what all
# environments share. It is the first figure for a claim
# that is often heard, that one of these tools is heavier than another; notebook 02 adds the time of a first run, and 13
# what has to keep running in production. Nothing here needs a container.
#
# ## Today is in 2013
#
# The data are the 336,776 flights that left New York City's three airports in 2013. `read_flights` gives those of one
# day. In this course "today" is always a day of that year; take the 10th of March, a Sunday.

# %%
today = read_flights("2013-03-10")
print(f"{airports('2013-03-10')}: {today.shape[0]} flights, {today.shape[1]} columns")
today[["origin", "carrier", "flight", "sched_dep_time", "time_hour", "tailnum", "dep_time", "arr_delay"]].head(3)

# %% [markdown]
# Three things to know about these columns:
#
# * `sched_dep_time` and `dep_time` are *clock readings*, HHMM: 500 is five o'clock in the morning. They are not minutes
#   and cannot be subtracted.
# * `time_hour` is an *instant*: the hour of the scheduled departure, in UTC (the `Z`).
# * From `tailnum` on, nothing is settled before the plane leaves. Whether `arr_delay`, in minutes,
#   reaches 15 is what we shall predict.
#
# ## Meet the check
#
# Below each exercise stands a locked cell with a **check**. It runs *your* code in situations of the course's making
# and says what it saw. Some situations you are told about; others, marked *another situation*, you are not, so an
# answer that only fits the example is found out. A check never spoils anything: run it as often as you like.
#
# Let us fail one on purpose. Somebody wants to know how many flights a day has, and writes this.
# **Predict:** what is wrong with it? The line above the table says 908 flights and 15 columns.


# %%
def flights_on(day):
    return read_flights(day).size


verdict = check("count-flights")
del flights_on  # on purpose wrong: it must not stand in for yours
verdict

# %% [markdown]
# Read a verdict from the top: the outcome and the points, then each test with a ✔ or a ✘. Under a ✘ stands what was
# expected, what happened, and usually what to look at next. Here the number gives the game away: `size` counts *cells*.
#
# Where that is not enough, ask for a **hint**, by the name that stands in the check. Each run of the cell reveals one
# more, from where to look to nearly the answer. Hints cost no points.

# %%
hint("count-flights")

# %% [markdown]
# ## 1 · Count the flights of a day
#
# Put it right: define **`flights_on(day)`**, which returns the number of flights scheduled on `day` (a text such as
# `"2013-03-10"`) from all three airports. Cancelled flights were scheduled, too.
#
# *Observed:* what your function returns for several days.


# %% tags=["exercise"] id="count-flights" points=1
def flights_on(day):
    ### BEGIN SOLUTION
    return len(read_flights(day))
    ### END SOLUTION


# %% [markdown] tags=["hint"]
# `read_flights(day)` is a DataFrame with one row per flight. You need its number of rows.

# %% [markdown] tags=["hint"]
# `len(frame)` is the number of rows; `frame.shape` is the pair of rows and columns; `frame.size` is their product.


# %% tags=["wrong"] id="count-flights" name="cells" says="counts cells"
def flights_on(day):
    return read_flights(day).size


# %% tags=["wrong"] id="count-flights" name="only-flown" says="cancelled"
def flights_on(day):
    return int(read_flights(day)["dep_time"].count())


# %% tags=["wrong"] id="count-flights" name="one-day-only" says="whatever `day` is"
def flights_on(day):
    return len(today)


# %% tags=["check"]
check("count-flights")

# %% [markdown]
# Besides passed and failed a check knows *not started* (you have not touched the cell), *missing* (a name is not
# defined: was its cell run?), *error* (your code raised an exception) and a few more. Only what you did is ever marked:
# if the fault is the course's own, it says so, and it costs you nothing.
#
# ## 2 · The share of late flights
#
# A flight is **late** when it arrives 15 or more minutes behind schedule. How bad was the 8th of February? That day a
# blizzard came up the coast. **Predict** the share of late flights, then run the cell.

# %%
storm = read_flights("2013-02-08")
print(f"late:    {(storm['arr_delay'] >= 15).mean():.1%} of {len(storm)} flights")
print(f"arrived: {storm['arr_delay'].count()}")

# %% [markdown]
# 24 %: an ordinary day in New York? No. Half of the flights never arrived, and for them `arr_delay` is missing. `>=` with
# a missing value is `False`, so this line quietly counts every cancelled flight as punctual. The worse
# the day, the better it looks. A model trained on that label would learn that blizzards are good for punctuality.
#
# Define **`late_share(flights)`**. It takes a DataFrame with the columns of `read_flights` and returns the share of
# late flights *among those that arrived*, a number from 0 to 1. If none arrived, nothing can be said: return `None`.
#
# If you are stuck: press <kbd>B</kbd> for a new cell, and run `hint("late-share")` in it.
#
# *Observed:* what your function returns for real days, and for a few flights whose delays we set.


# %% tags=["exercise"] id="late-share" points=2
def late_share(flights):
    ### BEGIN SOLUTION
    delays = flights["arr_delay"].dropna()
    if delays.empty:
        return None
    return float((delays >= 15).mean())
    ### END SOLUTION


# %% [markdown] tags=["hint"]
# Flights that never arrived must be out of the numerator *and* of the denominator. Take them away before you compare.

# %% [markdown] tags=["hint"]
# `Series.dropna()` leaves out missing values, and the mean of a Series of `True` and `False` is the share of `True`.
# What does `.empty` say when no flight arrived?

# %% [markdown] tags=["hint"]
# Nearly the answer: `delays = flights["arr_delay"].dropna()`, then `None` if `delays.empty`, else the mean of
# `delays >= 15`.


# %% tags=["wrong"] id="late-share" name="cancelled-is-punctual" says="never arrived"
def late_share(flights):
    if flights["arr_delay"].isna().all():
        return None
    return float((flights["arr_delay"] >= 15).mean())


# %% tags=["wrong"] id="late-share" name="more-than-15" says="exactly 15"
def late_share(flights):
    delays = flights["arr_delay"].dropna()
    return float((delays > 15).mean()) if len(delays) else None


# %% tags=["wrong"] id="late-share" name="nothing-late-is-nothing" says="is an answer"
def late_share(flights):
    delays = flights["arr_delay"].dropna()
    return float((delays >= 15).mean()) or None if len(delays) else None


# %% tags=["wrong"] id="late-share" name="departure" says="dep_delay"
def late_share(flights):
    delays = flights["dep_delay"].dropna()
    return float((delays >= 15).mean()) if len(delays) else None


# %% tags=["wrong"] id="late-share" name="no-arrivals" says="None"
def late_share(flights):
    return float((flights["arr_delay"].dropna() >= 15).mean())


# %% tags=["check"]
check("late-share")

# %%
for day in ["2013-02-07", "2013-02-08", "2013-03-08", "2013-03-10"]:
    flights = read_flights(day)
    missing = flights["arr_delay"].isna().mean()
    print(f"{day}  late {late_share(flights):4.0%} of those that arrived; {missing:4.0%} never did")

# %% [markdown]
# The blizzard is visible now. Keep the second figure in mind as well: a flight without a label can be *scored* like any
# other, but neither trained on nor evaluated with.
#
# ## 3 · How long is a day?
#
# A daily pipeline has to know when a day begins and ends. **Predict:** how many hours lie between midnight of the 10th
# of March and midnight of the 11th, in New York?

# %%
NEW_YORK = ZoneInfo("America/New_York")
start, end = datetime(2013, 3, 10, tzinfo=NEW_YORK), datetime(2013, 3, 11, tzinfo=NEW_YORK)
print("between the two, Python says:    ", end - start)
print("both turned into UTC beforehand: ", end.astimezone(UTC) - start.astimezone(UTC))

# %% [markdown]
# That night the clocks went from 02:00 straight to 03:00, so the day had 23 hours. The first line is no bug but a rule
# of Python's: two times *of the same zone* are subtracted as clock readings, as if clocks never changed. Only in UTC is
# the difference the time that passed. The flights show the same thing: six in the morning is an hour earlier in UTC.

# %%
for day in ["2013-03-09", "2013-03-10"]:
    flights = read_flights(day)
    print(day, "06:00 in New York is", flights.loc[flights["sched_dep_time"] == 600, "time_hour"].iloc[0])

# %% [markdown]
# Define **`interval_of(day)`**. It takes a text such as `"2013-03-10"` and returns the pair `(start, end)`: the instants
# at which that day begins and ends in New York, both as timezone-aware `datetime` objects **in UTC**. The end of a day
# is the beginning of the next one.
#
# *Observed:* the pair that your function returns, for days with 23, 24 and 25 hours.


# %% tags=["exercise"] id="day-interval" points=3
def interval_of(day):
    ### BEGIN SOLUTION
    first = date.fromisoformat(day)
    midnights = [datetime(d.year, d.month, d.day, tzinfo=NEW_YORK) for d in (first, first + timedelta(days=1))]
    start, end = [midnight.astimezone(UTC) for midnight in midnights]
    return start, end
    ### END SOLUTION


# %% [markdown] tags=["hint"]
# Do the calendar in New York and the clockwork in UTC: find *two midnights* on the New York calendar, this day's and the
# next day's, and only then turn each into UTC. No number of hours appears anywhere.

# %% [markdown] tags=["hint"]
# `date.fromisoformat(day) + timedelta(days=1)` is the next day. `datetime(year, month, day, tzinfo=NEW_YORK)` is a day's
# midnight, and `.astimezone(UTC)` the same instant in UTC.

# %% [markdown] tags=["hint"]
# Nearly the answer, for one of the two: `d = date.fromisoformat(day)`, then
# `datetime(d.year, d.month, d.day, tzinfo=NEW_YORK).astimezone(UTC)`.


# %% tags=["wrong"] id="day-interval" name="24-hours" says="24 hours"
def interval_of(day):
    start = datetime.fromisoformat(day).replace(tzinfo=NEW_YORK).astimezone(UTC)
    return start, start + timedelta(hours=24)


# %% tags=["wrong"] id="day-interval" name="utc-day" says="day of UTC"
def interval_of(day):
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return start, start + timedelta(days=1)


# %% tags=["wrong"] id="day-interval" name="always-five-hours" says="four hours behind"
def interval_of(day):
    from datetime import timezone

    start = datetime.fromisoformat(day).replace(tzinfo=timezone(timedelta(hours=-5)))
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


# %% tags=["wrong"] id="day-interval" name="left-in-new-york" says="clock readings"
def interval_of(day):
    start = datetime.fromisoformat(day).replace(tzinfo=NEW_YORK)
    return start, start + timedelta(days=1)


# %% tags=["wrong"] id="day-interval" name="naive" says="without a zone"
def interval_of(day):
    start = datetime.fromisoformat(day)
    return start, start + timedelta(days=1)


# %% tags=["check"]
check("day-interval")

# %%
for day in ["2013-03-09", "2013-03-10", "2013-11-03"]:
    start, end = interval_of(day)
    hours = (end - start) / timedelta(hours=1)
    print(f"{day}: {start:%d %b %H:%M} to {end:%d %b %H:%M} UTC, {hours:g} hours")

# %% [markdown]
# ## Remember
#
# * A check runs your code in several situations, seen and unseen, and says what it saw; a hint costs nothing.
# * `>=` with a missing value is `False`. A flight that never arrived has *no* label, and "not late" is a label.
# * A clock reading is not an instant. Do the calendar in the local zone, and all arithmetic in UTC.
# * A day is not 24 hours: it runs from one midnight to the next.
#
# In a terminal, `.envs/hub/bin/course check 00/python` runs this whole notebook afresh and marks it, just as the final
# grading does.
#
# ## Where this goes next
#
# The interval that you just computed has a name in each of the three tools; notebook 03 gives each of them the 10th of
# March and watches.
#
# | | a day's work is identified by | read more |
# |---|---|---|
# | Airflow | the run's data interval and logical date | [DAG runs](https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html) |
# | Prefect | parameters of the flow run, and its scheduled start | [Schedules](https://docs.prefect.io/v3/concepts/schedules) |
# | Dagster | a partition key, with a time window behind it | [Partitions](https://docs.dagster.io/guides/build/partitions-and-backfills/partitioning-assets) |
#
# Next is `01_pipeline`: the whole pipeline in plain Python, before any orchestrator touches it.
#
# **A question to think about.** A colleague's job starts "every 24 hours" and has run at 06:00 since January. At what
# time of the New York day does it run in July, and who will notice first?
