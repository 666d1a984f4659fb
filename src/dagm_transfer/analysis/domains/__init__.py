"""How far domains lie apart, as a trunk sees them: photographs, textures, scrambled images."""
