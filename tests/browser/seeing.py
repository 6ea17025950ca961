"""Whether all of a page can be seen: scripts that return what cannot."""

from __future__ import annotations

from typing import Final

__all__ = ["CUT", "PALE"]

# What reaches beyond the window's right edge, and the page itself if it can be scrolled sideways.
CUT: Final = """() => {
  const width = document.documentElement.clientWidth;
  const cut = [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > width + 1);
  const names = cut.map((each) => each.tagName + " " + each.textContent.slice(0, 40));
  return document.documentElement.scrollWidth > width ? ["the page", ...names] : names;
}"""
# Texts with less contrast than WCAG 2.2 wants (AA: 4.5), against the nearest background that is not transparent.
PALE: Final = """() => {
  const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = numbers(color).slice(0, 3).map((each) => each / 255)
      .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (each) => {
    for (; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if ((numbers(color)[3] ?? 1) > 0) { return color; }
    }
    return "rgb(255, 255, 255)";
  };
  const ratio = (each) => {
    const [a, b] = [light(getComputedStyle(each).color), light(behind(each))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const shown = [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility());
  return shown.filter((each) => ratio(each) < 4.5).map((each) => each.tagName + " " + ratio(each));
}"""
