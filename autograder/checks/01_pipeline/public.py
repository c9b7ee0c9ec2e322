"""Public tests of module 01."""

from datetime import date, timedelta

from autograder.judge import exercise

DAY = "2013-03-10"
FILE = f"day={DAY}.parquet"


def shown(files):
    """The files that a reader finds, in words."""
    said = [
        f"`{name}`, which is no whole Parquet file" if f["rows"] is None else f"`{name}` with {f['rows']} rows"
        for name, f in files.items()
    ]
    return ", ".join(said) or "no Parquet file at all"


# --- ingest ------------------------------------------------------------------------------------------------------


@exercise("idempotent-ingest", stored={"runs": [{"day": DAY}]})
def test_one_run_leaves_one_file_with_the_day(stored):
    files = stored[0]["files"]
    assert list(files) == [FILE], (
        f"After one run for {DAY}, expected one file `{FILE}` in the folder; a reader finds {shown(files)}.\n"
        'Write to `folder / f"day={day}.parquet"`, and leave no other *.parquet beside it.'
    )
    assert files[FILE]["rows"] is not None, (
        f"`{FILE}` is no Parquet file, whatever its name says.\n"
        "The end of a name does not make the format: write with `flights.to_parquet(…)`."
    )
    assert files[FILE]["same"], (
        f"Expected `{FILE}` to hold the 908 flights as they were given; it has {files[FILE]['rows']} rows.\n"
        "Write `flights` as it is, with all columns: raw data are kept as they came."
    )


@exercise("idempotent-ingest", stored={"runs": [{"day": DAY}, {"day": DAY}]})
def test_two_runs_leave_what_one_run_leaves(stored):
    files = stored[1]["files"]
    assert files.get(FILE, {}).get("rows") != 1816, (
        f"After two runs for {DAY}, the file holds 1816 flights, twice as many as the day has.\n"
        "The second run added its rows to the first one's. A run should replace its day: do not read the old file."
    )
    assert list(files) == [FILE], (
        f"After two runs for {DAY}, expected one file; a reader finds {shown(files)}.\n"
        "Each run seems to choose a name of its own. Let the name depend on the day alone."
    )
    assert files[FILE]["same"], (
        f"After two runs for {DAY}, expected the same 908 flights as after one; found {shown(files)}.\n"
        "The second run should put its file in the place of the first one."
    )


@exercise("idempotent-ingest", stored={"runs": [{"day": DAY}, {"day": DAY, "rows": 900}]})
def test_a_rerun_with_fewer_flights_leaves_only_those(stored):
    files = stored[1]["files"]
    assert files.get(FILE, {}).get("rows") != 908, (
        "The source corrected the day: 908 flights at first, 900 in the second run; the file still holds 908.\n"
        "Did you skip a day that is already there? Then no correction ever arrives: let the last run win."
    )
    assert list(files) == [FILE] and files[FILE]["same"], (
        "The source corrected the day: 908 flights at first, 900 in the second run. Expected the 900 alone;\n"
        f"a reader finds {shown(files)}. Replace the whole day, whatever was there before."
    )
    assert not stored[1]["in_place"], (
        "The result is right, but the second run wrote into the very file that readers had open: while it writes, or\n"
        "if it dies, they find half a day there. Copying over a file writes into it as well. Let `os.replace` give\n"
        "the finished file the old one's name: the old file stays whole until then."
    )


@exercise("idempotent-ingest", stored={"runs": [{"day": DAY}, {"day": DAY, "full_disk": True}]})
def test_a_run_that_dies_leaves_the_day_as_it_was(stored):
    files, last = stored[1]["files"], stored[1]
    assert not last["met"] or last["raised"], (
        "Writing failed (no space left on device), and your function returned as if nothing had happened.\n"
        "The next stage would go on with yesterday's file. Let the exception out: do not catch it, or `raise` again."
    )
    others = [name for name in files if name != FILE]
    assert not others, (
        f"Writing failed half-way, and `{others[0]}` was left behind: whoever reads *.parquet takes it for data.\n"
        "Give the temporary file a name that does not end in `.parquet`."
    )
    assert files.get(FILE, {}).get("rows") == 908, (
        "A good run wrote 908 flights; the next one failed half-way. Expected the 908 to be there still, but a reader\n"
        f"finds {shown(files)}.\n"
        "Write to a temporary file first, and let `os.replace` put it in the old one's place when it is finished."
    )
    assert last["met"] or not last["in_place"], (
        "The second run opened the very file that readers see and wrote into it: they can find half a day there.\n"
        "Write to a temporary file first, and `os.replace` the old one when it is finished."
    )


# --- validate ----------------------------------------------------------------------------------------------------


def a_list(found):
    assert not found["raised"], (
        f"Expected a list of problems, but your function raised {found['raised']}.\n"
        "If you raised it yourself: return the list; do not raise. If not: a gate must not fall over the very data it\n"
        "is there for. What does each comparison do to a text or a missing value?\n"
        '`pd.to_numeric(column, errors="coerce")` makes numbers, and missing values of everything else.'
    )
    assert found["texts"], (
        f"Expected a list of texts, one per broken rule, got {found['described']}.\n"
        "Start with `problems = []`, append to it, and `return problems` at the end."
    )
    assert not found["altered"], (
        "Your function changed the table it was given, and its caller goes on with that table.\n"
        "Put what you compute into variables of your own, or work on `flights.copy()`."
    )


def passes(found, day, likely):
    a_list(found)
    assert not found["problems"], (
        f"{day} is a good day and should pass, but your gate says: {found['problems'][0][:120]}\n{likely}"
    )


def names(found, column, fault, advice):
    a_list(found)
    assert found["problems"], f"{fault} Your gate let the day pass.\n{advice}"
    assert any(column in problem.lower() for problem in found["problems"]), (
        f"{fault} Expected a text that names the column `{column}`; your gate says: {found['problems'][0][:120]}\n"
        "Whoever is called at night has to know where to look: put the column's name into the text."
    )
    assert len(found["problems"]) == 1, (
        f"{fault} That breaks one rule, and your gate returned {len(found['problems'])} texts.\n"
        "Return one text for each rule that is broken, and none for the others."
    )


@exercise("validation-gate", found={"day": DAY})
def test_a_good_day_passes(found):
    a_list(found)
    said = " ".join(found["problems"])
    assert not said or "day" not in said.split(":")[0], (
        f"{DAY} is a good day and should pass, but your gate says: {said[:120]}\n"
        "The column `day` holds `date` objects, and a date and a text are never equal: compare texts with texts,\n"
        'for instance `flights["day"].astype(str)`.'
    )
    passes(
        found,
        DAY,
        "Six flights were cancelled or diverted that day, so their times are missing. That is normal:\n"
        "only the four rules of the table count.",
    )


@exercise("validation-gate", found={"day": DAY, "change": [["distance", 17, "far"]]})
def test_a_text_in_place_of_a_number_is_found(found):
    names(
        found,
        "distance",
        "One distance was the text 'far'.",
        'Convert the column first, with `pd.to_numeric(column, errors="coerce")`: what is no number is missing then.',
    )


@exercise("validation-gate", found={"day": DAY, "change": [["carrier", 3, "ZZ"]]})
def test_an_unknown_carrier_is_found(found):
    names(
        found,
        "carrier",
        "One flight had the carrier ZZ, which does not exist.",
        'Is every value of `flights["carrier"]` in `CARRIERS`? `isin` answers for the whole column.',
    )


@exercise("validation-gate", found={"day": DAY, "repeat": {"dep_time": 2359.0, "dep_delay": 400.0}})
def test_a_flight_that_comes_twice_is_found(found):
    names(
        found,
        "flight",
        "One flight came a second time, with another departure time.",
        "Did you compare whole rows? A flight is told apart by the columns in `KEY`: `flights.duplicated(KEY)`.",
    )


@exercise("validation-gate", found={"day": DAY, "of": "2013-03-11"})
def test_flights_of_another_day_are_found(found):
    names(
        found,
        "day",
        "The flights were of 2013-03-10 and the day in question was 2013-03-11.",
        "Compare the column `day` of every row with the day that your function is given.",
    )


# --- features ----------------------------------------------------------------------------------------------------


def all_flights(reactions):
    assert reactions["rows"] == reactions["flights"], (
        f"Expected one row per flight, {reactions['flights']}; got {reactions['rows']}.\n"
        f"{reactions['cancelled']} flights never arrived: keep them, for before departure nobody knows. "
        "Does a join drop or repeat rows?"
    )
    absent = [name for name in ("hour", "distance", "visib") if name not in reactions["columns"]]
    assert not absent, (
        f"Expected the columns hour, distance and visib; `{absent[0]}` is missing. Yours: {reactions['columns']}.\n"
        "Name the columns as in the exercise's table."
    )


@exercise("leak-free-features", reactions={"day": DAY})
def test_no_feature_moves_when_the_future_changes(reactions):
    all_flights(reactions)
    moved = reactions["moved_by"]
    column = next(iter(moved), "")
    assert not moved, (
        f"We changed `{column}`, which nobody knows before departure, and these features changed with it: "
        f"{', '.join(moved[column])}.\n"
        "A model that learns from them will look splendid in the test and fail in use.\n"
        f"Compute them without `{column}`: from the timetable, or from earlier weather."
    )


OBSERVED = [
    ["EWR", "2013-07-01T12:00:00Z", 1],
    ["EWR", "2013-07-01T13:00:00Z", 2],
    ["JFK", "2013-07-01T13:00:00Z", 8],
    ["EWR", "2013-07-01T14:00:00Z", 3],
    ["JFK", "2013-07-01T14:00:00Z", 9],
]


@exercise(
    "leak-free-features",
    planted={
        "flights": [
            {"origin": "JFK", "sched_dep_time": 1100, "time_hour": "2013-07-01T15:00:00Z", "distance": 700},
            {"origin": "EWR", "sched_dep_time": 1015, "time_hour": "2013-07-01T14:00:00Z", "distance": 300},
            {"origin": "EWR", "sched_dep_time": 959, "time_hour": "2013-07-01T13:00:00Z", "distance": 500},
        ],
        "weather": OBSERVED,
    },
)
def test_weather_is_the_latest_that_was_known_an_hour_before(planted):
    assert planted["hour"] == [11, 10, 9], (
        f"Flights scheduled at 11:00, 10:15 and 09:59 should have hour 11, 10 and 9; got {planted['hour']}.\n"
        "`sched_dep_time` is a clock reading HHMM: integer division by 100 gives the hour."
    )
    assert planted["distance"] == [700, 300, 500], (
        f"Distances of 700, 300 and 500 miles came in; got {planted['distance']}.\n"
        "Keep the order of `flights`: after sorting for a join, sort back."
    )
    visib = planted["visib"]
    assert visib == [9, 2, 1] or not visib or set(visib) != {1, 2, 9}, (
        f"The right values in the wrong order: expected visib 9, 2, 1, got {visib}.\n"
        "`merge_asof` returns rows in the order of time: keep each flight's position in a column, and sort by it again."
    )
    assert visib != [9, 3, 2], (
        f"Flights from JFK at 11:00 and EWR at 10:15 and 09:59: expected visib 9, 2, 1, got {visib}.\n"
        "The last two were observed less than an hour before departure: subtract that hour before looking them up."
    )
    assert visib == [9, 2, 1], (
        f"Flights from JFK at 11:00 and EWR at 10:15 and 09:59: expected visib 9, 2, 1, got {visib}.\n"
        "For each flight, take the latest observation at its own origin, made an hour or more before departure."
    )


@exercise("leak-free-features", reactions={"day": DAY}, weight=0.5)
def test_later_weather_changes_no_earlier_flight(reactions):
    all_flights(reactions)
    assert not reactions["moved_by_later_weather"], (
        "We changed all weather observed after 12:00, and features of flights that leave by 13:00 changed: "
        f"{', '.join(reactions['moved_by_later_weather'])}.\n"
        "They use weather observed less than an hour before departure, or after it (or rows have lost their order:\n"
        "mend that first). Take the latest observation that is not later than an hour before the scheduled departure."
    )


# --- split -------------------------------------------------------------------------------------------------------


def days_of(window):
    """The days of a window's text; None if it is no window."""
    try:
        first, _, last = window.partition("/")
        first, last = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@exercise("honest-split", windows={"today": DAY})
def test_train_then_test_then_today(windows):
    assert not windows["raised"], (
        f"Expected two windows for {DAY}, but your function raised {windows['raised']}.\n"
        "The year has 68 days before that day: enough for 14 and 7."
    )
    train, test = map(days_of, windows["pair"] or ["", ""])
    assert train and test, (
        f"Expected a pair of texts such as '2013-02-24/2013-03-09', got {windows['described']}.\n"
        "Return `train, test`, each with its first and last day and a `/` between them."
    )
    got = f"Your windows: train {windows['pair'][0]}, test {windows['pair'][1]}."
    today = date.fromisoformat(DAY)
    assert max(test) < today and max(train) < today, (
        f"{got}\nIt is the morning of {DAY}: how late today's flights will be is not known yet. End the test yesterday."
    )
    both = sorted(set(train) & set(test))
    assert not both, (
        f"{got}\n{both[0]} is in both windows: the model is tested on flights that it has learnt by heart.\n"
        "The training days end the day before the test days begin."
    )
    assert train[-1] < test[0], (
        f"{got}\nThe test is on earlier days than the training: in use, a model always predicts *later* ones.\n"
        "Let the test days be the last ones before today, and the training days those before them."
    )
    assert (len(train), len(test)) == (14, 7), (
        f"{got}\nExpected 14 days and 7 days, got {len(train)} and {len(test)}. Both ends of a window count."
    )
    assert (train[0], test[0]) == (date(2013, 2, 17), date(2013, 3, 3)), (
        f"{got}\nExpected train 2013-02-17/2013-03-02 and test 2013-03-03/2013-03-09: no day is left out in between,\n"
        "and the test ends yesterday."
    )


# --- publish -----------------------------------------------------------------------------------------------------


def refused(gate, why):
    assert gate["returned"] is not True, f"Expected False, and your gate published the challenger. {why}"
    assert gate["intact"], (
        f"The challenger had to be refused, and the file was changed all the same: it names {gate['file']}. {why}\n"
        "Write to `path` only after all questions have been answered."
    )
    assert gate["returned"] is False, (
        f"The file is right; return False, not {gate['described']}.\n"
        "Every way out of the function needs its `return`: without one it returns None."
    )


def published(gate, why):
    assert gate["returned"] is not False, f"Expected True, and your gate refused the challenger. {why}"
    assert gate["returned"] is True, f"Expected True, got {gate['described']}. {why}"
    assert gate["file"] != "not JSON", (
        "Your gate returned True, and the file is not JSON.\n"
        'Write `json.dumps({"model": model, "metrics": …})` to `path`: `str` of a dictionary is not JSON.'
    )
    assert gate["file"] == gate["challenger"] and gate["right_figures"], (
        f"The challenger was to be published, but the file names {gate['file'] or 'nobody'}, "
        f"with{'' if gate['right_figures'] else 'out'} its figures.\n"
        'Write `json.dumps({"model": model, "metrics": …})` to `path`, with all that `evaluate` said of the\n'
        "challenger, neither rounded nor cut."
    )


@exercise("evaluation-gate", gate={"challenger": [0.70, 0.17]})
def test_the_first_model_that_beats_both_baselines_is_published(gate):
    published(
        gate,
        "There was no champion yet, and AUC 0.70 and Brier 0.17 beat both baselines\n"
        "(0.65 and 0.19, 0.20). A lower Brier score is the better one.",
    )


@exercise("evaluation-gate", gate={"challenger": [0.70, 0.195]})
def test_it_must_beat_both_baselines(gate):
    refused(
        gate,
        "There was no champion.\nIts Brier score of 0.195 is below base_rate's 0.200 but above carrier_hour's 0.190.\n"
        "It must beat both baselines, and by the Brier score, too, not by the AUC alone.",
    )


@exercise("evaluation-gate", gate={"challenger": [0.70, 0.175], "champion": [0.71, 0.172], "stored": [0.60, 0.21]})
def test_a_better_champion_stays(gate):
    refused(
        gate,
        "On this window the champion has AUC 0.71 and Brier 0.172,\nthe challenger 0.70 and 0.175. "
        "The figures in the file are of other days: ask `evaluate` about the champion on `window`.",
    )
