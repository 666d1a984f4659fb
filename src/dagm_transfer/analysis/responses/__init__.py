"""Does the last convolution's response to a whole image show the defect?"""
