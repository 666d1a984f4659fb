"""DAGM-style images: six procedural textures with defects and weak labels.

All pixels come from the procedures here; nothing is taken from the DAGM images, whose
published statistics they follow. `draw.draw_image` draws one image, `write.write_dataset` a
folder in the official layout.
"""
