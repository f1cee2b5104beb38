"""The chat page and its HTTP door. They render values and decide nothing; no other room knows Gradio."""

import os

# Gradio reads these when it is imported, so they must stand before the first import of it.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
