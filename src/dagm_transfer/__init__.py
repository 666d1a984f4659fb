"""Why ImageNet features find defects on textures: the study, and the tool that comes out of it."""
