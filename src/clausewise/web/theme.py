"""The page's own theme, on Gradio's mechanism: system fonts only, so that nothing is fetched."""

from __future__ import annotations

import gradio as gr

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "Cascadia Mono", "Menlo", "Consolas", "Liberation Mono", "monospace")
# The colours are named in style.css, once for light and once for dark; Gradio's own parts are pointed at those names.
COLOURS = {
    "body_background_fill": "paper",
    "body_text_color": "ink",
    "body_text_color_subdued": "soft",
    "background_fill_primary": "card",
    "background_fill_secondary": "well",
    "border_color_primary": "line",
    "border_color_accent": "accent",
    "color_accent_soft": "well",
    "block_background_fill": "paper",
    "block_label_text_color": "soft",
    "block_title_text_color": "soft",
    "block_info_text_color": "soft",
    "input_background_fill": "card",
    "input_border_color": "edge",
    "input_border_color_focus": "accent",
    "input_placeholder_color": "soft",
    "button_primary_background_fill": "accent",
    "button_primary_background_fill_hover": "accent-deep",
    "button_primary_border_color": "accent",
    "button_primary_text_color": "on-accent",
    "button_secondary_background_fill": "card",
    "button_secondary_background_fill_hover": "well",
    "button_secondary_border_color": "edge",
    "button_secondary_text_color": "ink",
}
SHAPES = {
    "block_border_width": "0px",
    "block_shadow": "none",
    "button_border_width": "1px",
    "button_large_text_size": "1rem",
    "button_large_text_weight": "600",
    "button_large_padding": "0.55rem 0.9rem",
    "button_large_radius": "0.4rem",
}


def theme() -> gr.themes.Base:
    base = gr.themes.Base(font=SANS, font_mono=MONO)
    both = {name + suffix: f"var(--cw-{colour})" for name, colour in COLOURS.items() for suffix in ("", "_dark")}
    return base.set(**both, **SHAPES)
