"""Figures and pages drawn here: inline SVG and one style sheet, no library, nothing to download."""
