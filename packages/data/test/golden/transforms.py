"""Makes transforms.golden.json: what other code makes of a small H&E-like image.

python transforms.py > transforms.golden.json   (numpy 2, scipy 1.17, scikit-image 0.26)

blur: scipy.ndimage.gaussian_filter. hue and saturation: scikit-image's HSV. resample: scipy.ndimage.map_coordinates.
Reinhard: the formulas of the paper (2001), with HistomicsTK's handling of means and deviations. Macenko: the published
code's steps (M. Veta's stainnormalisation; schaugf's HEnorm_python) with values above 255 at 255.
"""

import json

import numpy as np
from scipy import ndimage
from skimage import color

HEIGHT, WIDTH = 16, 14
rng = np.random.default_rng(7)
stains = np.array([[0.6, 0.72, 0.35], [0.1, 0.95, 0.3]])
amounts = np.stack([rng.gamma(1.2, 0.5, (HEIGHT, WIDTH)), rng.gamma(1.5, 0.4, (HEIGHT, WIDTH))], axis=-1)
image = np.clip(240 * np.exp(-amounts @ stains) + rng.normal(0, 2, (HEIGHT, WIDTH, 3)), 0, 255).round().astype(np.uint8)
unit = image / 255


def blur(deviation):
    return np.stack([ndimage.gaussian_filter(unit[..., c], deviation, mode="mirror", truncate=4) for c in range(3)], -1)


def shift(turn, factor):
    hsv = color.rgb2hsv(unit)
    hsv[..., 0] = (hsv[..., 0] + turn) % 1
    hsv[..., 1] = np.clip(hsv[..., 1] * factor, 0, 1)
    return color.hsv2rgb(hsv)


def resample(top, left, height, width, factor, radians):
    rows, columns = np.mgrid[0:height, 0:width].astype(float)
    rows -= (height - 1) / 2
    columns -= (width - 1) / 2
    c, s = np.cos(radians) / factor, np.sin(radians) / factor
    y = top + (height - 1) / 2 + rows * c - columns * s
    x = left + (width - 1) / 2 + rows * s + columns * c
    return np.stack([ndimage.map_coordinates(unit[..., k], [y, x], order=1, mode="mirror") for k in range(3)], -1)


def reinhard(mean, deviation):
    cones = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
    axes = np.diag([1 / np.sqrt(3), 1 / np.sqrt(6), 1 / np.sqrt(2)]) @ np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]])
    lab = np.log(image.astype(float) @ cones.T) @ axes.T
    lab = (lab - lab.mean((0, 1))) / lab.std((0, 1)) * deviation + mean
    return np.clip(np.exp(lab @ np.linalg.inv(axes).T) @ np.linalg.inv(cones).T, 0, 255) / 255


def macenko(light=240, alpha=1, beta=0.15):
    target = np.array([[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]])
    target_amounts = np.array([1.9705, 1.0308])
    density = -np.log((image.reshape(-1, 3).astype(float) + 1) / light)
    dense = density[~np.any(density < beta, axis=1)]
    _, vectors = np.linalg.eigh(np.cov(dense.T))
    plane = vectors[:, 1:3] * np.sign(vectors[:, 1:3].sum(0))
    projected = dense @ plane
    angles = np.arctan2(projected[:, 1], projected[:, 0])
    ends = [plane @ np.array([np.cos(a), np.sin(a)]) for a in np.percentile(angles, [alpha, 100 - alpha])]
    first, second = ends if ends[0][0] > ends[1][0] else ends[::-1]
    both = np.stack([first, second], axis=1)
    found = np.linalg.lstsq(both, density.T, rcond=None)[0]
    most = np.percentile(found, 99, axis=1)
    normalised = light * np.exp(-target @ (found * (target_amounts / most)[:, None]))
    return {
        "haematoxylin": first.tolist(),
        "eosin": second.tolist(),
        "amounts": most.tolist(),
        "image": np.minimum(normalised, 255).T.reshape(HEIGHT, WIDTH, 3) / 255,
    }


def flat(values):
    return np.round(np.asarray(values), 7).ravel().tolist()


veta = macenko()
print(json.dumps({
    "width": WIDTH,
    "height": HEIGHT,
    "image": image.ravel().tolist(),
    "blur": [{"deviation": d, "image": flat(blur(d))} for d in (0.7, 2.3)],
    "hsv": [{"turn": t, "factor": f, "image": flat(shift(t, f))} for t, f in ((0.2, 1.3), (-0.45, 0.4))],
    "resample": [
        dict(zip(("top", "left", "height", "width", "factor", "radians"), at), image=flat(resample(*at)))
        for at in ((0, 0, HEIGHT, WIDTH, 1.3, 0.4), (9, -4, 11, 13, 0.6, -2.0))
    ],
    "reinhard": flat(reinhard([8.74108109, -0.12440419, 0.0444982], [0.6135447, 0.10989545, 0.0286032])),
    "macenko": {**veta, "image": flat(veta["image"])},
}))
