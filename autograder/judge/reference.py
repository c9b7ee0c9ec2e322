"""What plain Python gives for a day: the reference that a learner's pipeline is compared with.

Computed by the pipeline itself when it is first asked for, and kept until the pipeline changes: no figure is typed in.
"""

from __future__ import annotations

import functools
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from autograder.environments import ROOT, lock_file
from autograder.files import write_text

CACHE = ROOT / ".cache" / "reference"


@functools.cache
def plain_python(day: str) -> dict[str, Any]:
    """What `pipeline.run_day(day)` returns in a lake that holds the two weeks before and no champion."""
    made_from = hashlib.sha256(lock_file("hub").read_bytes())
    for file in sorted((ROOT / "pipeline").glob("*.py")):
        made_from.update(file.read_bytes())
    kept = CACHE / f"{day}-{made_from.hexdigest()[:16]}.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    import pipeline

    with tempfile.TemporaryDirectory(prefix="triad-reference-") as folder, pipeline.lake_at(Path(folder)):
        pipeline.prepare(pipeline.window_before(day))
        result = pipeline.run_day(day)
    write_text(kept, json.dumps(result))
    return result
