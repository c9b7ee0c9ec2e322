"""The autograder: it builds the notebooks, observes what learners' pipelines do, and judges what was observed.

A learner's notebook imports `check` and `hint` from here. Imported in any environment, so it needs the standard
library alone; rooms that need more are imported by whoever needs them.
"""

from autograder.observe.notebook import check, hint, watch_notebook

__all__ = ["check", "hint"]

watch_notebook()
