"""A font without shapes: it lets invisible text be found and copied, and draws nothing."""

from io import BytesIO
from typing import Any

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph

WIDTH = 500  # thousandths of the type size; every character is as wide
_NAME = "Vohinh"


def add_font(pdf: pikepdf.Pdf, characters: set[str]) -> pikepdf.Object:
    """The font as an object of `pdf`; codes are UTF-16, and `characters` map back to themselves."""
    program = _program()
    descriptor = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=pikepdf.Name("/" + _NAME),
            Flags=5,
            FontBBox=[0, 0, WIDTH, 1000],
            ItalicAngle=0,
            Ascent=1000,
            Descent=0,
            CapHeight=1000,
            StemV=80,
            FontFile2=pikepdf.Stream(pdf, program, Length1=len(program)),
        )
    )
    # Every code shows glyph 1, never .notdef: PDF/A forbids text that refers to it.
    glyphs = pikepdf.Stream(pdf, b"\x00\x01" * 65536)
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name("/" + _NAME),
        CIDSystemInfo=pikepdf.Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        ),
        CIDToGIDMap=glyphs,
        DW=WIDTH,
        FontDescriptor=descriptor,
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name("/" + _NAME),
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(descendant)],
            ToUnicode=pikepdf.Stream(pdf, _to_unicode(characters)),
        )
    )


def _program() -> bytes:
    """A TrueType font of two empty glyphs."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "empty"])
    builder.setupCharacterMap({0x20: "empty"})
    builder.setupGlyf({".notdef": Glyph(), "empty": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (WIDTH, 0), "empty": (WIDTH, 0)})
    builder.setupHorizontalHeader(ascent=1000, descent=0)
    builder.setupNameTable({"familyName": _NAME, "styleName": "Regular", "psName": _NAME})
    builder.setupOS2(sTypoAscender=1000, sTypoDescender=0, usWinAscent=1000, usWinDescent=0)
    builder.setupPost()
    head: Any = builder.font["head"]
    head.created = head.modified = 3_786_912_000  # 2024, so that the font is the same every time
    builder.font.recalcTimestamp = False
    file = BytesIO()
    builder.save(file)
    return file.getvalue()


def _to_unicode(characters: set[str]) -> bytes:
    codes = sorted(f"{ord(c):04X}" for c in characters)
    chunks = [codes[i : i + 100] for i in range(0, len(codes), 100)]  # a section may hold a hundred
    sections = "\n".join(
        f"{len(chunk)} beginbfchar\n"
        + "\n".join(f"<{code}> <{code}>" for code in chunk)
        + "\nendbfchar"
        for chunk in chunks
    )
    return _CMAP.format(sections=sections).encode("ascii")


_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{sections}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
