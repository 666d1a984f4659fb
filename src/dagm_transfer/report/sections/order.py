"""The sections of the page in their order: the study's figures and tables, then what it lacks."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dagm_transfer.analysis.of_seeds import folders_there
from dagm_transfer.analysis.paths import COMPARISON, EMBEDDING, INTERPOLATION, RESPONSES
from dagm_transfer.report.contents import Section, Study
from dagm_transfer.report.found.results import with_layers
from dagm_transfer.report.sections.accuracy import accuracy_section
from dagm_transfer.report.sections.channels import channels_section
from dagm_transfer.report.sections.compared import compared_section
from dagm_transfer.report.sections.comparison import comparison_section
from dagm_transfer.report.sections.course import course_section
from dagm_transfer.report.sections.embedding import embedding_section
from dagm_transfer.report.sections.flat import flat_section
from dagm_transfer.report.sections.freezing import freezing_section
from dagm_transfer.report.sections.interpolation import interpolation_section
from dagm_transfer.report.sections.judged import judged_section
from dagm_transfer.report.sections.manifold import manifold_section
from dagm_transfer.report.sections.responses import responses_section
from dagm_transfer.report.sections.reuse import probes_section, reuse_section
from dagm_transfer.report.sections.silence import silence_section
from dagm_transfer.report.sections.source import source_section
from dagm_transfer.report.sections.weights import weights_section

Make = Callable[[Study], Section | None]

SECTIONS: Sequence[Make] = (
    compared_section,
    source_section,
    embedding_section,
    accuracy_section,
    judged_section,
    weights_section,
    channels_section,
    responses_section,
    flat_section,
    manifold_section,
    interpolation_section,
    reuse_section,
    probes_section,
    comparison_section,
    course_section,
    freezing_section,
    silence_section,
)

# Those of a stage that is run seed by seed: where there is nothing of it, as where a report is made
# of logs alone, the page has no such section.
OF_A_STAGE: Mapping[Make, Path] = {
    responses_section: RESPONSES,
    interpolation_section: INTERPOLATION,
    comparison_section: COMPARISON,
}
# What is told of layers needs one run at least whose layers were measured.
OF_LAYERS: Sequence[Make] = (
    weights_section,
    channels_section,
    flat_section,
    reuse_section,
    probes_section,
    comparison_section,
    course_section,
)


def sections_of(study: Study) -> list[Section]:
    """Those that the study's runs have something for."""
    left_out = {
        make
        for make, below in OF_A_STAGE.items()
        if not folders_there(study.root / below, study.seeds)
    }
    if not (study.root / EMBEDDING).exists():
        left_out.add(embedding_section)
    if not with_layers(study.results):
        left_out.update(OF_LAYERS)
    there = [make for make in SECTIONS if make not in left_out]
    return [section for make in there if (section := make(study))]
