"""Results on the test set: patches and whole images, and what is judged wrongly."""

from dagm_transfer.judging.threshold_rule import rule_of
from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.found.results import Result, all_runs
from dagm_transfer.report.samples import errors_of, outlined
from dagm_transfer.report.tables.average_precision import ahead
from dagm_transfer.report.tables.defect_kinds import defect_kinds_table
from dagm_transfer.report.tables.html_tables import kinds_of, results_table

FEW = 200  # whole images: of fewer a rate is little worth without its interval


def judged_section(study: Study) -> Section:
    """Tables of every way of judging, and the champion's errors."""
    first = all_runs(study.results)[0]
    judge, wholes = first.judge, len(first.judged["image"].labels)
    of_defects = defect_kinds_table(study.results, _tested(study))
    few = f" {wholes} whole images are few: read their rates with their intervals."
    return Section(
        anchor="test",
        title="Results on the test set",
        note="A network names a group and whether there is a defect, by its largest logit; an "
        "inspector calls a defect from a threshold on the log-odds of defective, the one "
        f"{_which(study, first)}. Both stand here, apart. Accuracy is that of labels, group and "
        "defect together; balanced, its mean over labels. A missed defect costs "
        f"{judge.miss_cost:g}, a false alarm {judge.false_alarm_cost:g}."
        f"{few if wholes < FEW else ''}",
        found=" ".join(
            filter(None, (ahead(study.results, *each) for each in kinds_of(study.results)))
        ),
        tables=[
            *(
                results_table(study.results, kind, prefix, _judged_how(study, first, kind))
                for kind, prefix in kinds_of(study.results)
            ),
            *([of_defects] if of_defects else []),
        ],
        drawings=[
            Drawing(
                "errors",
                errors_of(study.best, study.facts["labels"], study.data, study.raw),
                "Wrongly judged test images",
                "Whole test images that the champion judges wrongly at the largest logit, twelve "
                f"at most.{outlined(study.data)}",
            )
        ],
    )


def _tested(study: Study) -> list[dict[str, str]]:
    """The rows of `images.csv` that some run is tested on: seeds may have folds of their own."""
    folds = dict.fromkeys(map(study.data_of, all_runs(study.results)))
    return [row for data in folds for row in data.images("test")]


def _which(study: Study, run: Result) -> str:
    """The thresholds of all that is judged: that on patches may be another."""
    of = {kind: rule_of(run.judge, kind).words for kind, _ in kinds_of(study.results)}
    if len(set(of.values())) == 1:
        return of["image"]
    return f"{of['image']} (on patches that {of['patch']})"


def _judged_how(study: Study, run: Result, kind: str) -> str:
    judged, size = run.judged[kind], study.facts["size"]
    of_fold = f"; {study.of_fold}" if study.of_fold else ""
    total, defects = len(judged.labels), int(judged.defective.sum())
    if kind == "patch":
        return (
            f"{total} test patches ({defects} defective{of_fold}) of "
            f"{len(set(judged.images))} images."
        )
    if study.facts["input"] == "image":
        how = f"each resized to {size} pixels"
    else:
        how = (
            f"each judged by windows of {size} pixels, {run.judge.whole.stride} pixels from one "
            "to the next: an image is as suspicious as its most suspicious window, and defective "
            "at the largest logit if any window is"
        )
    of_all = "" if total == (held := study.facts["images"]["test"]) else f" of {held}"
    return f"{total}{of_all} whole test images ({defects} defective{of_fold}), {how}."
