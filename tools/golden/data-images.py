"""Golden values for src/data/images: what Pillow, pydicom, nibabel and NumPy read from the same bytes, and Pillow's resizing.

python3 -m pip install pillow==13.0.0 pydicom==3.0.2 nibabel==5.4.2 numpy==2.4.6 pylibjpeg==2.1.0 pylibjpeg-openjpeg==2.6.0 pylibjpeg-libjpeg==2.5.0
YIMENG_DATA=… python3 tools/golden/data-images.py > src/data/images/images.golden.json

Small files are written here and stored in the JSON; others are named and found below YIMENG_DATA.
"""
import base64
import io
import json
import os
import pathlib
import struct
import zlib

import nibabel
import numpy
import PIL
import pydicom
from PIL import Image

data = pathlib.Path(os.environ["YIMENG_DATA"])
random = numpy.random.default_rng(7)


def digest(array):
    """Shape and sums in which every element counts, by place."""
    flat = numpy.asarray(array, dtype=numpy.float64).ravel()
    weights = 1 + numpy.arange(flat.size) % 251
    return {
        "shape": list(numpy.asarray(array).shape),
        "min": float(flat.min()),
        "max": float(flat.max()),
        "sum": float(flat.sum()),
        "weighted": float((weights * flat).sum()),
    }


def text(content):
    return base64.b64encode(content).decode()


# --- PNG: every colour type and depth, by an encoder of our own (Pillow writes few of them), read by Pillow
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def packed(row, bits):
    if bits == 16:
        return row.astype(">u2").tobytes()
    if bits == 8:
        return row.astype(numpy.uint8).tobytes()
    out = []
    for start in range(0, len(row), 8 // bits):
        byte = 0
        for place, value in enumerate(row[start : start + 8 // bits]):
            byte |= int(value) << (8 - bits * (place + 1))
        out.append(byte)
    return bytes(out)


def filtered(lines, step):
    """Each line with another filter, 0 to 4 in turn."""
    out = b""
    above = bytes(len(lines[0]))
    for number, line in enumerate(lines):
        kind = number % 5
        coded = bytearray()
        for at, value in enumerate(line):
            left = line[at - step] if at >= step else 0
            up = above[at]
            corner = above[at - step] if at >= step else 0
            guess = left + up - corner
            a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
            paeth = left if a <= b and a <= c else up if b <= c else corner
            coded.append((value - [0, left, up, (left + up) // 2, paeth][kind]) % 256)
        out += bytes([kind]) + bytes(coded)
        above = line
    return out


def png(pixels, colour, bits, interlaced, palette=None):
    height, width = pixels.shape[:2]
    pixels = pixels.reshape(height, width, SAMPLES[colour])
    step = max(1, bits * SAMPLES[colour] // 8)
    raw = b""
    for x, y, dx, dy in PASSES if interlaced else [(0, 0, 1, 1)]:
        part = pixels[y::dy, x::dx]
        if part.size:
            raw += filtered([packed(row.ravel(), bits) for row in part], step)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    middle = chunk(b"PLTE", palette.astype(numpy.uint8).tobytes()) if palette is not None else b""
    half = zlib.compress(raw)
    cut = len(half) // 2
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", b"a\0b") + middle
        + chunk(b"IDAT", half[:cut]) + chunk(b"IDAT", half[cut:]) + chunk(b"IEND", b"")
    )


pngs = []
for colour, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
    for bits in depths:
        for interlaced in [False, True]:
            pixels = random.integers(0, 2**bits, (9, 13, SAMPLES[colour]))
            palette = random.integers(0, 256, (2**bits, 3)) if colour == 3 else None
            content = png(pixels, colour, bits, interlaced, palette)
            read = Image.open(io.BytesIO(content))
            # truth: what was written; Pillow must agree where it keeps all bits
            if colour == 3:
                truth = palette[pixels[..., 0]]
                assert (numpy.asarray(read.convert("RGB")) == truth).all()
            elif colour in (0, 4):
                truth = pixels[..., 0] * (255 // (2**bits - 1) if bits < 8 else 1)
                if bits <= 8:
                    assert (numpy.asarray(read.convert("LA" if colour == 4 else "L")).reshape(9, 13, -1)[..., 0] == truth).all()
                elif colour == 0:
                    assert (numpy.asarray(read) == truth).all()
            else:
                truth = pixels[..., :3]
                if bits == 8:
                    assert (numpy.asarray(read)[..., :3] == truth).all()
            pngs.append({"colour": colour, "bits": bits, "interlaced": interlaced, "file": text(content), **digest(truth.reshape(9, 13, -1))})

# --- JPEG
smooth = numpy.add.outer(numpy.arange(24) * 5, numpy.arange(31) * 4) % 256
jpegs = []
for name, picture, options in [
    ("grey", Image.fromarray(smooth.astype(numpy.uint8)), {}),
    ("grey progressive", Image.fromarray(smooth.astype(numpy.uint8)), {"progressive": True}),
    ("colour 4:2:0", Image.fromarray(numpy.stack([smooth, 255 - smooth, smooth // 2], -1).astype(numpy.uint8)), {}),
    ("colour 4:4:4 progressive", Image.fromarray(numpy.stack([smooth, 255 - smooth, smooth // 2], -1).astype(numpy.uint8)), {"progressive": True, "subsampling": 0}),
]:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, **options)
    read = numpy.asarray(Image.open(out)).reshape(24, 31, -1)
    jpegs.append({"name": name, "file": text(out.getvalue()), **digest(read)})
out = io.BytesIO()
Image.fromarray(numpy.stack([smooth] * 4, -1).astype(numpy.uint8), "CMYK").save(out, "JPEG")
cmyk = text(out.getvalue())
originals = []
for path in sorted((data / "brain-tumour/original-samples").glob("*.jpg"))[::4]:
    read = Image.open(path)
    originals.append({"file": str(path.relative_to(data)), **digest(numpy.asarray(read)), "grey": digest(numpy.asarray(read.convert("L")))})

# --- DICOM
dicoms = []
for path in sorted((data / "samples/dicom").glob("*.dcm")):
    entry = {"file": path.name}
    try:
        read = pydicom.dcmread(path)
        pixels = read.pixel_array
        slope = float(read.get("RescaleSlope", read.get("DoseGridScaling", 1)))
        pixels = pixels.astype(numpy.float64) * slope + float(read.get("RescaleIntercept", 0))
        entry.update(digest(pixels))
    except Exception as error:
        entry["refused"] = type(error).__name__
    dicoms.append(entry)

# --- NIfTI: nibabel has x first, files have x fastest
niftis = []
for path in sorted((data / "samples/nifti").glob("*.nii*")):
    array = nibabel.load(path).get_fdata()
    niftis.append({"file": path.name, **digest(numpy.transpose(array))})

# --- NumPy files
arrays = []
for descr in ["|b1", "|u1", "|i1", "<u2", ">u2", "<i2", "<i4", "<u4", ">i4", "<i8", "<u8", "<f2", "<f4", ">f4", "<f8"]:
    for order in ["C", "F"]:
        array = (random.integers(0, 2, (3, 4, 5)) if descr == "|b1" else random.integers(0, 100, (3, 4, 5))).astype(descr)
        if array.dtype.kind in "if" and array.dtype.kind != "b":
            array[0, 0, 1] = -array[0, 0, 1]
        out = io.BytesIO()
        numpy.save(out, numpy.asarray(array, order=order))
        arrays.append({"descr": descr, "order": order, "file": text(out.getvalue()), **digest(array)})
objects = io.BytesIO()
numpy.save(objects, numpy.array([{"a": 1}], dtype=object), allow_pickle=True)
archives = []
for save in [numpy.savez, numpy.savez_compressed]:
    out = io.BytesIO()
    images, labels = random.integers(0, 256, (6, 5, 4)).astype(numpy.uint8), numpy.arange(6).reshape(6, 1) % 2
    save(out, images=images, labels=labels)
    archives.append({"file": text(out.getvalue()), "images": digest(images), "labels": digest(labels)})

# --- resizing: Pillow in floating point (mode F), no aspect kept
resized = []
picture = random.random((17, 23)).astype(numpy.float32)
for name, method in [("area", Image.Resampling.BOX), ("bilinear", Image.Resampling.BILINEAR), ("nearest", Image.Resampling.NEAREST)]:
    for width, height in [(8, 8), (23, 17), (5, 11), (40, 50), (28, 28), (23, 5)]:
        result = numpy.asarray(Image.fromarray(picture, "F").resize((width, height), method))
        resized.append({"method": name, "width": width, "height": height, **digest(result)})
colours = random.integers(0, 256, (6, 7, 3)).astype(numpy.uint8)
luma = {"file": colours.ravel().tolist(), **digest(numpy.asarray(Image.fromarray(colours).convert("L")))}

print(
    json.dumps(
        {
            "origin": "tools/golden/data-images.py",
            "versions": {"pillow": PIL.__version__, "pydicom": pydicom.__version__, "nibabel": nibabel.__version__, "numpy": numpy.__version__},
            "pngs": pngs,
            "jpegs": jpegs,
            "cmyk": cmyk,
            "originals": originals,
            "dicoms": dicoms,
            "niftis": niftis,
            "arrays": arrays,
            "objects": text(objects.getvalue()),
            "archives": archives,
            "picture": picture.ravel().tolist(),
            "resized": resized,
            "luma": luma,
        },
        indent=1,
    )
)
