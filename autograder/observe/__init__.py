"""What runs in a learner's kernel: it looks at what the learner's code does, and never judges.

Imports the standard library and its own orchestrator alone. A probe file imports what it needs from here.
"""

from autograder.observe.probes import Notebook, Unusable, describe, number, probe
from autograder.observe.runs import Asset, Run, Task

__all__ = ["Asset", "Notebook", "Run", "Task", "Unusable", "describe", "number", "observe_run", "probe"]


def observe_run(pipeline: object, **parameters: object) -> Run:
    """Run what the learner defined once, with these parameters, and return its run record, whatever the tool.

    The one adapter for this environment's orchestrator does the work; what it takes for a pipeline stands there.
    """
    from importlib import import_module

    from autograder.observe.notebook import tool

    return import_module(f"autograder.observe.{tool()}").observe_run(pipeline, **parameters)
