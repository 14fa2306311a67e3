"""Maps: planted directions are found, and chosen points lie apart."""

import numpy as np
import pytest

from tasks.report.media.projection import project, spread_out


def planted(noise=0.0):
    rng = np.random.default_rng(3)
    axes = np.linalg.qr(rng.normal(size=(20, 2)))[0].T
    places = rng.normal(size=(300, 2)) * [5.0, 2.0]
    return places, places @ axes + 7.0 + rng.normal(size=(300, 20)) * noise


def test_a_planted_plane_is_found_with_its_distances():
    places, vectors = planted()
    found = project(vectors.astype(np.float32))
    assert found.share == pytest.approx(1.0, abs=1e-6)
    wanted = np.linalg.norm(places[:50, None] - places[None, :50], axis=2)
    assert np.linalg.norm(found.points[:50, None] - found.points[None, :50], axis=2) == pytest.approx(wanted, abs=1e-3)


def test_the_share_says_how_much_is_not_seen():
    share = project(planted(noise=1.0)[1]).share
    assert share == pytest.approx(29 / (29 + 18), abs=0.06)


def test_a_map_never_turns_over():
    vectors = planted()[1]
    turned = project(vectors[np.random.default_rng(0).permutation(300)]).points
    assert np.sort(turned[:, 0]) == pytest.approx(np.sort(project(vectors).points[:, 0]), abs=1e-9)


def test_equal_vectors_lie_in_one_point():
    found = project(np.ones((5, 3)))
    assert np.ptp(found.points) == 0
    assert found.share == 1.0


def test_chosen_points_lie_apart():
    corners = np.array([[0.0, 0.0], [0.0, 10.0], [10.0, 0.0], [10.0, 10.0]])
    crowd = np.concatenate([corners, corners + 0.5, [[5.2, 5.0]]])
    chosen = spread_out(crowd, 10, 3.0)
    assert len(chosen) == 5
    apart = np.linalg.norm(crowd[chosen][:, None] - crowd[chosen][None], axis=2)
    assert apart[~np.eye(5, dtype=bool)].min() >= 3.0
    assert spread_out(crowd, 2, 3.0) == chosen[:2]
    assert spread_out(np.empty((0, 2)), 5, 1.0) == []
