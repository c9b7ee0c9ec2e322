"""A judge for one check of a learner's own notebook: `python -m autograder.judge`, on standard input and output."""

import os
import sys

from autograder.course import load
from autograder.judge.verdict import converse


def main() -> None:
    # The conversation keeps standard output for itself: what anything else prints goes to standard error.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    course = load()  # after the imports, so that all of this is done before the first line comes in
    converse(sys.stdin, out, course)


if __name__ == "__main__":
    main()
