"""Source and target: what the trunk was trained on, and what is inspected."""

from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.samples import MOST_GROUPS, outlined, source_and_target


def source_section(study: Study) -> Section:
    """Pictures of both domains."""
    groups, subject = study.facts["groups"], study.facts["subject"]
    some = f"; {MOST_GROUPS} of the {len(groups)} groups are drawn"
    return Section(
        anchor="source",
        title="Source and target",
        study="English figures 1 and 3, Korean figures 1, 3 and 5",
        published="ImageNet photographs and DAGM textures look nothing alike to a person.",
        drawings=[
            Drawing(
                "samples",
                source_and_target(study.trunk, study.data, study.raw),
                f"Photographs, first-layer filters, and {subject} without and with a defect",
                "Top: two photographs, in place of the million that the source network was trained "
                "on (they ship with scikit-learn and are none of those), and the 64 filters of its "
                f"first layer. Below: the inspected {subject}, a normal and a defective one of "
                f"each group{some if len(groups) > MOST_GROUPS else ''}.{outlined(study.data)}",
            )
        ],
    )
