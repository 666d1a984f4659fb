"""Pure functions: tensors or arrays in, floats out, one idea a file."""
