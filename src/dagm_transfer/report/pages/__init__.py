"""Self-contained HTML pages: templates, and what fills them."""
