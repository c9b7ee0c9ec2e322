"""Where marks are made: pytest on observations, in a trusted process that never sees the learner's code run."""

from autograder.judge.exam import exercise
from autograder.judge.reference import plain_python

__all__ = ["exercise", "plain_python"]
