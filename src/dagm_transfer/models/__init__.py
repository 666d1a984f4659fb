"""The network, and the ImageNet-trained trunk it may start from."""
