//! What the directions of word vectors tell: which are near each other, what a difference means,
//! and how they lie when they are looked at from their widest side.

/// Vectors of equal length, one after the other.
pub struct VectorSpace<'a> {
    /// `[vectors, size]`
    values: &'a [f32],
    size: usize,
    /// Each vector's length.
    norms: Vec<f32>,
}

/// Vectors seen from their widest side.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Where each vector lies, relative to the mean of all.
    pub points: Vec<[f32; 2]>,
    /// The share of the vectors' variance along each of the two axes.
    pub variance: [f32; 2],
}

/// Turns of power iteration after which an axis is good enough for a picture.
const MOST_TURNS: usize = 300;
/// An axis that turns by less than this is found.
const STILL: f64 = 1e-9;

impl<'a> VectorSpace<'a> {
    /// The vectors in `values` `[vectors, size]`, row by row; what is left over is no vector.
    pub fn new(values: &'a [f32], size: usize) -> Self {
        let size = size.max(1);
        let norms = values.chunks_exact(size).map(norm).collect();
        Self {
            values,
            size,
            norms,
        }
    }

    /// The vector of a row; empty where there is none.
    pub fn vector(&self, row: usize) -> &'a [f32] {
        self.values
            .get(row * self.size..(row + 1) * self.size)
            .unwrap_or_default()
    }

    /// The rows whose vectors point most nearly the same way as `direction`, with the cosine of the
    /// angle between them, the nearest first; of equal ones the first. Only rows that are
    /// `allowed` count. A vector of zeros has no direction: its cosine is 0.
    pub fn nearest(
        &self,
        direction: &[f32],
        count: usize,
        allowed: impl Fn(usize) -> bool,
    ) -> Vec<(usize, f32)> {
        let length = norm(direction);
        let mut found: Vec<(usize, f32)> = self
            .values
            .chunks_exact(self.size)
            .zip(&self.norms)
            .enumerate()
            .filter(|&(row, _)| allowed(row))
            .map(|(row, (vector, norm))| {
                let lengths = length * norm;
                let cosine = if lengths > 0.0 {
                    dot(vector, direction) / lengths
                } else {
                    0.0
                };
                (row, cosine)
            })
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found.truncate(count);
        found
    }

    /// The direction of `a − b + c`, each vector first brought to length 1: where a is to b as the
    /// answer is to c, the answer lies there (3CosAdd; Mikolov et al. 2013, Levy and Goldberg 2014).
    pub fn analogy(&self, a: usize, b: usize, c: usize) -> Vec<f32> {
        let mut sum = vec![0.0; self.size];
        for (row, sign) in [(a, 1.0), (b, -1.0), (c, 1.0)] {
            let length = self.norms.get(row).copied().unwrap_or(0.0);
            if length > 0.0 {
                for (sum, value) in sum.iter_mut().zip(self.vector(row)) {
                    *sum += sign * value / length;
                }
            }
        }
        sum
    }

    /// These rows on the plane of their first two principal axes: the two directions at right angles
    /// in which they differ most. The same vectors give the same picture.
    pub fn plane(&self, rows: &[usize]) -> Plane {
        let vectors: Vec<Vec<f64>> = rows
            .iter()
            .map(|&row| self.vector(row).iter().map(|&value| value.into()).collect())
            .filter(|vector: &Vec<f64>| vector.len() == self.size)
            .collect();
        let count = vectors.len().max(1) as f64;
        let mut mean = vec![0.0; self.size];
        for vector in &vectors {
            add(&mut mean, 1.0 / count, vector);
        }
        let centred: Vec<Vec<f64>> = vectors
            .into_iter()
            .map(|mut vector| {
                add(&mut vector, -1.0, &mean);
                vector
            })
            .collect();
        let mut covariance = vec![vec![0.0; self.size]; self.size];
        for vector in &centred {
            for (row, &value) in covariance.iter_mut().zip(vector) {
                add(row, value / count, vector);
            }
        }
        let total: f64 = (0..self.size).map(|i| covariance[i][i]).sum();
        let axes = [(); 2].map(|()| take_axis(&mut covariance));
        Plane {
            points: centred
                .iter()
                .map(|vector| axes.each_ref().map(|(axis, _)| dot64(vector, axis) as f32))
                .collect(),
            variance: axes.each_ref().map(|(_, variance)| {
                if total > 0.0 {
                    (variance / total) as f32
                } else {
                    0.0
                }
            }),
        }
    }
}

/// The direction in which a symmetric matrix stretches most, and by how much, by power iteration; it
/// is taken out of the matrix, so that the next call finds the next one. Zeros for a matrix of zeros.
fn take_axis(matrix: &mut [Vec<f64>]) -> (Vec<f64>, f64) {
    let size = matrix.len();
    // The column of the largest diagonal entry is never at a right angle to what is looked for,
    // unless another one as large is.
    let widest = (0..size).max_by(|&a, &b| matrix[a][a].total_cmp(&matrix[b][b]));
    let mut axis: Vec<f64> = widest.map_or(Vec::new(), |column| matrix[column].clone());
    if !normalise(&mut axis) {
        return (vec![0.0; size], 0.0);
    }
    for _ in 0..MOST_TURNS {
        let mut next: Vec<f64> = matrix.iter().map(|row| dot64(row, &axis)).collect();
        if !normalise(&mut next) {
            break;
        }
        let turned = 1.0 - dot64(&next, &axis).abs();
        axis = next;
        if turned < STILL {
            break;
        }
    }
    // An axis has no front and no back: its largest number is made positive.
    let largest = axis
        .iter()
        .copied()
        .max_by(|a, b| a.abs().total_cmp(&b.abs()));
    if largest < Some(0.0) {
        axis.iter_mut().for_each(|value| *value = -*value);
    }
    let stretched: Vec<f64> = matrix.iter().map(|row| dot64(row, &axis)).collect();
    let stretch = dot64(&stretched, &axis);
    for (row, &value) in matrix.iter_mut().zip(&axis) {
        add(row, -stretch * value, &axis);
    }
    (axis, stretch)
}

/// Brings a vector to length 1; false for one that has no direction.
fn normalise(vector: &mut [f64]) -> bool {
    let length = dot64(vector, vector).sqrt();
    if length < 1e-12 {
        return false;
    }
    vector.iter_mut().for_each(|value| *value /= length);
    true
}

fn norm(vector: &[f32]) -> f32 {
    dot(vector, vector).sqrt()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn dot64(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Adds `scale` times `other`.
fn add(vector: &mut [f64], scale: f64, other: &[f64]) {
    for (value, other) in vector.iter_mut().zip(other) {
        *value += scale * other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};

    #[test]
    fn the_nearest_come_first_whatever_their_length() {
        let values = [1.0, 0.0, 10.0, 1.0, 0.0, 3.0, -2.0, 0.0, 0.0, 0.0, 0.5, 0.5];
        let space = VectorSpace::new(&values, 2);
        let found = space.nearest(space.vector(0), 4, |row| row != 0);
        let rows: Vec<usize> = found.iter().map(|&(row, _)| row).collect();
        // Row 2 is at a right angle, and row 4, of zeros, nowhere.
        assert_eq!(rows, [1, 5, 2, 4]);
        for ((_, cosine), expected) in found.iter().zip([10.0 / 101f32.sqrt(), 0.5f32.sqrt(), 0.0])
        {
            assert!((cosine - expected).abs() < 1e-6, "{found:?}");
        }
        assert_eq!(space.nearest(&[-1.0, 0.0], 1, |_| true), [(3, 1.0)]);
        assert!(space.nearest(&[1.0, 0.0], 3, |_| false).is_empty());
        assert!(
            VectorSpace::new(&[], 2)
                .nearest(&[1.0, 0.0], 3, |_| true)
                .is_empty()
        );
    }

    #[test]
    fn an_analogy_is_completed() {
        // Rank and gender as axes, and something that all share; of different lengths.
        let king = [3.0, 3.0, 1.0];
        let man = [0.0, 2.0, 1.0];
        let woman = [0.0, -4.0, 2.0];
        let queen = [1.5, -1.5, 0.5];
        let ship = [-1.0, 0.2, 1.0];
        let values = [king, man, woman, queen, ship].concat();
        let space = VectorSpace::new(&values, 3);
        let direction = space.analogy(0, 1, 2);
        assert_eq!(space.nearest(&direction, 1, |row| row > 2)[0].0, 3);
        let backwards = space.analogy(3, 2, 1);
        assert_eq!(
            space.nearest(&backwards, 1, |row| ![1, 2, 3].contains(&row))[0].0,
            0
        );
        assert_eq!(space.analogy(9, 9, 9), [0.0; 3], "rows that do not exist");
    }

    #[test]
    fn the_plane_shows_the_two_widest_directions() {
        // A cloud four times as long as wide, in a plane that lies askew in five dimensions.
        let mut rng = Rng::new(1, Stream::Sampling);
        let (long, wide) = ([0.6, 0.0, 0.8, 0.0, 0.0], [0.0, -0.8, 0.0, 0.6, 0.0]);
        let places: Vec<[f32; 2]> = (0..200)
            .map(|_| [4.0 * rng.normal(), rng.normal()])
            .collect();
        let values: Vec<f32> = places
            .iter()
            .flat_map(|place| {
                let at = |i: usize| 7.0 + place[0] * long[i] + place[1] * wide[i];
                (0..5).map(at).collect::<Vec<f32>>()
            })
            .collect();
        let space = VectorSpace::new(&values, 5);
        let rows: Vec<usize> = (0..200).collect();
        let plane = space.plane(&rows);
        assert!((plane.variance[0] + plane.variance[1] - 1.0).abs() < 1e-4);
        assert!(plane.variance[0] > 0.9, "{:?}", plane.variance);
        // Distances in the picture are those of the cloud.
        let distance = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        for (i, j) in [(0, 1), (5, 90), (17, 133), (199, 2)] {
            let found = distance(plane.points[i], plane.points[j]);
            let expected = distance(places[i], places[j]);
            assert!(
                (found - expected).abs() < 1e-3 * expected,
                "{found} {expected}"
            );
        }
        assert_eq!(plane, space.plane(&rows), "it is the same every time");
        let widest = |axis: usize| {
            plane
                .points
                .iter()
                .map(|p| p[axis].abs())
                .fold(0.0, f32::max)
        };
        assert!(widest(0) > widest(1));
    }

    #[test]
    fn a_plane_of_next_to_nothing_is_flat() {
        let space = VectorSpace::new(&[1.0, 2.0, 1.0, 2.0], 2);
        for rows in [vec![], vec![0], vec![0, 1], vec![0, 9]] {
            let plane = space.plane(&rows);
            assert!(plane.points.iter().flatten().all(|&value| value == 0.0));
            assert_eq!(plane.variance, [0.0, 0.0]);
        }
        let line = VectorSpace::new(&[-1.0, 3.0], 1).plane(&[0, 1]);
        assert_eq!(line.points, [[-2.0, 0.0], [2.0, 0.0]]);
    }
}
