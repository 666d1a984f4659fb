"""What the whole release of DAGM 2007 holds.

Wieler, Hahn, Hamprecht 2007, doi 10.5281/zenodo.8086136, CC BY 4.0.
"""

# Images of a whole texture: normal, defective.
DEVELOPMENT = (1000, 150)
COMPETITION = (2000, 300)


def whole_texture(texture: int) -> tuple[int, int]:
    """How many normal and defective images a texture has when it is whole."""
    return DEVELOPMENT if texture <= 6 else COMPETITION


def group_name(texture: int) -> str:
    """What a texture is called where data of any kind have groups.

    >>> group_name(1)
    'texture 1'
    """
    return f"texture {texture}"


def texture_of(group: str) -> int:
    """The texture that a group is.

    >>> texture_of(group_name(10))
    10
    """
    return int(group.split()[-1])


def lacking(texture: int, normal: int, defective: int) -> str | None:
    """What a texture lacks, in words; None where it is whole.

    >>> lacking(1, 140, 51)
    '860 of 1000 normal and 99 of 150 defective images are missing'
    """
    all_normal, all_defective = whole_texture(texture)
    # A copy that somebody added images to may have more than the release.
    less_normal, less_defective = max(0, all_normal - normal), max(0, all_defective - defective)
    if not less_normal and not less_defective:
        return None
    return (
        f"{less_normal} of {all_normal} normal and "
        f"{less_defective} of {all_defective} defective images are missing"
    )
