"""What the commands share: the console, and errors as one line and an exit code."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

INTERRUPTED, FAILED, UNUSABLE = 130, 1, 2


def console() -> Any:
    """Standard output; where it is no terminal, wide enough that lines are not broken."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120)


@contextmanager
def errors() -> Iterator[None]:
    """One clear line and an exit code instead of a traceback, for what a user can mend."""
    try:
        yield
    except BrokenPipeError:  # whoever read our output has enough: `cci-clean audit sources out | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        remedy = ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "; free some space and run the same command again: what is finished is kept"
        fail(f"{error}{remedy}", FAILED)
    except KeyboardInterrupt:
        fail("interrupted; run the same command again to go on", INTERRUPTED)
    except Exception as error:
        from cci_tools.corpus import CorpusError
        from cci_tools.engines.local import WorkerLostError
        from cci_tools.ledger import LedgerError
        from cci_tools.recipe import RecipeError
        from cci_tools.shards.reader import InputError
        from cci_tools.workspace import WorkspaceError

        if isinstance(error, RecipeError | WorkspaceError | InputError | CorpusError):
            fail(error, UNUSABLE)
        if isinstance(error, WorkerLostError | LedgerError):
            fail(error, FAILED)
        raise


def fail(message: Any, code: int) -> NoReturn:
    click.echo(f"cci-clean: {message}", err=True)
    sys.exit(code)
