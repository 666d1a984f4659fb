"""Where the ImageNet-trained trunk comes from."""
