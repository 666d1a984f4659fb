"""Figures of the report that show what is inside networks, as artifacts of the runs in them."""

from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from dagm_transfer.core.files import digest_of, digest_of_file
from dagm_transfer.events.event import Begin
from dagm_transfer.events.identity import environment_digest
from dagm_transfer.tracking.entities import log_tags
from dagm_transfer.tracking.store import Destination, runs_of

TAG = "report.figures"  # the digest of what a run has of them
FOLDER = "figures"


def log_report_figures(place: Destination, begin: Begin, pngs: Sequence[Path]) -> bool:
    """Put PNGs among a run's artifacts; False where they are there as they are now.

    Args:
        place: where the run lies.
        begin: who it is.
        pngs: files; each keeps its name.

    Raises:
        LookupError: the run is not in the store; replay its log first.
    """
    digest = digest_of({png.name: digest_of_file(png) for png in pngs})
    place.lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.lock):
        known = runs_of(place, begin.identity, environment_digest(begin.environment))
        finished = [run for run in known if run.info.status == "FINISHED"]
        if not finished:
            raise LookupError(f"{begin.key} is not in the store yet")
        behind = [run.info.run_id for run in finished if run.data.tags.get(TAG) != digest]
        for run_id in behind:
            for png in pngs:
                place.client.log_artifact(run_id, str(png), FOLDER)
            log_tags(place.client, run_id, {TAG: digest})  # last: what was cut short is done again
    return bool(behind)
