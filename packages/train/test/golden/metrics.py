"""Writes metrics.golden.json: maps and what others say of them.

    python metrics.py          scikit-learn 1.9.1, scikit-image 0.26, scipy 1.17, torchmetrics 1.9

Pixels: scikit-learn. Objects: `skimage.measure.label` per class (8 neighbours), then the published formulas: PQ of
panopticapi (checked against torchmetrics where nothing is ignored), AJI and AJI+ of HoVer-Net's stats_utils, matching
of centres by scipy's linear_sum_assignment. Borders: scipy's erosion and distance transform; HD95 as in medpy, NSD
as in MONAI. Distances: scipy's `distance_transform_edt`. Touching discs: extended maxima and watershed of skimage.
"""
import base64
import json
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from skimage.measure import label as components
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed
from sklearn.metrics import f1_score, jaccard_score, precision_score, recall_score
from torchmetrics.detection import PanopticQuality

IGNORED = 255
CLASSES = 4
rng = np.random.default_rng(20261121)


# ── maps ──
def discs(height, width, count, touching=True):
    """Discs of random classes; later ones cover earlier ones. Also returns their ids."""
    labels = np.zeros((height, width), np.uint8)
    ids = np.zeros((height, width), np.int32)
    rows, columns = np.mgrid[:height, :width]
    for k in range(count):
        y, x, radius = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(2, 6)
        inside = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
        labels[inside], ids[inside] = rng.integers(1, CLASSES), k + 1
    return labels, ids


def shifted(labels, by):
    """A prediction that is like the truth: moved, with specks of other classes."""
    moved = np.roll(labels, by, (0, 1))
    noise = rng.random(labels.shape) < 0.03
    return np.where(noise, rng.integers(0, CLASSES, labels.shape), moved).astype(np.uint8)


def image(truth, predicted, ids=None):
    return {"truth": truth.astype(np.uint8), "predicted": predicted.astype(np.uint8), "ids": ids}


def sets():
    def noise():
        return rng.integers(0, CLASSES, (17, 23))

    def nuclei(known):
        truth, ids = discs(32, 40, 9)
        predicted = np.where(truth == IGNORED, 0, shifted(truth, (1, -1)))
        return image(truth, predicted, ids if known else None)

    def with_ignored():
        one = nuclei(False)
        one["truth"][4:20, 10:24] = IGNORED
        return one

    empty = np.zeros((17, 23))
    ignored = np.full((17, 23), IGNORED)
    absent = noise()
    absent[absent == 2] = 0
    only_one = noise() % 2
    some_ignored = noise()
    some_ignored[rng.random(some_ignored.shape) < 0.3] = IGNORED
    yield "random", [image(noise(), noise()) for _ in range(3)]
    yield "nuclei", [nuclei(False) for _ in range(3)]
    yield "nuclei whose objects are known", [nuclei(True) for _ in range(3)]
    yield "some pixels ignored", [image(some_ignored, noise()), with_ignored(), with_ignored()]
    yield "a class that the truth lacks", [image(absent, noise()), image(only_one, noise())]
    yield "a class that neither side has", [image(only_one, only_one.T.reshape(only_one.shape))]
    yield "an empty prediction", [image(noise(), empty), nuclei(False)]
    yield "an empty truth", [image(empty, noise()), nuclei(False)]
    yield "nothing on either side", [image(empty, empty)]
    yield "everything ignored", [image(ignored, noise())]
    yield "one pixel, right", [image(np.array([[3]]), np.array([[3]]))]
    yield "one pixel, wrong", [image(np.array([[3]]), np.array([[1]]))]
    yield "one pixel, ignored", [image(np.array([[IGNORED]]), np.array([[1]]))]
    yield "all right", [image(one["truth"], one["truth"]) for one in (nuclei(False), nuclei(False))]
    yield "one class everywhere", [image(empty + 2, empty + 2), image(empty + 2, empty + 1)]


# ── pixels: scikit-learn ──
SCORES = {"iou": jaccard_score, "dice": f1_score, "precision": precision_score, "recall": recall_score}


def per_class(truth, predicted, channels):
    if len(truth) == 0:
        return {name: [0.0] * len(channels) for name in SCORES}
    options = {"labels": channels, "average": None, "zero_division": 0}
    return {name: list(map(float, score(truth, predicted, **options))) for name, score in SCORES.items()}


def valid(one):
    keep = one["truth"] != IGNORED
    return one["truth"][keep], one["predicted"][keep]


def mean_or_none(values):
    return float(np.mean(values)) if len(values) else None


def macro(truth, predicted, channels):
    present = [c for c in channels if (truth == c).any()]
    return {name: mean_or_none(values) for name, values in per_class(truth, predicted, present).items()} if present else None


def micro(truth, predicted, channels):
    union = np.isin(truth, channels).any()
    if not union:
        return None
    options = {"labels": channels, "average": "micro", "zero_division": 0}
    return {name: float(score(truth, predicted, **options)) for name, score in SCORES.items()}


def pixels(images):
    pairs = [valid(one) for one in images]
    truth = np.concatenate([pair[0] for pair in pairs])
    predicted = np.concatenate([pair[1] for pair in pairs])
    result = {}
    for name, channels in {"withBackground": [0, 1, 2, 3], "withoutBackground": [1, 2, 3]}.items():
        each = [found for pair in pairs if (found := macro(*pair, channels))]
        result[name] = {
            "dataset": macro(truth, predicted, channels),
            "micro": micro(truth, predicted, channels),
            "perImagePresent": {key: mean_or_none([one[key] for one in each]) for key in SCORES} if each else None,
        }
    return result


# ── objects: published formulas ──
def label_classes(labels):
    """Connected parts of each class, 8 neighbours: [(ids of class 1), …]."""
    return [components(labels == c, connectivity=2) for c in range(1, CLASSES)]


def objects_of(one, joint):
    """Truth and prediction as one map of ids per class; what is ignored belongs to no true object."""
    truth, predicted, ids = one["truth"], one["predicted"], one["ids"]
    ignored = truth == IGNORED
    if joint:
        truth, predicted = np.where(ignored, 0, np.minimum(truth, 1)), np.minimum(predicted, 1)
        if ids is not None:
            return [np.where(ignored, 0, ids)], [components(predicted, connectivity=2)], ignored
        return [components(truth, connectivity=2)], [components(predicted, connectivity=2)], ignored
    truth = np.where(ignored, 0, truth)
    if ids is not None:  # each known object has one class here
        return [np.where(truth == c, ids, 0) for c in range(1, CLASSES)], label_classes(predicted), ignored
    return label_classes(truth), label_classes(predicted), ignored


def ids_in(m):
    return [i for i in np.unique(m) if i > 0]


def pq_sums(truth, predicted, ignored):
    """panopticapi, pq_compute_single_core, for one class."""
    tp, fp, fn, iou_sum, matched_true, matched_predicted = 0, 0, 0, 0.0, set(), set()
    for t in ids_in(truth):
        for p in ids_in(predicted[truth == t]):
            intersection = ((truth == t) & (predicted == p)).sum()
            union = (truth == t).sum() + (predicted == p).sum() - intersection - ((predicted == p) & ignored).sum()
            if intersection / union > 0.5:
                tp, iou_sum = tp + 1, iou_sum + intersection / union
                matched_true.add(t), matched_predicted.add(p)
    fn = len([t for t in ids_in(truth) if t not in matched_true])
    for p in ids_in(predicted):
        if p in matched_predicted or ((predicted == p) & ignored).sum() / (predicted == p).sum() > 0.5:
            continue
        fp += 1
    return np.array([tp, fp, fn, iou_sum])


def ratio(a, b):
    return float(a / b) if b > 0 else None


def pq_scores(sums):
    tp, fp, fn, iou = sums
    return {"pq": ratio(iou, tp + fp / 2 + fn / 2), "dq": ratio(tp, tp + fp / 2 + fn / 2), "sq": ratio(iou, tp)}


def iou_table(truth, predicted, ignored):
    """HoVer-Net, get_fast_aji: pairwise intersections and unions, ignored pixels left out."""
    predicted = np.where(ignored, 0, predicted)
    true_ids, predicted_ids = ids_in(truth), ids_in(predicted)
    inter = np.zeros((len(true_ids), len(predicted_ids)))
    union = np.zeros_like(inter)
    for i, t in enumerate(true_ids):
        for j, p in enumerate(predicted_ids):
            inter[i, j] = ((truth == t) & (predicted == p)).sum()
            union[i, j] = ((truth == t) | (predicted == p)).sum() if inter[i, j] else 0
    areas = [(truth == t).sum() for t in true_ids], [(predicted == p).sum() for p in predicted_ids]
    return inter, union, areas


def aji(truth, predicted, ignored, plus):
    inter, union, (true_areas, predicted_areas) = iou_table(truth, predicted, ignored)
    if not true_areas and not predicted_areas:
        return None
    iou = inter / (union + 1e-300)
    if plus:
        rows, columns = linear_sum_assignment(-iou)
        pairs = [(r, c) for r, c in zip(rows, columns) if iou[r, c] > 0]
    else:
        pairs = [(r, int(iou[r].argmax())) for r in range(len(true_areas)) if iou[r].size and iou[r].max() > 0]
    total = sum(inter[p] for p in pairs)
    whole = sum(union[p] for p in pairs)
    whole += sum(area for r, area in enumerate(true_areas) if r not in {p[0] for p in pairs})
    whole += sum(area for c, area in enumerate(predicted_areas) if c not in {p[1] for p in pairs})
    return ratio(total, whole)


def detection_sums(truth, predicted, ignored, radius):
    predicted = np.where(ignored, 0, predicted)
    centres = [ndimage.center_of_mass(m > 0, m, ids_in(m)) for m in (truth, predicted)]
    a, b = (np.array(c).reshape(-1, 2) for c in centres)
    distance = np.linalg.norm(a[:, None] - b[None], axis=-1)
    cost = np.where(distance <= radius, distance, 1e6)
    rows, columns = linear_sum_assignment(cost)
    tp = int((distance[rows, columns] <= radius).sum())
    return np.array([tp, len(b) - tp, len(a) - tp])


def objects(images):
    def sums_over(images, joint, function):
        """[image][class] sums."""
        all_sums = []
        for one in images:
            truth, predicted, ignored = objects_of(one, joint)
            all_sums.append([function(t, p, ignored) for t, p in zip(truth, predicted)])
        return all_sums

    each = sums_over(images, False, pq_sums)
    joint = sums_over(images, True, pq_sums)
    totals = [pq_scores(sum(one[c] for one in each)) for c in range(CLASSES - 1)]
    detections = sums_over(images, True, lambda *maps: detection_sums(*maps, 4))
    tp, fp, fn = sum(one[0] for one in detections)
    images_with = [one[0] for one in joint if one[0][0] + one[0][2] > 0]

    def aji_mean(plus):
        found = sums_over(images, True, lambda *maps: (aji(*maps, plus), bool(ids_in(maps[0]))))
        return mean_or_none([value for ((value, present),) in found if present])

    return {
        "pq": [one["pq"] for one in totals],
        "dq": [one["dq"] for one in totals],
        "sq": [one["sq"] for one in totals],
        "jointPq": pq_scores(sum(one[0] for one in joint))["pq"],
        "jointPqPerImage": mean_or_none([pq_scores(sums)["pq"] for sums in images_with]),
        "aji": aji_mean(False),
        "ajiPlus": aji_mean(True),
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
    }


def check_with_torchmetrics(images, expected):
    """PQ over all classes of torchmetrics, which knows nothing ignored and needs known objects as ids."""
    metric = PanopticQuality(things=set(range(1, CLASSES)), stuffs={0}, return_per_class=True)
    for one in images:
        truth, predicted, _ = objects_of(one, False)
        def panoptic(maps):
            channels = sum((m > 0) * c for c, m in enumerate(maps, 1))
            return np.stack([channels, sum(m for m in maps)], -1)
        metric.update(torch.tensor(panoptic(predicted))[None], torch.tensor(panoptic(truth))[None])
    found = metric.compute()[0][:3].numpy()
    np.testing.assert_allclose(found, [v or 0 for v in expected], rtol=1e-6)


# ── borders ──
def border(mask):
    return mask & ~ndimage.binary_erosion(mask, ndimage.generate_binary_structure(2, 1))


def surface_distances(truth, predicted, spacing):
    a, b = border(truth), border(predicted)
    to_b = ndimage.distance_transform_edt(~b, sampling=spacing)[a]
    to_a = ndimage.distance_transform_edt(~a, sampling=spacing)[b]
    return to_b, to_a


def borders(images):
    def over(function):
        return [mean_or_none([v for one in images if (v := function(one, c)) is not None]) for c in range(1, CLASSES)]

    def masks(one, c):
        return one["truth"] == c, (one["predicted"] == c) & (one["truth"] != IGNORED)

    def hausdorff(percent, spacing, missing):
        def of(one, c):
            truth, predicted = masks(one, c)
            if not truth.any() and not predicted.any():
                return None
            if not truth.any() or not predicted.any():
                return float(np.hypot(truth.shape[0] * spacing[0], truth.shape[1] * spacing[1])) if missing else None
            return float(np.percentile(np.hstack(surface_distances(truth, predicted, spacing)), percent))
        return over(of)

    def nsd(tolerance, spacing):
        def of(one, c):
            truth, predicted = masks(one, c)
            count = border(truth).sum() + border(predicted).sum()
            if count == 0:
                return None
            if not truth.any() or not predicted.any():
                return 0.0
            return float(sum((d <= tolerance).sum() for d in surface_distances(truth, predicted, spacing)) / count)
        return over(of)

    return {
        "hd95": hausdorff(95, (1, 1), True),
        "hausdorffSkip": hausdorff(100, (0.5, 0.25), False),
        "nsd0": nsd(0, (1, 1)),
        "nsd2": nsd(2, (1, 1)),
        "nsdSpaced": nsd(0.6, (0.5, 0.25)),
    }


# ── distances and touching discs ──
def distances():
    for height, width, share, spacing in [(13, 17, 0.1, (1, 1)), (9, 30, 0.02, (0.5, 0.7)), (1, 8, 0.3, (1, 1)), (8, 1, 0.3, (2, 3))]:
        sites = rng.random((height, width)) < share
        sites.flat[rng.integers(sites.size)] = True
        squared = ndimage.distance_transform_edt(~sites, sampling=spacing) ** 2
        yield {"width": width, "height": height, "spacing": spacing, "sites": b64(sites.astype(np.uint8)),
               "squared": [round(float(v), 9) for v in squared.ravel()]}


def touching():
    """Chains of discs with necks: what h-maxima of the distance and a watershed make of them."""
    rows, columns = np.mgrid[:56, :72]
    for _ in range(4):
        mask = np.zeros(rows.shape, bool)
        for y, x, radius in zip(rng.uniform(8, 48, 8), rng.uniform(8, 64, 8), rng.uniform(5, 9, 8)):
            mask |= (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
        distance = ndimage.distance_transform_edt(mask)
        # skimage's own h_maxima gives two seeds for two peaks of one height, however high the pass between them
        seeds = components(local_maxima(reconstruction(distance - 1.0, distance)), connectivity=2)
        ids = watershed(-distance, seeds, mask=mask, connectivity=2)
        yield {"width": 72, "height": 56, "mask": b64(mask.astype(np.uint8)), "ids": b64(ids.astype(np.uint8))}


def b64(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def main():
    written = []
    for name, images in sets():
        found = objects(images)
        if not any((one["truth"] == IGNORED).any() for one in images):
            check_with_torchmetrics(images, found["pq"])
        written.append({
            "name": name,
            "images": [{
                "width": one["truth"].shape[1], "height": one["truth"].shape[0],
                "truth": b64(one["truth"]), "predicted": b64(one["predicted"]),
                **({} if one["ids"] is None else {"instances": b64(one["ids"].astype(np.uint8))}),
            } for one in images],
            "pixels": pixels(images), "objects": found, "borders": borders(images),
        })
    golden = {"classes": CLASSES, "sets": written, "distances": list(distances()), "touching": list(touching())}
    path = Path(__file__).with_name("metrics.golden.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size)


main()
