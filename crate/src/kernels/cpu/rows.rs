//! Rows of a matrix: looked up, added back, added up.

use super::add;

/// Rows of one partial sum.
const BLOCK: usize = 64;

/// Row `ids[n]` of `table` `[entries, width]` for each n, plus `bias` `[width]`: `[ids, width]`.
pub fn gather(table: &[f32], width: usize, ids: &[i32], bias: Option<&[f32]>) -> Vec<f32> {
    let mut rows = Vec::with_capacity(ids.len() * width);
    for &id in ids {
        let start = rows.len();
        rows.extend_from_slice(&table[id as usize * width..][..width]);
        if let Some(bias) = bias {
            add(&mut rows[start..], bias);
        }
    }
    rows
}

/// Adds row n of `rows` `[ids, width]` to row `ids[n]` of `table`, one after another.
pub fn scatter_add(table: &mut [f32], width: usize, ids: &[i32], rows: &[f32]) {
    for (&id, row) in ids.iter().zip(rows.chunks_exact(width)) {
        add(&mut table[id as usize * width..][..width], row);
    }
}

/// The sum of all rows of a matrix `[rows, width]`, such as the gradient of a bias: `[width]`.
pub fn sum(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sum = vec![0.0; width];
    let mut part = vec![0.0; width];
    // Sums of sums: a long sum would round its last terms away.
    for block in rows.chunks(BLOCK * width) {
        part.fill(0.0);
        for row in block.chunks_exact(width) {
            add(&mut part, row);
        }
        add(&mut sum, &part);
    }
    sum
}
