"""Charts as files for documents and slides: the same figures as on screen, drawn without a browser."""

from explainers.pictures.charts import Caption, paint_png, paint_svg

__all__ = ["Caption", "paint_png", "paint_svg"]
