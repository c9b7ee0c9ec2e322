"""What several tests of module 02 say about the wires of a pipeline."""


def assert_wired(observation, run, *pairs):
    """Each pair of stages, earlier and later, is a pair of tasks of which the later waits for the earlier."""
    names = observation["names"]
    for stage in dict.fromkeys(stage for pair in pairs for stage in pair):
        assert run.named(names[stage]), (
            f"Expected a task named `{names[stage]}`, but the run's record shows {run.task_names()}.\n"
            f"Is `{names[stage]}` a task of its own, under that name, and is it part of the pipeline?"
        )
    for earlier, later in pairs:
        assert run.waits_for(names[later], names[earlier]), (
            f"`{names[later]}` does not wait for `{names[earlier]}`: the run's record shows no dependency between"
            f" them.\nHand what `{names[earlier]}` gives to `{names[later]}`, or say that the one waits for the other."
        )
