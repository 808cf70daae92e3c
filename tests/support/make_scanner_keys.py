"""Writes tests/support/scanner_keys.c: how each layout types a character, from
xkeyboard-config by libxkbcommon, so that the tables of app/devices/keyboard_layout.c are
held against somebody else's. Run: make_scanner_keys.py > scanner_keys.c && clang-format -i.
"""
import ctypes

LAYOUTS = {"us": "us", "uk": "gb", "de": "de", "fr": "fr", "es": "es", "it": "it", "jp": "jp"}
# usage of HID page 07 -> evdev key code, as the kernel's hid-input has it
KEYS = {0x35: 41, 0x1E: 2, 0x1F: 3, 0x20: 4, 0x21: 5, 0x22: 6, 0x23: 7, 0x24: 8, 0x25: 9,
        0x26: 10, 0x27: 11, 0x2D: 12, 0x2E: 13, 0x14: 16, 0x1A: 17, 0x08: 18, 0x15: 19,
        0x17: 20, 0x1C: 21, 0x18: 22, 0x0C: 23, 0x12: 24, 0x13: 25, 0x2F: 26, 0x30: 27,
        0x04: 30, 0x16: 31, 0x07: 32, 0x09: 33, 0x0A: 34, 0x0B: 35, 0x0D: 36, 0x0E: 37,
        0x0F: 38, 0x33: 39, 0x34: 40, 0x31: 43, 0x64: 86, 0x1D: 44, 0x1B: 45, 0x06: 46,
        0x19: 47, 0x05: 48, 0x11: 49, 0x10: 50, 0x36: 51, 0x37: 52, 0x38: 53, 0x87: 89,
        0x89: 124, 0x2C: 57}
DEAD = {0xFE50: "`", 0xFE51: "´", 0xFE52: "^", 0xFE53: "~", 0xFE57: "¨"}
COMPOSED = {"`": ("aeiouAEIOU", "àèìòùÀÈÌÒÙ"), "´": ("aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"),
            "^": ("aeiouAEIOU", "âêîôûÂÊÎÔÛ"), "~": ("anoANO", "ãñõÃÑÕ"),
            "¨": ("aeiouyAEIOU", "äëïöüÿÄËÏÖÜ")}
# Windows, which scanners imitate, has dead keys here; Linux has plain ones.
WINDOWS_DEAD = {("fr", 0x1F, 2): "~", ("fr", 0x24, 2): "`", ("es", 0x21, 2): "~"}
SHIFT, ALTGR = 0x02, 0x40
LEVEL_MODIFIERS = [0, SHIFT, ALTGR, SHIFT | ALTGR]

xkb = ctypes.CDLL("libxkbcommon.so.0")
for name in ("xkb_context_new", "xkb_keymap_new_from_names"):
    getattr(xkb, name).restype = ctypes.c_void_p


class Names(ctypes.Structure):
    _fields_ = [(n, ctypes.c_char_p) for n in "rules model layout variant options".split()]


def keysyms(keymap, key, level):
    out = ctypes.POINTER(ctypes.c_uint32)()
    n = xkb.xkb_keymap_key_get_syms_by_level(ctypes.c_void_p(keymap), KEYS[key] + 8, 0, level,
                                             ctypes.byref(out))
    return out[0] if n == 1 else 0


def ways(layout):
    """character -> (key, modifiers, following letter or ""), the simplest one"""
    model = b"jp106" if layout == "jp" else b"pc105"
    names = Names(b"evdev", model, LAYOUTS[layout].encode(), b"", b"")
    keymap = xkb.xkb_keymap_new_from_names(ctypes.c_void_p(xkb.xkb_context_new(0)),
                                           ctypes.byref(names), 0)
    plain, dead = {}, {}
    for level in range(4):
        for key in KEYS:
            if layout == "us" and (level > 1 or key == 0x64):
                continue
            if layout == "fr" and level == 1 and key == 0x35:
                continue  # Windows has nothing there
            sym = keysyms(keymap, key, level)
            accent = WINDOWS_DEAD.get((layout, key, level)) or (level < 2 and DEAD.get(sym))
            code = xkb.xkb_keysym_to_utf32(sym)
            if accent:
                dead.setdefault(accent, (key, LEVEL_MODIFIERS[level]))
            elif 0x20 <= code < 0x7F:
                plain.setdefault(chr(code), (key, LEVEL_MODIFIERS[level], ""))
            elif level < 2 and 0xA0 < code < 0x100:
                plain.setdefault(chr(code), (key, LEVEL_MODIFIERS[level], ""))
    for accent, (key, modifiers) in dead.items():
        plain.setdefault(accent, (key, modifiers, " "))
        for letter, composed in zip(*COMPOSED[accent]):
            plain.setdefault(composed, (key, modifiers, letter))
    return plain


print("// Made by make_scanner_keys.py from xkeyboard-config; do not edit.")
print('#include "tests/support/scanner_keys.h"\n')
print("#include <stddef.h>\n")
for layout in LAYOUTS:
    print(f"static const struct scanner_key {layout}[] = {{")
    for c, (key, modifiers, then) in sorted(ways(layout).items()):
        print(f"{{0x{ord(c):02X}, 0x{key:02X}, 0x{modifiers:02X}, {ord(then) if then else 0}}},")
    print("{0}};\n")
print("const struct scanner_layout scanner_layouts[] = {")
for layout in LAYOUTS:
    print(f'{{"{layout}", {layout}}},')
print("{NULL, NULL}};")
