"""The page on students: small networks that learned from the study's runs."""
