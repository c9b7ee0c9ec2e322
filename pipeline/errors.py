"""Everything that can go wrong, by name. Each message says what happened, why, and what to do."""


class PipelineError(Exception):
    """Parent of all errors of the pipeline."""


class MissingTable(PipelineError, FileNotFoundError):
    """A reference names a table that is not in the lake; the message names the stage that makes it."""


class ContractError(PipelineError):
    """Raw flights break the contract; nothing was written."""


class NoChampion(PipelineError):
    """No model has passed the gate yet, so there is nothing to score with."""


class UntrustedModel(PipelineError):
    """A model file holds a type that the pipeline never stores; it was not loaded."""


class WarehouseBusy(PipelineError):
    """Another connection holds the warehouse; DuckDB lets one process write at a time."""


class SourceError(PipelineError):
    """The source of flights did not give what was asked for."""


class SourceBusy(SourceError):
    """The flights API answered 503: busy now, worth another try."""


class SourceTimeout(SourceError, TimeoutError):
    """The flights API gave no answer in time: worth another try."""


class NoSuchDay(SourceError, LookupError):
    """The flights API answered 404: it has no such day, and asking again will not help."""
