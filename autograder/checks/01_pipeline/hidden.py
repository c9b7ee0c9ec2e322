"""Hidden tests of module 01: the same questions in other situations."""

from autograder.judge import exercise


def shown(files):
    said = [
        f"`{name}`, which is no whole Parquet file" if f["rows"] is None else f"`{name}` with {f['rows']} rows"
        for name, f in files.items()
    ]
    return ", ".join(said) or "no Parquet file at all"


# --- ingest ------------------------------------------------------------------------------------------------------


@exercise(
    "idempotent-ingest",
    stored={"runs": [{"day": "2013-07-01"}, {"day": "2013-07-02"}, {"day": "2013-07-01", "rows": 100}]},
)
def test_other_days_stay_as_they_are(stored):
    rows = {name: file["rows"] for name, file in stored[2]["files"].items()}
    assert rows == {"day=2013-07-01.parquet": 100, "day=2013-07-02.parquet": 945}, (
        f"Two days were stored, then the first again with 100 flights. A reader finds {shown(stored[2]['files'])}.\n"
        "Expected 100 and 945. A run replaces its own day, by its own name, and touches no other."
    )


@exercise("idempotent-ingest", stored={"runs": [{"day": "2013-07-02", "rows": 400}, {"day": "2013-07-02"}]})
def test_a_rerun_with_more_flights_has_them_all(stored):
    files = stored[1]["files"]
    assert list(files) == ["day=2013-07-02.parquet"] and files["day=2013-07-02.parquet"]["same"], (
        "The source had 400 flights at first, and all 945 when asked again. Expected one file with the 945;\n"
        f"a reader finds {shown(files)}. Did you skip a day that is already there? Let the last run win."
    )


@exercise(
    "idempotent-ingest",
    stored={"runs": [{"day": "2013-07-02", "full_disk": True}, {"day": "2013-07-02"}]},
)
def test_after_a_failure_the_next_run_mends_everything(stored):
    first, second = stored[0]["files"], stored[1]["files"]
    # A writer that we cannot make fail has done its work, and that is all there is to see.
    whole = not stored[0]["met"] and [file["same"] for file in first.values()] == [True]
    assert not first or whole, (
        f"The very first run of a day failed half-way; expected nothing to read, but a reader finds {shown(first)}.\n"
        "Half a day looks like a day. Write under a name that no reader looks at, and rename at the end."
    )
    assert list(second) == ["day=2013-07-02.parquet"] and second["day=2013-07-02.parquet"]["same"], (
        f"A run failed, the next one went well: expected one file with 945 flights; a reader finds {shown(second)}.\n"
        "What a failed run leaves behind must not be in the way of the next one."
    )
    left = stored[1]["left"]
    assert not left, (
        f"A run failed, the next one went well, and `{left[0]}` is still in the folder.\n"
        "With a new name for each run, every failure leaves a file for ever. Let the temporary file's name depend on\n"
        "the day alone, so that the next run writes over it, or remove it when writing fails."
    )


# --- validate ----------------------------------------------------------------------------------------------------


def said(found):
    problems = "; ".join(found["problems"])[:160]
    return problems or (f"it raised {found['raised']}" if found["raised"] else found["described"])


@exercise("validation-gate", found={"day": "2013-08-20"})
def test_one_number_from_two_airports_is_two_flights(found):
    assert found["texts"] and not found["problems"], (
        "2013-08-20 is a good day: the same flight number leaves from two airports, which makes two flights.\n"
        f"Your gate said: {said(found)}. Compare all columns of `KEY`."
    )


@exercise("validation-gate", found={"day": "2013-02-09"})
def test_a_day_full_of_cancelled_flights_passes(found):
    assert found["texts"] and not found["problems"], (
        "After the blizzard 393 of 684 flights were cancelled: a bad day for passengers, but good data.\n"
        f"Your gate said: {said(found)}. Only the four rules of the table count."
    )


@exercise(
    "validation-gate",
    found={
        "day": "2013-07-01",
        "change": [["carrier", 0, None], ["distance", 5, -1], ["day", 9, "2013-06-30"], ["carrier", 12, "ZZ"]],
        "repeat": {},
    },
)
def test_several_faults_are_all_reported(found):
    missed = [c for c in ("day", "carrier", "distance", "flight") if not any(c in p.lower() for p in found["problems"])]
    assert found["texts"] and not missed, (
        f"A day broke all four rules; `{', '.join(missed)}` was not reported. Your gate said: {said(found)}.\n"
        "Do not return at the first problem: collect all of them, so that they can be mended in one go."
    )
    assert len(found["problems"]) == 4, (
        f"A day broke four rules, one of them in two rows; your gate returned {len(found['problems'])} texts.\n"
        "Expected four: one for each broken rule, not one for each row."
    )
    assert not found["altered"], "Your function changed the table it was given. Work on variables of your own."


def one(found, column):
    """The gate found one broken rule, and it is this column's."""
    return len(found["problems"]) == 1 and column in found["problems"][0].lower()


@exercise("validation-gate", found={"day": "2013-07-01", "change": [["distance", 4, 0]]})
def test_a_distance_of_0_is_found(found):
    assert one(found, "distance"), (
        "One distance was 0, in a column of numbers. Expected one text, on `distance`; "
        f"your gate said: {said(found)}.\n"
        "The rule is a number above 0 in every row: 0 is not above 0."
    )


@exercise("validation-gate", found={"day": "2013-07-01", "change": [["distance", 4, -200], ["distance", 8, -5]]})
def test_negative_distances_are_found(found):
    assert one(found, "distance"), (
        "Two distances were negative, in a column of numbers. Expected one text, on `distance`; "
        f"your gate said: {said(found)}.\n"
        "Compare the values: a column can be all numbers and still be wrong. One broken rule makes one text."
    )


@exercise("validation-gate", found={"day": "2013-07-01", "repeat": {"sched_dep_time": 2215, "arr_delay": 90.0}})
def test_a_flight_moved_to_another_time_is_still_the_same_flight(found):
    assert one(found, "flight"), (
        "One flight came a second time, scheduled at another time. Expected one text, on `flight`; "
        f"your gate said: {said(found)}.\n"
        "Only the columns in `KEY` tell flights apart: `flights.duplicated(KEY)`."
    )


@exercise("validation-gate", found={"day": "2013-07-01", "change": [["distance", 2, None]]})
def test_a_missing_distance_is_no_number_above_0(found):
    assert one(found, "distance"), (
        f"One distance was missing; your gate said: {said(found)}.\n"
        "A missing value compares as False and slips past `(distance <= 0).any()`: ask `(distance > 0).all()` instead."
    )


# --- features ----------------------------------------------------------------------------------------------------


@exercise("leak-free-features", reactions={"day": "2013-02-08"})
def test_the_same_holds_on_a_day_of_cancelled_flights(reactions):
    assert reactions["rows"] == reactions["flights"], (
        f"On 2013-02-08 expected one row per flight, {reactions['flights']}; got {reactions['rows']}.\n"
        "Half of them were cancelled; before departure nobody knows, so they have features like all others."
    )
    moved = reactions["moved_by"]
    assert not moved, (
        f"On 2013-02-08, features changed when we changed {', '.join(f'`{name}`' for name in moved)}.\n"
        "Whether a flight was cancelled is not known before departure either: leave those columns alone."
    )


@exercise(
    "leak-free-features",
    planted={
        "flights": [
            {"origin": "EWR", "sched_dep_time": 1200, "time_hour": "2013-07-01T16:00:00Z", "distance": 200},
            {"origin": "LGA", "sched_dep_time": 1730, "time_hour": "2013-07-01T21:00:00Z", "distance": 400},
            {"origin": "EWR", "sched_dep_time": 730, "time_hour": "2013-07-01T11:00:00Z", "distance": 900},
        ],
        "weather": [
            ["EWR", "2013-07-01T08:51:00Z", 4],
            ["LGA", "2013-07-01T16:51:00Z", 6],
            ["LGA", "2013-07-01T20:45:00Z", 7],
            ["EWR", "2013-07-01T15:00:00Z", 5],
        ],
    },
)
def test_gaps_are_bridged_by_the_latest_observation_before(planted):
    assert planted["visib"] == [5, 6, 4], (
        "Observations had gaps, and were not always made on the hour. "
        f"Expected visib 5, 6, 4, got {planted['visib']}.\n"
        "If there is none at the instant itself, the latest one before it counts; one made exactly an hour before\n"
        "departure counts, too. `merge_asof` does both. Keep the order of `flights`."
    )
    assert (planted["hour"], planted["distance"]) == ([12, 17, 7], [200, 400, 900]), (
        f"Expected hour 12, 17, 7 and distance 200, 400, 900; got {planted['hour']} and {planted['distance']}.\n"
        "They stand in the timetable. Keep the order of `flights`."
    )


@exercise(
    "leak-free-features",
    planted={
        "flights": [
            {"origin": "JFK", "sched_dep_time": 1040, "time_hour": "2013-07-01T14:00:00Z", "distance": 600},
            {"origin": "LGA", "sched_dep_time": 559, "time_hour": "2013-07-01T09:00:00Z", "distance": 250},
        ],
        "weather": [
            ["JFK", "2013-07-01T13:00:00Z", 2],
            ["JFK", "2013-07-01T13:30:00Z", 3],
            ["JFK", "2013-07-01T13:41:00Z", 8],
            ["LGA", "2013-07-01T07:00:00Z", 4],
            ["LGA", "2013-07-01T08:59:00Z", 5],
        ],
    },
)
def test_the_minutes_of_the_departure_count(planted):
    assert planted["visib"] == [3, 5], (
        "JFK at 10:40, observed at 09:00, 09:30 and 09:41; LGA at 05:59, observed at 03:00 and 04:59 (New York time).\n"
        f"Expected the visib of 09:30 and of 04:59, so 3 and 5; got {planted['visib']}.\n"
        "`time_hour` is the full hour alone: add the minutes of `sched_dep_time` before you subtract an hour."
    )


@exercise(
    "leak-free-features",
    planted={
        "flights": [
            {"origin": "EWR", "sched_dep_time": 600, "time_hour": "2013-07-01T10:00:00Z", "distance": 200},
            {"origin": "JFK", "sched_dep_time": 900, "time_hour": "2013-07-01T13:00:00Z", "distance": 800},
        ],
        "weather": [
            ["JFK", "2013-07-01T11:00:00Z", 6],
            ["EWR", "2013-07-01T11:00:00Z", 1],
            ["EWR", "2013-07-01T12:00:00Z", 10],
        ],
    },
)
def test_where_nothing_was_observed_yet_visib_is_missing(planted):
    assert planted["visib"] == [None, 6], (
        "The weather at EWR was first observed after the flight of 06:00. Expected its visib to be missing, and 6 for\n"
        f"the other flight; got {planted['visib']}. A mean or a later value in its place comes from the future.\n"
        "Leave it missing, as `merge_asof` does."
    )


# --- split -------------------------------------------------------------------------------------------------------


@exercise("honest-split", windows={"today": "2013-01-22"})
def test_the_earliest_day_that_has_enough_before_it(windows):
    assert windows.get("pair") == ["2013-01-01/2013-01-14", "2013-01-15/2013-01-21"], (
        "On 2013-01-22 exactly 21 days have passed: expected train 2013-01-01/2013-01-14, test 2013-01-15/2013-01-21;\n"
        f"got {windows.get('pair') or windows['raised'] or windows['described']}. Count both ends of a window."
    )


@exercise("honest-split", windows={"today": "2013-01-21"})
def test_a_day_earlier_is_refused(windows):
    assert windows["raised"], (
        f"On 2013-01-21 only 20 days have passed: expected a ValueError, got {windows['described']}.\n"
        "Days of 2012 are not in the data, and a shorter window would train another model without a word."
    )


@exercise("honest-split", windows={"today": "2013-11-10"})
def test_months_and_clocks_make_no_difference(windows):
    assert windows.get("pair") == ["2013-10-20/2013-11-02", "2013-11-03/2013-11-09"], (
        "On 2013-11-10: expected train 2013-10-20/2013-11-02 and test 2013-11-03/2013-11-09;\n"
        f"got {windows.get('pair') or windows['raised'] or windows['described']}. Count calendar days, not hours."
    )


# --- publish -----------------------------------------------------------------------------------------------------


def refused(gate, why):
    did = "published it" if gate["returned"] is True else f"returned {gate['described']}"
    assert not gate["intact"] or gate["returned"] is not None, (
        f"The file is right; return False, not {gate['described']}.\n{why}"
    )
    touched = "left the file alone" if gate["intact"] else "changed the file"
    assert gate["returned"] is False and gate["intact"], (
        f"The challenger had to be refused and the file left as it was; your gate {did} and {touched}.\n{why}"
    )


def content(gate):
    if gate["file"] == "not JSON":
        return "is not JSON"
    cut = gate["file"] == gate["challenger"] and not gate["right_figures"]
    return f"names {gate['file'] or 'nobody'}" + (", without all its figures" if cut else "")


def published(gate, why):
    did = "published it" if gate["returned"] is True else f"returned {gate['described']}"
    assert gate["returned"] is True and gate["file"] == gate["challenger"] and gate["right_figures"], (
        f"The challenger had to be published; your gate {did}, and the file {content(gate)}.\n{why}"
    )


@exercise("evaluation-gate", gate={"challenger": [0.66, 0.18], "champion": [0.62, 0.185], "stored": [0.80, 0.10]})
def test_a_champion_of_an_easy_week_is_measured_again(gate):
    published(
        gate,
        "The champion's figures in the file (AUC 0.80, Brier 0.10) are of other days. On `window` it has 0.62 and\n"
        "0.185, and the challenger 0.66 and 0.18. Ask `evaluate` about the champion on the same window.",
    )


@exercise("evaluation-gate", gate={"challenger": [0.70, 0.17], "champion": [0.70, 0.17], "same_model": True})
def test_publishing_twice_is_publishing_once(gate):
    published(gate, "It is the champion already, with equal figures: equal is not worse, so it passes again.")


@exercise("evaluation-gate", gate={"challenger": [0.64, 0.18]})
def test_it_must_rank_better_than_carrier_and_hour(gate):
    refused(gate, "Its AUC of 0.64 is below carrier_hour's 0.65, whatever its Brier score. Compare both figures.")


@exercise("evaluation-gate", gate={"challenger": [0.70, 0.17], "base_rate": 0.16})
def test_it_must_beat_the_base_rate_even_if_the_other_baseline_is_weak(gate):
    refused(gate, "Its Brier score of 0.17 is below carrier_hour's 0.19 but above base_rate's 0.16: both count.")


@exercise("evaluation-gate", gate={"challenger": [0.72, 0.18], "champion": [0.70, 0.17]})
def test_one_better_figure_does_not_make_up_for_a_worse_one(gate):
    refused(gate, "Its AUC is better than the champion's, but its Brier score, 0.18 against 0.17, is worse.")


@exercise("evaluation-gate", gate={"challenger": [0.70, 0.165], "champion": [0.72, 0.17]})
def test_it_must_rank_no_worse_than_the_champion(gate):
    refused(gate, "Its Brier score is better than the champion's, but its AUC, 0.70 against 0.72, is worse.")


@exercise("evaluation-gate", gate={"challenger": [0.70, 0.19]})
def test_a_brier_score_equal_to_a_baseline_does_not_beat_it(gate):
    refused(gate, "Its Brier score equals carrier_hour's, 0.19: a baseline must be beaten, and equal is not below.")


@exercise("evaluation-gate", gate={"challenger": [0.65, 0.17]})
def test_an_auc_equal_to_the_baseline_does_not_beat_it(gate):
    refused(gate, "Its AUC equals carrier_hour's, 0.65: the baseline must be beaten, and equal is not above.")


@exercise("evaluation-gate", gate={"challenger": [0.7, 0.17034], "champion": [0.7, 0.17026]})
def test_a_small_difference_in_brier_counts(gate):
    refused(gate, "Its Brier score is worse than the champion's, 0.17034 against 0.17026. Compare without rounding.")


@exercise("evaluation-gate", gate={"challenger": [0.70012, 0.17], "champion": [0.70041, 0.17]})
def test_a_small_difference_in_auc_counts(gate):
    refused(gate, "Its AUC is worse than the champion's, 0.70012 against 0.70041. Compare without rounding.")


@exercise("evaluation-gate", gate={"challenger": [0.71234, 0.16789], "champion": [0.70876, 0.17012]})
def test_the_figures_are_stored_as_they_are(gate):
    published(gate, "Whoever reads the file needs all figures of the challenger, neither rounded nor cut.")


@exercise("evaluation-gate", gate={"challenger": [0.60, 0.21], "champion": [0.58, 0.22]})
def test_being_better_than_a_poor_champion_is_not_enough(gate):
    refused(gate, "It is better than the champion, but it beats neither baseline: a poor pair of models, both of them.")
